import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { ask, start, type Service } from '../harness/service.ts';
import { reachService } from '../src/cli/commands/simulate/line.ts';
import { built } from '../src/platform/package-root.ts';
import { runLine } from '../src/simulate/line.ts';
import type { LineOptions } from '../src/simulate/options.ts';
import type { Report } from '../src/simulate/report.ts';
import { openRow, type Check } from './check.ts';
import { contentsOf, ledgerIn } from './contents.ts';

/** Each event must be in the backup folder after at most this time, in ms. */
const APPENDED_MS = 10_000;

/** The shift runs for longer than APPENDED_MS, so the backup folder must contain some of the shift's Claim IDs. */
const WORK_MS = 14_000;

const PATIENCE_MS = 60_000;

/** The simulation gives this product a device code. The products of the other checks have no device code. */
const PRODUCT = 'SHIFT';

/**
 * In the middle of a shift, the server loses its disk and its process dies. A spare machine that has the signing key
 * and the backup folder restores the ledger and serves at the same address. The next shift must run there without
 * problems.
 */
export const lostServer: Check = async ({ short, folder, say }) => {
  const disk = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/claimstamp-torture-') : join(folder, 'other-disk');
  mkdirSync(disk, { recursive: true });
  const row = openRow("the server's disk is taken away in the middle of a shift: a spare machine serves");
  const figures: Figures[] = [];
  const started: Service[] = [];
  try {
    for (let round = 0; round < (short ? 1 : 5); round++) {
      say(`lost server: round ${round + 1}`);
      row.tried();
      const backups = join(disk, String(round));
      mkdirSync(backups);
      figures.push(await loseServer(join(folder, `server-${round}`), backups, round, { fail: row.fail, started }));
    }
  } finally {
    // Ends all services. Otherwise, a service would still be running after an error, and this process could not end.
    await Promise.all(started.map((service) => service.end('SIGKILL')));
    rmSync(disk, { recursive: true, force: true });
  }
  return [row.row(said(figures))];
};

interface Figures {
  /** The number of units in the lost server's ledger. */
  units: number;
  /**
   * The number of units whose events are lost, and the age in ms of the oldest of these units when the server was lost.
   */
  lost: number;
  oldestLostMs: number;
  /** The time in ms from the start of the restore until the spare machine is ready. */
  restoredMs: number;
}

interface Round {
  fail: Fail;
  /** The services that this check has started. */
  started: Service[];
}

async function loseServer(data: string, backups: string, round: number, { fail, started }: Round): Promise<Figures> {
  const env = { CLAIMSTAMP_BACKUP_FOLDER: backups };
  useNoCatalog(data);
  const service = await start(data, { env });
  started.push(service);
  await until(() => readdirSync(backups).some((name) => name.endsWith('.db')));
  // In each round, the loss happens at a different moment.
  const workMs = WORK_MS + round * 700;
  const over = new AbortController();
  const shift = runShift(service, { seed: round + 1, devices: 2000, ratePerS: 20 }, over.signal);
  // The shift ends with an error, because its service is gone.
  const ended = shift.catch(() => undefined);
  await pause(workMs);
  const lostAt = Date.now();
  const gone = `${data}-gone`;
  renameSync(data, gone);
  await service.end('SIGKILL');
  over.abort();
  await ended;

  const fresh = `${data}-spare`;
  useNoCatalog(fresh);
  copyFileSync(join(gone, 'signing-key.pem'), join(fresh, 'signing-key.pem'));
  const begun = performance.now();
  restore(fresh, backups, fail);
  const spare = await start(fresh, { env: { ...env, PORT: String(service.port) } });
  started.push(spare);
  const restoredMs = Math.round(performance.now() - begun);
  const before = unitsIn(ledgerIn(gone));
  const after = unitsIn(ledgerIn(fresh));
  const lost = before.filter((unit) => after.every(({ uci, serial }) => uci !== unit.uci || serial !== unit.serial));
  const old = lost.filter(({ at }) => at < lostAt - APPENDED_MS);
  if (old.length > 0) fail(`${old.length} units older than ten seconds are gone`, old.length);
  if (lost.length === before.length) fail('no unit came back');

  await askAgain(spare, lost, fail);
  const report = await runShift(spare, { seed: round + 101, devices: 60, ratePerS: 0 });
  if (!report.ok) fail(`the shift at the spare machine: ${JSON.stringify(report.mustBeZero)}`);
  await spare.end('SIGTERM');
  await compare(before, fresh, fail);
  const oldestLostMs = Math.max(0, ...lost.map(({ at }) => lostAt - at));
  return { units: before.length, lost: lost.length, oldestLostMs, restoredMs };
}

/** Removes the catalog, so that each product gets its device code from the simulation. */
function useNoCatalog(data: string): void {
  mkdirSync(data);
  writeFileSync(join(data, 'torture.json5'), '{}');
}

type Fail = (what: string, lost?: number) => void;

function runShift({ url, token }: Service, options: Partial<LineOptions>, signal?: AbortSignal): Promise<Report> {
  const shift = { mode: 'shift', identity: 'mac', stations: 8, retryMs: 100, lose: 0.02, product: PRODUCT } as const;
  return runLine(reachService(url, token), { ...shift, ...options }, signal === undefined ? {} : { signal });
}

function restore(data: string, backups: string, fail: Fail): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    [built('cli/claimstamp.js'), 'restore', backups, '--take-over'],
    {
      env: { PATH: process.env['PATH'] ?? '', CLAIMSTAMP_DATA: data, CLAIMSTAMP_BACKUP_FOLDER: backups },
      encoding: 'utf8',
    },
  );
  if (status !== 0) fail(`restore failed: ${stderr}`);
}

interface Kept {
  uci: string;
  serial: string | null;
  mac: string | null;
  /** The time when the device got its Claim ID, in ms since 1970. */
  at: number;
}

function unitsIn(file: string): Kept[] {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return db
      .prepare<[], Kept>(
        `SELECT unit.uci, unit.serial, identity.value AS mac, unixepoch(event.line ->> '$.at', 'subsec') * 1000 AS at
         FROM unit JOIN event ON event.seq = unit.id
         LEFT JOIN identity ON identity.unit = unit.id AND identity.property = 'mac'`,
      )
      .all();
  } finally {
    db.close();
  }
}

/**
 * If the Claim ID of a device was lost with the server, the device repeats its request and gets a different Claim ID.
 * A label with a lost Claim ID must not pass.
 */
async function askAgain(spare: Service, lost: Kept[], fail: Fail): Promise<void> {
  const stations = await spare.api<{ stations: { name: string }[] }>('GET', '/v1/stations');
  const station = stations.body.stations.find(({ name }) => name !== 'default')?.name ?? 'default';
  // The shift's work orders are still current at its stations, so these devices ask at another station.
  await spare.api('PATCH', `/v1/products/${PRODUCT}`, { orderRequired: false });
  for (const { uci, mac } of lost) {
    const verdict = await spare.api<{ result: string }>('POST', `/v1/stations/${station}/verify`, { label: uci });
    if (verdict.body.result === 'PASS') fail('a label with a lost Claim ID passed');
    if (mac === null) continue;
    const { id } = await ask(spare.port, { mac, product: PRODUCT }, '/ioto/serialize', '127.9.9.9');
    if (id === undefined || id === uci)
      fail('the Claim ID of a device was lost, and the device did not get a different one');
  }
}

/** On the spare machine, no Claim ID or S/N of the lost server may belong to a different unit. */
async function compare(before: Kept[], spare: string, fail: Fail): Promise<void> {
  const { findings, ucis } = await contentsOf(ledgerIn(spare));
  if (findings.length > 0) fail(findings[0] as string);
  const after = unitsIn(ledgerIn(spare));
  const serials = new Map(before.map(({ uci, serial }) => [serial, uci]));
  const again = after.filter(({ uci, serial }) => serial !== null && (serials.get(serial) ?? uci) !== uci);
  if (again.length > 0) fail(`${again.length} S/Ns were given twice`, again.length);
  const own = new Set(after.map(({ serial }) => serial));
  if (own.size !== after.length || [...ucis.values()].some((count) => count > 1))
    fail('an S/N or a Claim ID exists twice');
  const macs = new Map(before.map(({ uci, mac }) => [uci, mac]));
  const moved = after.filter(({ uci, mac }) => macs.has(uci) && macs.get(uci) !== mac);
  if (moved.length > 0) fail(`${moved.length} Claim IDs were given to a second device`, moved.length);
}

function said(figures: Figures[]): string {
  const sum = (of: (one: Figures) => number): number => figures.reduce((total, one) => total + of(one), 0);
  const most = (of: (one: Figures) => number): number => Math.max(...figures.map(of));
  const oldest = (most((one) => one.oldestLostMs) / 1000).toFixed(1);
  const served = (most((one) => one.restoredMs) / 1000).toFixed(1);
  return `of ${sum((one) => one.units)} units, ${sum((one) => one.lost)} of the last ${oldest} s are gone; served again ${served} s after the restore began; no S/N twice`;
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await pause(100))
    if (performance.now() > end) throw new Error(`nothing happened within ${PATIENCE_MS / 1000} s`);
}

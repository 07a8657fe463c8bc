import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { built } from '../src/platform/package-root.ts';
import { ask, start, type Service } from '../harness/service.ts';
import { openRow, type Check, type Row } from './check.ts';
import { compile } from './failio.ts';
import { contentsOf, ledgerIn } from './contents.ts';

/** Each event must be in the backup folder after at most this time, in ms. */
const APPENDED_MS = 10_000;

/** Devices ask for longer than APPENDED_MS, so the backup folder must contain some of their Claim IDs. */
const WORK_MS = 14_000;

const PATIENCE_MS = 60_000;

/** Checks backups. The backup folder and the ledger are on different disks. */
export const backups: Check = async ({ short, folder, say }) => {
  const disk = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/claimstamp-torture-') : join(folder, 'other-disk');
  mkdirSync(disk, { recursive: true });
  try {
    const place = (name: string): Place => {
      mkdirSync(join(disk, name));
      return { data: join(folder, name), folder: join(disk, name) };
    };
    const rows = [await deadDisk(place, short ? 1 : 5, say)];
    say('backups: the folder is missing');
    rows.push(await folderAway(place('away')));
    say('backups: a clock that runs ahead');
    rows.push(await rotation(place('rotation'), folder));
    return rows;
  } finally {
    rmSync(disk, { recursive: true, force: true });
  }
};

interface Place {
  data: string;
  /** The folder for backups. */
  folder: string;
}

/** For each device: its Claim ID, and the time at which the device got it. */
type Given = Map<string, { id: string; at: number }>;

async function open({ data, folder }: Place, env: Record<string, string> = {}): Promise<Service> {
  const before = readdirSync(folder).filter((name) => name.endsWith('.db')).length;
  const service = await start(data, { env: { CLAIMSTAMP_BACKUP_FOLDER: folder, ...env } });
  if (before === 0) await until(() => backupsIn(folder).length > 0);
  return service;
}

async function devices(service: Service, name: string, given: Given, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const { id } = await ask(service.port, { mac: `${name}-${n}` });
    if (id !== undefined) given.set(`${name}-${n}`, { id, at: performance.now() });
  }
}

/** The disk with the data folder fails between two backups. Only the signing key for checkpoints was kept elsewhere. */
async function deadDisk(place: (name: string) => Place, times: number, say: (text: string) => void): Promise<Row> {
  const row = openRow("the ledger's disk fails between two backups");
  let [answered, late] = [0, 0];
  for (let round = 0; round < times; round++) {
    say(`backups: dead disk, ${round + 1} of ${times}`);
    row.tried();
    const one = place(`dead-${round}`);
    const service = await open(one);
    const given: Given = new Map();
    const begun = performance.now();
    // The duration is different in each round, so that the kill comes at different moments.
    for (let n = 0; performance.now() - begun < WORK_MS + round * 700; n++)
      await devices(service, `device-${n}`, given, 5);
    const killedAt = performance.now();
    await service.end('SIGKILL');
    const { gone, findings } = await restored(one, given);
    answered += given.size;
    late += gone.length;
    const lost = gone.filter(({ at }) => at < killedAt - APPENDED_MS);
    if (lost.length > 0) row.fail(`${lost.length} Claim IDs older than ten seconds are gone`, lost.length);
    if (findings.length > 0) row.fail(findings[0] as string);
    if (gone.length === given.size) row.fail('no Claim ID came back');
  }
  const count = answered.toLocaleString('en-US');
  return row.row(`of ${count} delivered IDs, ${late} from the last ten seconds are gone, and no older one`);
}

/** Restores the backup with the most events, together with the event lines in the same folder, to a new disk. */
async function restored(
  { data, folder }: Place,
  given: Given,
): Promise<{ gone: { id: string; at: number }[]; findings: string[] }> {
  const fresh = `${data}-restored`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh);
  copyFileSync(join(data, 'signing-key.pem'), join(fresh, 'signing-key.pem'));
  const newest = backupsIn(folder).at(-1) as string;
  const { status, stderr } = spawnSync(
    process.execPath,
    [built('cli/claimstamp.js'), 'restore', join(folder, newest)],
    {
      env: { PATH: process.env['PATH'] ?? '', CLAIMSTAMP_DATA: fresh, CLAIMSTAMP_BACKUP_FOLDER: folder },
      encoding: 'utf8',
    },
  );
  if (status !== 0) return { gone: [...given.values()], findings: [`restore failed: ${stderr}`] };
  const { macs, findings } = await contentsOf(ledgerIn(fresh));
  return { gone: [...given].filter(([mac, { id }]) => macs.get(mac) !== id).map(([, one]) => one), findings };
}

/** The backup folder cannot be reached while devices ask. */
async function folderAway(place: Place): Promise<Row> {
  const row = openRow('the backup folder is missing while devices ask');
  row.tried();
  const { folder } = place;
  const service = await open(place);
  const given: Given = new Map();
  await devices(service, 'before', given, 20);
  renameSync(folder, `${folder}-gone`);
  await devices(service, 'away', given, 200);
  if (given.size < 220) row.fail(`${220 - given.size} devices got no Claim ID`);
  await until(async () =>
    /^claimstamp_backup_lines_failures_total [1-9]/m.test((await service.api<string>('GET', '/metrics')).body),
  );
  if (existsSync(folder)) row.fail('the service created the folder on the wrong disk');
  renameSync(`${folder}-gone`, folder);
  const back = performance.now();
  const { id } = given.get('away-199') ?? { id: 'no ID' };
  await until(() => linesIn(folder).includes(id));
  const tookMs = Math.round(performance.now() - back);
  await until(() => linesIn(folder).lastIndexOf('{"checkpoint":') > linesIn(folder).indexOf(id));
  await service.end('SIGKILL');
  const { gone, findings } = await restored(place, given);
  if (gone.length > 0) row.fail(`${gone.length} delivered IDs are not in the folder`, gone.length);
  if (findings.length > 0) row.fail(findings[0] as string);
  return row.row(
    `all ${given.size} devices got an answer; ${tookMs} ms after the folder is back, it has the missed events`,
  );
}

const HOUR_MS = 3600 * 1000;
const KEPT = 2;

/** Backups that are made while the clock is wrong must not push out the backups with the most events. */
async function rotation(place: Place, tools: string): Promise<Row> {
  const row = openRow('the clock is three hours ahead during backups: the backups with the most events stay');
  const control = join(tools, 'backup-clock');
  const env = {
    LD_PRELOAD: compile('clock.c', tools),
    CLOCK_CONTROL: control,
    CLAIMSTAMP_BACKUP_EVERY: '1',
    CLAIMSTAMP_BACKUP_KEEP: String(KEPT),
  };
  const given: Given = new Map();
  let made: string[] = [];
  for (const [n, hours] of [0, 3, 0, 3, 0, 2].entries()) {
    row.tried();
    writeFileSync(control, `${hours * HOUR_MS} 0`);
    const service = await open(place, env);
    const before = made;
    // When the service starts, it makes the backup that is due.
    await until(() => backupsIn(place.folder).some((name) => !before.includes(name)));
    await until(() => backupsIn(place.folder).length <= KEPT);
    const kept = backupsIn(place.folder);
    const most = [...new Set([...before, ...kept])].toSorted((a, b) => sizeOf(a) - sizeOf(b)).slice(-KEPT);
    if (most.some((name) => !kept.includes(name))) row.fail(`backup ${n}: ${kept.join(', ')} stayed`);
    made = kept;
    await devices(service, `round-${n}`, given, 10);
    await service.end('SIGTERM');
  }
  const { gone, findings } = await restored(place, given);
  if (gone.length > 0) row.fail(`${gone.length} delivered IDs are not in the folder`, gone.length);
  if (findings.length > 0) row.fail(findings[0] as string);
  return row.row(`the ${KEPT} backups with the most events stay; all ${given.size} delivered IDs are restored`);
}

/** The names of the scheduled backups. The last one has the most events. */
function backupsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.db'))
    .toSorted((a, b) => sizeOf(a) - sizeOf(b));
}

const sizeOf = (name: string): number => Number(/-(\d+)\.db$/.exec(name)?.[1]);

function linesIn(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.endsWith('.lines'));
  return names.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !(await holds()); await pause(100))
    if (performance.now() > end) throw new Error(`nothing happened within ${PATIENCE_MS / 1000} s`);
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { ask, start, type Service } from '../harness/service.ts';
import { openRow, type Row } from './check.ts';
import { ledgerIn } from './contents.ts';

/*
 * Upgrades a ledger with many units from one version of the program to the next. The start that upgrades the ledger is
 * killed at ten different moments. Then the former version restores the backup that was made before the upgrade.
 */

/** The files that Node runs for each version. */
export interface Versions {
  former: string[];
  next: string[];
  /** The folder of the former version, which fills the ledger. */
  formerFolder: string;
}

const DEVICES = 20;

export async function upgradedUnits(
  { former, next, formerFolder }: Versions,
  { folder, units, kills, say }: { folder: string; units: number; kills: number; say: (text: string) => void },
): Promise<Row[]> {
  const killed = openRow('the start that upgrades the ledger is killed: the next start continues');
  const back = openRow('back to the former version: it restores the backup made before the upgrade');
  const data = join(folder, 'former');
  const backup = join(folder, 'before.db');
  await fillWith(formerFolder, data, units);
  const before = await useFormer(former, data, backup);
  const work = join(folder, 'work');
  const copied = (): void => {
    rmSync(work, { recursive: true, force: true });
    cpSync(data, work, { recursive: true });
  };
  copied();
  const schema = schemaIn(data);
  const upgrade = await start(work, { program: next });
  await upgrade.end('SIGTERM');
  const schemas: number[] = [];
  for (let n = 1; n <= kills; n++) {
    say(`upgrade: kill ${n} of ${kills}, ${units.toLocaleString('en-US')} units`);
    killed.tried();
    try {
      copied();
      await killStart(work, next, (upgrade.readyMs * n) / (kills + 1));
      schemas.push(schemaIn(work));
      const made = await using(await start(work, { program: next }), (service) => askAll(service, before.devices));
      compare(next, work, before.ucis, made);
    } catch (error) {
      killed.fail((error as Error).message);
    }
  }
  say('upgrade: back to the backup');
  back.tried();
  let restored = '';
  try {
    restored = await goBack({ former, data: work, backup, changes: schemaIn(work) !== schema }, before);
  } catch (error) {
    back.fail((error as Error).message);
  }
  const seconds = (upgrade.readyMs / 1000).toFixed(1);
  return [
    killed.row(
      `${before.ucis.size.toLocaleString('en-US')} units; the upgrade from schema ${schema} takes ${seconds} s; when the process was killed, the ledger had schema ${schemas.join(', ')}`,
    ),
    back.row(restored),
  ];
}

async function fillWith(version: string, data: string, units: number): Promise<void> {
  const size = { units, workOrders: 100, stations: 20, products: 50 };
  const code = `import(process.argv[1]).then(({ fill }) => fill(process.argv[2], ${JSON.stringify(size)}, console.error))`;
  const program = pathToFileURL(join(version, 'dist', 'bench', 'fill.js')).href;
  const child = spawn(process.execPath, ['-e', code, program, data], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) throw new Error('the former version did not fill the ledger');
}

interface Before {
  /** The Claim ID of each device, by its MAC. */
  devices: Map<string, string>;
  ucis: Set<string>;
}

/** Ends the service even after an error. Otherwise, this process could not end. */
async function using<T>(service: Service, act: (service: Service) => Promise<T>): Promise<T> {
  try {
    return await act(service);
  } finally {
    await service.end('SIGTERM');
  }
}

/** The former version serves devices, and makes the backup. */
async function useFormer(program: string[], data: string, backup: string): Promise<Before> {
  // The ledger was filled without a service, so there is no checkpoint of its events.
  const devices = new Map<string, string>();
  await using(await start(data, { program, held: true }), async (service) => {
    await accept(service);
    for (let n = 0; n < DEVICES; n++) {
      const { id } = await ask(service.port, { mac: `before-${n}` });
      if (id === undefined) throw new Error('the former version gave no Claim ID');
      devices.set(`before-${n}`, id);
    }
    run(program, data, 'backup', backup);
  });
  return { devices, ucis: ucisIn(data) };
}

async function accept(service: Service): Promise<void> {
  const { body: said } = await service.api('GET', '/readyz');
  const [, size] = /checkpoint accept (\d+)/.exec(JSON.stringify(said)) ?? [];
  const { status, body } = await service.api('POST', '/v1/ledger/accept', { size: Number(size) });
  if (status !== 200) throw new Error(`the ledger was not accepted: ${status} ${JSON.stringify(body)}`);
}

async function killStart(data: string, program: string[], afterMs: number): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '', PORT: '0', CLAIMSTAMP_DATA: data };
  const config = { CLAIMSTAMP_CONFIG: join(data, 'torture.json5'), CLAIMSTAMP_LOG_LEVEL: 'error' };
  const child = spawn(process.execPath, [...program, 'serve'], { env: { ...env, ...config }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await pause(afterMs);
  child.kill('SIGKILL');
  const [, signal] = (await ended) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error('the process ended before it was killed');
}

/** Each known device gets its Claim ID again. Returns the Claim IDs of new devices. */
async function askAll({ port }: Service, devices: Map<string, string>): Promise<string[]> {
  for (const [mac, id] of devices) {
    const again = await ask(port, { mac });
    if (again.id !== id) throw new Error(`${mac} had ${id}, and got ${again.id ?? again.refused}`);
  }
  const made: string[] = [];
  for (let n = 0; n < 5; n++) {
    const { id, refused } = await ask(port, { mac: `after-${n}` });
    if (id === undefined) throw new Error(`no Claim ID: ${refused}`);
    made.push(id);
  }
  return made;
}

/** This program may be older than the ledger, so the next version checks the ledger. */
function compare(next: string[], data: string, before: Set<string>, made: string[]): void {
  run(next, data, 'verify');
  const found = ucisIn(data);
  const expected = new Set([...before, ...made]);
  if (expected.size !== before.size + made.length) throw new Error('a Claim ID was issued twice');
  const gone = [...expected].filter((uci) => !found.has(uci));
  if (gone.length > 0) throw new Error(`${gone.length} Claim IDs are gone`);
  if (found.size !== expected.size) throw new Error(`${found.size} units instead of ${expected.size}`);
}

interface Way {
  former: string[];
  data: string;
  backup: string;
  /** True if the newer version has changed the schema. */
  changes: boolean;
}

/** Follows the steps in the section "Upgrading" of docs/admin.md. Returns a note. */
async function goBack({ former, data, backup, changes }: Way, { devices, ucis }: Before): Promise<string> {
  if (changes) {
    const started = await start(data, { program: former }).catch((error: Error) => error.message);
    if (typeof started !== 'string') throw new Error('the former version started on the newer schema');
    if (!started.includes('newer version')) throw new Error(started);
  }
  const aside = join(data, 'aside');
  mkdirSync(aside);
  for (const name of readdirSync(data).filter((one) => one.startsWith('ledger.db')))
    renameSync(join(data, name), join(aside, name));
  run(former, data, 'restore', backup);
  const made = await using(await start(data, { program: former, held: true }), async (service) => {
    // The newer version issued Claim IDs after the backup, so the service must notice that they are missing.
    const { id } = await ask(service.port, { mac: 'after-0' });
    if (id !== undefined) throw new Error('the older ledger issued a Claim ID before it was accepted');
    await accept(service);
    return askAll(service, devices);
  });
  run(former, data, 'verify');
  const found = ucisIn(data);
  const gone = [...ucis, ...made].filter((uci) => !found.has(uci));
  if (gone.length > 0) throw new Error(`${gone.length} Claim IDs are gone`);
  return `${found.size.toLocaleString('en-US')} units; held until the older ledger was accepted`;
}

function run(program: string[], data: string, ...args: string[]): void {
  const env = { PATH: process.env['PATH'] ?? '', CLAIMSTAMP_DATA: data };
  const { status, stderr } = spawnSync(process.execPath, [...program, ...args], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args[0]} ended with ${status}: ${stderr}`);
}

/** Throws if two units have one Claim ID. */
function ucisIn(data: string): Set<string> {
  const ucis = read(data, (db) => db.prepare<[], string>(`SELECT uci FROM unit`).pluck().all());
  const found = new Set(ucis);
  if (found.size !== ucis.length) throw new Error('two units have one Claim ID');
  return found;
}

function schemaIn(data: string): number {
  return read(data, (db) => Number(db.pragma('user_version', { simple: true })));
}

function read<T>(data: string, look: (db: Database.Database) => T): T {
  const db = new Database(ledgerIn(data), { readonly: true });
  try {
    return look(db);
  } finally {
    db.close();
  }
}

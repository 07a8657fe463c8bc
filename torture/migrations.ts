import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { migrate, migrations } from '../src/sqlite/open.ts';
import { openRow, type Check } from './check.ts';
import { asOf } from '../harness/earlier-schema.ts';
import { ask, start } from '../harness/service.ts';
import { contentsOf, ledgerIn } from './contents.ts';
import { built } from '../src/platform/package-root.ts';

/** The build may put this code into another file, so `import.meta.url` is not always the address of this program. */
const script = built('../torture/migrations.js');

/**
 * Migrates data from every earlier schema. The migrating process is killed many times, each time before a different
 * statement.
 */
export const oldSchemas: Check = async ({ short, folder, say }) => {
  const known = migrations();
  const ledger = await smallLedger(join(folder, 'now'));
  const { ucis } = await contentsOf(ledger);
  const row = openRow('a migration from an earlier schema, killed at a statement');
  const versions = short ? [1, known.length - 1] : known.slice(0, -1).map(({ version }) => version);
  let statements = 0;
  for (const version of versions) {
    say(`migrations: from schema ${version}`);
    const old = join(folder, `schema-${version}.db`);
    asOf(ledger, old, version);
    for (let n = 1; ; n += short ? 7 : 1) {
      const work = join(folder, 'work.db');
      for (const end of ['', '-wal', '-shm']) rmSync(`${work}${end}`, { force: true });
      copyFileSync(old, work);
      const killed = await migrateKilled(work, n);
      if (!killed) break;
      row.tried();
      statements++;
      await reopened(work, `schema ${version}, statement ${n}`);
    }
  }
  const newer = openRow('a ledger of a newer version');
  newer.tried();
  await refused(join(folder, 'newer'), ledger, newer.fail);
  return [
    row.row(`${statements} kills over ${versions.length} schemas; ${ucis.size} units each time`),
    newer.row('refused, not a byte changed'),
  ];

  async function reopened(file: string, when: string): Promise<void> {
    try {
      const db = new Database(file);
      migrate(db, known);
      db.close();
      const found = await contentsOf(file);
      const gone = [...ucis.keys()].filter((uci) => found.ucis.get(uci) !== 1);
      if (gone.length > 0) row.fail(`${when}: ${gone.length} units gone`, gone.length);
      // Missing subtree hashes are ignored: earlier schemas have none, and the service adds them when it starts.
      // Missing rows in the access tables are also ignored, because a real ledger with an earlier schema has no events
      // about access.
      const findings = found.findings.filter((what) => !/subtree|^access_/.test(what));
      if (findings.length > 0) row.fail(`${when}: ${findings[0]}`);
    } catch (error) {
      row.fail(`${when}: ${(error as Error).message}`);
    }
  }
};

/** Makes a ledger that contains every kind of data that the oldest schema has. */
async function smallLedger(data: string): Promise<string> {
  const service = await start(data);
  for (let n = 0; n < 20; n++) await ask(service.port, { mac: `device-${n}` });
  await service.api('PUT', '/v1/stations/line-1', { mode: 'slot' });
  await service.api('PUT', '/v1/work-orders/WO-1', { product: 'TORTURE', planned: 10 });
  await service.end('SIGTERM');
  return ledgerIn(data);
}

/**
 * Migrates the ledger in a separate process. Returns true if the process was killed before statement `n`, or false if
 * the migration finished.
 */
async function migrateKilled(file: string, n: number): Promise<boolean> {
  const child = fork(script, [file, String(n)], { stdio: 'inherit' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal === 'SIGKILL') return true;
  if (code === 0) return false;
  throw new Error(`the migration ended with ${code}`);
}

async function refused(data: string, ledger: string, fail: (what: string) => void): Promise<void> {
  mkdirSync(data);
  const file = ledgerIn(data);
  copyFileSync(ledger, file);
  const db = new Database(file);
  db.pragma('user_version = 999');
  db.pragma('journal_mode = DELETE');
  db.close();
  const before = readFileSync(file);
  const started = await start(data).then(
    () => true,
    () => false,
  );
  if (started) fail('the service started on this ledger');
  if (!readFileSync(file).equals(before)) fail('the file was changed');
}

if (process.argv[1] === script) {
  const [, , file = '', at = ''] = process.argv;
  let statement = 0;
  const verbose = (): void => {
    if (++statement === Number(at)) process.kill(process.pid, 'SIGKILL');
  };
  const db = new Database(file, { verbose });
  db.pragma('journal_mode = WAL');
  migrate(db, migrations());
  db.close();
}

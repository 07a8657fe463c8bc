import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isPassed, table, type Check, type Row } from './check.ts';
import { backups } from './backups.ts';
import { clocks } from './clock.ts';
import { failingDisk } from './failing-disk.ts';
import { fullDisk } from './full-disk.ts';
import { hostileDevice } from './hostile.ts';
import { kills } from './kill.ts';
import { lostServer } from './lost-server.ts';
import { longRun } from './long-run.ts';
import { oldSchemas } from './migrations.ts';
import { movedLedger } from './moved.ts';
import { neighbours } from './neighbours.ts';
import { randomSource } from './random-source.ts';
import { powerCut } from './power-cut.ts';
import { printers } from './printers.ts';
import { retryStorm } from './storm.ts';
import { swaps } from './swaps.ts';
import { tornFiles } from './torn-files.ts';
import { unreadLog } from './unread-log.ts';
import { upgrades } from './upgrade.ts';

/*
 * npm run torture [-- --only kill,storm] [--short] [--issues N] [--units N] [--former folder] [--json] [--data folder]
 *
 * Runs the real service as a process and causes faults. Exits with 1 if something was lost, or if a fault could not be
 * caused.
 */

const CHECKS: Record<string, Check> = {
  'power-cut': powerCut,
  kill: kills,
  'failing-disk': failingDisk,
  'full-disk': fullDisk,
  moved: movedLedger,
  log: unreadLog,
  backups,
  'lost-server': lostServer,
  torn: tornFiles,
  clock: clocks,
  storm: retryStorm,
  swaps,
  neighbours,
  hostile: hostileDevice,
  printers,
  migrations: oldSchemas,
  upgrade: upgrades,
  random: randomSource,
  'long-run': longRun,
};

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    short: { type: 'boolean', default: false },
    issues: { type: 'string' },
    units: { type: 'string' },
    former: { type: 'string' },
    json: { type: 'boolean', default: false },
    data: { type: 'string', default: './data' },
  },
});
/** The number of Claim IDs that the long run issues. A full run takes six minutes, and a short run takes seconds. */
const issues = Number(options.issues ?? (options.short ? 20_000 : 2_000_000));
const units = Number(options.units ?? (options.short ? 1000 : 100_000));
for (const [name, count] of Object.entries({ issues, units }))
  if (!Number.isSafeInteger(count) || count < 1000) throw new Error(`--${name} ${count}: a count from 1000 on`);
const former = options.former === undefined ? {} : { former: resolve(options.former) };
const names = options.only?.split(',') ?? Object.keys(CHECKS);
const stranger = names.find((name) => !Object.hasOwn(CHECKS, name));
if (stranger !== undefined) throw new Error(`--only ${stranger}: use one of ${Object.keys(CHECKS).join(', ')}`);

mkdirSync(options.data, { recursive: true });
const folder = mkdtempSync(join(resolve(options.data), 'torture-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const rows: Row[] = [];
for (const name of names) {
  const own = join(folder, name);
  mkdirSync(own);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  // If an error ends a check early, its row counts as failed. The other checks still run.
  const failed = (error: Error): Row[] => [{ fault: name, tried: 1, survived: 0, lost: 0, note: error.message }];
  rows.push(
    ...(await (CHECKS[name] as Check)({ short: options.short, issues, units, ...former, folder: own, say }).catch(
      failed,
    )),
  );
  rmSync(own, { recursive: true, force: true });
}
process.stdout.write(`${options.json ? JSON.stringify(rows) : table(rows)}\n`);
process.exitCode = rows.every(isPassed) ? 0 : 1;

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { ask, start, type Service } from '../harness/service.ts';
import { packageRoot } from '../src/platform/package-root.ts';
import { openRow, type Check, type Row } from './check.ts';
import { ledgerIn } from './contents.ts';
import { upgradedUnits } from './upgrade-units.ts';

/*
 * Upgrades and downgrades between two versions of the program. The first version is a copy of this package. The second
 * version has a changed source file, a changed package and one more migration.
 */

const COPIED = [
  'src words bench harness torture migrations scripts labels assets passwords dist',
  'package.json package-lock.json tsconfig.json tsconfig.build.json rolldown.config.mjs',
].flatMap((names) => names.split(' '));

const VERSION_FILE = 'src/platform/package-root.ts';
const MIGRATION = 'migrations/sqlite/9999_next.sql';
/** The source file that contains the number of the newest migration that a version knows. */
const SCHEMA_FILE = 'src/sqlite/open.ts';
const NEXT_SCHEMA = 9999;

const PROGRAM = ['scripts/ready.mjs', 'dist/src/cli/claimstamp.js'];

export const upgrades: Check = async ({ short, folder, say, former, units }) => {
  if (former !== undefined) {
    const versions = { former: programIn(former), next: programIn(packageRoot), formerFolder: former };
    return upgradedUnits(versions, { folder, units, kills: 10, say });
  }
  const bench = openBench(folder);
  await bench.issueWithFormer();
  say('upgrade: installations that fail');
  const rows = [await failedInstallations(bench, short)];
  say('upgrade: under a running service');
  rows.push(await underService(bench));
  say('upgrade: builds that are killed');
  rows.push(await killedBuilds(bench, short));
  say('upgrade: a release unpacked over an older one');
  rows.push(...(await unpackedOver(bench)));
  // The next version is built now.
  const versions = { former: programIn(packageRoot), next: programIn(bench.root), formerFolder: packageRoot };
  rows.push(...(await upgradedUnits(versions, { folder, units, kills: short ? 3 : 10, say })));
  return rows;
};

/** The built program, which runs without scripts/ready.mjs. */
function programIn(folder: string): string[] {
  return [join(folder, 'dist', 'src', 'cli', 'claimstamp.js')];
}

interface Bench {
  root: string;
  data: string;
  /** Puts the files of the former or the next version into the program's folder. */
  put: (version: 'former' | 'next', what?: 'packages') => void;
  /**
   * Starts the version that is in the program's folder, and issues Claim IDs. Throws if it does not start, or if a
   * Claim ID is missing.
   */
  issue: () => Promise<void>;
  /**
   * Reinstalls the former version, and issues Claim IDs with it. Throws if the ledger does not have the former schema.
   */
  issueWithFormer: () => Promise<void>;
  startService: () => Promise<Service>;
  /** Starts a command of the program in its own process group. */
  run: (env: NodeJS.ProcessEnv, ...args: string[]) => ChildProcess;
  versionOf: () => Promise<string>;
  schemaOf: () => number;
}

function openBench(folder: string): Bench {
  const [root, data] = [join(folder, 'program'), join(folder, 'data')];
  for (const name of COPIED) cpSync(join(packageRoot, name), join(root, name), { recursive: true });
  symlinkSync(join(packageRoot, 'node_modules'), join(root, 'node_modules'));
  const ids = new Set<string>();
  let schema: number | undefined;
  const bench: Bench = {
    root,
    data,
    put(version, what) {
      for (const name of ['package-lock.json', VERSION_FILE, SCHEMA_FILE])
        cpSync(join(packageRoot, name), join(root, name));
      rmSync(join(root, MIGRATION), { force: true });
      if (version === 'former') return;
      if (what === 'packages') changePackage(join(root, 'package-lock.json'));
      else changeSources(root);
    },
    async issue() {
      const service = await bench.startService();
      for (let n = 0; n < 5; n++) {
        const { id } = await ask(service.port, {});
        if (id === undefined) throw new Error('no Claim ID');
        ids.add(id);
      }
      await service.end('SIGTERM');
      const present = unitsIn(ledgerIn(data));
      const gone = [...ids].filter((id) => !present.has(id));
      if (gone.length > 0) throw new Error(`${gone.length} Claim IDs gone`);
    },
    async issueWithFormer() {
      bench.put('former');
      const version = await bench.versionOf();
      if (version.endsWith('next')) throw new Error('the next version runs');
      await bench.issue();
      schema ??= bench.schemaOf();
      if (bench.schemaOf() !== schema) throw new Error(`schema ${bench.schemaOf()} instead of ${schema}`);
    },
    startService: () => start(data, { program: PROGRAM.map((path) => join(root, path)) }),
    run: (env, ...args) =>
      spawn(process.execPath, [...PROGRAM, ...args], {
        cwd: root,
        env: { ...process.env, CLAIMSTAMP_DATA: data, PORT: '0', ...env },
        detached: true,
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    async versionOf() {
      const child = bench.run({}, '--version');
      let said = '';
      child.stdout?.on('data', (text: Buffer) => (said += text.toString()));
      await once(child, 'close');
      return said.trim();
    },
    schemaOf: () => schemaIn(ledgerIn(data)),
  };
  return bench;
}

/** Changes package.json so that it requires a package that is not installed. */
function changePackage(file: string): void {
  const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, { integrity?: string }> };
  const one = lock.packages['node_modules/commander'];
  if (one === undefined) throw new Error('commander is not in package-lock.json');
  one.integrity = `sha512-${'A'.repeat(86)}==`;
  writeFileSync(file, JSON.stringify(lock));
}

function changeSources(root: string): void {
  change(join(root, VERSION_FILE), /(export const version: string = .*);/, "$1 + '-next';");
  change(join(root, SCHEMA_FILE), /^const SCHEMA = \d+;$/m, `const SCHEMA = ${NEXT_SCHEMA};`);
  writeFileSync(join(root, MIGRATION), 'CREATE INDEX next_version ON unit (uci) WHERE 0;');
}

function change(file: string, before: RegExp, after: string): void {
  const text = readFileSync(file, 'utf8');
  if (!before.test(text)) throw new Error(`${file} could not be changed`);
  writeFileSync(file, text.replace(before, after));
}

function unitsIn(file: string): Set<string> {
  const db = new Database(file, { readonly: true });
  try {
    return new Set(db.prepare(`SELECT uci FROM unit`).pluck().all() as string[]);
  } finally {
    db.close();
  }
}

function schemaIn(file: string): number {
  const db = new Database(file, { readonly: true });
  try {
    return Number(db.pragma('user_version', { simple: true }));
  } finally {
    db.close();
  }
}

/** After each failed installation, the former version must start with its former packages. */
async function failedInstallations(bench: Bench, short: boolean): Promise<Row> {
  const row = openRow('an upgrade whose installation fails or is killed: the former version starts');
  // The registry accepts requests and never answers.
  const registry = createServer(() => {});
  registry.listen(0, '127.0.0.1');
  await once(registry, 'listening');
  const env = {
    npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}`,
    npm_config_replace_registry_host: 'always',
    npm_config_cache: join(bench.root, '..', 'cache'),
    npm_config_fetch_retries: '0',
  };
  const kills = short ? 1 : 10;
  for (let n = 0; n <= kills; n++) {
    row.tried();
    try {
      bench.put('next', 'packages');
      // The first installation cannot reach a registry. All other installations are killed while they wait for
      // packages.
      const asked = n === 0 ? undefined : once(registry, 'request');
      const child = bench.run(n === 0 ? { ...env, npm_config_registry: 'http://127.0.0.1:9' } : env, 'serve');
      const ended = once(child, 'exit');
      if (asked) {
        await asked;
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      }
      const [code] = (await ended) as [number | null];
      if (!asked && code !== 1) row.fail(`the start without a registry ended with ${code}`);
      await bench.issueWithFormer();
    } catch (error) {
      row.fail((error as Error).message);
    }
  }
  registry.close();
  registry.closeAllConnections();
  return row.row('the packages of the former version stayed complete');
}

/**
 * Tests an upgrade while the service runs. The next version must refuse to start, and the service must continue with
 * its own build.
 */
async function underService(bench: Bench): Promise<Row> {
  const row = openRow('an upgrade under a running service is refused');
  row.tried();
  const service = await bench.startService();
  bench.put('next');
  const other = bench.run({ CLAIMSTAMP_DATA: join(bench.data, '..', 'other') }, 'serve');
  const [code] = (await once(other, 'exit')) as [number | null];
  if (code !== 1) row.fail(`the start ended with ${code}`);
  if ((await bench.versionOf()).endsWith('next')) row.fail('the build was replaced');
  // The backup is made by a child process, which must start from the service's own build.
  const { status } = await service.api('GET', '/v1/ledger/backup');
  if (status !== 200) row.fail(`the backup got ${status}`);
  await service.end('SIGTERM');
  await bench.issueWithFormer().catch((error: Error) => row.fail(error.message));
  return row.row('the service continued with its own build');
}

async function killedBuilds(bench: Bench, short: boolean): Promise<Row> {
  const row = openRow('an upgrade killed while it builds: the former version starts');
  const kills = short ? 2 : 10;
  const buildMs = await timeOfBuild(bench);
  for (let n = 1; n <= kills; n++) {
    row.tried();
    try {
      bench.put('next');
      const child = bench.run({}, '--version');
      const ended = once(child, 'exit');
      await Promise.race([ended, pause((buildMs * n) / (kills + 1))]);
      if (child.exitCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
      await ended;
      if (!existsSync(join(bench.root, 'dist', 'src')) && !existsSync(join(bench.root, 'dist.former', 'src')))
        row.fail('no build is left');
      await bench.issueWithFormer();
    } catch (error) {
      row.fail((error as Error).message);
    }
  }
  return row.row(`killed within the ${(buildMs / 1000).toFixed(1)} s of a build`);
}

async function timeOfBuild(bench: Bench): Promise<number> {
  bench.put('next');
  const begun = performance.now();
  await bench.versionOf();
  const took = performance.now() - begun;
  await bench.issueWithFormer();
  return took;
}

/** A source file that only an older version had. The file imports something that no longer exists. */
const LEFT_FILE = 'src/decide/left-from-an-older-version.ts';

/**
 * Unpacks the next version over the former version. As with tar, the new files have times from long before the build. A
 * source file of an older version stays in the folder.
 */
async function unpackedOver(bench: Bench): Promise<Row[]> {
  const forward = openRow('a release unpacked over an older one, with older file times');
  const back = openRow('the former version on the ledger of the next one: refused');
  forward.tried();
  back.tried();
  bench.put('next');
  writeFileSync(join(bench.root, LEFT_FILE), "import { gone } from './gone.ts';\nexport const left: number = gone;\n");
  for (const path of readdirSync(bench.root, { recursive: true, encoding: 'utf8' }))
    if (!/^(node_modules|dist)/.test(path)) utimesSync(join(bench.root, path), 0, 0);
  try {
    if (!(await bench.versionOf()).endsWith('next')) forward.fail('the former code runs');
    await bench.issue();
    if (bench.schemaOf() !== NEXT_SCHEMA) forward.fail(`schema ${bench.schemaOf()}`);
    const before = readFileSync(ledgerIn(bench.data));
    bench.put('former');
    await bench.versionOf();
    const refused = await bench.issue().catch((error: Error) => error.message);
    if (!refused?.includes('start the newer version')) back.fail(`the former version: ${refused ?? 'it started'}`);
    if (!readFileSync(ledgerIn(bench.data)).equals(before)) back.fail('the file was changed');
    bench.put('next');
    await bench.versionOf();
    await bench.issue();
    if (existsSync(join(bench.root, 'dist', LEFT_FILE.replace('.ts', '.js'))))
      forward.fail('the left-over source file is built');
  } catch (error) {
    forward.fail((error as Error).message);
  }
  return [
    forward.row('the new code runs on the new schema'),
    back.row('not a byte changed; the next version starts again'),
  ];
}

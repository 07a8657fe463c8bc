import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { atFileEnd } from './file-end.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { runProgram } from './run-program.ts';
import { tempFolder } from './service.ts';

/*
 * Small releases of a program that is installed, built and started by the real scripts/ready.mjs. A registry on this
 * machine has their two packages: a driver, which the program needs, and a bundler, which only the build needs.
 */

export interface Release {
  /** What the program says. */
  says: string;
  driver: string;
  bundler?: string;
  /** The names of the migrations. */
  migrations?: string[];
}

export interface Registry {
  env: NodeJS.ProcessEnv;
  /** The package files that were asked for. */
  asked: string[];
  /** While `isSilent`, the registry takes requests and never answers. */
  isSilent: boolean;
  /** Resolves when the next request arrives. */
  nextRequest: () => Promise<void>;
  close: () => void;
}

const PACKAGES: Record<string, Record<string, string>> = {
  // Fails to load, like a driver that was compiled for another Node, in version 3 or while a file `foreign` lies beside it.
  'better-sqlite3': {
    'index.js': `
      const isForeign = require('./package.json').version === '3.0.0';
      if (isForeign || require('node:fs').existsSync(__dirname + '/foreign')) throw new Error('ERR_DLOPEN_FAILED');
      module.exports = class { close() {} };
      module.exports.version = require('./package.json').version;`,
  },
  rolldown: {
    'bin/cli.mjs': `
      import { cpSync, existsSync } from 'node:fs';
      if (existsSync('src/wrong')) process.exit(2);
      cpSync('src', process.argv.at(process.argv.indexOf('--dir') + 1) + '/src', { recursive: true });`,
  },
};

const PROGRAM = `
  import { createRequire } from 'node:module';
  import { readdirSync } from 'node:fs';
  const { version } = createRequire(import.meta.url)('better-sqlite3');
  const schemas = readdirSync(new URL('../../migrations', import.meta.url));
  console.log(JSON.stringify({ says: 'SAYS', driver: version, schemas }));
  if (process.argv[3] === '--stay') setInterval(() => {}, 1000);
`;

const registries: Registry[] = [];
const staying = new Set<ChildProcess>();
atFileEnd(() => {
  for (const child of staying) child.kill('SIGKILL');
  staying.clear();
  for (const registry of registries.splice(0)) registry.close();
});

const files = new Map<string, Buffer>();

function packed(name: string, version: string): Buffer {
  const key = `${name}-${version}.tgz`;
  const known = files.get(key);
  if (known) return known;
  const folder = tempFolder();
  write(join(folder, 'package'), {
    'package.json': JSON.stringify({ name, version, main: 'index.js' }),
    ...PACKAGES[name],
  });
  runProgram('tar', ['-czf', join(folder, key), '-C', folder, 'package']);
  const bytes = readFileSync(join(folder, key));
  files.set(key, bytes);
  return bytes;
}

export async function openRegistry(): Promise<Registry> {
  let arrived = (): void => {};
  const server = createServer((request, response) => {
    const key = request.url?.slice(1) ?? '';
    registry.asked.push(key);
    arrived();
    if (!registry.isSilent) response.end(files.get(key));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const registry: Registry = {
    asked: [],
    isSilent: false,
    env: {
      ...process.env,
      npm_config_registry: url,
      npm_config_replace_registry_host: 'always',
      npm_config_cache: tempFolder(),
      npm_config_fetch_retries: '0',
      npm_config_update_notifier: 'false',
    },
    nextRequest: () => new Promise((resolve) => (arrived = resolve)),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  registries.push(registry);
  return registry;
}

/** Writes the files of a release into the folder, over whatever is there. */
export function unpack(root: string, { says, driver, bundler = '1.0.0', migrations = ['0001.sql'] }: Release): void {
  const needed = { dependencies: { 'better-sqlite3': driver }, devDependencies: { rolldown: bundler } };
  const locked = (name: string, version: string, dev: object): object => ({
    version,
    resolved: `https://registry.npmjs.org/${name}-${version}.tgz`,
    integrity: `sha512-${createHash('sha512').update(packed(name, version)).digest('base64')}`,
    ...dev,
  });
  write(root, {
    'package.json': JSON.stringify({ name: 'release', version: '1.0.0', type: 'module', ...needed }),
    'package-lock.json': JSON.stringify({
      name: 'release',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'release', version: '1.0.0', ...needed },
        'node_modules/better-sqlite3': locked('better-sqlite3', driver, {}),
        'node_modules/rolldown': locked('rolldown', bundler, { dev: true }),
      },
    }),
    'tsconfig.json': '{}',
    'src/cli/claimstamp.js': PROGRAM.replace('SAYS', says),
    'src/cli/serialize.js': '',
    ...Object.fromEntries(migrations.map((name) => [`migrations/${name}`, ''])),
  });
  for (const name of ['ready.mjs', 'ready'])
    if (existsSync(join(packageRoot, 'scripts', name)))
      cpSync(join(packageRoot, 'scripts', name), join(root, 'scripts', name), { recursive: true });
}

export function write(root: string, texts: Record<string, string>): void {
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    rmSync(join(root, path), { force: true });
    writeFileSync(join(root, path), text);
  }
}

export interface Outcome {
  status: number | null;
  /** What the program said, if it ran. */
  ran: { says: string; driver: string; schemas: string[] } | undefined;
  /** What ready.mjs and npm said. */
  text: string;
}

const SCRIPT = ['scripts/ready.mjs', 'dist/src/cli/claimstamp.js'];

/** `npm start`, or the command. Runs beside the registry, which is in this process. */
export async function run(root: string, { env }: Registry, ...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [...SCRIPT, ...args], { cwd: root, env });
  let [said, text] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ran: said === '' ? undefined : JSON.parse(said), text };
}

/** Starts the service, which stays until it is killed. Resolves when it runs. */
export async function stay(root: string, { env }: Registry): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...SCRIPT, 'serve', '--stay'], { cwd: root, env });
  staying.add(child);
  await once(child.stdout, 'data');
  return child;
}

export async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Starts the service, and kills it with its npm when the registry gets the first request. */
export async function interruptInstall(root: string, registry: Registry): Promise<void> {
  const asked = registry.nextRequest();
  registry.isSilent = true;
  const child = spawn(process.execPath, [...SCRIPT, 'serve'], { cwd: root, env: registry.env, detached: true });
  const ended = once(child, 'exit');
  await asked;
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await ended;
  registry.isSilent = false;
}

export function npmCi(root: string, { env }: Registry): Promise<unknown> {
  return once(spawn('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, env, stdio: 'ignore' }), 'exit');
}

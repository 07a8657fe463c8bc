// Makes a fresh clone ready: installs what package-lock.json names and builds what is older than its sources.
// `node scripts/ready.mjs` does only that; with arguments it then runs that built file in this process.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Claimstamp needs Node 20.19 or newer, this is ${process.versions.node}.`);
}

const installed = join(root, 'node_modules', '.claimstamp-lock');
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
// A copy of the lock file in node_modules shows whether the installed packages are current.
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lock) {
  say('installing (once; about a minute, the SQLite driver may be compiled)');
  run(
    'npm',
    ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    'npm ci failed: see above. It needs the npm registry, and a C++ toolchain with Python 3 where no ready-made SQLite driver fits.',
  );
  writeFileSync(installed, lock);
}

const stamp = join(root, 'dist', '.built');
const builtAt = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
const sources = [
  'src',
  'words',
  'bench',
  'harness',
  'torture',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
];
if (sources.some((path) => newest(join(root, path)) > builtAt)) {
  say('building');
  run(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
    'the build failed: see above',
  );
  for (const bin of ['claimstamp', 'serialize']) chmodSync(join(root, 'dist', 'src', 'cli', `${bin}.js`), 0o755);
  writeFileSync(stamp, '');
}

const [file, ...args] = process.argv.slice(2);
if (file !== undefined) {
  const script = resolve(root, file);
  process.argv.splice(1, process.argv.length, script, ...args);
  await import(pathToFileURL(script).href);
}

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function run(command, args, failure) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) fail(failure);
}

function say(text) {
  process.stderr.write(`claimstamp: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

// `npm run bundle` makes a release that needs nothing from a network: claimstamp-<version>-linux-x64.tar.gz with Node, the
// built program, its packages, the installer, notices, SBOM and checksums. Two builds of one commit have the same bytes.
// `--out FOLDER` names the folder for the files (default: this folder), `--fresh` compiles the SQLite driver again.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DRIVER, driverFor } from './bundle/driver.mjs';
import { isSupported, nodeFolder, RELEASED } from './bundle/nodes.mjs';
import { output, run, runQuietly } from './bundle/run.mjs';
import { sbom } from './bundle/sbom.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const to = resolve(args.includes('--out') ? (args[args.indexOf('--out') + 1] ?? '.') : root);

if (!isSupported) fail('the bundle has compiled parts for Linux on x64 with glibc: make it on such a machine');

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const name = `claimstamp-${version}-linux-x64`;
/** The time of the commit, in seconds. All builds of a commit use this time (reproducible-builds.org). */
const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? output('git', ['log', '-1', '--format=%ct'], { cwd: root }));

const stage = mkdtempSync(join(tmpdir(), 'claimstamp-bundle-'));
try {
  const folder = join(stage, name);
  mkdirSync(folder);
  copyProgram(folder);
  copyNode(folder);
  installPackages(folder);
  writeFileSync(join(folder, 'release.json'), `${JSON.stringify(facts(), null, 2)}\n`);
  writeFileSync(join(folder, 'sbom.cdx.json'), listed(folder));
  writeFileSync(join(folder, 'SHA256SUMS'), sums(folder));
  mkdirSync(to, { recursive: true });
  pack(stage);
  copyFileSync(join(folder, 'sbom.cdx.json'), join(to, `${name}.cdx.json`));
} finally {
  rmSync(stage, { recursive: true, force: true });
}

function copyProgram(folder) {
  const names = ['package.json', 'CHANGELOG.md', 'README.md', 'SECURITY.md', 'THIRD_PARTY_NOTICES', 'openapi.json'];
  const folders = ['assets', 'deploy', 'docs', 'examples', 'labels', 'passwords'];
  const built = ['src', 'migrations'].map((part) => join('dist', part));
  for (const part of [...names, ...folders, ...built])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  copyFileSync(join(root, 'deploy', 'install.sh'), join(folder, 'install.sh'));
  rmSync(join(folder, 'deploy', 'install.sh'));
  mkdirSync(join(folder, 'bin'));
  for (const command of ['claimstamp', 'serialize']) {
    const file = join(folder, 'bin', command);
    copyFileSync(join(root, 'deploy', 'command.sh'), file);
    chmodSync(file, 0o755);
  }
  rmSync(join(folder, 'deploy', 'command.sh'));
}

function copyNode(folder) {
  const home = nodeFolder(root, RELEASED);
  copyFileSync(join(home, 'bin', 'node'), join(folder, 'bin', 'node'));
  chmodSync(join(folder, 'bin', 'node'), 0o755);
  copyFileSync(join(home, 'LICENSE'), join(folder, 'NODE_LICENSE'));
}

function installPackages(folder) {
  copyFileSync(join(root, 'package-lock.json'), join(folder, 'package-lock.json'));
  const how = ['--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  runQuietly('npm', ['ci', ...how], { cwd: folder });
  const driver = join(folder, 'node_modules', 'better-sqlite3');
  for (const part of ['deps', 'src', 'binding.gyp']) rmSync(join(driver, part), { recursive: true });
  mkdirSync(join(driver, dirname(DRIVER)), { recursive: true });
  copyFileSync(driverFor(root, RELEASED, { fresh: args.includes('--fresh') }), join(driver, DRIVER));
  // npm uses these two files. Nothing installs packages into a release.
  rmSync(join(folder, 'package-lock.json'));
  rmSync(join(folder, 'node_modules', '.package-lock.json'), { force: true });
}

function facts() {
  const changed = existsSync(join(root, '.git')) && output('git', ['status', '--porcelain'], { cwd: root }) !== '';
  const commit = existsSync(join(root, '.git'))
    ? output('git', ['rev-parse', 'HEAD'], { cwd: root }).trim()
    : 'unknown';
  return { version, commit: changed ? `${commit}, changed` : commit, time: isoTime(), node: RELEASED.version };
}

function listed(folder) {
  const code = `new (require('better-sqlite3'))(':memory:').prepare('SELECT sqlite_version()').pluck().get()`;
  const file = join(folder, 'bin', 'node');
  const sqlite = output(file, ['-p', code], { cwd: folder }).trim();
  return sbom(root, folder, { version, node: { version: RELEASED.version, file }, sqlite, time: isoTime() });
}

function isoTime() {
  return new Date(epoch * 1000).toISOString();
}

function sums(folder) {
  return filesIn(folder)
    .map((file) => `${hashOf(file)}  ${relative(folder, file)}\n`)
    .join('');
}

/** Symbolic links are left out. */
function filesIn(folder) {
  return readdirSync(folder)
    .toSorted()
    .map((entry) => join(folder, entry))
    .flatMap((path) => {
      const found = lstatSync(path);
      return found.isDirectory() ? filesIn(path) : found.isFile() ? [path] : [];
    });
}

function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** The archive must not depend on the machine or the time of the build. */
function pack(from) {
  const file = `${name}.tar.gz`;
  const fixed = ['--sort=name', `--mtime=@${epoch}`, '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  const tar = join(from, `${name}.tar`);
  run('tar', [...fixed, '--mode=u=rwX,go=rX', '-cf', tar, name], {
    cwd: from,
    env: { ...process.env, LC_ALL: 'C' },
  });
  run('gzip', ['--no-name', '--force', tar]);
  copyFileSync(`${tar}.gz`, join(to, file));
  const sum = hashOf(join(to, file));
  writeFileSync(join(to, `${file}.sha256`), `${sum}  ${file}\n`);
  process.stdout.write(`${sum}  ${join(to, file)}\n`);
}

function fail(text) {
  process.stderr.write(`claimstamp: ${text}\n`);
  process.exit(1);
}

// The packages in node_modules: whether they fit package-lock.json and this Node, and how they are replaced.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { swapBack, swapIn } from './swap.mjs';

/** The machine that compiled drivers run on. The file names it, so that a start does not have to load the driver. */
const STAMP = '.claimstamp';

/**
 * Returns true if the packages are those of the lock file and run on this machine. `what` is "production", or "all" with
 * the packages for building and testing.
 */
export function fits(root, what) {
  const folder = join(root, 'node_modules');
  if (!isComplete(root, folder, what)) return false;
  if (stampOf(folder) === machine()) return true;
  // npm wrote these packages without this program, or another Node did.
  if (!loadsDriver(root)) return false;
  writeStamp(folder);
  return true;
}

/** True if the lock file was cut off, for example by a full disk or a power cut while the release was unpacked. */
export function isLockDamaged(root) {
  const file = join(root, 'package-lock.json');
  return existsSync(file) && packagesIn(file) === undefined;
}

/** Restores the packages that were replaced last, if they fit. */
export function putBack(root, what) {
  const former = join(root, 'node_modules.former');
  if (stampOf(former) !== machine() || !isComplete(root, former, what)) return false;
  if (existsSync(join(root, 'node_modules'))) swapBack(root, 'node_modules');
  else renameSync(former, join(root, 'node_modules'));
  return true;
}

/** Installs into a separate folder, then swaps the folders. If this fails, changes nothing and returns the reason. */
export function install(root) {
  const next = join(root, 'node_modules.next');
  mkdirSync(next);
  for (const name of ['package.json', 'package-lock.json', '.npmrc'])
    if (existsSync(join(root, name))) copyFileSync(join(root, name), join(next, name));
  const problem = installInto(next, existsSync(join(root, 'src')) ? '--include=dev' : '--omit=dev');
  if (problem === undefined) {
    // Without a stamp, a later start could not restore the packages that npm ci installed.
    if (stampOf(join(root, 'node_modules')) === undefined && loadsDriver(root)) writeStamp(join(root, 'node_modules'));
    swapIn(root, 'node_modules', join(next, 'node_modules'));
  }
  rmSync(next, { recursive: true, force: true });
  return problem;
}

function installInto(folder, kind) {
  const { status } = spawnSync('npm', ['ci', kind, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) return 'npm ci failed: see above';
  // npm can compile the driver for another Node, for example with the headers that its setting `nodedir` names.
  if (!loadsDriver(folder))
    return `the SQLite driver that npm ci installed does not load in Node ${process.versions.node}`;
  writeStamp(join(folder, 'node_modules'));
  return undefined;
}

/** Compares the lock file with the list that npm writes at the end of each installation. */
function isComplete(root, folder, what) {
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const present = packagesIn(join(folder, '.package-lock.json'));
  // A package from npm has no lock file: whoever installed it also installed what it needs.
  if (!wanted) return existsSync(folder);
  if (!present) return false;
  const isNeeded = ({ dev, optional, devOptional }) => !optional && !devOptional && (what === 'all' || !dev);
  const hasEach = Object.entries(wanted).every(([name, one]) => name === '' || name in present || !isNeeded(one));
  const hasNoOther = Object.entries(present).every(
    ([name, one]) => isSame(wanted[name], one) || (what !== 'all' && one.dev),
  );
  return hasEach && hasNoOther;
}

function isSame(wanted, present) {
  return wanted?.version === present.version && wanted.integrity === present.integrity;
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function loadsDriver(folder) {
  const code = `new (require('better-sqlite3'))(':memory:').close()`;
  return spawnSync(process.execPath, ['-e', code], { cwd: folder, stdio: 'ignore' }).status === 0;
}

function machine() {
  process.report.excludeNetwork = true;
  const libc = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime ? 'musl' : '';
  return `${process.versions.modules} ${process.platform} ${process.arch} ${libc}`.trim();
}

function stampOf(folder) {
  try {
    return readFileSync(join(folder, STAMP), 'utf8');
  } catch {
    return undefined;
  }
}

function writeStamp(folder) {
  const file = join(folder, STAMP);
  try {
    writeFileSync(`${file}.next`, machine());
    renameSync(`${file}.next`, file);
  } catch {
    // This user may not write here. The next start loads the driver again.
  }
}

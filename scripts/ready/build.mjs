// The build in dist/: whether it was made from the sources that are here, and how it is made.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INCLUDED } from './included.mjs';
import { discard, swapIn } from './swap.mjs';

const SOURCES =
  'src words bench harness torture migrations rolldown.config.mjs tsconfig.json tsconfig.build.json'.split(' ');

/** Returns false for a release that has a build and no sources. */
export function isStale(root) {
  if (!existsSync(join(root, 'src'))) return false;
  const stamp = join(root, 'dist', '.built');
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== fingerprint(root);
}

/** Builds into a separate folder, then swaps the folders. If the build fails, changes nothing and returns false. */
export function build(root) {
  const next = join(root, 'dist.next');
  const built = fingerprint(root);
  const bundler = join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs');
  const args = ['--config', 'rolldown.config.mjs', '--dir', next];
  // Errors go to standard error. Standard output is a list of all files.
  const { status } = spawnSync(process.execPath, [bundler, ...args], { cwd: root, stdio: ['ignore', 'ignore', 2] });
  const isBuilt = status === 0;
  if (isBuilt) {
    cpSync(join(root, 'migrations'), join(next, 'migrations'), { recursive: true });
    for (const bin of ['claimstamp', 'serialize']) chmodSync(join(next, 'src', 'cli', `${bin}.js`), 0o755);
    writeFileSync(join(next, '.built'), built);
    swapIn(root, 'dist', next);
    discard(join(root, 'dist.former'));
  }
  rmSync(next, { recursive: true, force: true });
  return isBuilt;
}

/**
 * Returns the hash of everything that the build is made from. The times of files are not used, because tar keeps older
 * times.
 */
function fingerprint(root) {
  const hash = createHash('sha256').update(packagesIn(root));
  for (const path of SOURCES.flatMap((name) => filesIn(root, name))) {
    const content = readFileSync(join(root, path));
    hash.update(`\0${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Returns the versions, from the lock file, of the packages that make the build or become part of it. */
function packagesIn(root) {
  const lock = join(root, 'package-lock.json');
  if (!existsSync(lock)) return '';
  const { packages } = JSON.parse(readFileSync(lock, 'utf8'));
  return JSON.stringify(['rolldown', ...INCLUDED].map((name) => packages[`node_modules/${name}`] ?? ''));
}

function filesIn(root, path) {
  if (!existsSync(join(root, path))) return [];
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(root, `${path}/${entry.name}`) : [`${path}/${entry.name}`]));
}

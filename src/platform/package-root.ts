import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package, which is found from both `src/` and `dist/src/`. */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/**
 * The migrations that belong to the running program. The build has its own copy, because there may be newer source
 * files next to an older build. A program that runs from `src/` uses the folder in the repository.
 */
export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

export const version: string = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')).version;

/**
 * Returns when this copy of the program came onto this disk, by the machine's clock (ms since 1970). Programs that unpack
 * or copy files cannot set this time, unlike the time of the last change.
 */
export function installedAt(): number {
  return Math.floor(statSync(fileURLToPath(import.meta.url)).ctimeMs);
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('package.json not found above this file');
  return findRoot(parent);
}

/**
 * Returns the path of a file in `dist/src/`. Threads and child processes always run built files, even if the service
 * itself runs from `src/`.
 */
export function built(path: string): string {
  return join(packageRoot, 'dist', 'src', path);
}

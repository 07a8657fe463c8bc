import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package. The search works in both `src/` and `dist/src/`. */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/**
 * The migrations of the running build. The build copies them, because there may be newer source files next to an older
 * build. In `src/`, the folder is the one in the repository.
 */
export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

export const version: string = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')).version;

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('package.json not found above this file');
  return findRoot(parent);
}

/**
 * Returns a file in `dist/src/`. Threads and child processes always run built files, even if the service runs from
 * `src/`.
 */
export function built(path: string): string {
  return join(packageRoot, 'dist', 'src', path);
}

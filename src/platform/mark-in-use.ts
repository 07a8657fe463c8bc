import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from './package-root.ts';

/**
 * Counts this process among the users of the package's folder, so that `scripts/ready.mjs` replaces neither packages nor
 * build as long as this process runs. A container image has no `scripts/`, and there nothing is replaced.
 */
export async function markInUse(): Promise<void> {
  const file = join(packageRoot, 'scripts', 'ready', 'users.mjs');
  if (!existsSync(file)) return;
  const { takePlace }: { takePlace: (root: string) => Promise<unknown> } = await import(pathToFileURL(file).href);
  // A process that may not make a local socket runs all the same.
  await takePlace(packageRoot).catch(() => {});
}

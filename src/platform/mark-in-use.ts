import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from './package-root.ts';

/**
 * Registers this process as a user of the package's folder. While it runs, `scripts/ready.mjs` does not replace the
 * packages or the build. A container image has no `scripts/`, so nothing could replace the packages there.
 */
export async function markInUse(): Promise<void> {
  const file = join(packageRoot, 'scripts', 'ready', 'users.mjs');
  if (!existsSync(file)) return;
  const { takePlace }: { takePlace: (root: string) => Promise<unknown> } = await import(pathToFileURL(file).href);
  // A process that cannot register, for example because it must not open a local socket, runs anyway.
  await takePlace(packageRoot).catch(() => {});
}

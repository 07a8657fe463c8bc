// Replaces a folder by renames, so that an interruption at any moment leaves the former folder or the new one.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Puts the complete folder `next` in the place of `name`. The folder that was there becomes `<name>.former`. */
export function swapIn(root, name, next) {
  const here = join(root, name);
  discard(`${here}.former`);
  if (existsSync(here)) renameSync(here, `${here}.former`);
  renameSync(next, here);
}

/** Exchanges the folder `name` and its former one. */
export function swapBack(root, name) {
  const here = join(root, name);
  discard(`${here}.gone`);
  renameSync(here, `${here}.gone`);
  renameSync(`${here}.former`, here);
  renameSync(`${here}.gone`, `${here}.former`);
}

/** Repairs what an interrupted run left. Only one process at a time may call this function. */
export function cleanUp(root) {
  for (const name of ['node_modules', 'dist']) {
    const here = join(root, name);
    if (!existsSync(here) && existsSync(`${here}.former`)) renameSync(`${here}.former`, here);
    for (const rest of [`${here}.next`, `${here}.gone`]) rmSync(rest, { recursive: true, force: true });
  }
}

/** Removes a folder. The rename comes first, so that a partly removed folder is never taken for a complete one. */
export function discard(folder) {
  if (!existsSync(folder)) return;
  const gone = folder.replace(/\.[a-z]+$/, '.gone');
  rmSync(gone, { recursive: true, force: true });
  renameSync(folder, gone);
  rmSync(gone, { recursive: true, force: true });
}

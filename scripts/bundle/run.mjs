// Functions that the scripts for a release share.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Runs a program to its end. Its output goes to standard error. Throws if it fails. */
export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 2, 2], ...options });
  if (status !== 0) throw new Error(`${program} ${args[0] ?? ''} failed: ${error?.message ?? `exit status ${status}`}`);
}

/** Runs a program to its end, and shows its output only if it fails. */
export function runQuietly(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  throw new Error(`${program} ${args[0] ?? ''} failed: ${error?.message ?? `exit status ${status}`}`);
}

/** Returns the output of a program. Throws if it fails. */
export function output(program, args, options = {}) {
  const { status, stdout, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (status !== 0) throw new Error(`${program} ${args[0] ?? ''} failed: ${error?.message ?? `exit status ${status}`}`);
  return stdout;
}

/** Returns the folder for files that can be fetched or compiled again. */
export function cacheIn(root) {
  return join(root, 'node_modules', '.cache', 'claimstamp');
}

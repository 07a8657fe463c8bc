import { execFileSync, spawnSync } from 'node:child_process';

/** Names what a newcomer's machine lacks instead of failing somewhere inside. */
export function need(command: string, debianPackage: string): void {
  if (spawnSync('sh', ['-c', 'command -v "$0"', command]).status === 0) return;
  throw new Error(`these tests call ${command}: install ${debianPackage}: apt-get install ${debianPackage}`);
}

/** What a command of the system says on standard output. Throws with its exit status and standard error. */
export function run(command: string, args: string[]): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

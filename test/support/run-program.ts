import { execFileSync } from 'node:child_process';

/** What a program of the system says on standard output. Throws with its exit status and standard error. */
export function runProgram(program: string, args: string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

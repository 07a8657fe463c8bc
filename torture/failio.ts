import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/platform/package-root.ts';

/** Causes real I/O faults on one file. The faults are caused by failio.c, which runs inside the service's process. */
export interface Failio {
  /** The environment variables for the service under test. */
  env: Record<string, string>;
  /** Prepares a fault. failio.c explains the format of `rule`. */
  arm: (rule: string) => void;
  disarm: () => void;
  /** Returns true if the prepared fault has happened. */
  made: () => boolean;
}

/**
 * Compiles a C file in this folder into a library to preload. If there is no compiler, the error says what to install.
 */
export function compile(source: string, folder: string): string {
  const library = join(folder, source.replace(/\.c$/, '.so'));
  const args = ['-shared', '-fPIC', '-O1', '-o', library, join(packageRoot, 'torture', source), '-ldl'];
  const { status, error, stderr } = spawnSync('cc', args, { encoding: 'utf8' });
  if (error) {
    throw new Error(
      'these tests need the C compiler cc: install a C++ toolchain (Debian: apt install build-essential)',
      {
        cause: error,
      },
    );
  }
  if (status !== 0) throw new Error(`${source} could not be compiled:\n${stderr}`);
  return library;
}

export function compileFailio(folder: string): Failio {
  const library = compile('failio.c', folder);
  const control = join(folder, 'control');
  return {
    env: { LD_PRELOAD: library, FAILIO_CONTROL: control },
    arm: (rule) => {
      rmSync(`${control}.made`, { force: true });
      writeFileSync(`${control}.next`, rule);
      renameSync(`${control}.next`, control);
    },
    disarm: () => rmSync(control, { force: true }),
    made: () => existsSync(`${control}.made`),
  };
}

import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/root.ts';

/** Real faults of one file, made by failio.c inside the service's process. */
export interface Failio {
  /** The environment of a service whose calls can be made to fail. */
  env: Record<string, string>;
  /** From now on this call fails: the line is explained in failio.c. */
  arm: (rule: string) => void;
  disarm: () => void;
  /** True once the armed fault has happened. */
  made: () => boolean;
}

/** Compiles failio.c into the folder. Throws with what to install where there is no C compiler. */
export function compileFailio(folder: string): Failio {
  const library = join(folder, 'failio.so');
  const args = ['-shared', '-fPIC', '-O1', '-o', library, join(packageRoot, 'torture', 'failio.c'), '-ldl'];
  const { status, error, stderr } = spawnSync('cc', args, { encoding: 'utf8' });
  if (error) {
    throw new Error(
      'these tests need a C compiler named cc: install a C++ toolchain (Debian: apt install build-essential)',
      {
        cause: error,
      },
    );
  }
  if (status !== 0) throw new Error(`failio.c was not compiled:\n${stderr}`);
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

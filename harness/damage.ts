import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** Kinds of damage that a power cut, a bad disk or a person may do to a small file. */
export type Damage = 'empty' | 'half' | 'zeros' | 'garbage' | 'folder';

export function damage(file: string, how: Damage): void {
  const half = how === 'half' ? readFileSync(file) : Buffer.alloc(0);
  rmSync(file, { recursive: true, force: true });
  if (how === 'folder') {
    mkdirSync(file);
    return;
  }
  const bytes = {
    empty: Buffer.alloc(0),
    half: half.subarray(0, Math.floor(half.length / 2)),
    zeros: Buffer.alloc(4096),
    garbage: Buffer.from('garbage\n'),
  };
  writeFileSync(file, bytes[how], { mode: 0o600 });
}

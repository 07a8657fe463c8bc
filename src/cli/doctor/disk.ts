import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** How long a synced write to a folder's disk takes, in ms. */
export interface DiskSpeed {
  p50: number;
  p99: number;
}

const WRITES = 200;

/** The maximum duration of the measurement, in ms. On a slow disk, fewer writes are made. */
const MAX_MS = 5000;

/** The size of an SQLite page. */
const BYTES = 4096;

/** Measures synced writes in this folder, because a ledger commit makes such writes. Leaves no file in the folder. */
export function measureDisk(folder: string): DiskSpeed {
  const file = join(folder, `.doctor-${process.pid}`);
  const page = Buffer.alloc(BYTES, 1);
  const taken: number[] = [];
  const handle = openSync(file, 'w', 0o600);
  try {
    for (const end = performance.now() + MAX_MS; taken.length < WRITES && performance.now() < end;) {
      const begun = performance.now();
      writeSync(handle, page);
      fdatasyncSync(handle);
      taken.push(performance.now() - begun);
    }
  } finally {
    closeSync(handle);
    rmSync(file, { force: true });
  }
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

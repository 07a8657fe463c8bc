import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
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

const IN_MEMORY =
  'in memory, and the next restart of this machine deletes the ledger: set CLAIMSTAMP_DATA to a folder on a disk';
const REMOTE =
  'on a network drive, whose locks and synced writes SQLite cannot rely on: set CLAIMSTAMP_DATA to a folder on a local disk';

const IN_CONTAINER = 'part of a container, and is deleted with it: mount a volume there';

/** The types of file systems that lose a ledger, as statfs(2) gives them on Linux. */
const UNSAFE: Record<number, string> = {
  0x01021994: IN_MEMORY, // tmpfs
  0x858458f6: IN_MEMORY, // ramfs
  0x794c7630: IN_CONTAINER, // overlayfs
  0x6969: REMOTE, // NFS
  0xff534d42: REMOTE, // CIFS
  0xfe534d42: REMOTE, // SMB 2
};

/** Returns what makes the file system of a folder unfit for a ledger. */
export function unsafeDisk(folder: string): string | undefined {
  return process.platform === 'linux' ? UNSAFE[statfsSync(folder).type] : undefined;
}

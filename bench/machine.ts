import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { spread } from './figure.ts';

/** The machine on which the figures were measured. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  kernel: string;
  node: string;
  /** The file system type and the device of the folder that contains the ledgers. */
  filesystem: string;
  /**
   * The time in ms to overwrite 4 KiB in a file and sync the file, as SQLite does. No commit can be faster than this
   * write and sync.
   */
  syncMs: number;
  /**
   * The load average over the last minute before the run. If the load is above 0.5, the machine was doing other work.
   */
  load: number;
}

export function machineFacts(folder: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    filesystem: filesystemOf(folder),
    syncMs: timeSync(folder),
    load: loadavg()[0] ?? 0,
  };
}

export function machineText(machine: Machine): string {
  const { cpu, cores, memoryGiB, kernel, node, filesystem, syncMs, load } = machine;
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, kernel ${kernel}, Node ${node}`,
    `ledger on ${filesystem}, 4 KiB write and fsync ${syncMs.toFixed(2)} ms, load before the run ${load.toFixed(2)}`,
    ...(filesystem.startsWith('tmpfs')
      ? ['A RAM disk cannot be durable: name a folder on a real disk with --data.']
      : []),
  ].join('\n');
}

/** Returns the file system type and the device of the folder's mount, or `unknown` on systems without /proc (macOS). */
function filesystemOf(folder: string): string {
  try {
    const mounts = readFileSync('/proc/self/mounts', 'utf8').trim().split('\n');
    const holding = mounts
      .map((line) => line.split(' '))
      .filter(([, at = '']) => at === '/' || folder === at || folder.startsWith(`${at}/`));
    const [device, , type] = holding.toSorted(([, a = ''], [, b = '']) => a.length - b.length).at(-1) ?? [];
    return type === undefined ? 'unknown' : `${type} (${device})`;
  } catch {
    return 'unknown';
  }
}

const SYNCS = 200;

function timeSync(folder: string): number {
  const file = join(folder, 'sync');
  const handle = openSync(file, 'w');
  const page = Buffer.alloc(4096, 1);
  // Each write overwrites bytes that the file already has, as SQLite does in its log. A write that makes the file
  // longer would take more time.
  writeSync(handle, Buffer.alloc(SYNCS * page.length));
  fsyncSync(handle);
  const times = Array.from({ length: SYNCS }, (_one, n) => {
    const begun = performance.now();
    writeSync(handle, page, 0, page.length, n * page.length);
    fsyncSync(handle);
    return performance.now() - begun;
  });
  closeSync(handle);
  rmSync(file);
  return spread(times).middle;
}

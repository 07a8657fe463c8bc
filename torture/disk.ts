import type { Happened, LedgerFile } from './recording.ts';

/*
 * Simulates the state of a disk after a power cut. All synced writes are on the disk. Any combination of the sectors
 * written after the last sync may be on the disk.
 */

/** The number of bytes in a sector. A disk writes a sector either completely or not at all. */
const SECTOR = 512;

/**
 * The ways in which a power cut may affect unsynced writes. For example, `drop` loses all unsynced writes, and `keep`
 * keeps all of them.
 */
export const WAYS = ['drop', 'keep', 'some', 'reordered', 'torn'] as const;
export type Way = (typeof WAYS)[number];

type Change = { at: number; bytes: Buffer } | { size: number };

interface DiskFile {
  synced: Buffer;
  /** The writes since the last sync, in order. `seq` is the write's position in the recording. */
  waiting: { seq: number; change: Change }[];
}

export interface Disk {
  happen: (event: Happened, seq: number) => void;
  /** Returns the files' contents after a power cut. `chance` returns random numbers between 0 and 1. */
  cut: (way: Way, chance: () => number) => Record<LedgerFile, Buffer>;
}

export function openDisk(before: Record<LedgerFile, Buffer>): Disk {
  const files: Record<LedgerFile, DiskFile> = {
    db: { synced: before.db, waiting: [] },
    wal: { synced: before.wal, waiting: [] },
  };
  return {
    happen(event, seq) {
      if (event.kind === 'answer') return;
      const file = files[event.file];
      if (event.kind === 'write') file.waiting.push({ seq, change: { at: event.at, bytes: event.bytes } });
      else if (event.kind === 'truncate') file.waiting.push({ seq, change: { size: event.size } });
      else {
        const done = file.waiting.filter((one) => one.seq < event.covers);
        file.synced = applied(
          file.synced,
          done.map(({ change }) => change),
        );
        file.waiting = file.waiting.filter((one) => one.seq >= event.covers);
      }
    },
    cut: (way, chance) => ({ db: cutFile(files.db, way, chance), wal: cutFile(files.wal, way, chance) }),
  };
}

function cutFile({ synced, waiting }: DiskFile, way: Way, chance: () => number): Buffer {
  const changes = waiting.map(({ change }) => change);
  if (way === 'drop') return synced;
  if (way === 'keep') return applied(synced, changes);
  if (way === 'torn')
    return applied(
      synced,
      changes.flatMap((change) => sectors(change, chance)),
    );
  const some = changes.filter(() => chance() < 0.5);
  if (way === 'some') return applied(synced, some);
  return applied(
    synced,
    some
      .map((change) => ({ change, place: chance() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ change }) => change),
  );
}

function sectors(change: Change, chance: () => number): Change[] {
  if ('size' in change) return chance() < 0.5 ? [change] : [];
  const parts: Change[] = [];
  for (let from = 0; from < change.bytes.length;) {
    const at = change.at + from;
    const to = Math.min(change.bytes.length, from + SECTOR - (at % SECTOR));
    if (chance() < 0.5) parts.push({ at, bytes: change.bytes.subarray(from, to) });
    from = to;
  }
  return parts;
}

function applied(before: Buffer, changes: Change[]): Buffer {
  if (changes.length === 0) return before;
  const sizes = changes.map((change) => ('size' in change ? change.size : change.at + change.bytes.length));
  const room = Buffer.alloc(Math.max(before.length, ...sizes));
  before.copy(room);
  let size = before.length;
  for (const change of changes) {
    if ('size' in change) {
      if (change.size < size) room.fill(0, change.size, size);
      size = change.size;
    } else {
      change.bytes.copy(room, change.at);
      size = Math.max(size, change.at + change.bytes.length);
    }
  }
  return room.subarray(0, size);
}

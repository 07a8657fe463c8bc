import { constants } from 'node:fs';
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { Sent } from '../contract/checkpoints.ts';
import { commitmentOf, keyOf, nameOf, type AccessKind } from '../model/access.ts';
import { syncFolder } from '../platform/atomic-file.ts';
import { messageOf } from '../platform/error.ts';
import { parseCheckpoint } from '../proof/checkpoint.ts';
import { rootAt } from '../proof/tree.ts';
import { openCredentials } from './credentials.ts';
import { isAmidImport } from './import-rows.ts';
import { openForReading } from './open.ts';
import { toShared, type SharedRow } from './shared-rows.ts';
import { openSubtreeHashes } from './subtrees.ts';

/*
 * Between two scheduled backups, the service appends its new events to a file in the backup folder. If the ledger's
 * disk fails, the last backup is restored, and then the events in this file are replayed. The file consists of
 * segments. Each segment contains the lines of new events. Then come the rows of credentials and people that these
 * events commit to, and a signed checkpoint of exactly these events. Each segment is synced to disk, so a crash can
 * damage only the last one.
 */

/** A line that does not contain an event. */
export type BesideLine = { access: SharedRow } | { checkpoint: string };

export interface LinesFile {
  name: string;
  log: string;
  /** The number of the first event in the file. */
  first: number;
}

/** `log` is the ID of the log, as in the names of its backups. */
export function linesName(log: string, first: number): string {
  return `claimstamp-${log}-${first}.lines`;
}

const NAME = /^claimstamp-([0-9a-f]+)-(\d+)\.lines$/;

/**
 * Returns the files with the lines of this log. If no log is given, returns the files of all logs. The file with the
 * oldest lines is first.
 */
export function linesFilesIn(names: string[], log?: string): LinesFile[] {
  return names
    .flatMap((name) => {
      const [, of, first] = NAME.exec(name) ?? [];
      return of === undefined || (log !== undefined && of !== log) ? [] : [{ name, log: of, first: Number(first) }];
    })
    .toSorted((a, b) => a.first - b.first);
}

export interface LinesOptions {
  /** The ledger file. */
  ledger: string;
  /** The folder for backups, which must exist. */
  folder: string;
  log: string;
  /** Throws if the folder cannot be used. For example, the folder's disk may not be mounted. */
  refuse: () => Promise<unknown>;
  /**
   * Considers only this log's backups that contain at most `size` events, and returns the number of events in the
   * newest one.
   */
  newestBackup: (names: string[], size: number) => number | undefined;
}

export interface BackupLines {
  /**
   * Appends the events that this checkpoint covers and that are not in the file yet. When the promise of `append`
   * resolves, the events are on disk. `append` does nothing before the first backup. After a failure, the next call
   * rewrites the same events.
   */
  append: (checkpoint: Sent, signal: AbortSignal) => Promise<void>;
  /** How many calls of `append` have failed. */
  failures: () => number;
}

/** The position where the last complete segment of a file ends. */
interface End {
  file: LinesFile;
  /**
   * How many bytes of the file belong to complete segments. Any bytes after these belong to an incomplete segment.
   */
  length: number;
  /** The number of the segment's last event. */
  size: number;
}

export function openBackupLines(options: LinesOptions): BackupLines {
  let end: End | undefined;
  let failures = 0;
  /** For each row in the current file, the commitment to this row. The key is the row's key. */
  let written = new Map<string, string>();

  const appendTo = async (checkpoint: Sent, signal: AbortSignal): Promise<void> => {
    await options.refuse();
    const names = await readdir(options.folder);
    end ??= await lastEnd(options, linesFilesIn(names, options.log), checkpoint.size);
    const next = nextEnd(options, end, options.newestBackup(names, checkpoint.size));
    if (next === undefined || next.size >= checkpoint.size) return;
    // These lines do not contain the rows of an import. So a file must not end in the middle of an import.
    if (amidImport(options.ledger, checkpoint.size)) return;
    if (next.file.name !== end?.file.name) written = new Map();
    const saved = new Map(written);
    end = await appendSegment(options, { end: next, checkpoint, written: saved, signal });
    written = saved;
  };
  return {
    failures: () => failures,
    async append(checkpoint, signal) {
      try {
        await appendTo(checkpoint, signal);
      } catch (error) {
        if (!signal.aborted) failures++;
        // The path may now lead to a different folder, for example because the disk was replaced.
        end = undefined;
        written = new Map();
        throw new Error(`the new events: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}

function amidImport(ledger: string, size: number): boolean {
  const db = openForReading(ledger);
  try {
    return isAmidImport(db, size);
  } finally {
    db.close();
  }
}

/** The service begins a new file after each backup, so that old files can be removed together with old backups. */
function nextEnd({ log }: LinesOptions, end: End | undefined, backup: number | undefined): End | undefined {
  if (end !== undefined && (backup === undefined || backup < end.file.first)) return end;
  const size = end?.size ?? backup;
  if (size === undefined) return undefined;
  const name = linesName(log, size + 1);
  return end?.file.name === name ? end : { file: { name, log, first: size + 1 }, length: 0, size };
}

/**
 * How many events are read at a time. Reading this many takes a few milliseconds, and agents have to wait during this
 * time.
 */
const PAGE = 500;

interface Segment {
  end: End;
  checkpoint: Sent;
  written: Map<string, string>;
  signal: AbortSignal;
}

async function appendSegment(options: LinesOptions, { end, checkpoint, written, signal }: Segment): Promise<End> {
  const { file, length } = end;
  const { size, note } = checkpoint;
  const handle = await open(join(options.folder, file.name), constants.O_RDWR | constants.O_CREAT, 0o600);
  const db = openForReading(options.ledger);
  try {
    await handle.truncate(length);
    let at = length;
    const write = async (lines: string[]): Promise<void> => {
      signal.throwIfAborted();
      if (lines.length > 0) at += await writeAll(handle, `${lines.join('\n')}\n`, at);
    };
    const page = db.prepare<[number, number], string>(`SELECT line FROM event WHERE seq > ? AND seq <= ? ORDER BY seq`);
    for (let after = end.size; after < size; after += PAGE)
      await write(page.pluck().all(after, Math.min(after + PAGE, size)));
    await write(accessLines(db, size, written));
    await write([JSON.stringify({ checkpoint: note } satisfies BesideLine)]);
    await handle.sync();
    if (length === 0) await syncFolder(options.folder);
    return { file, length: at, size };
  } finally {
    db.close();
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, text: string, at: number): Promise<number> {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
  return bytes.length;
}

/** Rows of these kinds are not written to the lines, because a restore makes such credentials invalid anyway. */
const PASSING: readonly AccessKind[] = ['session', 'link', 'kiosk-link'];

export function isPassingKind(kind: AccessKind): boolean {
  return PASSING.includes(kind);
}

/**
 * Returns the rows that have changed since they were last written. If the commitment to a row is in an event after the
 * checkpoint, the row is written with the next checkpoint.
 */
function accessLines(db: Database.Database, size: number, written: Map<string, string>): string[] {
  const { seen } = openCredentials(db);
  return seen.access().flatMap((row) => {
    const commitment = commitmentOf(row);
    const seq = commitment === undefined ? undefined : seen.committedAt(commitment);
    if (commitment === undefined || seq === undefined || seq > size || isPassingKind(nameOf(row).kind)) return [];
    if (written.get(keyOf(row)) === commitment) return [];
    written.set(keyOf(row), commitment);
    return [JSON.stringify({ access: toShared({ kept: row }) } satisfies BesideLine)];
  });
}

/**
 * Finds the end of the lines that an earlier process wrote. If the lines belong to a different history, renames their
 * file and keeps it. This happens after an admin has accepted an older ledger. The renamed file then contains the
 * events that this ledger lacks.
 */
async function lastEnd({ ledger, folder }: LinesOptions, files: LinesFile[], size: number): Promise<End | undefined> {
  for (const file of files.toReversed()) {
    const found = await endOf(join(folder, file.name));
    if (found === undefined) continue;
    if (isOf(ledger, found.note, size)) return { file, length: found.length, size: found.size };
    await rename(join(folder, file.name), join(folder, `${file.name}.aside-${found.size}`));
  }
  return undefined;
}

function isOf(ledger: string, note: string, size: number): boolean {
  const checkpoint = parseCheckpoint(note);
  if (checkpoint.size > size) return false;
  const db = openForReading(ledger);
  try {
    return Buffer.from(rootAt(checkpoint.size, openSubtreeHashes(db)())).equals(checkpoint.root);
  } finally {
    db.close();
  }
}

/**
 * How many bytes to read first, from the end of a file. A segment with ten seconds of events is usually smaller than
 * this.
 */
const TAIL_BYTES = 1024 * 1024;

/**
 * Returns the end and the checkpoint of the file's last complete segment. Returns undefined if the file has no complete
 * segment.
 */
async function endOf(path: string): Promise<{ length: number; size: number; note: string } | undefined> {
  const handle = await open(path);
  try {
    const { size: length } = await handle.stat();
    for (let bytes = TAIL_BYTES; ; bytes *= 4) {
      const from = Math.max(0, length - bytes);
      const { buffer } = await handle.read(Buffer.alloc(length - from), 0, length - from, from);
      const found = lastNote(buffer);
      if (found !== undefined) return { ...found, length: from + found.length };
      if (from === 0) return undefined;
    }
  } finally {
    await handle.close();
  }
}

const NOTE_BEGINS = '{"checkpoint":';

function lastNote(tail: Buffer): { length: number; size: number; note: string } | undefined {
  for (let end = tail.lastIndexOf('\n'); end > 0;) {
    const begin = tail.lastIndexOf('\n', end - 1);
    const line = tail.toString('utf8', begin + 1, end);
    const note = line.startsWith(NOTE_BEGINS) ? noteOf(line) : undefined;
    if (note !== undefined) return { length: end + 1, size: parseCheckpoint(note).size, note };
    end = begin;
  }
  return undefined;
}

function noteOf(line: string): string | undefined {
  try {
    const { checkpoint }: { checkpoint: string } = JSON.parse(line);
    parseCheckpoint(checkpoint);
    return checkpoint;
  } catch {
    // Ignore the error. A crash may have damaged this line, and an earlier line contains a complete checkpoint.
    return undefined;
  }
}

/**
 * Removes the files whose events are all contained in the oldest backup. `size` is the number of events in this backup.
 * The newest file is always kept, because the service appends to it.
 */
export async function removeLines(folder: string, log: string, size: number): Promise<void> {
  const files = linesFilesIn(await readdir(folder), log);
  for (const [i, { name }] of files.entries()) {
    const next = files[i + 1];
    if (next !== undefined && next.first <= size + 1) await rm(join(folder, name));
  }
}

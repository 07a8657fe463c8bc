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
 * disk fails, a restore replays these events on top of the last backup. The file consists of segments. A segment
 * contains the lines of the new events, then the rows of credentials and people that these events commit to, then a
 * signed checkpoint of exactly these events. Each segment is synced to disk, so a crash can damage only the last
 * segment.
 */

/** A line that does not contain an event. */
export type BesideLine = { access: SharedRow } | { checkpoint: string };

export interface LinesFile {
  name: string;
  log: string;
  /** The number of the first event in the file. */
  first: number;
}

/** `log` is the log's ID as it appears in the names of its backups. */
export function linesName(log: string, first: number): string {
  return `claimstamp-${log}-${first}.lines`;
}

const NAME = /^claimstamp-([0-9a-f]+)-(\d+)\.lines$/;

/**
 * Returns the files with this log's lines, or with the lines of all logs if no log is given. The file with the oldest
 * lines comes first.
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
  /** The ledger's file. */
  ledger: string;
  /** The folder for backups. It must exist. */
  folder: string;
  log: string;
  /** Throws if the folder cannot be used, for example because its disk is not mounted. */
  refuse: () => Promise<unknown>;
  /** Returns the number of events in this log's newest backup that has at most `size` events. */
  newestBackup: (names: string[], size: number) => number | undefined;
}

export interface BackupLines {
  /**
   * Appends the events up to this checkpoint. When it resolves, the events are on disk. Does nothing before the first
   * backup. After a failure, the next call writes the same events again.
   */
  append: (checkpoint: Sent, signal: AbortSignal) => Promise<void>;
  /** The number of failed calls of `append`. */
  failures: () => number;
}

/** The end of the last complete segment. */
interface End {
  file: LinesFile;
  /** The length of the file in bytes. Bytes beyond this length belong to an incomplete segment. */
  length: number;
  /** The number of the last event. */
  size: number;
}

export function openBackupLines(options: LinesOptions): BackupLines {
  let end: End | undefined;
  let failures = 0;
  /** The commitments of the rows that the current file contains, by the key of the row. */
  let written = new Map<string, string>();

  const appendTo = async (checkpoint: Sent, signal: AbortSignal): Promise<void> => {
    await options.refuse();
    const names = await readdir(options.folder);
    end ??= await lastEnd(options, linesFilesIn(names, options.log), checkpoint.size);
    const next = nextEnd(options, end, options.newestBackup(names, checkpoint.size));
    if (next === undefined || next.size >= checkpoint.size) return;
    // The rows of an import are not in these lines, so a file must end either before or after an import.
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
        // The folder may have changed, for example because its disk was replaced.
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

/** Each backup begins a new file, so that old files can be removed together with old backups. */
function nextEnd({ log }: LinesOptions, end: End | undefined, backup: number | undefined): End | undefined {
  if (end !== undefined && (backup === undefined || backup < end.file.first)) return end;
  const size = end?.size ?? backup;
  if (size === undefined) return undefined;
  const name = linesName(log, size + 1);
  return end?.file.name === name ? end : { file: { name, log, first: size + 1 }, length: 0, size };
}

/**
 * The number of events that are read at a time. Reading this many events takes a few milliseconds, and agents wait as
 * long.
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

/** A restore ends what these rows stand for, so they are not written. */
const PASSING: readonly AccessKind[] = ['session', 'link', 'kiosk-link'];

export function isPassingKind(kind: AccessKind): boolean {
  return PASSING.includes(kind);
}

/**
 * Returns the rows that changed since they were last written. If a later event commits to a row, the row waits for the
 * next checkpoint.
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
 * Finds where the lines that an earlier process wrote end. Lines of a different history are kept under another name:
 * they exist after an admin has accepted an older ledger, and contain the events that this ledger lacks.
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

/** The number of bytes to read first from the end of a file. The segment for ten seconds usually has fewer bytes. */
const TAIL_BYTES = 1024 * 1024;

/**
 * Returns the end and the checkpoint of the last complete segment. Returns undefined if the file contains no segment.
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
    // Ignore the error: a crash may have damaged this line, and an earlier line contains a complete checkpoint.
    return undefined;
  }
}

/**
 * Removes the files whose events are all in the oldest backup, which has `size` events. The newest file always stays,
 * because the service appends to it.
 */
export async function removeLines(folder: string, log: string, size: number): Promise<void> {
  const files = linesFilesIn(await readdir(folder), log);
  for (const [i, { name }] of files.entries()) {
    const next = files[i + 1];
    if (next !== undefined && next.first <= size + 1) await rm(join(folder, name));
  }
}

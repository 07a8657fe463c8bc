import { closeSync, openSync, readSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { commitmentOf, isFirstLink, keyOf, textOf, type AccessName, type AccessRow } from '../model/access.ts';
import { systemRandom } from '../model/claim-id.ts';
import { parseCheckpoint } from '../proof/checkpoint.ts';
import { append, leafHash, rootOf, type CompactRange } from '../proof/tree.ts';
import { isPassingKind, type BesideLine } from './backup-lines.ts';
import { openCredentials, type Credentials } from './credentials.ts';
import { openLedgerFile, type Appended, type LedgerFile } from './ledger-file.ts';
import { openForWriting } from './open.ts';
import { fromShared, toShared, type SharedRow } from './shared-rows.ts';

/*
 * The service has appended lines to the backup folder (backup-lines.ts). Replays these lines on top of a restored
 * backup. Anyone who can write to this folder can change the lines. So only events that a trusted checkpoint covers
 * are replayed, and only rows that these events commit to.
 */

export interface Replayed {
  /** How many events were added to the backup. */
  events: number;
  /** The checkpoint that covers these events. Undefined if no events were added. */
  note?: string;
  /** The number of lines after the last valid checkpoint. These lines are not replayed. */
  ignored: number;
  /** True if a checkpoint is not signed with a known key, or does not match the lines that precede the checkpoint. */
  isForged: boolean;
  /** The names of people and credentials whose last change was lost. */
  lost: string[];
}

/**
 * `draft` is the path of a copy of the backup. `isTrusted` returns true if the checkpoint is signed with a known key.
 */
export function replayLines(draft: string, files: string[], isTrusted: (note: string) => boolean): Replayed {
  const db = openForWriting(draft);
  try {
    const ledger = openLedgerFile(db, Date.now, systemRandom);
    ledger.check();
    const head = ledger.head();
    const { size, note, ignored, isForged } = provenIn(files, head, isTrusted);
    if (note === undefined) return { events: 0, ignored, isForged, lost: [] };
    const access = openAccessRows(db);
    const rows = followUpTo(ledger, files, size);
    ledger.follow([], access.changes(rows));
    ledger.follow([], [toShared({ kept: { table: 'checkpoint', checkpoint: { size, note, at: Date.now() } } })]);
    ledger.checkpoint();
    return { events: size - head.size, note, ignored, isForged, lost: access.lost() };
  } finally {
    db.close();
  }
}

interface Proven {
  size: number;
  /** The checkpoint that covers `size` events. Undefined if no events can be replayed. */
  note?: string;
  ignored: number;
  isForged: boolean;
}

/** Finds the last event after `head` that is covered by a trusted checkpoint. Nothing is written. */
function provenIn(files: string[], head: CompactRange, isTrusted: (note: string) => boolean): Proven {
  const proven: Proven = { size: head.size, ignored: 0, isForged: false };
  let range = head;
  for (const line of linesIn(files)) {
    const seq = seqOf(line);
    if (seq !== undefined && seq > proven.size) proven.ignored++;
    if (seq === range.size + 1) range = append(range, leafHash(line));
    const note = seq === undefined ? besideOf(line, 'checkpoint') : undefined;
    if (note === undefined) continue;
    const checkpoint = read(() => parseCheckpoint(note));
    // If a checkpoint covers fewer events than this, the events are already in the backup. If a checkpoint covers more
    // events than were read, lines are missing before the checkpoint.
    if (checkpoint === undefined || checkpoint.size <= proven.size || checkpoint.size > range.size) continue;
    if (checkpoint.size < range.size || !rootOf(range).equals(checkpoint.root)) return { ...proven, isForged: true };
    // The root of a later checkpoint also covers these events. So if a later checkpoint is trusted, it also proves
    // these events.
    proven.isForged = !isTrusted(note);
    if (!proven.isForged) Object.assign(proven, { size: checkpoint.size, note, ignored: 0 });
  }
  return proven;
}

/** How many events are added in one transaction. */
const GROUP = 500;

/** Adds the events up to and including number `size`. Returns the rows that are in the files. */
function followUpTo(ledger: LedgerFile, files: string[], size: number): SharedRow[] {
  const rows: SharedRow[] = [];
  let group: Appended[] = [];
  let next = ledger.size() + 1;
  const follow = (): void => {
    if (group.length > 0) ledger.follow(group, []);
    group = [];
  };
  for (const line of linesIn(files)) {
    const seq = seqOf(line);
    const row = seq === undefined ? besideOf(line, 'access') : undefined;
    if (row !== undefined) rows.push(row);
    if (seq !== next || seq > size) continue;
    group.push({ seq, line, leaf: leafHash(line) });
    next++;
    if (group.length === GROUP) follow();
  }
  follow();
  return rows;
}

/** Reads the rows of credentials and people before any event is replayed. */
function openAccessRows(db: Database.Database): {
  /** Returns the changes that make the rows match the commitments of the events. */
  changes: (rows: SharedRow[]) => SharedRow[];
  lost: () => string[];
} {
  const { seen } = openCredentials(db);
  const valid = db.prepare<[], AccessName & { commitment: string }>(`SELECT kind, name, commitment FROM access`);
  const known = new Set(
    seen
      .access()
      .filter((row) => isCommitted(seen, row))
      .map(keyOf),
  );
  return {
    changes(rows) {
      const made = rows.flatMap((shared) => {
        const row = read(() => accessIn(shared));
        return row !== undefined && isCommitted(seen, row) ? [row] : [];
      });
      const kept = new Set(made.map(keyOf));
      const ended = seen
        .access()
        .filter((row) => known.has(keyOf(row)) && !kept.has(keyOf(row)) && !isFirstLink(row) && !isCommitted(seen, row))
        .flatMap((row) =>
          row.table === 'credential'
            ? [toShared({ kept: { table: 'dropped-credential', hash: row.credential.hash } })]
            : [],
        );
      return [...ended, ...made.map((row) => toShared({ kept: row }))];
    },
    lost() {
      const there = new Set(seen.access().map(commitmentOf));
      const missing = valid.all().filter(({ kind, commitment }) => !isPassingKind(kind) && !there.has(commitment));
      return missing.map(textOf);
    },
  };
}

function isCommitted(seen: Credentials['seen'], row: AccessRow): boolean {
  const commitment = commitmentOf(row);
  return commitment !== undefined && seen.committedAt(commitment) !== undefined;
}

function accessIn(shared: SharedRow): AccessRow | undefined {
  const row = fromShared(shared);
  if (!('kept' in row)) return undefined;
  return row.kept.table === 'credential' || row.kept.table === 'person' ? row.kept : undefined;
}

function seqOf(line: string): number | undefined {
  const [, seq] = /^\{"seq":([1-9]\d{0,15}),/.exec(line) ?? [];
  return seq === undefined ? undefined : Number(seq);
}

/**
 * Returns the content of a line that is not an event. Returns undefined if the line contains something else or is
 * damaged.
 */
function besideOf(line: string, what: 'checkpoint'): string | undefined;
function besideOf(line: string, what: 'access'): SharedRow | undefined;
function besideOf(line: string, what: 'checkpoint' | 'access'): string | SharedRow | undefined {
  if (!line.startsWith(`{"${what}":`)) return undefined;
  const beside = read((): BesideLine => JSON.parse(line));
  if (beside === undefined) return undefined;
  return 'checkpoint' in beside ? beside.checkpoint : beside.access;
}

/** Returns undefined if the text cannot be parsed. A crash or a person may have damaged the text. */
function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 10;

/** Yields the lines of all files, one file after another. The last line of a file may be incomplete. */
function* linesIn(files: string[]): Generator<string> {
  for (const file of files) {
    const handle = openSync(file, 'r');
    try {
      let rest = Buffer.alloc(0);
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (let bytes = readSync(handle, chunk); bytes > 0; bytes = readSync(handle, chunk)) {
        const text = Buffer.concat([rest, chunk.subarray(0, bytes)]);
        let begin = 0;
        for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, begin)) {
          yield text.toString('utf8', begin, end);
          begin = end + 1;
        }
        rest = text.subarray(begin);
      }
      if (rest.length > 0) yield rest.toString('utf8');
    } finally {
      closeSync(handle);
    }
  }
}

import type Database from 'better-sqlite3';
import { decide, type Answer, type Command } from '../decide/command.ts';
import { ClaimstampError } from '../platform/error.ts';
import { readEvent } from '../model/event-check.ts';
import { eventOf, lineOf, type Event, type Happening } from '../model/event.ts';
import { previousOf, project } from '../decide/project.ts';
import type { Decision } from '../decide/seen.ts';
import { append, leafHash, packRange, rootOf, unpackRange, type CompactRange } from '../proof/tree.ts';
import type { Random } from '../model/claim-id.ts';
import { openOnce } from './idempotency.ts';
import { keptSide, onceSide, readSide, repeatSide, type Side } from './shared-rows.ts';
import { openSubtrees } from './subtrees.ts';
import { openTables } from './tables.ts';

/** One open ledger file, written in groups: each group of commands is one transaction with one fsync. */
export interface Book {
  /**
   * Decides and appends each command in turn, then commits them together. When it returns, every answer in it is on
   * disk. When it throws, none of the group was recorded as far as SQLite can tell; after a failed fsync the file may
   * hold it all the same, which `check` finds out.
   */
  commit: (commands: Command[]) => Outcome[];
  /**
   * The same in two steps, for a ledger that is kept elsewhere: decides and appends, and says what there is to keep. Then
   * one of `end` and `undo`.
   */
  open: (commands: Command[]) => Opened;
  end: () => void;
  undo: () => void;
  /** What others recorded, in one transaction. Throws where it does not go on from here. */
  follow: (events: Appended[], sides: Side[]) => void;
  size: () => number;
  /** A real write, for /readyz. */
  probe: () => void;
  /** Throws when the end of the file is not what the tree head says. */
  check: () => void;
  /** Moves the WAL into the file and syncs both. */
  checkpoint: () => void;
  /** The same without waiting for readers, once the WAL has grown enough. Throws what SQLite's own would keep to itself. */
  tidy: () => void;
}

/** An event as it is kept. */
export interface Appended {
  seq: number;
  line: string;
  leaf: Uint8Array;
}

export interface Opened {
  outcomes: Outcome[];
  events: Appended[];
  sides: Side[];
  /** Of the tree head. */
  size: number;
  range: Uint8Array;
}

export type Outcome = { answer: Answer<Command>; events: number } | { refused: ClaimstampError };

/** Lines whose hashes are recomputed when the file is opened: far more than one lost group. */
const CHECKED_LINES = 1000;

/**
 * The writer moves the WAL into the file when it is this long. Against SQLite's 1000, the slowest commit in a hundred
 * took 0.7 ms instead of 3.8, and the slowest of all about 8 either way (medians of six runs, groups of 4, on a machine
 * with other work). A start after a crash reads 16 MiB. Pages of 4 KiB.
 */
const WAL_PAGES = 4000;

/** Its length is asked for when so much was added, at some pages each: SQLite parses the question anew every time. */
const LOOK_EVERY = 64;

export function openBook(db: Database.Database, now: () => number, random: Random): Book {
  const tables = openTables(db);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const end = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const insertEvent = db.prepare(`INSERT INTO event (seq, line, leaf, prev) VALUES (?, ?, ?, ?)`);
  const selectHead = db.prepare(`SELECT size, range FROM tree_head WHERE one = 1`);
  const saveHead = db.prepare(`UPDATE tree_head SET size = ?, range = ? WHERE one = 1`);
  const countRepeat = db.prepare(`INSERT INTO repeat (unit, count, last_at) VALUES (?, 1, ?)
    ON CONFLICT (unit) DO UPDATE SET count = count + 1, last_at = excluded.last_at RETURNING count`);
  const saveRepeat = db.prepare(`INSERT INTO repeat (unit, count, last_at) VALUES (?, ?, ?)
    ON CONFLICT (unit) DO UPDATE SET count = excluded.count, last_at = excluded.last_at`);
  const saveProbe = db.prepare(
    `INSERT INTO probe (one, at) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at = excluded.at`,
  );
  const once = openOnce(db);
  const subtrees = openSubtrees(db);
  const lookAtWal = db.prepare('PRAGMA wal_checkpoint(NOOP)');
  let range = readHead();
  /** Rows and answers since the WAL's length was asked for. */
  let added = 0;
  subtrees.catchUp(range.size);

  function readHead(): CompactRange {
    const { size, range: bytes } = selectHead.get() as { size: number; range: Uint8Array };
    try {
      return unpackRange(size, bytes);
    } catch (error) {
      throw new ClaimstampError('ledger-unavailable', `${(error as Error).message}: restore a backup`);
    }
  }

  /** What the transaction that is open comes to; nobody asks where the ledger is this file. */
  let told: Pick<Opened, 'events' | 'sides'> | undefined;

  function appendEvent(happening: Happening, at: number): void {
    const event = eventOf(happening, range.size + 1, at);
    const line = lineOf(event);
    appendLine(event, line, leafHash(line));
  }

  function appendLine(event: Event, line: string, leaf: Uint8Array): void {
    const rows = project(event, tables.seen);
    told?.events.push({ seq: event.seq, line, leaf });
    insertEvent.run(event.seq, line, leaf, previousOf(rows));
    for (const row of rows) tables.save(row);
    added++;
    range = append(range, leaf, subtrees.keep);
  }

  function record(command: Command, at: number): Outcome {
    added++;
    let decision: Decision<Answer<Command>>;
    try {
      const before = command.once && once.answered(command.once);
      if (before) return { answer: before.answer as Answer<Command>, events: 0 };
      decision = decide(tables.seen, command, at, random);
    } catch (error) {
      // A refusal is thrown before anything is written, so the rest of the group does not notice.
      if (error instanceof ClaimstampError) return { refused: error };
      throw error;
    }
    for (const happening of decision.events) appendEvent(happening, at);
    if (decision.repeatOf) {
      const { count } = countRepeat.get(decision.repeatOf.id, at) as { count: number };
      told?.sides.push(repeatSide(decision.repeatOf.id, count, at));
    }
    for (const row of decision.kept ?? []) {
      tables.keep(row);
      told?.sides.push(keptSide(row));
    }
    if (command.once) {
      once.keep(command.once, decision.answer, at);
      told?.sides.push(onceSide(command.once, decision.answer, at));
    }
    return { answer: decision.answer, events: decision.events.length };
  }

  let before = range;

  function beginAll(): void {
    before = range;
    begin.run();
  }

  function endAll(): void {
    if (range !== before) saveHead.run(range.size, packRange(range));
    end.run();
  }

  function undo(): void {
    range = before;
    tables.forget();
    // SQLite has rolled back by itself after some errors.
    if (db.inTransaction) rollback.run();
  }

  function inTransaction<T>(act: () => T): T {
    beginAll();
    try {
      const result = act();
      endAll();
      return result;
    } catch (error) {
      undo();
      throw error;
    }
  }

  function recordAll(commands: Command[]): Outcome[] {
    const at = now();
    return commands.map((command) => record(command, at));
  }

  function open(commands: Command[]): Opened {
    beginAll();
    told = { events: [], sides: [] };
    try {
      const outcomes = recordAll(commands);
      return { outcomes, ...told, size: range.size, range: packRange(range) };
    } catch (error) {
      undo();
      throw error;
    } finally {
      told = undefined;
    }
  }

  function takeSide(side: Side): void {
    const row = readSide(side);
    added++;
    if ('kept' in row) tables.keep(row.kept);
    else if ('once' in row) once.take(row.once, row.answer, row.at);
    else saveRepeat.run(row.repeat, row.count, row.lastAt);
  }

  function takeEvent({ seq, line, leaf }: Appended): void {
    const event = readEvent(line);
    if (seq !== range.size + 1 || event.seq !== seq || !leafHash(line).equals(leaf))
      throw new ClaimstampError(
        'ledger-unavailable',
        `event ${seq} does not follow event ${range.size}: restore a backup`,
      );
    appendLine(event, line, leaf);
  }

  return {
    commit: (commands) => inTransaction(() => recordAll(commands)),
    open,
    end() {
      try {
        endAll();
      } catch (error) {
        undo();
        throw error;
      }
    },
    undo,
    follow: (events, sides) =>
      inTransaction(() => {
        events.forEach(takeEvent);
        sides.forEach(takeSide);
      }),
    size: () => range.size,
    probe: () =>
      inTransaction(() => {
        added++;
        saveProbe.run(now());
      }),
    check: () => checkTail(db, range),
    checkpoint: () => {
      const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }];
      if (result.busy !== 0) throw new ClaimstampError('busy', 'a reader keeps the write-ahead log from being emptied');
    },
    tidy: () => {
      if (added < LOOK_EVERY) return;
      added = 0;
      const { log, checkpointed } = lookAtWal.get() as { log: number; checkpointed: number };
      if (log >= WAL_PAGES && checkpointed < log) db.pragma('wal_checkpoint(PASSIVE)');
    },
  };
}

/** The events end where the tree does, each line has its hash, and the last hashes are the ones the tree ends with. */
function checkTail(db: Database.Database, range: CompactRange): void {
  const { last } = db.prepare(`SELECT coalesce(max(seq), 0) AS last FROM event`).get() as { last: number };
  if (last !== range.size)
    throw new ClaimstampError(
      'ledger-unavailable',
      `the tree has ${range.size} events, the ledger ${last}: restore a backup`,
    );
  rootOf(range);
  const lines = db.prepare(`SELECT seq, line, leaf FROM event WHERE seq > ? ORDER BY seq`);
  for (const { seq, line, leaf } of lines.iterate(last - CHECKED_LINES) as Iterable<{
    seq: number;
    line: string;
    leaf: Uint8Array;
  }>) {
    if (leafHash(line).equals(leaf)) continue;
    throw new ClaimstampError('ledger-unavailable', `event ${seq} does not match its hash: restore a backup`);
  }
  // A tree of odd size ends with its last leaf alone.
  const lastLeaf = db.prepare(`SELECT leaf FROM event WHERE seq = ?`).pluck().get(last) as Uint8Array | undefined;
  if (range.size % 2 === 1 && !(lastLeaf && Buffer.from(lastLeaf).equals(range.hashes.at(-1) as Uint8Array))) {
    throw new ClaimstampError('ledger-unavailable', 'the tree head is not that of the last event: restore a backup');
  }
}

import Database from 'better-sqlite3';
import { decide, type Answer, type Command } from '../decide/command.ts';
import { running } from '../decide/imports/claims.ts';
import { previousOf, project } from '../decide/project.ts';
import type { Decision } from '../decide/seen.ts';
import type { Random } from '../model/claim-id.ts';
import { readEvent } from '../model/event-check.ts';
import { eventOf, lineOf, type Event, type Happening } from '../model/event.ts';
import { ClaimstampError, refusal } from '../platform/error.ts';
import { leafHash, packRange, rootAt, rootOf, type CompactRange } from '../proof/tree.ts';
import { openBesideRows, toShared, type BesideRow, type BesideRows, type SharedRow } from './shared-rows.ts';
import { openSubtreeHashes } from './subtrees.ts';
import { openTables, type Tables } from './tables.ts';
import { checkTail, openTreeHead, type TreeHead } from './tree-head.ts';
import { openWal, type Wal } from './wal.ts';

/** A ledger file that is open. Each group of commands is one transaction and is synced to disk once. */
export interface LedgerFile {
  /**
   * Decides the commands in their order, appends the events of each, and then commits all these events together. When
   * `commit` returns, all recorded events are on disk. When `commit` throws, SQLite has recorded no command. After a
   * failed fsync, however, the file may still contain some of the commands' events, which `check` notices.
   */
  commit: (commands: Command[]) => Outcome[];
  /**
   * For a shared ledger: decides and appends like `commit`, but leaves the transaction open. Returns the events and
   * rows that must be stored. After `open`, the caller must call `end` or `undo`.
   */
  open: (commands: Command[]) => OpenGroup;
  end: () => void;
  undo: () => void;
  /** Adds the events of other processes in a single transaction. Throws if these events do not continue the ledger. */
  follow: (events: Appended[], rows: SharedRow[]) => void;
  size: () => number;
  /** The tree as it was after the last commit. */
  head: () => CompactRange;
  /** True if this file begins with the events of the given tree. */
  continues: (former: CompactRange) => boolean;
  /** Writes to the disk, so that /readyz can tell whether the disk works. */
  probe: () => void;
  /** Throws if the last lines of the file do not match the tree head. */
  check: () => void;
  checkpoint: Wal['checkpoint'];
  /**
   * Makes a checkpoint if the write-ahead log is long. `isIdle`: no command waits for the writer. Returns true if a
   * checkpoint was made.
   */
  tidy: (isIdle?: boolean) => boolean;
}

/** An event as it is stored. */
export interface Appended {
  seq: number;
  line: string;
  leaf: Uint8Array;
}

/** The results of the commands in one transaction. */
export interface OpenGroup {
  outcomes: Outcome[];
  events: Appended[];
  rows: SharedRow[];
  /** The tree head after the transaction: its `size` and its `range`. */
  size: number;
  range: Uint8Array;
}

/** `fault` is the internal error that made the decision fail. */
export type Outcome = { answer: Answer<Command>; events: number } | { refused: ClaimstampError; fault?: string };

export function openLedgerFile(db: Database.Database, now: () => number, random: Random): LedgerFile {
  const saveProbe = db.prepare(
    `INSERT INTO probe (one, at) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET at = excluded.at`,
  );
  const tables = openTables(db);
  const tree = openTreeHead(db);
  const wal = openWal(db);
  const transaction = openTransaction(db, tree, tables);
  /**
   * The results of the open transaction. Absent if this file is itself the ledger, because in that case no code needs
   * the results.
   */
  let told: Pick<OpenGroup, 'events' | 'rows'> | undefined;
  const append = openAppend(db, { tables, tree, wal }, (appended) => void told?.events.push(appended));
  const beside = openBesideRows(db, tables);
  const record = openRecord({
    tables,
    wal,
    beside,
    random,
    append: append.happened,
    onRow: (row) => void told?.rows.push(toShared(row)),
  });
  const recordAll = (commands: Command[]): Outcome[] => {
    const at = now();
    return commands.map((command) => record(command, at));
  };
  return {
    commit: (commands) => transaction.run(() => recordAll(commands)),
    open(commands) {
      transaction.begin();
      told = { events: [], rows: [] };
      try {
        const outcomes = recordAll(commands);
        const range = tree.range();
        return { outcomes, ...told, size: range.size, range: packRange(range) };
      } catch (error) {
        transaction.undo();
        throw error;
      } finally {
        told = undefined;
      }
    },
    end: transaction.end,
    undo: transaction.undo,
    follow: (events, rows) =>
      transaction.run(() => {
        for (const event of events) append.followed(event);
        for (const row of rows) {
          wal.add();
          beside.follow(row);
        }
      }),
    size: () => tree.range().size,
    head: () => tree.range(),
    continues: (former) =>
      former.size === 0 ||
      (former.size <= tree.range().size &&
        Buffer.from(rootAt(former.size, openSubtreeHashes(db)())).equals(rootOf(former))),
    probe: () =>
      transaction.run(() => {
        wal.add();
        saveProbe.run(now());
      }),
    check: () => checkTail(db, tree.range()),
    checkpoint: wal.checkpoint,
    tidy: (isIdle = false) => wal.tidy(isIdle && running(tables.seen) !== undefined),
  };
}

interface Transaction {
  begin: () => void;
  /** Commits the transaction. If the commit fails, undoes the transaction and throws. */
  end: () => void;
  undo: () => void;
  run: <T>(act: () => T) => T;
}

function openTransaction(db: Database.Database, tree: TreeHead, tables: Tables): Transaction {
  const beginImmediate = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const begin = (): void => {
    tree.begin();
    beginImmediate.run();
  };
  const undo = (): void => {
    tree.undo();
    tables.forget();
    // After some errors, SQLite itself has already undone the transaction.
    if (db.inTransaction) rollback.run();
  };
  const orUndo = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      undo();
      throw error;
    }
  };
  const save = (): void => {
    tree.save();
    commit.run();
  };
  return {
    begin,
    undo,
    end: () => orUndo(save),
    run(act) {
      begin();
      return orUndo(() => {
        const result = act();
        save();
        return result;
      });
    },
  };
}

/**
 * Appends events and saves the rows that the events change. The events may come from this process or from other
 * processes.
 */
function openAppend(
  db: Database.Database,
  { tables, tree, wal }: { tables: Tables; tree: TreeHead; wal: Wal },
  onEvent: (appended: Appended) => void,
) {
  const insertEvent = db.prepare(`INSERT INTO event (seq, line, leaf, prev) VALUES (?, ?, ?, ?)`);
  const append = (event: Event, line: string, leaf: Uint8Array): void => {
    const rows = project(event, tables.seen);
    onEvent({ seq: event.seq, line, leaf });
    insertEvent.run(event.seq, line, leaf, previousOf(rows));
    for (const row of rows) tables.save(row);
    tables.appended(event);
    wal.add();
    tree.append(leaf);
  };
  return {
    happened: (happening: Happening, at: number): void => {
      const event = eventOf(happening, tree.range().size + 1, at);
      const line = lineOf(event);
      append(event, line, leafHash(line));
    },
    followed: ({ seq, line, leaf }: Appended): void => {
      const { size } = tree.range();
      const event = readEvent(line);
      if (seq !== size + 1 || event.seq !== seq || !leafHash(line).equals(leaf))
        throw new ClaimstampError('ledger-unavailable', `event ${seq} does not follow event ${size}: restore a backup`);
      append(event, line, leaf);
    },
  };
}

interface Recording {
  tables: Tables;
  wal: Wal;
  beside: BesideRows;
  random: Random;
  append: (happening: Happening, at: number) => void;
  onRow: (row: BesideRow) => void;
}

function openRecord({ tables, wal, beside, random, append, onRow }: Recording) {
  const keep = (row: BesideRow): void => {
    beside.keep(row);
    onRow(row);
  };
  return (command: Command, at: number): Outcome => {
    wal.add();
    const { once } = command;
    let decision: Decision<Answer<Command>>;
    try {
      const before = once && beside.answered(once, at);
      if (before) return { answer: before.answer as Answer<Command>, events: 0 };
      decision = decide(tables.seen, command, at, random);
    } catch (error) {
      // A decision writes nothing. So a decision that fails does not affect the group's other commands. If the disk
      // fails, the entire group fails.
      if (error instanceof ClaimstampError) return { refused: error };
      if (error instanceof Database.SqliteError || !(error instanceof Error)) throw error;
      return { refused: refusal('ledger-unavailable', 'notRecorded'), fault: error.stack ?? error.message };
    }
    const { events, answer, repeatOf, kept = [], unfinished } = decision;
    for (const happening of events) append(happening, at);
    if (repeatOf) onRow(beside.countRepeat(repeatOf.id, at));
    for (const row of kept) keep({ kept: row });
    if (once && !unfinished) keep({ once, answer, at });
    return { answer, events: events.length };
  };
}

/** Returns the first internal error in a group. The commands that did not fail have been recorded. */
export function faultIn(outcomes: Outcome[]): { fault?: string } {
  for (const outcome of outcomes)
    if ('fault' in outcome && outcome.fault !== undefined) return { fault: outcome.fault };
  return {};
}

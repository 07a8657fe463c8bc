import { existsSync } from 'node:fs';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { Answer, Command } from '../decide/command.ts';
import { ClaimstampError, messageOf, refusal, refusalData, traceOf, type Refusal } from '../platform/error.ts';
import { systemRandom } from '../model/claim-id.ts';
import { faultIn, openLedgerFile, type LedgerFile, type Outcome } from './ledger-file.ts';
import { isWhole, openForWriting, schemaVersion } from './open.ts';
import { existing } from './existing.ts';
import type { CompactRange } from '../proof/tree.ts';
import { identityOf, sizeOf, writtenAt, type FileIdentity } from './file-identity.ts';

/*
 * The only writer of the ledger. The writer runs on a separate thread, so that an fsync does not delay the connections
 * of agents. During a commit, new commands wait in the message port. The next commit includes all waiting commands.
 */

/** `probe`: `write` makes a test write. `read` only fetches the events of other processes of a shared ledger. */
export type ToWriter = { commands: Command[] } | { probe: 'write' | 'read' } | { close: true };

/**
 * The answers are in the order of the commands. `fault` is the internal error, for the log. `tookMs` is how long the
 * transaction took. For a shared ledger, `tookMs` is how long the tree head was locked.
 */
export type Committed = { replies: Reply[]; state: WriterState; fault?: string; tookMs?: number };
export type FromWriter =
  | { opened: true }
  | { failed: Refusal; fault?: string }
  | Committed
  | { probed: Probed; state: WriterState; fault?: string }
  /** `reopened`: there is now a different file at the path of the ledger, so readers must open it. */
  | { state: WriterState; fault?: string; reopened?: true }
  /** Another process has added events to the shared ledger. */
  | { moved: true }
  | { closed: true };

export interface Probed {
  synchronous: number;
  schema: number;
  problem?: string;
}
export type Reply = { answer: Answer<Command>; events: number } | { refused: Refusal };
export type WriterState = 'ready' | 'disk-full' | 'latched';

/**
 * The maximum number of commands in one transaction. The first command of a group waits at most about 20 ms until the
 * group's last command is decided.
 */
const MAX_GROUP = 512;

/** How often (in ms) the writer checks after a disk error whether the file has become writable. */
const REOPEN_EVERY_MS = 1000;

const { file, groupSize = MAX_GROUP }: { file: string; groupSize?: number } = workerData;
const port = existing(parentPort ?? undefined);

let db: Database.Database | undefined;
let ledger: LedgerFile | undefined;
let state: WriterState = 'ready';

/** The device and inode numbers of the files that are open. */
let opened: FileIdentity = '';
/** The size of the ledger file when it was opened. */
let openedSize = 0;
/**
 * The time when the writer last wrote to the ledger file itself (mtime). Undefined if SQLite cannot use a write-ahead
 * log, for example after a disk error, because each commit then writes to the file.
 */
let written: bigint | undefined;
/** True from the time when another program has written to the ledger file until the entire file has been checked. */
let isForeign = false;

/** The tree as it was at the writer's last answer. */
let answered: CompactRange | undefined;

/** The reason why the writer has stopped. */
let stopped = refusalData(refusal('ledger-unavailable', 'latched'));

try {
  open();
  port.postMessage({ opened: true } satisfies FromWriter);
  port.on('message', receive);
} catch (error) {
  const { refused, fault } = explain(error);
  // The log needs no stack trace for a refusal, because a refusal already says what to do.
  const inside = error instanceof ClaimstampError ? {} : { fault };
  port.postMessage({ failed: refused, ...inside } satisfies FromWriter);
}

function open(): void {
  // Only the first start of the service makes a ledger. If the file is missing or empty later, someone has moved the
  // ledger. A new, empty ledger must not take its place.
  if (answered !== undefined && (sizeOf(file) === 0 || isCut()))
    throw new ClaimstampError('ledger-unavailable', MOVED.message);
  db = openForWriting(file);
  const draft = openLedgerFile(db, Date.now, systemRandom);
  draft.check();
  if (answered !== undefined && !draft.continues(answered)) throw refusal('ledger-unavailable', 'otherLedger');
  if (isForeign && !isWhole(db, draft.size())) throw refusal('ledger-unavailable', 'overwritten');
  isForeign = false;
  // After a failed sync, some pages may be only in the memory of the kernel. So before the file is used, a checkpoint
  // rewrites and resyncs these pages.
  draft.checkpoint();
  opened = identityOf(file);
  openedSize = sizeOf(file);
  written = db.pragma('journal_mode', { simple: true }) === 'wal' ? writtenAt(file) : undefined;
  answered = draft.head();
  ledger = draft;
}

/**
 * True if the file that was open has become smaller. A different file at the same path, such as a restored backup, is
 * allowed to be smaller.
 */
function isCut(): boolean {
  const [now, before] = [identityOf(file), opened].map((files) => files.split(' ')[0]);
  return now === before && sizeOf(file) < openedSize;
}

/**
 * If there is a different file at one of the ledger's paths, or if another program has written to the ledger file,
 * stops the writer, because the file may lack committed events. The writer continues if it finds all events when it
 * reopens the file.
 */
function isMoved(): boolean {
  const isSame = identityOf(file) === opened;
  if (isSame && sizeOf(file) >= openedSize && (written === undefined || writtenAt(file) === written)) return false;
  // The pages in the write-ahead log do not fit a file with other content.
  if (isSame) {
    isForeign = true;
    latch(MOVED);
    return true;
  }
  try {
    // If only the write-ahead log was deleted, its content can still be read from the log that is open. A checkpoint
    // moves this content into the ledger file.
    ledger?.checkpoint();
  } catch {
    // Ignore the error. If a person puts the files back, they are checked when they are opened.
  }
  latch(MOVED);
  return true;
}

/** The writer handles this many messages in a row before other work, such as reopening its files. */
const MAX_IN_A_ROW = 16;

function receive(first: ToWriter): void {
  let next: ToWriter | undefined = first;
  for (let handled = 1; next !== undefined; handled++) {
    const rest: ToWriter | undefined = handle(next);
    next = rest ?? (handled < MAX_IN_A_ROW ? receiveMessageOnPort(port)?.message : undefined);
  }
  tidy(true);
}

/** Returns the message that must be handled next, if it was already taken from the message port. */
function handle(message: ToWriter): ToWriter | undefined {
  if ('close' in message) {
    close();
    return;
  }
  if ('probe' in message) {
    const { fault, ...probed } = probe();
    port.postMessage({ probed, state, ...(fault === undefined ? {} : { fault }) } satisfies FromWriter);
    tidy();
    return;
  }
  const commands = message.commands;
  let rest: ToWriter | undefined;
  // Adds the commands that arrived in the message port during the last commit.
  while (commands.length < groupSize) {
    const waiting: ToWriter | undefined = receiveMessageOnPort(port)?.message;
    if (waiting === undefined) break;
    if (!('commands' in waiting)) {
      rest = waiting;
      break;
    }
    commands.push(...waiting.commands);
  }
  for (let at = 0; at < commands.length; at += groupSize) {
    port.postMessage(commitGroup(commands.slice(at, at + groupSize)) satisfies FromWriter);
  }
  tidy();
  return rest;
}

/**
 * Makes a checkpoint after the answers were sent. If the checkpoint fails, the events that were answered are safe in
 * the WAL. Later events might not be safe.
 */
function tidy(isIdle = false): void {
  try {
    // A checkpoint would mix the ledger's pages with those of a file that was copied over it.
    if (ledger === undefined || isMoved()) return;
    if (ledger.tidy(isIdle) && written !== undefined) written = writtenAt(file);
  } catch (error) {
    const { fault } = afterFailure(error);
    port.postMessage({ state, fault } satisfies FromWriter);
  }
}

function commitGroup(commands: Command[]): Committed {
  const refuseAll = (fault?: string): Committed => ({
    replies: commands.map(() => ({ refused: stopped })),
    state,
    ...(fault === undefined ? {} : { fault }),
  });
  if (!ledger) return refuseAll();
  try {
    const begun = performance.now();
    const outcomes = ledger.commit(commands);
    if (isMoved()) return refuseAll(stopped.message);
    answered = ledger.head();
    const replies = outcomes.map(reply);
    const tookMs = performance.now() - begun;
    if (state === 'disk-full' && replies.some((one) => 'events' in one && one.events > 0)) state = 'ready';
    return { replies, state, tookMs, ...faultIn(outcomes) };
  } catch (error) {
    const { refused, fault } = afterFailure(error);
    // Commits each command separately, so that a command that cannot be recorded does not make the others fail.
    if (refused.code === 'ledger-unavailable' && refused !== LOCKED && ledger && commands.length > 1) {
      const alone = commands.map((command) => commitGroup([command]));
      return { replies: alone.flatMap(({ replies }) => replies), state, fault };
    }
    return { replies: commands.map(() => ({ refused })), state, fault };
  }
}

function reply(outcome: Outcome): Reply {
  return 'answer' in outcome ? outcome : { refused: refusalData(outcome.refused) };
}

const LATCHED = refusalData(refusal('ledger-unavailable', 'latched'));
const MOVED = refusalData(refusal('ledger-unavailable', 'moved'));
const FULL = refusalData(refusal('disk-full', 'ledger'));
const LOCKED = refusalData(refusal('ledger-unavailable', 'locked'));

/** If the disk is full, the writer retries. If a read, write or sync failed, the writer stops. */
function afterFailure(error: unknown): { refused: Refusal; fault: string } {
  const code = sqliteCode(error);
  if (code === 'SQLITE_FULL') {
    state = 'disk-full';
    return { refused: FULL, fault: String(error) };
  }
  if (code === 'SQLITE_BUSY') return { refused: LOCKED, fault: String(error) };
  if (UNTRUSTED.test(code)) {
    latch(LATCHED);
    return { refused: LATCHED, fault: String(error) };
  }
  return explain(error);
}

/** After these errors, the file and the state that SQLite has cached may be wrong. */
const UNTRUSTED = /^SQLITE_(IOERR|CORRUPT|NOTADB|CANTOPEN|READONLY|PROTOCOL|NOMEM|INTERNAL)/;

function sqliteCode(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : '';
}

function explain(error: unknown): { refused: Refusal; fault: string } {
  const fault = traceOf(error);
  if (error instanceof ClaimstampError) return { refused: refusalData(error), fault };
  return { refused: refusalData(refusal('ledger-unavailable', 'notRecorded')), fault };
}

function latch(why: Refusal): void {
  state = 'latched';
  stopped = why;
  ledger = undefined;
  closeQuietly();
  setTimeout(reopen, REOPEN_EVERY_MS);
}

/**
 * After a failed fsync, the kernel may mark pages as clean even though they never reached the disk. So this function
 * reopens the file to read its real content. A checkpoint then writes this content into the main file and syncs it.
 */
function reopen(): void {
  if (closing) return;
  const before = opened;
  try {
    open();
    if (!existsSync(`${file}-shm`)) return releaseReaders();
    ledger?.probe();
    state = 'ready';
    port.postMessage({ state, ...(opened === before ? {} : { reopened: true }) } satisfies FromWriter);
  } catch (error) {
    ledger = undefined;
    closeQuietly();
    if (error instanceof ClaimstampError) stopped = refusalData(error);
    port.postMessage({ state, fault: messageOf(error) } satisfies FromWriter);
    setTimeout(reopen, REOPEN_EVERY_MS);
  }
}

/**
 * The readers of this process still have a deleted `-shm` file open, and SQLite shares this file within a process. A
 * child process would create another `-shm` file, so the two processes would not see each other's locks. So the readers
 * reopen the files while the writer's own files are closed.
 */
function releaseReaders(): void {
  ledger = undefined;
  closeQuietly();
  port.postMessage({ state, reopened: true } satisfies FromWriter);
  setTimeout(reopen, REOPEN_EVERY_MS);
}

function closeQuietly(): void {
  try {
    db?.close();
  } catch {
    // Ignore this error. The connection is no longer used, and the first error has already been reported.
  }
  db = undefined;
}

function probe(): Probed & { fault?: string } {
  if (!db || !ledger || isMoved()) return { synchronous: 0, schema: 0, problem: stopped.message };
  const facts = { synchronous: Number(db.pragma('synchronous', { simple: true })), schema: schemaVersion(db) };
  try {
    ledger.probe();
    if (state === 'disk-full') state = 'ready';
    return facts;
  } catch (error) {
    const { refused, fault } = afterFailure(error);
    return { ...facts, problem: refused.message, fault };
  }
}

let closing = false;

function close(): void {
  closing = true;
  try {
    if (ledger !== undefined && !isMoved()) ledger.checkpoint();
  } catch {
    // Ignore the error. The next start reads the WAL, so nothing is lost.
  }
  ledger = undefined;
  closeQuietly();
  port.postMessage({ closed: true } satisfies FromWriter);
  port.close();
}

import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { Answer, Command } from '../decide/command.ts';
import { ClaimstampError, refusal, refusalData, type Refusal } from '../platform/error.ts';
import { systemRandom } from '../model/claim-id.ts';
import { faultIn, openLedgerFile, type LedgerFile, type Outcome } from './ledger-file.ts';
import { openForWriting, schemaVersion } from './open.ts';

/*
 * The ledger's one writer, on a thread of its own: an fsync stops this thread and no agent. While a commit is in
 * flight, further commands gather in the port; the next commit takes all of them.
 */

export type ToWriter = { commands: Command[] } | { probe: true } | { close: true };

export type FromWriter =
  | { opened: true }
  | { failed: Refusal; fault?: string }
  /**
   * Answers in the order the commands came. `fault`: what an inside error was, for the log. `tookMs`: the transaction;
   * of a ledger that is shared, as long as its head was locked.
   */
  | { replies: Reply[]; state: WriterState; fault?: string; tookMs?: number }
  | { probed: Probed; state: WriterState; fault?: string }
  | { state: WriterState; fault?: string }
  /** Another process went on with the ledger that is shared. */
  | { moved: true }
  | { closed: true };

export interface Probed {
  synchronous: number;
  schema: number;
  problem?: string;
}
export type Reply = { answer: Answer<Command>; events: number } | { refused: Refusal };
export type WriterState = 'ready' | 'disk-full' | 'latched';

/** Commands in one transaction: bounds how long the first of them waits for the last (about 20 ms here). */
const MAX_GROUP = 512;

/** A latched writer looks this often whether the file can be written again. ms */
const REOPEN_EVERY_MS = 1000;

const { file, groupSize = MAX_GROUP } = workerData as { file: string; groupSize?: number };
const port = parentPort as MessagePort;

let db: Database.Database | undefined;
let ledger: LedgerFile | undefined;
let state: WriterState = 'ready';

try {
  open();
  port.postMessage({ opened: true } satisfies FromWriter);
  port.on('message', receive);
} catch (error) {
  const { refused, fault } = explain(error);
  port.postMessage({ failed: refused, fault } satisfies FromWriter);
}

function open(): void {
  db = openForWriting(file);
  ledger = openLedgerFile(db, Date.now, systemRandom);
  ledger.check();
  // What a failed sync left in the kernel only is written once more, and synced, before it is trusted.
  ledger.checkpoint();
}

function receive(message: ToWriter): void {
  if ('close' in message) return close();
  if ('probe' in message) {
    const { fault, ...probed } = probe();
    port.postMessage({ probed, state, ...(fault === undefined ? {} : { fault }) } satisfies FromWriter);
    return tidy();
  }
  const commands = message.commands;
  let rest: ToWriter | undefined;
  // What came while the last commit was in flight is waiting in the port: take it along.
  while (commands.length < groupSize) {
    const waiting = receiveMessageOnPort(port)?.message as ToWriter | undefined;
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
  if (rest) receive(rest);
}

/** Answers have gone out and stand, whatever comes of this: they are in the WAL, synced. What follows them may not. */
function tidy(): void {
  try {
    ledger?.tidy();
  } catch (error) {
    const { fault } = afterFailure(error);
    port.postMessage({ state, fault } satisfies FromWriter);
  }
}

function commitGroup(commands: Command[]): FromWriter {
  if (!ledger) return { replies: commands.map(() => ({ refused: LATCHED })), state };
  try {
    const begun = performance.now();
    const outcomes = ledger.commit(commands);
    const replies = outcomes.map(reply);
    const tookMs = performance.now() - begun;
    if (state === 'disk-full' && replies.some((one) => 'events' in one && one.events > 0)) state = 'ready';
    return { replies, state, tookMs, ...faultIn(outcomes) };
  } catch (error) {
    const { refused, fault } = afterFailure(error);
    // One command that cannot be recorded must not take the others with it.
    if (refused.code === 'ledger-unavailable' && ledger && commands.length > 1) {
      const alone = commands.map((command) => commitGroup([command]) as { replies: Reply[] });
      return { replies: alone.flatMap(({ replies }) => replies), state, fault };
    }
    return { replies: commands.map(() => ({ refused })), state, fault };
  }
}

function reply(outcome: Outcome): Reply {
  return 'answer' in outcome ? outcome : { refused: refusalData(outcome.refused) };
}

const LATCHED = refusalData(refusal('ledger-unavailable', 'latched'));
const FULL = refusalData(refusal('disk-full', 'ledger'));

/** What a failed commit means for the next one: a full disk is tried again, a failed read, write or sync is not trusted. */
function afterFailure(error: unknown): { refused: Refusal; fault: string } {
  const code = sqliteCode(error);
  if (code === 'SQLITE_FULL') {
    state = 'disk-full';
    return { refused: FULL, fault: String(error) };
  }
  if (UNTRUSTED.test(code)) {
    latch();
    return { refused: LATCHED, fault: String(error) };
  }
  return explain(error);
}

/** Errors after which neither the file nor SQLite's picture of it is known. */
const UNTRUSTED = /^SQLITE_(IOERR|CORRUPT|NOTADB|CANTOPEN|READONLY|PROTOCOL|NOMEM|INTERNAL)/;

function sqliteCode(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : '';
}

function explain(error: unknown): { refused: Refusal; fault: string } {
  const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (error instanceof ClaimstampError) return { refused: refusalData(error), fault };
  return { refused: refusalData(refusal('ledger-unavailable', 'notRecorded')), fault };
}

function latch(): void {
  state = 'latched';
  ledger = undefined;
  closeQuietly();
  setTimeout(reopen, REOPEN_EVERY_MS);
}

/**
 * After a failed fsync the kernel may call pages clean that never reached the disk. Reopening reads what is really
 * there; the checkpoint writes it once more into the main file and syncs that, and only then is it trusted again.
 */
function reopen(): void {
  if (closing) return;
  try {
    open();
    ledger?.probe();
    state = 'ready';
    port.postMessage({ state } satisfies FromWriter);
  } catch (error) {
    ledger = undefined;
    closeQuietly();
    port.postMessage({ state, fault: String(error) } satisfies FromWriter);
    setTimeout(reopen, REOPEN_EVERY_MS);
  }
}

function closeQuietly(): void {
  try {
    db?.close();
  } catch {
    // The handle is given up in any case: the error that led here was reported already.
  }
  db = undefined;
}

function probe(): Probed & { fault?: string } {
  if (!db || !ledger) return { synchronous: 0, schema: 0, problem: LATCHED.message };
  const facts = { synchronous: db.pragma('synchronous', { simple: true }) as number, schema: schemaVersion(db) };
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
    ledger?.checkpoint();
  } catch {
    // The WAL stays beside the file and is read at the next start: nothing in it is lost.
  }
  closeQuietly();
  port.postMessage({ closed: true } satisfies FromWriter);
  port.close();
}

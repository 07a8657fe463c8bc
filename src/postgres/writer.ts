import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type pg from 'pg';
import type { Command } from '../decide/command.ts';
import { ClaimstampError, refusalData, traceOf } from '../platform/error.ts';
import { faultIn, type Appended, type OpenGroup, type Outcome } from '../sqlite/ledger-file.ts';
import type { Committed, FromWriter, Probed, Reply, ToWriter, WriterState } from '../sqlite/writer.ts';
import { connect, hangUp, migrate, refuseUnfit, untilGone } from './connect.ts';
import { openCopy, type Copy } from './copy.ts';
import { isOfCopy, isPassing, refusalOf } from './failure.ts';
import {
  append,
  CHANNEL,
  eventsBehind,
  leafAt,
  lockHead,
  rowsBehind,
  snapshotHead,
  touch,
  wasAppended,
} from './shared-ledger.ts';
import { existing } from '../sqlite/existing.ts';

/*
 * The writer of this process for a shared ledger. PostgreSQL stores the events and defines their order. Only the
 * process that has locked the tree head may decide commands. The tables are in an SQLite file that belongs to this
 * process. This file is called the copy. Before each decision, all new events are fetched into the copy. For a group of
 * commands, there is one transaction in PostgreSQL and one in the copy. The copy commits when the commit of PostgreSQL
 * is durable. If the commit of PostgreSQL fails, the copy rolls back. So all events in the copy are also in PostgreSQL.
 * If the copy lacks events, the writer fetches them from PostgreSQL.
 */

/**
 * The maximum number of commands in one transaction. This number limits how long other processes wait for the tree
 * head.
 */
const MAX_GROUP = 512;

/** The maximum number of attempts for a group of commands if the connection is lost or there is a conflict. */
const TRIES = 4;

/** The time between two attempts, in ms. A server needs one or two seconds to restart. */
const RETRY_MS = 500;

/**
 * How long (in ms) the writer keeps making new attempts. This is less than the 30 s that agents wait, because the last
 * attempt may have to wait for a server that does not answer.
 */
const PATIENCE_MS = 20_000;

/** How often (in ms) this process checks for new events while the connection for notifications is lost. */
const LOOK_EVERY_MS = 1000;

const { file, url, groupSize = MAX_GROUP }: { file: string; url: string; groupSize?: number } = workerData;
const port = existing(parentPort ?? undefined);

/** The name by which other processes recognise this process. */
const name = randomUUID();

let copy: Copy;
let client: pg.Client | undefined;
let listener: pg.Client | undefined;
let state: WriterState = 'ready';
const closing = new AbortController();
const queue: ToWriter[] = [];
let working = false;
let behind = false;
/** True if fetching events has failed. `look` then retries, because there may be no further notification. */
let failedToFetch = false;

async function open(): Promise<void> {
  copy = openCopy(file);
  client = await connect(url);
  await refuseUnfit(client);
  await migrate(client);
  await refuseOtherStory(client, copy.ledger().size());
  await catchUp(client);
  await listen();
}

/**
 * Runs tasks one after another: commits waiting commands, makes test writes, and fetches the events of other processes.
 */
async function work(): Promise<void> {
  if (working) return;
  working = true;
  try {
    while (queue.length > 0 || behind) {
      behind = false;
      const message = queue.shift();
      if (message === undefined) await follow();
      else if ('close' in message) return await close();
      else if ('probe' in message) await answerProbe(message.probe);
      else await commitAll(message.commands);
    }
  } finally {
    working = false;
  }
}

async function commitAll(commands: Command[]): Promise<void> {
  // Commands that arrived during the last commit join the group.
  while (commands.length < groupSize) {
    const [next] = queue;
    if (next === undefined || !('commands' in next)) break;
    commands.push(...next.commands);
    queue.shift();
  }
  for (let at = 0; at < commands.length; at += groupSize)
    port.postMessage(await commitGroup(commands.slice(at, at + groupSize)));
  tidy();
}

async function commitGroup(commands: Command[]): Promise<Committed> {
  const begun = performance.now();
  for (let tries = 1; ; tries++) {
    try {
      const { outcomes, tookMs } = await commit(commands);
      state = 'ready';
      return { replies: outcomes.map(reply), state, tookMs, ...faultIn(outcomes) };
    } catch (error) {
      const fault = traceOf(error);
      await letGo(error);
      if (tries < TRIES && isPassing(error) && performance.now() - begun < PATIENCE_MS) {
        await pause(RETRY_MS * (tries - 1));
        continue;
      }
      state = 'latched';
      // If one command cannot be recorded, the group's other commands must still be recorded.
      if (!isPassing(error) && !isOfCopy(error) && commands.length > 1) {
        const replies: Reply[] = [];
        for (const command of commands) replies.push(...(await commitGroup([command])).replies);
        return { replies, state, fault };
      }
      return { replies: commands.map(() => ({ refused: refusalOf(error) })), state, fault };
    }
  }
}

async function commit(commands: Command[]): Promise<{ outcomes: Outcome[]; tookMs: number }> {
  const ledger = copy.ledger();
  const at = (client ??= await reconnect());
  const head = await lockHead(at);
  const locked = performance.now();
  if (head.size !== ledger.size() || head.changes !== copy.changes()) await take(at, head.changes);
  const opened = ledger.open(commands);
  try {
    if (opened.events.length === 0 && opened.rows.length === 0) await at.query('COMMIT');
    else {
      const { changes } = await append(at, opened, head.changes, name);
      copy.saveChanges(changes);
      await at.query('COMMIT').catch((error: unknown) => afterLostCommit(opened, error));
    }
  } catch (error) {
    ledger.undo();
    throw error;
  }
  const tookMs = performance.now() - locked;
  // From here on, the events are durable in PostgreSQL. If the copy cannot commit these events, the writer later
  // fetches them from PostgreSQL.
  try {
    ledger.end();
  } catch (error) {
    copy.giveUp(error);
  }
  return { outcomes: opened.outcomes, tookMs };
}

/**
 * Called if the connection was lost before the COMMIT was answered. Throws if the events of the group did not get into
 * PostgreSQL.
 */
async function afterLostCommit(opened: OpenGroup, error: unknown): Promise<void> {
  for (let tries = 1; ; tries++) {
    await drop();
    try {
      // The commit may have failed, so the server may lack the events of this group.
      client = await reconnect(copy.ledger().size() - opened.events.length);
      if (await wasAppended(client, opened)) return;
      throw new Error('the commit was not made', { cause: error });
    } catch (again) {
      if ((again instanceof Error && again.cause === error) || tries === TRIES) throw again;
      await pause(RETRY_MS * tries);
    }
  }
}

/** Fetches all events that the copy does not have yet. The caller must have opened a transaction in PostgreSQL. */
async function take(at: pg.Client, changes: number): Promise<void> {
  const [ledger, from] = [copy.ledger(), copy.changes()];
  // The last events and the first rows that are fetched must come from the same transaction, because events contain
  // hashes of rows (commitments, src/model/access.ts).
  let last: Appended[] = [];
  for await (const events of eventsBehind(at, ledger.size())) {
    if (last.length > 0) ledger.follow(last, []);
    last = events;
  }
  for await (const rows of rowsBehind(at, from)) {
    ledger.follow(last, rows);
    last = [];
  }
  if (last.length > 0) ledger.follow(last, []);
  copy.saveChanges(changes);
}

async function catchUp(at: pg.Client): Promise<boolean> {
  const head = await snapshotHead(at);
  const isBehind = head.size !== copy.ledger().size() || head.changes !== copy.changes();
  try {
    if (isBehind) await take(at, head.changes);
  } finally {
    await at.query('COMMIT').catch(() => {});
  }
  return isBehind;
}

async function follow(): Promise<void> {
  try {
    client ??= await reconnect();
    if (await catchUp(client)) port.postMessage({ moved: true } satisfies FromWriter);
  } catch (error) {
    failedToFetch = true;
    await letGo(error);
    port.postMessage({ state, fault: String(error) } satisfies FromWriter);
  }
}

/**
 * Listens for notifications about events of other processes. After each one, fetches the new events and updates the
 * screens.
 */
async function listen(): Promise<void> {
  const at = await connect(url, { first: `LISTEN ${CHANNEL}` });
  at.on('notification', ({ payload }) => {
    if (payload === name) return;
    behind = true;
    void work();
  });
  listener = at;
  void untilGone(at).then(() => (listener = undefined));
}

/** If there is no connection for notifications, or if a fetch has failed, checks for events at regular intervals. */
async function look(): Promise<void> {
  while (!closing.signal.aborted) {
    await pause(LOOK_EVERY_MS, undefined, { ref: false });
    if (closing.signal.aborted || (listener !== undefined && !failedToFetch)) continue;
    if (listener === undefined) await listen().catch(() => {});
    failedToFetch = false;
    behind = true;
    void work();
  }
}

async function reconnect(told = copy.ledger().size()): Promise<pg.Client> {
  const fresh = await connect(url);
  try {
    await refuseUnfit(fresh);
    await refuseOtherStory(fresh, told);
  } catch (error) {
    await hangUp(fresh);
    throw error;
  }
  return fresh;
}

/**
 * Throws if the event number `size` of this copy is not on the server. In that case, the server was restored to an
 * older state, or it was a standby server that had not received all events. Devices already have the Claim IDs of the
 * missing events. So the server must not reuse the numbers and S/Ns of these events.
 */
async function refuseOtherStory(at: pg.Client, size: number): Promise<void> {
  if (size === 0) return;
  const own = copy.leafAt(size);
  if (own && (await leafAt(at, size))?.equals(own)) return;
  throw new ClaimstampError(
    'ledger-unavailable',
    `the PostgreSQL ledger lacks event ${size}, which is in the copy on this machine. The ledger was restored to an older state, lost its last events in a failover, or is a different ledger. Move ${file} to another place and keep it, because it contains the Claim IDs that were given out. Then start the service without this file`,
  );
}

/**
 * After a failure, closes the connection or the copy, whichever may be the cause. The connection or the copy is
 * reopened later.
 */
async function letGo(error: unknown): Promise<void> {
  if (isOfCopy(error)) copy.giveUp(error);
  await drop();
}

async function drop(): Promise<void> {
  const gone = client;
  client = undefined;
  await hangUp(gone);
}

function reply(outcome: Outcome): Reply {
  return 'answer' in outcome ? outcome : { refused: refusalData(outcome.refused) };
}

async function answerProbe(how: 'write' | 'read'): Promise<void> {
  const probed = await probe(how);
  port.postMessage({ probed, state } satisfies FromWriter);
}

async function probe(how: 'write' | 'read'): Promise<Probed> {
  const facts = { synchronous: 2, schema: copy.schema() };
  try {
    client ??= await reconnect();
    if (how === 'write') await touch(client);
    if (await catchUp(client)) port.postMessage({ moved: true } satisfies FromWriter);
    if (how === 'write') state = 'ready';
    return facts;
  } catch (error) {
    await letGo(error);
    return { ...facts, problem: refusalOf(error).message };
  }
}

/** Makes a checkpoint of the write-ahead log of the copy. A failed checkpoint affects only the copy. */
function tidy(): void {
  try {
    copy.ledger().tidy();
  } catch (error) {
    copy.giveUp(error);
  }
}

async function close(): Promise<void> {
  closing.abort();
  await hangUp(client, listener);
  copy.close();
  port.postMessage({ closed: true } satisfies FromWriter);
  port.close();
}

// The writer is started at the end of this file, because the start needs the values that are defined above.
try {
  await open();
  port.postMessage({ opened: true } satisfies FromWriter);
  port.on('message', (message: ToWriter) => {
    queue.push(message);
    void work();
  });
  // Events may have been recorded between the first fetch and the first notification, so this code fetches them.
  behind = true;
  void work();
  void look();
} catch (error) {
  port.postMessage({ failed: refusalOf(error), fault: traceOf(error) } satisfies FromWriter);
}

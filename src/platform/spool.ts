import { fork, spawnSync, type ChildProcess, type ForkOptions } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { open, statfs, type FileHandle } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { ClaimstampError, refusal, type Refusal, refusalData, refusalFrom } from './error.ts';
import { built } from './package-root.ts';

/*
 * Large files (many labels, an export) are made by a child process of low priority and sent when they are complete: agents
 * are not slowed down, an error can still be an answer, and a slow reader delays nothing.
 */

export interface Spool {
  make: <Made>(order: Order) => Promise<Spooled<Made>>;
}

export interface Order {
  /** The child's program: a built file of jobs/ that calls `workInChild`. */
  entry: string;
  /** The extension of the file's name. */
  ending: string;
  /** The child's task; `out` is the file it makes. */
  task: (out: string) => object;
  /** Answers the child's questions. */
  answer?: (question: never) => Promise<object>;
  onProgress?: (progress: Progress) => void;
  /** Aborted when the file is no longer needed. */
  signal?: AbortSignal | undefined;
}

export interface Progress {
  done: number;
  total: number;
}

export interface Spooled<Made> {
  /** Already unlinked: the file disappears when this handle is closed. */
  file: FileHandle;
  bytes: number;
  /** The child's result. */
  made: Made;
}

/** Children at once; each takes a core's spare time. Further orders wait for their turn. */
const MAX_CHILDREN = 2;

/** More than the people in a factory order at once. */
const MAX_WAITING = 50;

/**
 * A child and its threads get only processor time that no other process wants (SCHED_IDLE, sched(7)): a thread that wakes
 * up for an agent replaces them, mostly at once (see `yieldProcessor`). With low priority alone it would wait some ms for
 * the child's time slice to end. Needs chrt of util-linux; without it, or without permission, low priority is used.
 */
export function lowestPriority(): Pick<ForkOptions, 'execPath' | 'execArgv'> {
  mayBeIdle ??= spawnSync(CHRT, [...IDLE, 'true'], { stdio: 'ignore' }).status === 0;
  const flags = [...process.execArgv, NO_HELPERS];
  return mayBeIdle ? { execPath: CHRT, execArgv: [...IDLE, process.execPath, ...flags] } : { execArgv: flags };
}
/** V8's helper threads, which compile and collect garbage, would occupy every processor, and cannot yield. */
const NO_HELPERS = '--single-threaded';
const CHRT = 'chrt';
const IDLE = ['--idle', '0'];
let mayBeIdle: boolean | undefined;

/** The spool is on the ledger's disk: an export must leave this much space for the line. Bytes */
const SPARED_BYTES = 256 * 1024 * 1024;

/** A child writes some 100 MB in this time. ms */
const LOOK_EVERY_MS = 250;

export interface SpoolOptions {
  sparedBytes?: number;
  /** Awaited before a child begins to read. */
  mayRead?: (signal?: AbortSignal) => Promise<void>;
}

export function openSpool(folder: string, { sparedBytes = SPARED_BYTES, mayRead }: SpoolOptions = {}): Spool {
  let running = 0;
  const waiting: (() => void)[] = [];
  // Files left by a killed process.
  rmSync(folder, { recursive: true, force: true });

  async function takeSlot(signal?: AbortSignal): Promise<void> {
    if (running < MAX_CHILDREN) return void running++;
    if (waiting.length >= MAX_WAITING) throw refusal('busy', 'files', { max: MAX_WAITING });
    // An order that was aborted while it waited passes its slot on.
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (!signal?.aborted) return;
    releaseSlot();
    throw aborted();
  }
  function releaseSlot(): void {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }

  return {
    async make<Made>(order: Order) {
      await takeSlot(order.signal);
      const path = join(folder, `${randomUUID()}.${order.ending}`);
      try {
        await mayRead?.(order.signal);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const made = await runChild<Made>(order, path, sparedBytes);
        const file = await open(path);
        const { size } = await file.stat();
        return { file, made, bytes: size };
      } finally {
        // Unlinked, the file disappears when its handle is closed. A killed child may have left one too.
        rmSync(path, { force: true });
        releaseSlot();
      }
    },
  };
}

type FromChild =
  | { done: unknown }
  | { refused: Refusal }
  | { fault: string }
  | { progress: Progress }
  | { question: unknown };

/** Settles after the child has exited: until then it may still make the file that is to be removed. */
function runChild<Made>(
  { entry, task, answer, onProgress, signal }: Order,
  file: string,
  sparedBytes: number,
): Promise<Made> {
  return new Promise((resolve, reject) => {
    const child = fork(built(entry), { serialization: 'advanced', ...lowestPriority() });
    let ended: { done: unknown } | { error: Error } | undefined;
    const giveUp = (error: Error): void => {
      ended ??= { error };
      child.kill();
    };
    const abort = (): void => giveUp(aborted());
    signal?.addEventListener('abort', abort);
    const guard = sparingDisk(file, sparedBytes, giveUp);
    const settle = (code: number | null, killed: NodeJS.Signals | null): void => {
      clearInterval(guard);
      signal?.removeEventListener('abort', abort);
      if (ended === undefined) reject(new Error(`${entry} ended unexpectedly (${killed ?? code})`));
      else if ('error' in ended) reject(ended.error);
      else resolve(ended.done as Made);
    };
    child.once('error', (error) => {
      giveUp(error);
      // The child was never started, so `close` does not follow.
      if (child.pid === undefined) settle(null, null);
    });
    child.on('message', (said: FromChild) => {
      if ('progress' in said) return onProgress?.(said.progress);
      if ('question' in said) return void reply(child, said.question as never, answer).catch(giveUp);
      if ('done' in said) ended ??= said;
      else if ('refused' in said) ended ??= { error: refusalFrom(said.refused) };
      else ended ??= { error: new Error(said.fault) };
    });
    // `close` follows the last message, `exit` may overtake it.
    child.once('close', settle);
    if (signal?.aborted) abort();
    else child.send(task(file));
  });
}

async function reply(child: ChildProcess, question: never, answer: Order['answer']): Promise<void> {
  if (answer === undefined) throw new Error('the child asked a question, but this order has no `answer`');
  child.send(await answer(question));
}

function sparingDisk(file: string, sparedBytes: number, giveUp: (error: Error) => void): NodeJS.Timeout {
  const look = async (): Promise<void> => {
    const { bavail, bsize } = await statfs(dirname(file));
    if (bavail * bsize < sparedBytes) giveUp(diskFull());
  };
  return setInterval(() => void look().catch(giveUp), LOOK_EVERY_MS);
}

function diskFull(): ClaimstampError {
  return refusal('disk-full', 'noRoom');
}

function aborted(): ClaimstampError {
  return refusal('request-broken', 'sendAgain');
}

/* In the child */

/** Lower than the service's, so that the scheduler gives the agents' requests the processor first. */
const NICE = 10;

/** A child works for this long, if the pieces of its work are shorter, then sleeps as briefly as possible. ms */
const WORK_MS = 0.5;
const SLEEP_MS = 0.02;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let awakeSince = performance.now();

/**
 * Called between two pieces of a child's work. Linux 6.12 and later sometimes makes a thread that wakes up right after it
 * went to sleep wait for the end of a tick (4 ms), even for SCHED_IDLE processes. While the child sleeps, it can run.
 */
export function yieldProcessor(): void {
  if (performance.now() - awakeSince < WORK_MS) return;
  Atomics.wait(sleeper, 0, 0, SLEEP_MS);
  awakeSince = performance.now();
}

/** A child's connection to the service that ordered the file. */
export interface Parent {
  ask: <Reply>(question: object) => Promise<Reply>;
  tell: (progress: Progress) => void;
}

/** Makes a child process do one piece of work; its file is complete when `work` resolves. */
export function workInChild<Task, Made>(work: (task: Task, parent: Parent) => Promise<Made>): void {
  // The service has ended: nothing will read this file, and the next start empties the spool.
  process.once('disconnect', () => process.exit(1));
  process.once('message', (task: Task) => {
    setPriority(NICE);
    work(task, { ask, tell: (progress) => send({ progress }) })
      .then((done): FromChild => ({ done }), explain)
      .then((said) => send(said, () => process.exit(0)))
      .catch(() => process.exit(1));
  });
}

async function ask<Reply>(question: object): Promise<Reply> {
  send({ question });
  const [answer] = (await once(process, 'message')) as [Reply];
  return answer;
}

function send(said: FromChild, sent?: () => void): void {
  process.send?.(said, undefined, undefined, sent);
}

function explain(error: unknown): FromChild {
  if (error instanceof ClaimstampError) return { refused: refusalData(error) };
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return { refused: refusalData(diskFull()) };
  return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

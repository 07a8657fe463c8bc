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
  /** The child: a built file of jobs/ that calls `workInChild`. */
  entry: string;
  /** Of the file's name. */
  ending: string;
  /** What the child is to do; `out` is the file it makes. */
  task: (out: string) => object;
  /** Answers what the child asks while it works. */
  answer?: (question: never) => Promise<object>;
  /** How far the child is. */
  onProgress?: (progress: Progress) => void;
  /** Nobody waits for the file any more. */
  signal?: AbortSignal;
}

export interface Progress {
  done: number;
  total: number;
}

export interface Spooled<Made> {
  /** It has no name any more: it is gone once this is closed. */
  file: FileHandle;
  bytes: number;
  /** What the child says of it. */
  made: Made;
}

/** Children at once; each takes a core's spare time. Further orders wait for their turn. */
const MAX_CHILDREN = 2;

/** More orders than people who could give them. */
const MAX_WAITING = 50;

/**
 * A child gets only processor time that no other process wants (SCHED_IDLE, sched(7)), with all its threads: a thread
 * that wakes up for an agent replaces it, mostly at once (see `yieldProcessor`). With a low priority alone an agent's
 * thread waits until the child's slice, some ms, is over. Needs chrt of util-linux; where it is missing or not permitted,
 * the low priority has to do.
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

/** The spool is on the ledger's disk: an export must not take the room that the line needs. Bytes */
const SPARED_BYTES = 256 * 1024 * 1024;

/** A child writes some 100 MB meanwhile. ms */
const LOOK_EVERY_MS = 250;

export interface SpoolOptions {
  sparedBytes?: number;
  /** Waited for before a child begins to read. */
  mayRead?: (signal?: AbortSignal) => Promise<void>;
}

export function openSpool(folder: string, { sparedBytes = SPARED_BYTES, mayRead }: SpoolOptions = {}): Spool {
  let running = 0;
  const waiting: (() => void)[] = [];
  // What a killed process left behind is nobody's.
  rmSync(folder, { recursive: true, force: true });

  async function takeSlot(signal?: AbortSignal): Promise<void> {
    if (running < MAX_CHILDREN) return void running++;
    if (waiting.length >= MAX_WAITING) throw refusal('busy', 'files', { max: MAX_WAITING });
    // An order that was aborted meanwhile passes its slot on.
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
        // Without a name it is gone as soon as it was read, or nobody reads it any more. A child that was killed left it.
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

/** Settles when the child is gone: until then it may still make the file that is to be removed. */
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
      if (ended === undefined) reject(new Error(`${entry} ended by itself (${killed ?? code})`));
      else if ('error' in ended) reject(ended.error);
      else resolve(ended.done as Made);
    };
    child.once('error', (error) => {
      giveUp(error);
      // It never was: nothing more comes of it.
      if (child.pid === undefined) settle(null, null);
    });
    child.on('message', (said: FromChild) => {
      if ('progress' in said) return onProgress?.(said.progress);
      if ('question' in said) return void reply(child, said.question as never, answer).catch(giveUp);
      if ('done' in said) ended ??= said;
      else if ('refused' in said) ended ??= { error: refusalFrom(said.refused) };
      else ended ??= { error: new Error(said.fault) };
    });
    // Behind its last message, which `exit` may overtake.
    child.once('close', settle);
    if (signal?.aborted) abort();
    else child.send(task(file));
  });
}

async function reply(child: ChildProcess, question: never, answer: Order['answer']): Promise<void> {
  if (answer === undefined) throw new Error('the child asked a question, and this order answers none');
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

/* The child's end */

/** Lower than the service's, so that the scheduler gives the agents' requests the processor first. */
const NICE = 10;

/** A child works on for so long, where its work has pieces that are shorter, ms; then it sleeps, as briefly as it can. */
const WORK_MS = 0.5;
const SLEEP_MS = 0.02;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let awakeSince = performance.now();

/**
 * Called between two pieces of a child's work. Linux from 6.12 on sometimes lets a thread that wakes up again right after
 * it went to sleep wait for the end of a tick, 4 ms, even behind SCHED_IDLE: while a child sleeps, it gets its turn.
 */
export function yieldProcessor(): void {
  if (performance.now() - awakeSince < WORK_MS) return;
  Atomics.wait(sleeper, 0, 0, SLEEP_MS);
  awakeSince = performance.now();
}

/** A child's connection to the service that ordered the file. */
export interface Parent {
  /** Asks the service that ordered the file. */
  ask: <Reply>(question: object) => Promise<Reply>;
  tell: (progress: Progress) => void;
}

/** Makes a child process do one piece of work; its file is complete when `work` resolves. */
export function workInChild<Task, Made>(work: (task: Task, parent: Parent) => Promise<Made>): void {
  // The service has ended: this file is of no use, and the next start empties the spool.
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

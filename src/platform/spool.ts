import { fork, spawnSync, type ChildProcess, type ForkOptions } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { open, statfs, type FileHandle } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { ClaimstampError, errorCode, refusal, type Refusal, refusalData, refusalFrom, traceOf } from './error.ts';
import { passOn } from './log.ts';
import { built } from './package-root.ts';

/*
 * A child process of low priority makes each large file (many labels, an export). The service sends the file only when
 * it is complete. So large files do not slow down agents, the answer can still be an error, and a slow reader does not
 * delay anything.
 */

export interface Spool {
  make: <Made>(order: Order) => Promise<Spooled<Made>>;
  /** Runs a child that writes no file, and returns its result. */
  run: <Result>(order: Omit<Order, 'ending'>) => Promise<Result>;
}

export interface Order {
  /** Who ordered the file: the caller (`nameOf`), or `SERVICE`. */
  by: string;
  /** The program of the child: a built file in jobs/ that calls `workInChild`. */
  entry: string;
  /** The extension of the file's name. */
  ending: string;
  /** Makes the task that the child gets. `out` is the file that the child writes. */
  task: (out: string) => object;
  /** Answers the questions that the child asks. */
  answer?: (question: never) => Promise<object>;
  onProgress?: (progress: Progress) => void;
  /** This signal is aborted when the file is no longer needed. */
  signal?: AbortSignal | undefined;
}

export interface Progress {
  done: number;
  total: number;
}

export interface Spooled<Made> {
  /** The file no longer has a name, so it disappears when this handle is closed. */
  file: FileHandle;
  bytes: number;
  /** The child's result. */
  made: Made;
}

/** The maximum number of children at the same time. Each child uses the spare time of one core. Other orders wait. */
const MAX_CHILDREN = 2;

/**
 * The maximum number of waiting orders. The people in a factory do not order as many files as this at the same time.
 */
const MAX_WAITING = 50;

/** The maximum number of waiting orders per asker. A person orders the files of some work orders one after another. */
const MAX_WAITING_OF_ASKER = 10;

/** The asker for orders that the service itself makes, such as scheduled backups. */
export const SERVICE = 'system';

/**
 * The child and its threads get only the processor time that no other process wants (SCHED_IDLE, sched(7)). So a thread
 * that wakes up for an agent usually gets the processor at once (see `yieldProcessor`). With a low priority only, such
 * a thread would wait a few ms until the child's time slice ends. If the program chrt (util-linux) is missing or not
 * permitted, the child only gets a low priority.
 */
export function lowestPriority(): Pick<ForkOptions, 'execPath' | 'execArgv'> {
  mayBeIdle ??= spawnSync(CHRT, [...IDLE, 'true'], { stdio: 'ignore' }).status === 0;
  const flags = [...process.execArgv, NO_HELPERS];
  return mayBeIdle ? { execPath: CHRT, execArgv: [...IDLE, process.execPath, ...flags] } : { execArgv: flags };
}
/**
 * Starts a child process with a file of this program. The child does not inherit the outputs of this process: libuv
 * would make them wait for their reader, in this process too, and then a log that nobody reads would stop the service.
 */
export function startChild(entry: string): ChildProcess {
  const child = fork(built(entry), {
    serialization: 'advanced',
    ...lowestPriority(),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.stderr?.on('data', passOn).on('error', () => {});
  return child;
}
/**
 * Turns off V8's helper threads, which compile and collect garbage. The helper threads would occupy every processor and
 * cannot yield.
 */
const NO_HELPERS = '--single-threaded';
const CHRT = 'chrt';
const IDLE = ['--idle', '0'];
let mayBeIdle: boolean | undefined;

/** The number of bytes that must stay free on the disk, because the spool and the ledger are on the same disk. */
export const SPARED_BYTES = 256 * 1024 * 1024;

/** The interval between checks of the free disk space. A child process writes about 100 MB in this interval. */
const LOOK_EVERY_MS = 250;

export interface SpoolOptions {
  sparedBytes?: number;
  /** The child calls this function to wait until it may begin to read the ledger. */
  mayRead?: (signal?: AbortSignal) => Promise<void>;
}

export function openSpool(folder: string, { sparedBytes = SPARED_BYTES, mayRead }: SpoolOptions = {}): Spool {
  const places = openPlaces();
  // If an earlier process was killed, its files may still exist.
  rmSync(folder, { recursive: true, force: true });

  async function inSlot<Made, T>(order: Order, use: (made: Made, path: string) => Promise<T> | T): Promise<T> {
    await places.take(order);
    const path = join(folder, `${randomUUID()}.${order.ending}`);
    try {
      await mayRead?.(order.signal);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return await use(await runChild<Made>(order, path, sparedBytes), path);
    } finally {
      // A file without a name disappears when its handle is closed. If the child was killed, its file may still exist.
      rmSync(path, { force: true });
      places.release(order);
    }
  }

  return {
    run: <Result>(order: Omit<Order, 'ending'>) => inSlot({ ...order, ending: 'none' }, (result: Result) => result),
    make: <Made>(order: Order) =>
      inSlot(order, async (made: Made, path) => {
        const file = await open(path);
        return { file, made, bytes: (await file.stat()).size };
      }),
  };
}

interface Places {
  take: (order: Pick<Order, 'by' | 'signal'>) => Promise<void>;
  release: (order: Pick<Order, 'by'>) => void;
}

/**
 * Each asker has at most one running order. Waiting askers get free places in turn. Orders by the service itself are
 * always next.
 */
function openPlaces(): Places {
  const running = new Set<string>();
  /** The waiting orders of each asker. The asker whose turn is next comes first. */
  const waiting = new Map<string, (() => void)[]>();

  function release({ by }: Pick<Order, 'by'>): void {
    running.delete(by);
    const next = [SERVICE, ...waiting.keys()].find((asker) => waiting.has(asker) && !running.has(asker));
    if (next === undefined) return;
    const [start, ...rest] = waiting.get(next) ?? [];
    waiting.delete(next);
    if (rest.length > 0) waiting.set(next, rest);
    running.add(next);
    start?.();
  }
  return {
    release,
    async take({ by, signal }) {
      if (running.size < MAX_CHILDREN && !running.has(by)) return void running.add(by);
      const own = waiting.get(by) ?? [];
      if (own.length >= MAX_WAITING_OF_ASKER) throw refusal('busy', 'filesOf', { max: MAX_WAITING_OF_ASKER });
      if ([...waiting.values()].flat().length >= MAX_WAITING) throw refusal('busy', 'files', { max: MAX_WAITING });
      await new Promise<void>((resolve) => waiting.set(by, [...own, resolve]));
      // If an order is aborted while it waits, the next order gets its place.
      if (!signal?.aborted) return;
      release({ by });
      throw aborted();
    },
  };
}

type FromChild =
  | { done: unknown }
  | { refused: Refusal }
  | { fault: string }
  | { progress: Progress }
  | { question: unknown };

/**
 * Settles only after the child has exited. Until it exits, the child could still create the file that must be removed.
 */
function runChild<Made>(
  { entry, task, answer, onProgress, signal }: Order,
  file: string,
  sparedBytes: number,
): Promise<Made> {
  return new Promise((resolve, reject) => {
    const child = startChild(entry);
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
      // If the child was never started, there will be no `close` event.
      if (child.pid === undefined) settle(null, null);
    });
    child.on('message', (said: FromChild) => {
      if ('progress' in said) return onProgress?.(said.progress);
      if ('question' in said) return void reply(child, said.question as never, answer).catch(giveUp);
      if ('done' in said) ended ??= said;
      else if ('refused' in said) ended ??= { error: refusalFrom(said.refused) };
      else ended ??= { error: new Error(said.fault) };
    });
    // `close` comes after the last message, but `exit` may come before it.
    child.once('close', settle);
    if (signal?.aborted) abort();
    else child.send(task(file));
  });
}

async function reply(child: ChildProcess, question: never, answer: Order['answer']): Promise<void> {
  if (answer === undefined)
    throw new Error('the child process asked a question, but its order has no function `answer`');
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

/** The child's priority is lower than the service's, so that agents' requests get the processor first. */
export const NICE = 10;

/**
 * The time in ms that a child works before it sleeps. A single piece of work may take longer. The time in ms that the
 * child sleeps. It is as short as possible.
 */
const WORK_MS = 0.5;
const SLEEP_MS = 0.02;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let awakeSince = performance.now();

/**
 * A child calls this function between two pieces of its work. On Linux 6.12 and later, a thread that wakes up after a
 * short sleep sometimes waits until a tick (4 ms) ends, even if only SCHED_IDLE processes are running. A thread that
 * waits can run while the child sleeps.
 */
export function yieldProcessor(): void {
  if (performance.now() - awakeSince < WORK_MS) return;
  Atomics.wait(sleeper, 0, 0, SLEEP_MS);
  awakeSince = performance.now();
}

/** The child's connection to the service that ordered the file. */
export interface Parent {
  ask: <Reply>(question: object) => Promise<Reply>;
  tell: (progress: Progress) => void;
}

/** Does the task of a child process. The child's file must be complete when `work` resolves. */
export function workInChild<Task, Made>(work: (task: Task, parent: Parent) => Promise<Made>): void {
  // When the service ends, nobody will read the child's file, and the service empties the spool at its next start. So
  // the child exits when the service ends.
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
  return (await once(process, 'message'))[0];
}

function send(said: FromChild, sent?: () => void): void {
  process.send?.(said, undefined, undefined, sent);
}

function explain(error: unknown): FromChild {
  if (error instanceof ClaimstampError) return { refused: refusalData(error) };
  if (errorCode(error) === 'ENOSPC') return { refused: refusalData(diskFull()) };
  return { fault: traceOf(error) };
}

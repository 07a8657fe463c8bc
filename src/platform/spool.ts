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
 * Each large file (such as a file of many labels, or an export) is made by a child process with low priority. The
 * service sends the file only after it is complete. So agents are not slowed down by large files, a failure can still
 * be answered with an error, and a slow reader delays nothing.
 */

export interface Spool {
  make: <Made>(order: Order) => Promise<Spooled<Made>>;
  /** Runs a child process that writes no file, and returns its result. */
  run: <Result>(order: Omit<Order, 'ending'>) => Promise<Result>;
}

export interface Order {
  /** Who ordered the file: a caller (`nameOf`), or `SERVICE`. */
  by: string;
  /** The program of the child process: a built file in jobs/ that calls `workInChild`. */
  entry: string;
  /** The extension of the file. */
  ending: string;
  /** Returns the task for the child process. `out` is the path of the file that the child process writes. */
  task: (out: string) => object;
  /** Answers questions from the child process. */
  answer?: (question: never) => Promise<object>;
  onProgress?: (progress: Progress) => void;
  /** Aborts when the file is no longer needed. */
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
  /** The result that the child process returned. */
  made: Made;
}

/**
 * The maximum number of child processes at the same time. Each child process uses the spare time of one core. Further
 * orders wait.
 */
const MAX_CHILDREN = 2;

/** The maximum number of waiting orders. No factory orders this many files at the same time. */
const MAX_WAITING = 50;

/**
 * The maximum number of waiting orders of one caller. A person may order the files of several work orders one after
 * another.
 */
const MAX_WAITING_OF_ASKER = 10;

/** The caller's name for files that the service itself orders, for example a scheduled backup. */
export const SERVICE = 'system';

/**
 * The child process and its threads run only while no other process needs the processor (SCHED_IDLE, sched(7)). So when
 * a thread of the service wakes up for an agent, it usually gets the processor at once (see `yieldProcessor`). If the
 * child process had only a low priority, the thread would wait a few ms until the end of the child's time slice. If the
 * program chrt (util-linux) is missing or may not be used, the child process gets only a low priority.
 */
export function lowestPriority(): Pick<ForkOptions, 'execPath' | 'execArgv'> {
  mayBeIdle ??= spawnSync(CHRT, [...IDLE, 'true'], { stdio: 'ignore' }).status === 0;
  const flags = [...process.execArgv, NO_HELPERS];
  return mayBeIdle ? { execPath: CHRT, execArgv: [...IDLE, process.execPath, ...flags] } : { execArgv: flags };
}
/**
 * Starts a child process that runs a file of this program. The child process does not inherit the outputs of this
 * process. Otherwise, libuv would make both processes wait for the reader of these outputs. A log that nobody reads
 * would then stop the service.
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
 * Turns off V8's helper threads, which compile code and collect garbage. The helper threads would occupy all processors
 * and cannot yield.
 */
const NO_HELPERS = '--single-threaded';
const CHRT = 'chrt';
const IDLE = ['--idle', '0'];
let mayBeIdle: boolean | undefined;

/** At least this many bytes must stay free on the disk, because the spool and the ledger are on the same disk. */
export const SPARED_BYTES = 256 * 1024 * 1024;

/** How often the free disk space is checked, in ms. Between two checks, a child process writes about 100 MB. */
const LOOK_EVERY_MS = 250;

export interface SpoolOptions {
  sparedBytes?: number;
  /** The child process calls this function to wait until it may read the ledger. */
  mayRead?: (signal?: AbortSignal) => Promise<void>;
}

export function openSpool(folder: string, { sparedBytes = SPARED_BYTES, mayRead }: SpoolOptions = {}): Spool {
  const places = openPlaces();
  // If an earlier process was killed, its files may still be in the folder.
  rmSync(folder, { recursive: true, force: true });

  async function inSlot<Made, T>(order: Order, use: (made: Made, path: string) => Promise<T> | T): Promise<T> {
    await places.take(order);
    const path = join(folder, `${randomUUID()}.${order.ending}`);
    try {
      await mayRead?.(order.signal);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return await use(await runChild<Made>(order, path, sparedBytes), path);
    } finally {
      // The file has no name, so it disappears when its handle is closed. If the child process was killed, its file may
      // still exist.
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
 * Each caller has at most one running order. The others wait, and take turns when a running order ends. Orders of the
 * service itself come before all others.
 */
function openPlaces(): Places {
  const running = new Set<string>();
  /** The waiting orders of each caller. The caller whose turn is next comes first. */
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
      // If an order is aborted while it waits, its place goes to the next order.
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
 * Settles only after the child process has exited. If the caller removed the file earlier, the child process could
 * create it again.
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
      // If the child process could not be started, there will be no `close` event.
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
    throw new Error('the child process sent a question, but the caller gave no function `answer`');
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

/* Functions for the child process */

/**
 * The priority of the child process, which is lower than the service's, so that agents' requests get the processor
 * first.
 */
export const NICE = 10;

/**
 * `WORK_MS` is how long a child process works before it sleeps, in ms. One piece of work may take longer than that.
 * `SLEEP_MS` is how long the child process then sleeps, in ms. This time is as short as possible.
 */
const WORK_MS = 0.5;
const SLEEP_MS = 0.02;
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let awakeSince = performance.now();

/**
 * A child process calls this function between two pieces of its work. While the child process sleeps, a waiting
 * thread of the service can run. The sleep is needed on Linux 6.12 and later. In these versions, a thread that wakes
 * up after a short sleep sometimes waits until the tick (4 ms) ends. This happens even if only SCHED_IDLE processes
 * are running.
 */
export function yieldProcessor(): void {
  if (performance.now() - awakeSince < WORK_MS) return;
  Atomics.wait(sleeper, 0, 0, SLEEP_MS);
  awakeSince = performance.now();
}

/** The connection of the child process to the service that ordered the file. */
export interface Parent {
  ask: <Reply>(question: object) => Promise<Reply>;
  tell: (progress: Progress) => void;
}

/** Runs the task of the child process. The file must be complete when the promise of `work` resolves. */
export function workInChild<Task, Made>(work: (task: Task, parent: Parent) => Promise<Made>): void {
  // After the service has stopped, nobody will read the file, and the service empties the spool at its next start. So
  // the child process exits as soon as the service stops.
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

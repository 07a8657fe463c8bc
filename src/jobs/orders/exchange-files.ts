import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { MAX_ORDERS, planOrders } from '../../contract/orders/plan-orders.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { ErpFilesFact } from '../../decide/forecasts/forecast.ts';
import { writeAtomically } from '../../platform/atomic-file.ts';
import { messageOf } from '../../platform/error.ts';
import { fileError, readIfThere } from '../../platform/file-error.ts';
import { refuseLostDisk } from '../../platform/other-disk.ts';
import type { Log } from '../../platform/log.ts';
import { SERVICE, type Spool } from '../../platform/spool.ts';
import type { OrderFile } from '../../sheet/read-orders.ts';
import type { Counted, CountTask } from './count-orders-child.ts';
import { ERRORS, MAX_FILE_BYTES, openOrderFolder, type Arrived } from './order-folder.ts';
import { productionCsv } from './production-rows.ts';

/*
 * Exchanges files with an ERP: takes work orders from `inbox`, and writes what was made to `outbox`. If a file is taken
 * twice, for example because the service was killed before it moved the file, nothing changes.
 */

/** How often `inbox` is read, in ms. A file is taken when it has not changed since the previous reading. */
const LOOK_EVERY_MS = 5000;

/**
 * If the ERP does not take the files, the service writes at most this many. The next file then has all changes since
 * the last one.
 */
const MAX_UNREAD = 1000;

/** In the ledger, the actor of changes that come from the ERP's files. */
const ACTOR = 'erp-files';

/** The maximum number of problems in an error file. */
const MAX_PROBLEMS = 100;

export interface ExchangeOptions {
  folder: string;
  /** The data folder. */
  data: string;
  /** The path of the ledger file. */
  file: string;
  everyMs: number;
  ledger: Pick<Ledger, 'record' | 'head'>;
  inFile: readonly { id: string }[];
  spool: Spool;
  /** True while the ledger is held. */
  isHeld: () => boolean;
  log: Log;
  now: () => number;
}

export interface Exchange {
  start: () => void;
  /** Looks once into `inbox`. */
  take: () => Promise<void>;
  /** Writes a file to `outbox` if work orders or their counts have changed. */
  tell: () => Promise<void>;
  /** Returns the state of the files, for people. */
  state: () => Promise<ErpFilesFact>;
  close: () => Promise<void>;
}

const MINUTE_MS = 60 * 1000;

/** Returns undefined if no folder is set. */
export function exchangeFor(
  { ordersFolder: folder, ordersEvery, data, catalog }: Config,
  parts: Pick<ExchangeOptions, 'file' | 'ledger' | 'spool' | 'isHeld' | 'log' | 'now'>,
): Exchange | undefined {
  if (folder === undefined) return undefined;
  return openExchange({ ...parts, folder, data, everyMs: ordersEvery * MINUTE_MS, inFile: catalog.workOrders });
}

export function openExchange(options: ExchangeOptions): Exchange {
  const { folder, data, log, isHeld, everyMs, now } = options;
  const files = openOrderFolder(folder);
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isClosed = false;
  let trouble: { why: string; since: number } | undefined;
  let toldAt = 0;

  const take = async (): Promise<void> => {
    // If a share is not mounted, the files would be written to the empty folder under it.
    await refuseLostDisk(resolve(folder), data);
    for (const file of await files.arrived()) {
      if (isClosed || isHeld()) return;
      await takeFile(files, file, options);
    }
  };
  const tell = async (): Promise<void> => {
    if (isHeld() || (await files.counts(now())).unread >= MAX_UNREAD) return;
    await writeCounts(files, options);
  };
  const look = async (): Promise<void> => {
    try {
      await take();
      if (now() - toldAt >= everyMs || now() < toldAt) {
        await tell();
        toldAt = now();
      }
      if (trouble !== undefined) log.info({ folder }, 'files are exchanged with the ERP again');
      trouble = undefined;
    } catch (error) {
      const why = fileError(error);
      // The same trouble is logged only once.
      if (why !== trouble?.why)
        log.warn({ folder, why }, 'no files can be exchanged with the ERP: the service tries again');
      trouble = { why, since: trouble?.since ?? now() };
    }
    if (!isClosed) timer = setTimeout(() => void (running = look()), LOOK_EVERY_MS).unref();
  };
  return {
    start: () => void (running = look()),
    take,
    tell,
    async state() {
      const forMs = trouble && Math.max(0, now() - trouble.since);
      const known = trouble && { why: trouble.why, forMs: forMs ?? 0 };
      const counts = await files.counts(now());
      return { trouble: known, ...counts, stuck: isHeld() ? 0 : counts.stuck, isFull: counts.unread >= MAX_UNREAD };
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
}

type Folder = ReturnType<typeof openOrderFolder>;

async function takeFile(files: Folder, file: Arrived, options: ExchangeOptions): Promise<void> {
  const { log, spool, ledger, inFile, now } = options;
  const { name, bytes } = file;
  const read = bytes > MAX_FILE_BYTES ? tooLarge() : await readFile(files, file, spool);
  // The ERP is still writing the file.
  if (read === undefined) return;
  const problems = read.problems.map(({ line, why }) => `line ${line}: ${why}`);
  if (read.orders.length > MAX_ORDERS && problems.length === 0)
    problems.push(`the file has ${read.orders.length} work orders: divide it into files of at most ${MAX_ORDERS}`);
  if (problems.length > 0) problems.push('no work order of this file was changed');
  else {
    const orders = read.orders.map(({ order }) => order);
    const results = await planOrders(ledger, inFile, orders, ACTOR);
    for (const [at, one] of results.entries())
      if (one.result === 'refused')
        problems.push(`line ${read.orders[at]?.line}: work order ${one.reference}: ${one.error.message}`);
    const count = (result: string): number => results.filter((one) => one.result === result).length;
    log.info({ file: name, added: count('added'), changed: count('changed') }, 'work orders of the ERP were taken');
  }
  const stamp = stampOf(now());
  if (problems.length === 0) {
    await files.move(name, 'done', stamp);
    return;
  }
  log.warn({ file: name, problems: problems.length }, 'a file of the ERP has problems: read failed/*.errors.txt');
  const more = problems.length - MAX_PROBLEMS;
  const shown = [...problems.slice(0, MAX_PROBLEMS), ...(more > 0 ? [`and ${more} more`] : [])];
  // The file is moved first. Otherwise, if moving fails, each reading of `inbox` would add another error file.
  await files.move(name, 'failed', stamp);
  await files.write('failed', `${stamp}-${name}${ERRORS}`, `${shown.join('\n')}\n`);
}

/** A child process reads the file, because a large file takes a second. */
async function readFile(files: Folder, file: Arrived, spool: Spool): Promise<OrderFile | undefined> {
  const bytes = await files.read(file);
  if (bytes === undefined) return undefined;
  return spool.run<OrderFile>({ by: SERVICE, entry: 'jobs/orders/read-orders-child.js', task: () => ({ bytes }) });
}

function tooLarge(): OrderFile {
  const why = `the file is larger than ${MAX_FILE_BYTES / 2 ** 20} MiB: divide it`;
  return { format: 'unknown', orders: [], problems: [{ line: 1, cause: 'too-large', why }] };
}

const Told = z.object({ upto: z.int().min(0) });

async function writeCounts(files: Folder, { spool, ledger, file, data, log, now }: ExchangeOptions): Promise<void> {
  const kept = join(data, 'orders-told.json');
  const after = toldIn(kept, log);
  if ((await ledger.head()).size === after) return;
  const task = (): CountTask => ({ ledger: file, after });
  const { rows, upto } = await spool.run<Counted>({ by: SERVICE, entry: 'jobs/orders/count-orders-child.js', task });
  if (rows.length > 0) {
    const at = now();
    await files.write('outbox', `production-${stampOf(at)}-${upto}.csv`, productionCsv(rows, upto, at));
  }
  if (upto !== after) await writeAtomically(kept, JSON.stringify({ upto }));
}

/** If the file is damaged, the next file has all work orders that are not closed. */
function toldIn(file: string, log: Log): number | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    return Told.parse(JSON.parse(text)).upto;
  } catch (error) {
    log.warn(
      { file, why: messageOf(error) },
      'the file that stores the progress of the exchange with the ERP is damaged and is made again',
    );
    return undefined;
  }
}

/** A time as part of a file name, such as `20261130T201500Z`. */
function stampOf(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
}

import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { isTransient, MAX_ORDERS, planOrders } from '../../contract/orders/plan-orders.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { ErpFilesFact } from '../../decide/forecasts/forecast.ts';
import { writeAtomically } from '../../platform/atomic-file.ts';
import { ClaimstampError, messageOf } from '../../platform/error.ts';
import { fileError, readIfThere } from '../../platform/file-error.ts';
import { refuseLostDisk } from '../../platform/other-disk.ts';
import type { Log } from '../../platform/log.ts';
import { SERVICE, type Spool } from '../../platform/spool.ts';
import type { OrderFile } from '../../sheet/read-orders.ts';
import type { ToldUpto } from '../../sqlite/changed-orders.ts';
import type { Counted, CountTask } from './count-orders-child.ts';
import { openFileTroubles, type FileTrouble } from './file-troubles.ts';
import { ERRORS, MAX_FILE_BYTES, openOrderFolder, type Arrived, type OrderFolder } from './order-folder.ts';
import { productionCsv } from './production-rows.ts';
import { openUnmovedFiles, type Unmoved } from './unmoved-files.ts';

/*
 * Exchanges files with an ERP: takes work orders from `inbox`, and writes production figures to `outbox`. If a file is
 * taken twice, for example because the service was killed before it moved the file, nothing changes.
 */

/** How often `inbox` is read, in ms. A file is taken when it has not changed since the previous reading. */
const LOOK_EVERY_MS = 5000;

/** The maximum number of files that are taken at a time. The others are taken the next time. */
const MAX_AT_ONCE = 100;

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
  ledger: Pick<Ledger, 'record' | 'feed'>;
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
  const unmoved = openUnmovedFiles(data, log);
  const troubles = openFileTroubles(log, now);
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isClosed = false;
  let trouble: { why: string; since: number } | undefined;
  let toldAt = 0;

  // If a share is not mounted, the files would be written to the empty folder under it.
  const refuseLost = (): Promise<unknown> => refuseLostDisk(resolve(folder), data);
  const take = async (): Promise<void> => {
    await refuseLost();
    const listing = await files.arrived();
    troubles.compare(listing);
    await unmoved.compare(listing.keys);
    for (const file of troubles.inTurn(listing.files).slice(0, MAX_AT_ONCE)) {
      if (isClosed || isHeld()) return;
      troubles.note(file.name, await takeFile({ ...options, files, unmoved }, file));
    }
  };
  const tell = async (): Promise<void> => {
    if (isHeld()) return;
    await refuseLost();
    if ((await files.counts(now())).unread < MAX_UNREAD) await writeCounts(files, options);
  };
  const look = async (): Promise<void> => {
    const taking = await whyNot(take);
    const isDue = now() - toldAt >= everyMs || now() < toldAt;
    // Files are written to `outbox` even if none can be taken from `inbox`.
    const telling = isDue ? await whyNot(tell) : undefined;
    if (isDue && telling === undefined) toldAt = now();
    const why = taking ?? telling;
    // The same trouble is logged only once.
    if (why !== undefined && why !== trouble?.why)
      log.warn({ folder, why }, 'no files can be exchanged with the ERP: the service tries again');
    else if (why === undefined && trouble !== undefined) log.info({ folder }, 'files are exchanged with the ERP again');
    trouble = why === undefined ? undefined : { why, since: trouble?.since ?? now() };
    if (!isClosed) timer = setTimeout(() => void (running = look()), LOOK_EVERY_MS).unref();
  };
  return {
    start: () => void (running = look()),
    take,
    tell,
    async state() {
      const forMs = trouble && Math.max(0, now() - trouble.since);
      const known = trouble && { why: trouble.why, forMs: forMs ?? 0 };
      const counts = await files.counts(now(), troubles.names());
      const stuck = isHeld() ? 0 : counts.stuck;
      return { trouble: known, file: troubles.fact(), ...counts, stuck, isFull: counts.unread >= MAX_UNREAD };
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** Returns why an action failed, or undefined if it did not fail. */
async function whyNot(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return fileError(error);
  }
}

interface Taking extends ExchangeOptions {
  files: OrderFolder;
  unmoved: ReturnType<typeof openUnmovedFiles>;
}

/**
 * Takes the work orders of a file, and moves the file. If the file cannot be read or moved, returns why. Throws if the
 * ledger cannot be written: the file is then taken later.
 */
async function takeFile(taking: Taking, file: Arrived): Promise<FileTrouble | undefined> {
  const { files, unmoved } = taking;
  const handled = unmoved.of(file) ?? (await handle(taking, file));
  if (handled === undefined || 'why' in handled) return handled;
  const { errors, ...moving } = handled;
  let left: Unmoved = handled;
  const why = await whyNot(async () => {
    if (errors !== undefined) await files.write('failed', `${moving.as}${ERRORS}`, errors);
    left = moving;
    await files.move(file, moving.place, moving.as);
  });
  if (why === undefined) {
    await unmoved.forget(file.name);
    return undefined;
  }
  await unmoved.keep(file.name, left);
  return { why, isHandled: true };
}

/** If the file cannot be read, returns why. If the file has changed, returns undefined. */
async function handle(taking: Taking, file: Arrived): Promise<Unmoved | FileTrouble | undefined> {
  const { files, log, now } = taking;
  const { name, key } = file;
  let as: string;
  let read: OrderFile | undefined;
  try {
    as = await files.freeName(name, stampOf(now()));
    read = file.bytes > MAX_FILE_BYTES ? tooLarge() : await readFile(files, file, taking.spool);
  } catch (error) {
    if (error instanceof ClaimstampError && isTransient(error)) throw error;
    return { why: fileError(error), isHandled: false };
  }
  // The ERP is still writing the file.
  if (read === undefined) return undefined;
  const problems = await plan(taking, name, read);
  const place = problems.length === 0 ? 'done' : 'failed';
  if (place === 'done') return { key, place, as };
  log.warn({ file: name, problems: problems.length }, 'a file of the ERP has problems: read failed/*.errors.txt');
  const more = problems.length - MAX_PROBLEMS;
  const shown = [...problems.slice(0, MAX_PROBLEMS), ...(more > 0 ? [`and ${more} more`] : [])];
  return { key, place, as, errors: `${shown.join('\n')}\n` };
}

/** Adds and changes the work orders of a file. Returns the problems of the file. */
async function plan({ ledger, inFile, log }: Taking, name: string, read: OrderFile): Promise<string[]> {
  const problems = read.problems.map(({ line, why }) => `line ${line}: ${why}`);
  if (read.orders.length > MAX_ORDERS && problems.length === 0)
    problems.push(`the file has ${read.orders.length} work orders: divide it into files of at most ${MAX_ORDERS}`);
  if (problems.length > 0) return [...problems, 'no work order of this file was changed'];
  const orders = read.orders.map(({ order }) => order);
  const results = await planOrders(ledger, inFile, orders, ACTOR);
  for (const [at, one] of results.entries())
    if (one.result === 'refused')
      problems.push(`line ${read.orders[at]?.line}: work order ${one.reference}: ${one.error.message}`);
  const count = (result: string): number => results.filter((one) => one.result === result).length;
  log.info({ file: name, added: count('added'), changed: count('changed') }, 'work orders of the ERP were taken');
  return problems;
}

/** Reads the work orders of a file in a child process, because a large file takes a second. */
async function readFile(files: OrderFolder, file: Arrived, spool: Spool): Promise<OrderFile | undefined> {
  const bytes = await files.read(file);
  if (bytes === undefined) return undefined;
  return spool.run<OrderFile>({ by: SERVICE, entry: 'jobs/orders/read-orders-child.js', task: () => ({ bytes }) });
}

function tooLarge(): OrderFile {
  const why = `the file is larger than ${MAX_FILE_BYTES / 2 ** 20} MiB: divide it`;
  return { format: 'unknown', orders: [], problems: [{ line: 1, cause: 'too-large', why }] };
}

/** Version 1.0 stored no time. */
const Told = z.object({ upto: z.int().min(0), at: z.int().optional() }) satisfies z.ZodType<ToldUpto>;

async function writeCounts(
  files: OrderFolder,
  { spool, ledger, file, data, log, now }: ExchangeOptions,
): Promise<void> {
  const kept = join(data, 'orders-told.json');
  const after = toldIn(kept, log);
  if (after !== undefined && (await isNewest(ledger, after))) return;
  const task = (): CountTask => ({ ledger: file, after });
  const { rows, ...told } = await spool.run<Counted>({ by: SERVICE, entry: 'jobs/orders/count-orders-child.js', task });
  if (rows.length > 0) {
    const at = now();
    await files.write('outbox', `production-${stampOf(at)}-${told.upto}.csv`, productionCsv(rows, told.upto, at));
  }
  if (told.upto !== after?.upto || told.at !== after.at) await writeAtomically(kept, JSON.stringify(told));
}

/**
 * True if the ledger has no events after this position. Also compares the time, because a restored ledger may have
 * another event with the same number.
 */
async function isNewest(ledger: Pick<Ledger, 'feed'>, { upto, at }: ToldUpto): Promise<boolean> {
  const newest = await ledger.feed({ after: Math.max(0, upto - 1), limit: 1 });
  return newest.size === upto && (at === undefined || newest.at === at);
}

/**
 * Returns the position in the ledger up to which files were written to `outbox`. If `file` is damaged, returns
 * undefined, so that the next file has all work orders that are not closed.
 */
function toldIn(file: string, log: Log): ToldUpto | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    return Told.parse(JSON.parse(text));
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

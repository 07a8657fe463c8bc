import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Ledger } from '../contract/ledger.ts';
import { openWriterClient, type WriterClient, type WriterOptions } from './writer-client.ts';
import { existing } from './existing.ts';
import { migrations } from './open.ts';
import { openReader, type Reader } from './reader.ts';
import type { Probed } from './writer.ts';

/**
 * If the disk has less free space than this (bytes), it counts as full. The space is needed for the write-ahead log and
 * its checkpoint.
 */
const MIN_FREE_BYTES = 64 * 1024 * 1024;

/**
 * Opens the ledger file. If the file is missing, creates it. The caller must be the owner of the data folder
 * (data-lock.ts).
 */
export async function openSqliteLedger(options: WriterOptions): Promise<Ledger> {
  const { file } = options;
  let reader: Reader | undefined;
  const onReopened = (): void => {
    reader?.close();
    reader = openReader(file);
  };
  const writer = await openWriterClient({ ...options, onReopened });
  reader = openReader(file);
  const current = (): Reader => existing(reader);
  return ledgerOver(writer, current, async () => problemsOf(await writer.probe(), current(), file));
}

/** Sends commands to the writer, and reads committed data from the file. */
export function ledgerOver(
  writer: WriterClient,
  reader: () => Reader,
  problems: Ledger['problems'],
  catchUp: Ledger['catchUp'] = async () => {},
): Ledger {
  return {
    catchUp,
    record: (command) => writer.record(command),
    unit: async (uci) => reader().unit(uci),
    units: async (page) => reader().units(page),
    exceptions: async (before) => reader().exceptions(before),
    returns: async (page) => reader().returns(page),
    returned: async (rma, after, limit) => reader().returned(rma, after, limit),
    scanned: async (sent, at) => reader().scanned(sent, at),
    unitNumbers: async (beginnings, products) => reader().unitNumbers(beginnings, products),
    bodies: async (units) => reader().bodies(units),
    printer: async (name) => reader().printer(name),
    printers: async () => reader().printers(),
    printJobs: async (page) => reader().printJobs(page),
    openPrintJobs: async (printer) => reader().openPrintJobs(printer),
    product: async (id) => reader().product(id),
    products: async () => reader().products(),
    station: async (name) => reader().station(name),
    stations: async () => reader().stations(),
    hadName: async (kind, name) => reader().hadName(kind, name),
    credential: async (hash) => reader().credential(hash),
    credentials: async (kind) => reader().credentials(kind),
    person: async (name) => reader().person(name),
    people: async () => reader().people(),
    times: async () => reader().times(),
    introduced: async (what) => reader().introduced(what),
    importing: async () => reader().importing(),
    workOrder: async (id) => reader().workOrder(id),
    workOrders: async () => reader().workOrders(),
    closing: async (seq) => reader().closing(seq),
    signedOff: async (uci, seq) => reader().signedOff(uci, seq),
    shippingList: async (id) => reader().shippingList(id),
    shippingLists: async (page) => reader().shippingLists(page),
    shipments: async (page) => reader().shipments(page),
    template: async (name, revision) => reader().template(name, revision),
    templates: async () => reader().templates(),
    templateRevisions: async (page) => reader().templateRevisions(page),
    approvedTemplate: async (name) => reader().approvedTemplate(name),
    approvals: async (name) => reader().approvals(name),
    approvalRequests: async () => reader().approvalRequests(),
    renderSet: async (by) => reader().renderSet(by),
    labelContent: async (hash) => reader().labelContent(hash),
    logo: async (name, revision) => reader().logo(name, revision),
    logos: async () => reader().logos(),
    accessEvents: async (page) => reader().accessEvents(page),
    feed: async (page) => reader().feed(page),
    counters: async (now, site) => reader().counters(now, site),
    snoozes: async () => reader().snoozes(),
    head: async () => reader().head(),
    rootAt: async (size) => reader().rootAt(size),
    inclusion: async (seqs, size) => reader().inclusion(seqs, size),
    consistency: async (from, to) => reader().consistency(from, to),
    checkpoint: async (size) => reader().checkpoint(size),
    problems,
    figures: () => writer.figures(),
    close() {
      reader().close();
      return writer.close();
    },
  };
}

async function problemsOf({ synchronous, schema, problem }: Probed, reader: Reader, file: string): Promise<string[]> {
  if (problem !== undefined) return [problem];
  const { bavail, bsize } = await statfs(dirname(file));
  const known = migrations().at(-1)?.version;
  const free = bavail * bsize;
  return [
    ...(synchronous === 2 ? [] : [`the writer has synchronous=${synchronous}, not FULL`]),
    ...(reader.synchronous() === 2 ? [] : ['the reader does not have synchronous=FULL']),
    ...(schema === known ? [] : [`the schema is ${schema}, but this version has ${known}`]),
    ...(free >= MIN_FREE_BYTES ? [] : [`${Math.floor(free / 2 ** 20)} MiB free on the ledger's disk`]),
  ];
}

export function ledgerFile(data: string): string {
  return join(data, 'ledger.db');
}

/**
 * Returns the path of this process's copy of a shared ledger. The copy does not have the name of a ledger file, so that
 * no process uses the copy as a ledger.
 */
export function copyFile(data: string): string {
  return join(data, 'copy.db');
}

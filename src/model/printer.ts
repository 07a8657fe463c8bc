import type { Socket } from 'node:net';
import { z } from 'zod';
import { Name } from './product.ts';

/*
 * A printer as the settings file and the API have it, and what sending a job to it promises. The adapters beside this
 * file move bytes and say how that ended; they queue nothing, repeat nothing and record nothing.
 */

/** Ten minutes: nobody at a line waits longer for one label. ms */
const MAX_LIMIT_MS = 600_000;
const limit = (ms: number) => z.int().min(1).max(MAX_LIMIT_MS).default(ms);

const HOST = /^(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,253})|[0-9A-Fa-f:.]{2,45})$/;

const common = {
  /** Dots per inch of its head: ZPL is drawn in them and the bars of a PDF snap to them. */
  dpi: z.union([z.literal(203), z.literal(300), z.literal(600)], 'must be 203, 300 or 600').default(203),
};

const overNetwork = {
  ...common,
  /** Time to connect, looking up the name included. On a factory's own network it takes milliseconds. ms */
  connectMs: limit(5_000),
};

/** ZPL to a TCP port, as label printers take it ("JetDirect", AppSocket). */
const Raw9100 = z.strictObject({
  kind: z.literal('raw9100'),
  host: z.string().regex(HOST, 'must be a host name or an IP address'),
  port: z.int().min(1).max(65_535).default(9100),
  ...overNetwork,
  /** The longest time in which it takes no byte. A printer that is out of labels stops reading. ms */
  stallMs: limit(30_000),
  /** How long to wait for it to close the connection after the last byte; many never do. ms */
  closeMs: limit(3_000),
});

/** PDF to an IPP printer or a CUPS queue. */
const Ipp = z.strictObject({
  kind: z.literal('ipp'),
  url: z
    .string()
    .refine(isPrinterUrl, 'must be an address such as ipp://host/printers/queue, without user or password'),
  ...overNetwork,
  /** Time for the whole exchange with the job in it: sending, and the printer's answer. ms */
  answerMs: limit(30_000),
  /** Time from the printer's acceptance until it says that the job is completed. ms */
  doneMs: limit(120_000),
  /** The label as the printer names it (PWG 5101.1), such as `om_label_62x40mm`; without it the printer's default. */
  media: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,126}$/, 'must be a media name such as om_label_62x40mm')
    .optional(),
  /** SHA-256 of its certificate: printers sign their own, which no authority vouches for. Only for ipps and https. */
  certificate: z
    .string()
    .regex(/^(?:[0-9A-Fa-f]{2}:?){32}$/, 'must be a SHA-256 fingerprint: 64 hexadecimal digits')
    .optional(),
});

/** A folder that something else takes files from: a spooler, a virtual printer, a test. */
const Folder = z.strictObject({
  kind: z.literal('file'),
  folder: z.string().min(1).max(4096),
  format: z.enum(['pdf', 'zpl']),
  ...common,
});

/** A fingerprint that nothing compares would be a false promise. */
function isPinned(printer: { kind: string; url?: string; certificate?: string | undefined }): boolean {
  return printer.certificate === undefined || /^(ipps|https):/i.test(printer.url ?? '');
}
const unpinned = { path: ['certificate'], error: 'is only for ipps:// and https:// addresses' };

export const PrinterSettings = z.discriminatedUnion('kind', [Raw9100, Ipp, Folder]).refine(isPinned, unpinned);
export type PrinterSettings = z.infer<typeof PrinterSettings>;

const name = { name: Name };
export const Printer = z
  .discriminatedUnion('kind', [Raw9100.extend(name), Ipp.extend(name), Folder.extend(name)])
  .refine(isPinned, unpinned);
export type Printer = z.infer<typeof Printer>;
export type Raw9100Printer = Extract<Printer, { kind: 'raw9100' }>;
export type IppPrinter = Extract<Printer, { kind: 'ipp' }>;
export type FilePrinter = Extract<Printer, { kind: 'file' }>;

export type Format = 'zpl' | 'pdf';

/** What to render for this printer. */
export function formatOf(printer: PrinterSettings): Format {
  switch (printer.kind) {
    case 'raw9100':
      return 'zpl';
    case 'ipp':
      return 'pdf';
    case 'file':
      return printer.format;
  }
}

function isPrinterUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return /^(ipps?|https?):$/.test(url.protocol) && HOST.test(host) && url.username + url.password + url.hash === '';
}

export interface Job {
  /** Unique among all jobs; the name of the file. Letters, digits, ".", "_" and "-". */
  id: string;
  /** What the printer's own screen shows: never a whole Claim ID. */
  name: string;
  format: Format;
  bytes: Uint8Array;
  /**
   * How often the printer is to repeat the bytes. Only IPP can be told; the other kinds take 1, and the copies stand in
   * the bytes (`^PQ`, or a page for each).
   */
  copies: number;
}

export interface Hooks {
  /**
   * Called once, right before the first byte may leave, and waited for: record durably that the job is on its way here,
   * so that after a crash nobody takes it for unsent. Not called at all when the printer cannot be reached. When it
   * rejects, nothing leaves and the outcome is `failed`.
   */
  onSending: () => void | Promise<void>;
}

export type Outcome =
  /** The printer's own word that it is finished (a folder: the file is there, whole and durable). */
  | { state: 'done' }
  /** The printer's system took every byte and said no more. It does not say that a label came out: raw 9100 ends here. */
  | { state: 'sent' }
  /**
   * The label did not come out as it should. `mayHaveLeft: false`: nothing of it was printed or will be, a person may
   * send it again. `true`: the printer took the job and gave up, part of it may be on paper.
   */
  | { state: 'failed'; reason: string; mayHaveLeft: boolean }
  /** Bytes may have left and nobody knows what became of them. Never sent again by itself: check the printer. */
  | { state: 'unknown'; reason: string };

/**
 * Sends one job to one printer, once, over one connection that carries it (send.ts). Always resolves, in a time that the
 * printer's limits bound; never rejects, never tries again. `reason` is a sentence for the operator's screen. When the
 * signal aborts before `onSending` was done, nothing leaves (`failed`); later, what has begun is broken off (`unknown`).
 */
export type Send = (printer: Printer, job: Job, hooks: Hooks, signal: AbortSignal) => Promise<Outcome>;

/** What an adapter is given. It returns an outcome, or throws: before `firstByte` that is `failed`, after it `unknown`. */
export interface Attempt {
  /**
   * To be awaited right before anything is written. Rejects when nothing may be: the hook failed, the attempt was
   * stopped, or the printer closed the connection meanwhile.
   */
  firstByte: (socket?: Socket) => Promise<void>;
  signal: AbortSignal;
}

import { isIPv6, type Socket } from 'node:net';
import { z } from 'zod';
import { check } from '../platform/validation-words.ts';
import { Name } from './product.ts';
import { mergePatch, type Patch } from './settings.ts';

/*
 * A printer in the settings file and the API, and the promises of sending a job to it. The adapters in print/ move bytes
 * and report the outcome; they queue nothing, repeat nothing and record nothing.
 */

/** Ten minutes: no operator waits longer for one label. ms */
const MAX_LIMIT_MS = 600_000;
const limit = (ms: number, description: string) =>
  z.int().min(1).max(MAX_LIMIT_MS).default(ms).meta({ description, 'x-unit': 'ms' });

const HOST_NAME = '[A-Za-z0-9_][A-Za-z0-9._-]{0,253}';
/** A link-local address needs its zone, the interface of this computer (RFC 4007). Linux allows 15 letters, others more. */
const IPV6 = '[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,64})?';
const HOST = new RegExp(`^(?:${HOST_NAME}|${IPV6})$`);
/** The same, or with a port, an IPv6 address then in brackets. */
const ADDRESS = new RegExp(`^(?:${HOST_NAME}(?::\\d{1,5})?|\\[${IPV6}\\](?::\\d{1,5})?|${IPV6})$`);

/** ZPL is drawn in these dots, and the bars of a PDF snap to them. */
const dpi = z
  .literal([203, 300, 600], 'must be 203, 300 or 600')
  .default(203)
  .meta({ description: 'Resolution of its print head', 'x-unit': 'dpi' });

/** Includes the DNS look-up. On a factory's own network it takes milliseconds. */
const connectMs = limit(5_000, 'Longest time to connect');

/** ZPL to a TCP port, as label printers take it ("JetDirect", AppSocket). */
const Raw9100 = z.strictObject({
  kind: z.literal('raw9100'),
  host: z
    .string()
    .regex(ADDRESS, { error: 'must be a host name or an IP address', abort: true })
    .refine(isAddress, 'must be a host name or an IP address')
    .describe('Host name or IP address, or either with its port: zebra:9101, [fd00::9]:9101'),
  port: z.int().min(1).max(65_535).default(9100).describe('TCP port'),
  dpi,
  connectMs,
  /** A printer that is out of labels stops reading. */
  stallMs: limit(30_000, 'Longest time in which it takes no byte'),
  /** Many printers never close it. */
  closeMs: limit(3_000, 'Longest wait until it closes the connection after the last byte'),
});

/** PDF to an IPP printer or a CUPS queue. */
const Ipp = z.strictObject({
  kind: z.literal('ipp'),
  url: z
    .string()
    .refine(isPrinterUrl, 'must be an address such as ipp://host/printers/queue, without user or password')
    .describe('Address of an IPP printer or a CUPS queue, such as ipp://printhost/printers/labels'),
  dpi,
  connectMs,
  answerMs: limit(30_000, 'Longest time to send a job and get its answer'),
  doneMs: limit(120_000, 'Longest time from its acceptance of a job until the job is completed'),
  /** PWG 5101.1 */
  media: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,126}$/, 'must be a media name such as om_label_62x40mm')
    .optional()
    .describe("Label size by its IPP media name, such as om_label_62x40mm; by default the printer's own"),
  /** Printers have self-signed certificates. */
  certificate: z
    .string()
    .regex(/^(?:[0-9A-Fa-f]{2}:?){32}$/, 'must be a SHA-256 fingerprint: 64 hexadecimal digits')
    .optional()
    .describe("SHA-256 fingerprint of the printer's own certificate; only for ipps:// and https://"),
});

/** A folder that another program takes files from: a spooler, a virtual printer, a test. */
const Folder = z.strictObject({
  kind: z.literal('file'),
  folder: z.string().min(1).max(4096).describe('Folder that a spooler or another program takes files from'),
  format: z.enum(['pdf', 'zpl']).default('pdf').describe('Format of the files'),
  dpi,
});

export const PRINTER_KINDS = { raw9100: Raw9100, ipp: Ipp, file: Folder };

/** The settings of all kinds; each printer has those of its kind. */
export const PRINTER_SETTINGS = {
  ...Raw9100.shape,
  ...Ipp.shape,
  ...Folder.shape,
  kind: z
    .enum(['raw9100', 'ipp', 'file'])
    .describe('ZPL over TCP (raw9100), PDF over IPP (ipp), or files in a folder (file)'),
};

/** Without TLS, the fingerprint would never be compared. */
function isPinned(printer: { kind: string; url?: string; certificate?: string | undefined }): boolean {
  return printer.certificate === undefined || /^(ipps|https):/i.test(printer.url ?? '');
}

const name = { name: Name };
/** A port given with the host wins. */
const Addressed = Raw9100.extend(name).overwrite((printer) => ({ ...printer, ...parseAddress(printer.host) }));
export const Printer = z
  .discriminatedUnion('kind', [Addressed, Ipp.extend(name), Folder.extend(name)])
  .refine(isPinned, { path: ['certificate'], error: 'is only for ipps:// and https:// addresses' });
export type Printer = z.infer<typeof Printer>;
export type Raw9100Printer = Extract<Printer, { kind: 'raw9100' }>;
export type IppPrinter = Extract<Printer, { kind: 'ipp' }>;
export type FilePrinter = Extract<Printer, { kind: 'file' }>;

/** `host`, `host:9101`, `[fd00::9]` or `[fd00::9]:9101`; an IPv6 address without brackets has no port. */
export function parseAddress(text: string): { host: string; port?: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,9}))?$/.exec(text) ?? [];
  return { host: bracketed ?? plain ?? text, ...(port === undefined ? {} : { port: Number(port) }) };
}

export function addressOf({ host, port }: { host: string; port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Its address or folder, in one line. */
export function placeOf(printer: Printer): string {
  switch (printer.kind) {
    case 'raw9100':
      return addressOf(printer);
    case 'ipp':
      return printer.url;
    case 'file':
      return printer.folder;
  }
}

function isAddress(text: string): boolean {
  const { host, port = 1 } = parseAddress(text);
  return port >= 1 && port <= 65_535 && (isIPv6(host) || !/[:%]/.test(host));
}

/** A printer after a change of settings. When its kind changes, it keeps the settings that both kinds have. */
export function changedPrinter(before: object, patch: Patch): Printer {
  const kind = patch['kind'] ?? ('kind' in before ? before.kind : undefined);
  const shape = PRINTER_KINDS[kind as keyof typeof PRINTER_KINDS]?.shape ?? PRINTER_SETTINGS;
  const kept = Object.entries(before).filter(([setting]) => setting in shape);
  return check(Printer, mergePatch(Object.fromEntries(kept), patch));
}

export type Format = 'zpl' | 'pdf';

/** The format to render for this printer. */
export function formatOf(printer: Printer): Format {
  switch (printer.kind) {
    case 'raw9100':
      return 'zpl';
    case 'ipp':
      return 'pdf';
    case 'file':
      return printer.format;
  }
}

/**
 * `host` keeps the zone of an IPv6 address, written `%eth0` (RFC 9844) or `%25eth0` (RFC 6874). `url` has none: WHATWG URLs
 * cannot, and it means nothing to the printer.
 */
export function parsePrinterUrl(text: string): { url: URL; host: string } | undefined {
  const [, start = '', zone = ''] = /^([a-z]+:\/\/\[[^\]%]*)(%[^\]]*)\]/i.exec(text) ?? [];
  const bare = start + text.slice(start.length + zone.length);
  if (!URL.canParse(bare)) return undefined;
  const url = new URL(bare);
  return { url, host: url.hostname.replace(/^\[(.*)\]$/, '$1') + zone.replace(/^%25/, '%') };
}

function isPrinterUrl(text: string): boolean {
  const { url, host = '' } = parsePrinterUrl(text) ?? {};
  if (url === undefined || !HOST.test(host)) return false;
  return /^(ipps?|https?):$/.test(url.protocol) && url.username + url.password + url.hash === '';
}

export interface Job {
  /** Unique among all jobs; the name of the file. Letters, digits, ".", "_" and "-". */
  id: string;
  /** Shown on the printer's own screen: never a complete Claim ID. */
  name: string;
  format: Format;
  bytes: Uint8Array;
  /**
   * How often the printer repeats the bytes. Only IPP supports this; for the other kinds it is 1, and the bytes hold the
   * copies (`^PQ`, or a page for each).
   */
  copies: number;
}

export interface Hooks {
  /**
   * Called and awaited once, right before the first byte may leave: it must record durably that the job is being sent, so
   * that after a crash the job does not count as unsent. Not called when the printer cannot be reached. When it rejects,
   * nothing leaves and the outcome is `failed`.
   */
  onSending: () => void | Promise<void>;
}

export type Outcome =
  /** The printer reported that the job is finished (a folder: the file is complete and durable). */
  | { state: 'done' }
  /** The printer took every byte and reported no more; a label may not have come out. Raw 9100 ends here. */
  | { state: 'sent' }
  /**
   * The label was not printed correctly. `mayHaveLeft: false`: nothing was or will be printed, a person may send it again.
   * `true`: the printer took the job and gave up; part of it may be on paper.
   */
  | { state: 'failed'; reason: string; mayHaveLeft: boolean }
  /** Bytes may have left, with unknown result. Never sent again automatically: check the printer. */
  | { state: 'unknown'; reason: string };

/**
 * Sends one job to one printer, once, over one connection (print/send.ts). Always resolves within the printer's time
 * limits; never rejects, never retries. `reason` is a sentence for the operator's screen. When the signal aborts before
 * `onSending` is done, nothing leaves (`failed`); later, the job is interrupted (`unknown`).
 */
export type Send = (printer: Printer, job: Job, hooks: Hooks, signal: AbortSignal) => Promise<Outcome>;

/** The input of an adapter. It returns an outcome or throws: before `firstByte` that means `failed`, after it `unknown`. */
export interface Attempt {
  /**
   * The adapter awaits this right before it writes anything. Rejects when nothing may be written: the hook failed, the
   * attempt was stopped, or the printer closed the connection meanwhile.
   */
  firstByte: (socket?: Socket) => Promise<void>;
  signal: AbortSignal;
}

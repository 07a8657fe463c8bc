import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { check } from '../platform/validation-words.ts';
import { Name } from './product.ts';
import { mergePatch, type Patch } from './settings.ts';
import { hasLeadingZeros, hasUrlLeadingZeros } from '../platform/leading-zeros.ts';
import { isKey } from '../platform/own.ts';
import { HANDLING, isSameSize, PLACING, sizeOf, type Setup, type Size } from './printing/setup.ts';

/* The settings of a printer. */

/** No time limit may exceed ten minutes, because no operator waits longer for one label. */
const MAX_LIMIT_MS = 600_000;
const limit = (ms: number, description: string) =>
  z.int().min(1).max(MAX_LIMIT_MS).default(ms).meta({ description, 'x-unit': 'ms' });

const HOST_NAME = '[A-Za-z0-9_][A-Za-z0-9._-]{0,253}';
/**
 * A link-local address needs a zone, which names a network interface of this computer (RFC 4007). On Linux, the name
 * has up to 15 letters.
 */
const IPV6 = '[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,64})?';
const HOST = new RegExp(`^(?:${HOST_NAME}|${IPV6})$`);
/** Matches a host name or an IP address, with an optional port. An IPv6 address needs brackets if a port follows. */
const ADDRESS = new RegExp(`^(?:${HOST_NAME}(?::\\d{1,5})?|\\[${IPV6}\\](?::\\d{1,5})?|${IPV6})$`);

/** ZPL labels are drawn in dots of this size. In PDF labels, the bars of codes are aligned to dots of this size. */
const dpi = z
  .literal([203, 300, 600], 'must be 203, 300 or 600')
  .default(203)
  .meta({ description: 'Resolution of the print head', 'x-unit': 'dpi' });

/**
 * The time limit for connecting includes the DNS look-up. On a factory's own network, both the look-up and the
 * connection take milliseconds.
 */
const connectMs = limit(5_000, 'Longest time to connect');

/** ZPL or TSPL is sent to a TCP port. Label printers have a TCP port for print data ("JetDirect", AppSocket). */
const Raw9100 = z.strictObject({
  kind: z.literal('raw9100'),
  host: z
    .string()
    .regex(ADDRESS, { error: 'must be a host name or an IP address', abort: true })
    .refine(isAddress, 'must be a host name or an IP address')
    .describe('Host name or IP address, with or without a port: zebra:9101, [fd00::9]:9101'),
  port: z.int().min(1).max(65_535).default(9100).describe('TCP port'),
  dpi,
  format: z
    .enum(['zpl', 'tspl'])
    .optional()
    .describe('Language of the printer: ZPL (the default), or TSPL for TSC, Godex and compatible printers'),
  ...PLACING,
  ...HANDLING,
  connectMs,
  /** A printer that runs out of labels stops reading, and continues when it has labels again. */
  stallMs: limit(30_000, 'Time without an accepted byte after which the printer counts as stopped'),
  /** The waiting time must be limited, because many printers never close the connection. */
  closeMs: limit(3_000, 'Longest wait after the last byte until the printer closes the connection'),
  /**
   * `claimstamp printer ask` finds out whether a printer answers queries. A printer that does not support queries would
   * print the query as text.
   */
  answers: z
    .boolean()
    .optional()
    .describe(
      'Choose yes for a Zebra: it answers queries (~HS), so the service asks it whether each label was printed',
    ),
});

/** PDF is sent to an IPP printer or a CUPS queue. */
const Ipp = z.strictObject({
  kind: z.literal('ipp'),
  url: z
    .string()
    .refine(isPrinterUrl, 'must be an address such as ipp://host/printers/queue, without user or password')
    .describe('Address of an IPP printer or a CUPS queue, such as ipp://printhost/printers/labels'),
  dpi,
  ...PLACING,
  connectMs,
  answerMs: limit(30_000, 'Longest time to send a job and receive its answer'),
  doneMs: limit(120_000, 'Longest time without a report of the printer about a job that it has accepted'),
  /** A media name as in PWG 5101.1. */
  media: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,126}$/, 'must be a media name such as om_label_62x40mm')
    .optional()
    .describe("IPP media name of the label size, such as om_label_62x40mm; by default, the printer's own"),
  /**
   * The certificate is identified by its fingerprint, because printers have self-signed certificates that no authority
   * confirms.
   */
  certificate: z
    .string()
    .regex(/^(?:[0-9A-Fa-f]{2}:?){32}$/, 'must be a SHA-256 fingerprint: 64 hexadecimal digits')
    .optional()
    .describe("SHA-256 fingerprint of the printer's own certificate; only for ipps:// and https://"),
  user: z
    .string()
    .regex(/^[^:\p{Cc}]{1,64}$/u, 'must be 1 to 64 characters, without a colon')
    .optional()
    .describe('User name that the printer asks for; the password is set separately'),
});

/** True if the password would cross the network in clear text. */
export function isReadable({ url }: { url: string }): boolean {
  return !/^(ipps|https):/i.test(url);
}

const FORMAT_HELP = 'Format of the files, or of the labels for a print agent';

/**
 * Files are written to a folder. Another program takes the files from the folder: a spooler, a virtual printer or a
 * test.
 */
const Folder = z.strictObject({
  kind: z.literal('file'),
  folder: z.string().min(1).max(4096).describe('Folder where a spooler or another program picks up the files'),
  format: z.enum(['pdf', 'zpl', 'tspl']).default('pdf').describe(FORMAT_HELP),
  dpi,
  ...PLACING,
  ...HANDLING,
});

/**
 * The service hands labels to a print agent (`claimstamp print-agent`) on the PC that has the printer. The agent
 * connects to the service and sends the token of this printer.
 */
const Agent = z.strictObject({
  kind: z.literal('agent'),
  format: z.enum(['pdf', 'zpl', 'tspl']).default('pdf').describe(FORMAT_HELP),
  dpi,
  ...PLACING,
  ...HANDLING,
  connectMs,
  /** While the agent is printing, it reports every few seconds that it is still printing. */
  silentMs: limit(30_000, 'Longest time without a report of a print agent about a label that it has taken'),
});

export const PRINTER_KINDS = { raw9100: Raw9100, ipp: Ipp, file: Folder, agent: Agent };

/** The settings of all kinds of printers. A printer has only the settings for its own kind. */
export const PRINTER_SETTINGS = {
  ...Raw9100.shape,
  ...Ipp.shape,
  ...Folder.shape,
  ...Agent.shape,
  kind: z
    .enum(['raw9100', 'ipp', 'file', 'agent'])
    .describe(
      'ZPL or TSPL over TCP (raw9100), PDF over IPP (ipp), files in a folder (file), or a print agent on the PC of the printer (agent)',
    ),
};

/**
 * False if a printer has a certificate fingerprint, but an address that does not use TLS. Without TLS, the fingerprint
 * would never be compared.
 */
function isPinned(printer: { kind: string; url?: string; certificate?: string | undefined }): boolean {
  return printer.certificate === undefined || /^(ipps|https):/i.test(printer.url ?? '');
}

const name = { name: Name };
/** If the `host` text contains a port, this port is used. */
const Addressed = Raw9100.extend(name).overwrite((printer) => ({ ...printer, ...parseAddress(printer.host) }));
export const Printer = z
  .discriminatedUnion('kind', [Addressed, Ipp.extend(name), Folder.extend(name), Agent.extend(name)])
  .refine(isPinned, { path: ['certificate'], error: 'is only for ipps:// and https:// addresses' })
  .refine(({ across = 1, acrossGap }) => across === 1 || acrossGap !== undefined, {
    path: ['acrossGap'],
    error: 'is needed for labels side by side',
  });
export type Printer = z.infer<typeof Printer>;

/**
 * A printer as the ledger stores it. `confined` is true if the printer must keep to the rules for addresses and
 * folders. Earlier versions had no such rules. The events of those versions lack `confined`, so the printers in those
 * events continue to work.
 */
export type KeptPrinter = Printer & {
  confined?: true;
  /**
   * The column of the next label, if the roll has labels side by side and the last row is not full. Columns are
   * numbered from 1.
   */
  nextColumn?: number;
  /** The time when the password was last set, in ms since 1970. The password itself is never in the ledger. */
  passwordAt?: number;
  /** True if the printer was removed. Only the stores read removed printers. */
  removed?: true;
};

export type Raw9100Printer = Extract<Printer, { kind: 'raw9100' }>;
export type IppPrinter = Extract<Printer, { kind: 'ipp' }>;
export type FilePrinter = Extract<Printer, { kind: 'file' }>;
export type AgentPrinter = Extract<Printer, { kind: 'agent' }>;

/** Reads `host`, `host:9101`, `[fd00::9]` or `[fd00::9]:9101`. An IPv6 address without brackets has no port. */
export function parseAddress(text: string): { host: string; port?: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,9}))?$/.exec(text) ?? [];
  return { host: bracketed ?? plain ?? text, ...(port === undefined ? {} : { port: Number(port) }) };
}

export function addressOf({ host, port }: { host: string; port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Returns the printer's address or folder as one line of text. A print agent's printer has no known address, because
 * only the agent knows where the printer is.
 */
export function placeOf(printer: Printer): string {
  switch (printer.kind) {
    case 'raw9100':
      return addressOf(printer);
    case 'ipp':
      return printer.url;
    case 'file':
      return printer.folder;
    case 'agent':
      return 'print agent';
  }
}

/**
 * Returns the size of the labels in the printer, if the size is known. An IPP media name may contain the size (PWG
 * 5101.1). The size is given in the orientation that the labels have in the printer.
 */
export function loadedOf(printer: Printer): string | undefined {
  if (printer.loaded !== undefined) return printer.loaded;
  if (printer.kind !== 'ipp' || (printer.across ?? 1) > 1) return undefined;
  const [, across, along, unit] = /_(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|in)$/.exec(printer.media ?? '') ?? [];
  if (across === undefined || along === undefined) return undefined;
  const [width, height] = [across, along].map((size) => (unit === 'in' ? String(Number(size) * MM_PER_INCH) : size));
  return isSideways(printer.rotation) ? `${height}x${width}` : `${width}x${height}`;
}

function isSideways(rotation = 0): boolean {
  return rotation === 90 || rotation === 270;
}

/** Returns the settings that are needed to write a job. */
export function setupOf(printer: Printer): Setup {
  const loaded = loadedOf(printer);
  return { ...printer, ...(loaded === undefined ? {} : { loaded }) };
}

export function isSamePlace(a: Printer, b: Printer): boolean {
  return a.kind === b.kind && placeOf(a) === placeOf(b);
}

function isAddress(text: string): boolean {
  const { host, port = 1 } = parseAddress(text);
  if (hasLeadingZeros(host)) return false;
  return port >= 1 && port <= 65_535 && (isIPv6(host) || !/[:%]/.test(host));
}

/**
 * Returns the printer with changed settings. If the kind of the printer changes, only the settings that both kinds have
 * are kept.
 */
export function changedPrinter(before: object, patch: Patch): Printer {
  const kind = patch['kind'] ?? ('kind' in before ? before.kind : undefined);
  const shape = isKey(PRINTER_KINDS, kind) ? PRINTER_KINDS[kind].shape : PRINTER_SETTINGS;
  const kept = Object.entries(before).filter(([setting]) => setting in shape);
  return check(Printer, mergePatch(Object.fromEntries(kept), patch));
}

export type Format = 'zpl' | 'tspl' | 'pdf';

/** Returns the format to render for this printer. */
export function formatOf(printer: Printer): Format {
  switch (printer.kind) {
    case 'raw9100':
      return printer.format ?? 'zpl';
    case 'ipp':
      return 'pdf';
    case 'file':
    case 'agent':
      return printer.format;
  }
}

/**
 * Reads the URL of a printer. An IPv6 address may have a zone. A zone is written `%eth0` (RFC 9844) or `%25eth0` (RFC
 * 6874). `host` contains the zone. `url` does not contain the zone: WHATWG URLs do not allow zones, and the printer
 * does not need a zone.
 */
export function parsePrinterUrl(text: string): { url: URL; host: string } | undefined {
  const [, start = '', zone = ''] = /^([a-z]+:\/\/\[[^\]%]*)(%[^\]]*)\]/i.exec(text) ?? [];
  const bare = start + text.slice(start.length + zone.length);
  if (!URL.canParse(bare)) return undefined;
  const url = new URL(bare);
  return { url, host: url.hostname.replace(/^\[(.*)\]$/, '$1') + zone.replace(/^%25/, '%') };
}

function isPrinterUrl(text: string): boolean {
  if (hasUrlLeadingZeros(text)) return false;
  const { url, host = '' } = parsePrinterUrl(text) ?? {};
  if (url === undefined || !HOST.test(host)) return false;
  return /^(ipps?|https?):$/.test(url.protocol) && url.username + url.password + url.hash === '';
}

const MM_PER_INCH = 25.4;

/**
 * False if the labels in the printer are known to have a different size than this label. If the size is not known, the
 * result is true, and a person decides.
 */
export function fitsLabel(printer: Printer, label: Size): boolean {
  const loaded = loadedOf(printer);
  return loaded === undefined || isSameSize(sizeOf(loaded), label);
}

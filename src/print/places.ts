import { lookup as resolve, type LookupAddress } from 'node:dns';
import { mkdirSync, realpathSync } from 'node:fs';
import { isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { basename, dirname, join, resolve as absolute, sep } from 'node:path';
import type { Config } from '../config.ts';
import { isLoopback } from '../platform/loopback.ts';
import { formatOf, parsePrinterUrl, placeOf, type KeptPrinter, type Printer } from '../model/printer.ts';
import { printFoldersOf } from '../model/printing/print-folders.ts';
import type { Places } from '../model/printing/sending.ts';
import { blocks, isCidr, plainAddress } from '../model/station.ts';
import { errorCode, messageOf, refusal, type ClaimstampError } from '../platform/error.ts';
import { fileFault, folderProblem, isDirectory } from '../platform/file-error.ts';

/*
 * The addresses and folders that printers may use. These limits apply even to a caller that may define printers. Such a
 * caller must not reach services that trust this machine, and must not write files outside the allowed folders.
 */

/**
 * Addresses that lead to this machine itself. The last six blocks contain IPv6 addresses with an embedded IPv4 address.
 */
const isThisMachine = blocks([
  '127.0.0.0/8',
  '0.0.0.0/8',
  '::/96',
  '::ffff:0:7f00:0/104',
  '::ffff:0:0:0/104',
  '64:ff9b::7f00:0/104',
  '64:ff9b::/104',
  '2002:7f00::/24',
  '2002::/24',
]);

/** Link-local and multicast addresses, including the addresses at which cloud machines get their credentials. */
const isLinkLocal = blocks([
  '169.254.0.0/16',
  'fe80::/10',
  '224.0.0.0/4',
  '255.255.255.255',
  'ff00::/8',
  '::ffff:0:a9fe:0/112',
  '64:ff9b::a9fe:0/112',
  '2002:a9fe::/32',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
]);

type PlaceSettings = Pick<Config, 'training' | 'host' | 'data' | 'printerAllow' | 'printFolders' | 'catalog'>;

export interface PrinterPlaces {
  /**
   * Throws if the settings alone show that the printer's address or folder is not allowed. Host names are resolved only
   * when a label is sent, because a name's address may change. Makes the folder if it is missing.
   * Returns why labels cannot be written to the folder now.
   */
  check: (printer: Printer) => string | undefined;
  /** Returns the rules for one connection to this printer or, if the printer is a folder, for one file in it. */
  of: (printer: KeptPrinter) => Places;
  /**
   * Returns the printer that actually receives the labels. On a training copy, this is a folder instead of the printer.
   */
  actual: (printer: KeptPrinter) => KeptPrinter;
  /** True if the printer is in the configuration file, or if an earlier version recorded the printer in the ledger. */
  isListed: (printer: KeptPrinter) => boolean;
}

export function printerPlaces(config: PlaceSettings): PrinterPlaces {
  const address = addressRule(config);
  const allowed = folderRule(config);
  const folder = (path: string): string => allowed(path).real;
  const isListed = (printer: KeptPrinter): boolean =>
    printer.confined !== true || config.catalog.printers.some(({ name }) => name === printer.name);
  return {
    isListed,
    actual: (printer) => (config.training ? folderInstead(printer, config.data) : printer),
    check(printer) {
      if (printer.kind === 'agent') return undefined;
      if (printer.kind === 'file') return makeFolder(allowed(printer.folder));
      const host = hostOf(printer);
      const refused = address(literalOf(host), host);
      if (refused) throw refused;
      return undefined;
    },
    of: (printer) =>
      isListed(printer) ? { address: () => undefined, folder: (path) => absolute(path) } : { address, folder },
  };
}

/**
 * The name of the printer that a training drill uses as a broken printer. Its address is on this machine, and nothing
 * listens there.
 */
export const BROKEN_PRINTER = 'training-broken';

function folderInstead(printer: KeptPrinter, data: string): KeptPrinter {
  const isBroken = printer.name === BROKEN_PRINTER && printer.kind === 'raw9100' && printer.host === '127.0.0.1';
  if (isBroken) return printer;
  const folder = join(data, 'print', printer.name);
  mkdirSync(folder, { recursive: true, mode: MODE });
  const { name, dpi } = printer;
  return { name, dpi, kind: 'file', folder, format: formatOf(printer), confined: true };
}

function hostOf(printer: Exclude<Printer, { kind: 'file' | 'agent' }>): string {
  return printer.kind === 'ipp' ? (parsePrinterUrl(printer.url)?.host ?? '') : printer.host;
}

/**
 * Returns the IP address of the host if the host is an IP address or `localhost`, otherwise undefined. Spellings such
 * as 0x7f.1 and 2130706433 are also IP addresses.
 */
function literalOf(host: string): string | undefined {
  if (isIP(host) !== 0) return host;
  if (/(^|\.)localhost\.?$/i.test(host)) return '127.0.0.1';
  const url = `http://${host}/`;
  const read = URL.canParse(url) ? new URL(url).hostname : '';
  return isIP(read) === 0 ? undefined : read;
}

/** If the host is a name that has not been resolved yet, `address` is undefined, and the rule checks only the name. */
type AddressRule = (address: string | undefined, host: string) => ClaimstampError | undefined;

function addressRule({ host: own, printerAllow }: PlaceSettings): AddressRule {
  const isAllowed = blocks(printerAllow.filter(isCidr));
  const names = printerAllow.filter((entry) => !isCidr(entry)).map((name) => name.toLowerCase());
  const mayBeAddress = printerAllow.length === 0 || printerAllow.some(isCidr);
  return (address, host) => {
    const isNamed = names.includes(host.toLowerCase().replace(/\.$/, ''));
    const unlisted = refusal('printer-address-refused', 'unlisted', { host });
    if (address === undefined) return isNamed || mayBeAddress ? undefined : unlisted;
    const plain = plainAddress(address.replace(/%.*/, ''));
    if (isAllowed(plain)) return undefined;
    if (isLinkLocal(plain)) return refusal('printer-address-refused', 'linkLocal', { host, address: plain });
    if (isThisMachine(plain) || ownAddresses().includes(plain)) {
      if (isLoopback(own) || (isNamed && host.toLowerCase() === 'localhost')) return undefined;
      return refusal('printer-address-refused', 'thisMachine', { host, address: plain });
    }
    return isNamed || printerAllow.length === 0 ? undefined : unlisted;
  };
}

/**
 * Returns this machine's addresses. A connection from this machine to one of its own addresses is a loopback
 * connection, which most firewalls allow.
 */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((one) => (one ?? []).map(({ address }) => plainAddress(address)));
}

/**
 * Makes a function that resolves a name for `net.connect`. The function leaves out the addresses that the rules refuse.
 */
export function checkedLookup({ address: rule }: Pick<Places, 'address'>): LookupFunction {
  return (host, options, done) =>
    resolve(host, { ...options, all: true }, (error, addresses) => {
      // If the name has no address, Node passes only an error.
      const found: LookupAddress[] = error ? [] : addresses;
      const refused = found.map(({ address }) => rule(address, host));
      const [first, ...more] = found.filter((_one, at) => refused[at] === undefined);
      const failure = error ?? (first === undefined ? (refused.find(Boolean) ?? null) : null);
      if (failure !== null || first === undefined) done(failure ?? new Error(`${host} has no address`), '', 0);
      else if (options.all) done(null, [first, ...more]);
      else done(null, first.address, first.family);
    });
}

/** The path of a folder, with symbolic links and `..` resolved, and the allowed folder that contains it. */
interface AllowedFolder {
  real: string;
  root: string;
}

/** Returns a rule that throws if a folder is outside the allowed folders. */
function folderRule(config: PlaceSettings): (folder: string) => AllowedFolder {
  const allowed = printFoldersOf(config);
  return (folder) => {
    for (const own of config.printFolders.length === 0 ? allowed : []) mkdirSync(own, { recursive: true, mode: MODE });
    const real = realPath(folder);
    const root = allowed.map(realPath).find((one) => isInside(real, one));
    if (root !== undefined) return { real, root };
    throw refusal('printer-folder-refused', 'outside', { folder, folders: allowed.join(', ') });
  };
}

/** The group may read the folder, because a spooler reads the labels. */
const MODE = 0o750;

/**
 * Makes the folder now, so that it exists when the first label is written. Never makes the allowed folder itself: it
 * may be a disk that is not mounted now.
 */
function makeFolder({ real, root }: AllowedFolder): string | undefined {
  if (!isDirectory(root)) return `there is no folder ${root}: create it`;
  try {
    makeWithin(root, real);
  } catch (error) {
    return fileFault(real, error).message;
  }
  return folderProblem(real);
}

/** In a folder like /proc, where nothing can be made, Node's own recursive `mkdirSync` never returns. */
function makeWithin(root: string, folder: string): void {
  if (folder === root || isDirectory(folder)) return;
  makeWithin(root, dirname(folder));
  mkdirSync(folder, { mode: MODE });
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Like realpath, but the last parts of the path may be missing. */
function realPath(path: string): string {
  const full = absolute(path);
  try {
    return realpathSync(full);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(full) === full)
      throw refusal('printer-folder-refused', 'unreadable', { folder: path, why: messageOf(error) });
    return join(realPath(dirname(full)), basename(full));
  }
}

/**
 * Returns the printers that are treated as listed in the configuration file, each with its address or folder, for the
 * log.
 */
export function listedPrinters(printers: KeptPrinter[], places: PrinterPlaces): string[] {
  return printers.filter(places.isListed).map((printer) => `${printer.name} (${placeOf(printer)})`);
}

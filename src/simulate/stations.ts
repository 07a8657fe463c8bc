import { createServer } from 'node:net';
import { ClaimstampError } from '../platform/error.ts';
import type { Product } from '../model/product.ts';
import type { Station } from '../model/station.ts';
import { defined } from '../platform/own.ts';
import { PROCEDURE, type LineOptions } from './options.ts';
import { LABEL_SOURCE, POOL_LABEL, poolSettings } from './pool-numbers.ts';
import { openPrinter, type SimulatedPrinter } from './printer.ts';
import type { Scanner } from './scanner.ts';
import { addressAt as addressOnSegment } from './segment.ts';

/** The service that is tested: the URL for agents, and its API with the token of an admin. */
export interface Service {
  url: string;
  request: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  /**
   * How many repeated requests there were since the service started. The answer to a repeated request is a unit that
   * had already been given out.
   */
  repeats: () => Promise<number>;
}

/**
 * A place for one device at a station. The service recognises the station by the URL and the address of the requests.
 */
export interface Nest {
  station: string;
  /** The URL that the device in this nest has in `api.serialize`. */
  url: string;
  localAddress?: string;
  /** The number of this nest on the line, and the number of the nest next to it. */
  number: number;
  neighbour: number;
  mode: 'open' | 'slot';
  /** True if the station passes only units that have passed their tests. */
  needsTests: boolean;
  scanner: Scanner;
  printer?: SimulatedPrinter;
}

/** The printers of a shift, and the contents of its QR codes. */
export interface Floor {
  printers: SimulatedPrinter[];
  qrOf: (product: string) => string;
  close: () => Promise<void>;
}

/** The maximum length of a URL that an agent can store, in characters. */
const MAX_URL = 255;

/**
 * Makes the product and the stations for a simulation. If an earlier run has left something in a station, clears the
 * station.
 */
export async function setUpStations(service: Service, options: LineOptions, floor?: Floor): Promise<Nest[]> {
  if (floor === undefined) await setUpProduct(service, options);
  const addressAt = options.identity === 'link' ? addressOnSegment : addressOf;
  if (!options.sharedAddress && options.identity !== 'link') await needLoopback(addressOf(1));
  const { stations } = await service.request<{ stations: Station[] }>('GET', '/v1/stations');
  const nests: Nest[] = [];
  for (let number = 1; number <= options.stations; number++) {
    const name = `sim-${String(number).padStart(3, '0')}`;
    const left = stations.find((station) => station.name === name);
    if (left) await empty(service, left);
    const at = placeOf(number, options, floor);
    const place = await setUpStation(service, options, name, addressAt(number), at);
    for (let nest = 0; nest < at.nests; nest++) nests.push({ ...place, ...at, number: nests.length, neighbour: 0 });
  }
  for (const nest of nests) nest.neighbour = neighbourOf(nest, nests);
  return nests;
}

/**
 * Returns the number of the neighbouring nest. This is the other nest at the same station, or a nest at the next
 * station.
 */
function neighbourOf({ number, station }: Nest, nests: Nest[]): number {
  const other = nests.find((one) => one.station === station && one.number !== number);
  return other?.number ?? (number + 1) % nests.length;
}

interface Place extends Pick<Nest, 'mode' | 'needsTests' | 'scanner' | 'printer'> {
  nests: number;
  printerName?: string;
}

/** The maximum number of nests of a station. */
export const MAX_NESTS = 2;

/** In a shift, one station out of this many is in open mode and has two nests. */
const OPEN_EVERY = 4;
/** The number of the open-mode station at which the scanner and the computer have different keyboard layouts. */
const SWAPPED = 2;
/** The number of the slot-mode station whose scanner adds a prefix. */
const PREFIXED = 3;

function placeOf(number: number, { mode, tester }: LineOptions, floor: Floor | undefined): Place {
  const scanner = { prefix: '', isSwapped: false };
  if (floor === undefined) return { mode: mode === 'open' ? 'open' : 'slot', needsTests: false, scanner, nests: 1 };
  const isOpen = number % OPEN_EVERY === SWAPPED;
  const printer = number % floor.printers.length;
  return {
    mode: isOpen ? 'open' : 'slot',
    nests: isOpen ? MAX_NESTS : 1,
    needsTests: tester && number % OPEN_EVERY === 0,
    scanner: { prefix: number === PREFIXED ? '~' : '', isSwapped: number === SWAPPED },
    printer: defined(floor.printers[printer]),
    printerName: printerName(printer),
  };
}

/** How many printers a shift has. */
const PRINTERS = 4;
const SHIFT_QR = 'https://example.com/claim/{uci}';

function printerName(number: number): string {
  return `sim-printer-${number + 1}`;
}

/** Opens the printers of a shift and makes the products. The first printer runs out of paper twice. */
export async function openFloor(service: Service, products: string[], options: LineOptions): Promise<Floor> {
  const qrs = new Map<string, string>();
  if (options.pool) await setUpPoolLabel(service);
  for (const product of products) qrs.set(product, await setUpShiftProduct(service, product, products, options));
  const uciIn = uciReader([...qrs.values()]);
  const expected = Math.floor(options.devices / PRINTERS);
  const printers: SimulatedPrinter[] = [];
  const close = async (): Promise<void> => void (await Promise.all(printers.map((one) => one.close())));
  try {
    for (let number = 0; number < PRINTERS; number++) {
      const ends = number === 0 ? [0.1, 0.25].map((share) => Math.max(1, Math.floor(expected * share))) : [];
      const printer = await openPrinter(ends, uciIn);
      printers.push(printer);
      const { port, answers } = printer;
      const settings = { kind: 'raw9100', host: '127.0.0.1', port, answers };
      await service.request('PUT', `/v1/printers/${printerName(number)}`, settings);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { printers, qrOf: (product) => qrs.get(product) ?? SHIFT_QR, close };
}

/** Saves the label template that shows the number from a pool, if the service does not have this template. */
async function setUpPoolLabel({ request }: Service): Promise<void> {
  const { templates } = await request<{ templates: { name: string }[] }>('GET', '/v1/label-templates');
  if (templates.some(({ name }) => name === POOL_LABEL)) return;
  await request('PUT', `/v1/label-templates/${POOL_LABEL}`, { source: LABEL_SOURCE, revision: 0 });
}

/** Returns the content of a product's QR codes. If the product already exists, it is not changed. */
async function setUpShiftProduct(
  { request }: Service,
  id: string,
  all: string[],
  { tester, pool }: LineOptions,
): Promise<string> {
  const { products } = await request<{ products: Product[] }>('GET', '/v1/products');
  const there = products.find((one) => one.id === id);
  if (there === undefined) {
    const code = { deviceCode: 'mac', deviceCodeExample: 'A4:C1:38:AA:00:01' };
    const settings = { name: 'Simulated', qr: SHIFT_QR, orderRequired: true, ...code };
    const more = { ...(tester ? { tests: [PROCEDURE] } : {}), ...(pool ? poolSettings(all.indexOf(id)) : {}) };
    await request('PUT', `/v1/products/${encodeURIComponent(id)}`, { ...settings, ...more });
    return SHIFT_QR;
  }
  if (there.deviceCode !== 'mac' || there.qr === undefined)
    throw new ClaimstampError('invalid', `product ${id} needs the settings deviceCode (mac) and qr`);
  if (all.length > 1 && there.orderRequired !== true)
    throw new ClaimstampError('invalid', `--change-overs: product ${id} needs the setting orderRequired`);
  if ((tester && !there.tests?.includes(PROCEDURE)) || (pool && there.label !== POOL_LABEL))
    throw new ClaimstampError(
      'invalid',
      `--tester, --pool: product ${id} has other tests or pools, use a new --product`,
    );
  return there.qr;
}

/** Returns a function that finds the Claim ID in the content of a QR code. */
function uciReader(qrs: string[]): (text: string) => string | undefined {
  const frames = [...new Set(qrs)].map((qr) => ({
    before: qr.split('{uci}')[0] ?? '',
    after: qr.split('{uci}')[1] ?? '',
  }));
  return (text) => {
    const frame = frames.find(({ before, after }) => text.startsWith(before) && text.endsWith(after));
    return frame && text.slice(frame.before.length, text.length - frame.after.length);
  };
}

/** If the product already exists, its settings are not changed, because the user may want to test these settings. */
async function setUpProduct({ request }: Service, options: LineOptions): Promise<void> {
  const { products } = await request<{ products: Product[] }>('GET', '/v1/products');
  const there = products.find(({ id }) => id === options.product);
  // The S/Ns on pre-printed labels are made from the pattern. A device that sends its own S/N would always be refused.
  const ownSerials = options.mode === 'armed' && options.identity === 'serial';
  if (there && ownSerials && there.serialPattern !== null) {
    throw new ClaimstampError(
      'invalid',
      `the labels of product ${there.id} have S/Ns of its pattern, but these devices report their own: use --identity mac, or a --product without a pattern`,
    );
  }
  if (there) return;
  const settings = { name: 'Simulated', ...(ownSerials ? { serialPattern: null } : {}) };
  await request('PUT', `/v1/products/${encodeURIComponent(options.product)}`, settings);
}

async function setUpStation(
  { request, url }: Service,
  { sharedAddress, identity }: LineOptions,
  station: string,
  localAddress: string,
  { mode, nests, needsTests, scanner: { prefix }, printerName: printer }: Place,
): Promise<Pick<Nest, 'station' | 'url' | 'localAddress'>> {
  const path = `/v1/stations/${station}`;
  // Stations for armed mode are also in slot mode. So if a reply is lost, the device gets the open unit in reply to its
  // next request.
  await request('PUT', path, {
    mode,
    sources: sharedAddress ? [] : [localAddress],
    ...(nests > 1 ? { nests } : {}),
    ...(identity === 'link' ? { linkAddress: true } : {}),
    ...(needsTests ? { tests: 'required' } : {}),
    ...(prefix === '' ? {} : { scanPrefix: prefix }),
    ...(printer === undefined ? {} : { printer, autoPrint: true }),
  });
  const agentUrl = `${url.replace(/\/$/, '')}/ioto/serialize`;
  if (!sharedAddress) return { station, url: agentUrl, localAddress };
  const { key } = await request<{ key: string }>('POST', `${path}/key`);
  const withKey = `${agentUrl}/${key}`;
  if (withKey.length > MAX_URL)
    throw new ClaimstampError(
      'invalid',
      `${agentUrl}/<key> is longer than the ${MAX_URL} characters that an agent can store`,
    );
  return { station, url: withKey };
}

/** Removes what an earlier or interrupted run has left in the station. */
export async function empty({ request }: Service, { name, mode }: Station): Promise<void> {
  await request('POST', `/v1/stations/${name}/cancel`);
  if (mode === 'slot') await request('POST', `/v1/stations/${name}/next`);
}

/**
 * Returns a loopback address. The first one is 127.1.0.1, because the addresses 127.1.x.x are rarely used for anything
 * else.
 */
function addressOf(number: number): string {
  return `127.1.${number >> 8}.${number & 255}`;
}

async function needLoopback(address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () =>
      reject(
        new ClaimstampError(
          'invalid',
          `this machine has no address ${address} for a station (only Linux provides all of 127.0.0.0/8): use --shared-address`,
        ),
      ),
    );
    probe.listen(0, address, () => probe.close(() => resolve()));
  });
}

import { createServer } from 'node:net';
import { ClaimstampError } from '../platform/error.ts';
import { DEFAULT_PATTERN } from '../model/serial.ts';
import type { Product } from '../model/product.ts';
import type { Station } from '../model/station.ts';
import type { LineOptions } from './options.ts';

/** The service under test: where agents ask, and its API under an admin token. */
export interface Service {
  url: string;
  request: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  /** Requests answered with a unit they had before, since the service started. */
  repeats: () => Promise<number>;
}

/** A place for one device: its station, and what makes the service see that station in a request. */
export interface Nest {
  station: string;
  /** What stands in `api.serialize` of the device in it. */
  url: string;
  localAddress?: string;
}

/** The agent's URL setting holds no more. Characters */
const MAX_URL = 255;

/** Makes the product and the stations as the line needs them, empty, whatever an earlier run left in them. */
export async function setUpStations(service: Service, options: LineOptions): Promise<Nest[]> {
  await setUpProduct(service, options);
  if (!options.sharedAddress) await needLoopback(addressOf(1));
  const { stations } = await service.request<{ stations: Station[] }>('GET', '/v1/stations');
  const nests: Nest[] = [];
  for (let number = 1; number <= options.stations; number++) {
    const name = `sim-${String(number).padStart(3, '0')}`;
    const left = stations.find((station) => station.name === name);
    if (left) await empty(service, left);
    nests.push(await setUpStation(service, options, name, addressOf(number)));
  }
  return nests;
}

/** More than the 99,999 a week of the default pattern; the dot keeps it from being read as a Claim ID. */
const SERIAL_PATTERN = DEFAULT_PATTERN.replace('{seq:5}', '.{seq:8}');

/** A product that is there keeps its settings: they may be what is under test. */
async function setUpProduct({ request }: Service, options: LineOptions): Promise<void> {
  const { products } = await request<{ products: Product[] }>('GET', '/v1/products');
  const there = products.find(({ id }) => id === options.product);
  // Labels printed before carry S/Ns of the pattern; a device that tells another is refused, rightly and for ever.
  const ownSerials = options.mode === 'armed' && options.identity === 'serial';
  if (there && ownSerials && there.serialPattern !== null) {
    throw new ClaimstampError(
      'invalid',
      `the labels of product ${there.id} carry S/Ns of its pattern and these devices tell their own: use --identity mac, or a --product without a pattern`,
    );
  }
  if (there) return;
  const settings = { name: 'Simulated', serialPattern: ownSerials ? null : SERIAL_PATTERN };
  await request('PUT', `/v1/products/${encodeURIComponent(options.product)}`, settings);
}

async function setUpStation(
  { request, url }: Service,
  { mode, sharedAddress }: LineOptions,
  station: string,
  localAddress: string,
): Promise<Nest> {
  const path = `/v1/stations/${station}`;
  // Armed stations are slots too: a device whose reply was lost finds its unit open, and the next one a closed door.
  await request('PUT', path, { mode: mode === 'open' ? 'open' : 'slot', sources: sharedAddress ? [] : [localAddress] });
  const agentUrl = `${url.replace(/\/$/, '')}/ioto/serialize`;
  if (!sharedAddress) return { station, url: agentUrl, localAddress };
  const { key } = await request<{ key: string }>('POST', `${path}/key`);
  const withKey = `${agentUrl}/${key}`;
  if (withKey.length > MAX_URL)
    throw new ClaimstampError('invalid', `${agentUrl}/<key> is longer than the ${MAX_URL} characters an agent holds`);
  return { station, url: withKey };
}

async function empty({ request }: Service, { name, mode }: Station): Promise<void> {
  await request('POST', `/v1/stations/${name}/cancel`);
  if (mode === 'slot') await request('POST', `/v1/stations/${name}/next`);
}

/** 127.1.0.1 and on: a part of the loopback block that nothing else uses. */
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
          `this machine has no address ${address} for a station (only Linux has all of 127.0.0.0/8): use --shared-address`,
        ),
      ),
    );
    probe.listen(0, address, () => probe.close(() => resolve()));
  });
}

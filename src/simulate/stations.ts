import { createServer } from 'node:net';
import { ClaimstampError } from '../platform/error.ts';
import type { Product } from '../model/product.ts';
import type { Station } from '../model/station.ts';
import type { LineOptions } from './options.ts';

/** The service under test: the URL for agents, and the API with an admin token. */
export interface Service {
  url: string;
  request: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  /** The number of repeats since the service started: requests that got a unit that was already given out. */
  repeats: () => Promise<number>;
}

/** A place for one device at a station. The service recognises the station by URL and address. */
export interface Nest {
  station: string;
  /** The URL in `api.serialize` of the device in this nest. */
  url: string;
  localAddress?: string;
}

/** The maximum number of characters of a URL in an agent. */
const MAX_URL = 255;

/**
 * Makes the product and the stations of a simulation. If an earlier run left stations occupied, clears these stations.
 */
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

/** The settings of an existing product are not changed, because the user may want to test these settings. */
async function setUpProduct({ request }: Service, options: LineOptions): Promise<void> {
  const { products } = await request<{ products: Product[] }>('GET', '/v1/products');
  const there = products.find(({ id }) => id === options.product);
  // The S/Ns on pre-printed labels come from the pattern. A device that reported its own S/N would always be refused.
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
  { mode, sharedAddress }: LineOptions,
  station: string,
  localAddress: string,
): Promise<Nest> {
  const path = `/v1/stations/${station}`;
  // Armed stations are also in slot mode. So a device whose reply was lost gets its open unit again.
  await request('PUT', path, { mode: mode === 'open' ? 'open' : 'slot', sources: sharedAddress ? [] : [localAddress] });
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

async function empty({ request }: Service, { name, mode }: Station): Promise<void> {
  await request('POST', `/v1/stations/${name}/cancel`);
  if (mode === 'slot') await request('POST', `/v1/stations/${name}/next`);
}

/** Returns a loopback address. The addresses begin with 127.1.0.1, because the addresses 127.1.x.x are rarely used. */
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

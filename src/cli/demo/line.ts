import type { LineOptions } from '../../simulate/options.ts';
import { DEFAULTS } from '../../simulate/options.ts';
import { runLine } from '../../simulate/line.ts';
import type { Service } from '../../simulate/stations.ts';

/* The line of a demo: first many devices at once, so that all pages show something, then a few a minute. */

const PRODUCT = 'METER';
const STATIONS = 4;

const LINE: LineOptions = {
  ...DEFAULTS,
  mode: 'shift',
  identity: 'mac',
  product: PRODUCT,
  stations: STATIONS,
  changeOvers: 1,
  // Only on Linux can each simulated station have its own address.
  sharedAddress: process.platform !== 'linux',
  lose: 0.05,
  reboot: 0.02,
  register: true,
};

/** The number of devices that fill charts and lists before the demo begins. Simulating them takes about 15 seconds. */
const FILLING = 80;

/** With this number of devices, a work order takes about ten minutes, so that a person can see one being closed. */
const ORDER_DEVICES = 300;

/** The products of a shift have the names that the simulation expects (simulate/orders.ts). */
const PRODUCTS = [
  { id: PRODUCT, name: 'Power meter PM-2' },
  { id: `${PRODUCT}-2`, name: 'Power meter PM-3' },
];

/** Makes products, work orders, units, labels, returns and a shipment. */
export async function fillLedger(service: Service, signal: AbortSignal, onDevice: (done: number) => void) {
  for (const { id, name } of PRODUCTS)
    await service.request('PUT', `/v1/products/${id}`, {
      name,
      company: 'Example Works',
      qr: 'https://example.com/claim/{uci}',
      orderRequired: true,
      deviceCode: 'mac',
      deviceCodeExample: 'A4:C1:38:AA:00:01',
    });
  const options = { ...LINE, devices: FILLING, returns: 0.05, gate: true, seed: 1 };
  await runLine(service, options, { signal, onMoment: ({ done }) => onDevice(done) });
}

export const FILLED = FILLING;

/** Runs the line until `signal` aborts. */
export async function keepRunning(service: Service, ratePerS: number, signal: AbortSignal): Promise<void> {
  for (let seed = 2; !signal.aborted; seed++)
    await runLine(service, { ...LINE, devices: ORDER_DEVICES, ratePerS, seed }, { signal });
}

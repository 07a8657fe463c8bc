import { mkdirSync, rmSync, statSync } from 'node:fs';
import { readBody } from '../src/model/body.ts';
import { DEFAULT_IDENTITY } from '../src/model/identity/placeholders.ts';
import type { Ledger } from '../src/contract/ledger.ts';
import { Product } from '../src/model/product.ts';
import { ledgerFile, openSqliteLedger } from '../src/sqlite/sqlite-ledger.ts';
import { DEFAULT_STATION, StationDefinition } from '../src/model/station.ts';
import { BODY } from '../harness/agent.ts';
import { acceptLedger, PRODUCT_SETTINGS, startServer } from './children.ts';
import { compare, spread, type Figure } from './figure.ts';

/** The number of concurrent requests. The number is so high that the writer never has to wait for a request. */
const WAITING = 1024;

/** The number of units that are issued before the measurement, so that the writer's code is already compiled. */
const WARM_UNITS = 20_000;

/** The number of units in one measurement. */
const WINDOW_UNITS = 100_000;

/** How many times the grown ledger is measured. Before each of these measurements, a new ledger is measured. */
const ROUNDS = 3;

export interface Growth {
  units: number;
  windowUnits: number;
  /** For each round, the units per second in the grown ledger. `newRates` has the units per second in a new ledger. */
  grownRates: number[];
  newRates: number[];
  /** The size of the ledger file after the ledger was closed. */
  bytes: number;
}

/**
 * Makes a ledger with the given number of units by calling `record` directly, without HTTP. At the end, a service is
 * started, so that the ledger can be accepted.
 */
export async function grow(data: string, units: number, say: (text: string) => void): Promise<Growth> {
  const windowUnits = Math.min(WINDOW_UNITS, Math.floor((units - WARM_UNITS) / (2 * ROUNDS)));
  const ledger = await begin(data, say);
  const before = units - ROUNDS * windowUnits;
  for (let made = 0; made < before;) {
    say(`growth: ${made.toLocaleString('en-US')} of ${units.toLocaleString('en-US')} units`);
    const step = Math.min(WINDOW_UNITS, before - made);
    await issueMany(ledger, step);
    made += step;
  }
  const grownRates: number[] = [];
  const newRates: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`growth: new ledger and grown ledger, ${round} of ${ROUNDS}`);
    newRates.push(await rateOfNew(`${data}-new`, windowUnits, say));
    grownRates.push(await issueMany(ledger, windowUnits));
  }
  const { size } = await ledger.head();
  await ledger.close();
  const grown = { units, windowUnits, grownRates, newRates, bytes: statSync(ledgerFile(data)).size };
  const server = await startServer('claimstamp', data);
  await acceptLedger(server.url, data, size);
  await server.stop();
  return grown;
}

async function begin(data: string, say: (text: string) => void): Promise<Ledger> {
  mkdirSync(data, { recursive: true });
  const ledger = await openSqliteLedger({ file: ledgerFile(data), onFault: say });
  await ledger.record({ kind: 'set-product', product: Product.parse(PRODUCT_SETTINGS), actor: 'file' });
  const station = StationDefinition.parse({ name: DEFAULT_STATION });
  await ledger.record({ kind: 'set-station', station, actor: 'file' });
  return ledger;
}

/** Returns the units per second of a new ledger, measured after the writer's code is compiled. */
async function rateOfNew(data: string, units: number, say: (text: string) => void): Promise<number> {
  const ledger = await begin(data, say);
  try {
    await issueMany(ledger, WARM_UNITS);
    return await issueMany(ledger, units);
  } finally {
    await ledger.close();
    rmSync(data, { recursive: true });
  }
}

/** Issues the given number of units as fast as possible. Returns the units per second. */
async function issueMany(ledger: Ledger, units: number): Promise<number> {
  const begun = performance.now();
  let left = units;
  const asker = async (): Promise<void> => {
    while (left-- > 0) {
      const body = readBody(Buffer.from(BODY), DEFAULT_IDENTITY);
      await ledger.record({ kind: 'issue', ...body, station: DEFAULT_STATION, source: '127.0.0.1', strict: false });
    }
  };
  await Promise.all(Array.from({ length: WAITING }, asker));
  return units / ((performance.now() - begun) / 1000);
}

export function growthFigures({ units, windowUnits, grownRates, newRates, bytes }: Growth): Figure[] {
  const count = windowUnits.toLocaleString('en-US');
  const what = `ledger alone, last ${ROUNDS} × ${count} of ${units.toLocaleString('en-US')} units`;
  return [
    // The grown ledger must reach half the rate of a new ledger. The bound is the same for every number of units up to
    // ten million.
    compare(what, '/s', grownRates, { what: `first ${count} of a new ledger`, values: newRates }, 0.5),
    {
      what: 'ledger bytes per unit, first event included',
      unit: 'bytes',
      value: spread([bytes / units]),
      budget: { of: 'value', bound: 450 },
    },
  ];
}

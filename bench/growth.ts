import { mkdirSync, statSync } from 'node:fs';
import { DEFAULT_IDENTITY, readBody } from '../src/body.ts';
import type { Ledger } from '../src/ledger.ts';
import { Product } from '../src/product.ts';
import { ledgerFile, openSqliteLedger } from '../src/sqlite/ledger.ts';
import { DEFAULT_STATION, StationDefinition } from '../src/station.ts';
import { BODY } from './agent.ts';
import { PRODUCT_SETTINGS } from './children.ts';
import { compare, spread, type Figure } from './figure.ts';

/** Requests that wait at once: enough that the writer never waits for the asker. */
const WAITING = 1024;

/** Before the first rate is taken, the writer's code has to be compiled. */
const WARM_UNITS = 20_000;

/** The rate is taken over so many units at the beginning, and over as many at the end. */
const WINDOW_UNITS = 100_000;

export interface Growth {
  units: number;
  windowUnits: number;
  /** Units a second in the first and in the last window. */
  firstRate: number;
  lastRate: number;
  /** The ledger's file once it is closed. */
  bytes: number;
}

/** A ledger of so many units, made through `record` as the server does it, without HTTP. */
export async function grow(data: string, units: number, say: (text: string) => void): Promise<Growth> {
  mkdirSync(data, { recursive: true });
  const file = ledgerFile(data);
  const ledger = await openSqliteLedger({ file, onFault: say });
  await ledger.record({ kind: 'set-product', product: Product.parse(PRODUCT_SETTINGS), actor: 'file' });
  const station = StationDefinition.parse({ name: DEFAULT_STATION });
  await ledger.record({ kind: 'set-station', station, actor: 'file' });

  const windowUnits = Math.min(WINDOW_UNITS, Math.floor((units - WARM_UNITS) / 2));
  await issueMany(ledger, WARM_UNITS);
  const firstRate = await issueMany(ledger, windowUnits);
  for (let made = WARM_UNITS + windowUnits; made < units - windowUnits;) {
    say(`growth: ${made.toLocaleString('en-US')} of ${units.toLocaleString('en-US')} units`);
    const step = Math.min(WINDOW_UNITS, units - windowUnits - made);
    await issueMany(ledger, step);
    made += step;
  }
  const lastRate = await issueMany(ledger, windowUnits);
  await ledger.close();
  return { units, windowUnits, firstRate, lastRate, bytes: statSync(file).size };
}

/** Issues so many units as fast as the ledger takes them. Units a second. */
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

export function growthFigures({ units, windowUnits, firstRate, lastRate, bytes }: Growth): Figure[] {
  const count = windowUnits.toLocaleString('en-US');
  const what = `ledger alone, last ${count} of ${units.toLocaleString('en-US')} units`;
  return [
    // DESIGN asks for half the rate at ten million units; fewer units have to keep it too.
    compare(what, '/s', [lastRate], { what: `its first ${count}`, values: [firstRate] }, 0.5),
    {
      what: 'ledger bytes per unit, first event included',
      unit: 'bytes',
      value: spread([bytes / units]),
      budget: { of: 'value', bound: 450 },
    },
  ];
}

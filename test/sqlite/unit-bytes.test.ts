import { mkdirSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BODY } from '../../harness/agent.ts';
import { readBody } from '../../src/model/body.ts';
import { DEFAULT_IDENTITY } from '../../src/model/identity/placeholders.ts';
import { Product } from '../../src/model/product.ts';
import { DEFAULT_STATION, StationDefinition } from '../../src/model/station.ts';
import { ledgerFile, openSqliteLedger } from '../../src/sqlite/sqlite-ledger.ts';
import { PRODUCT_SETTINGS } from '../../bench/children.ts';
import { tempFolder } from '../support/service.ts';

const UNITS = 20_000;

/** The bytes that a unit takes among so few units, without the empty tables. Among a million units, `npm run bench -- --only growth` finds 447. */
const EXPECTED = 422.5;

/** Returns the size of a ledger that has this many units. */
async function bytesOf(units: number): Promise<number> {
  const data = tempFolder();
  mkdirSync(data, { recursive: true });
  const ledger = await openSqliteLedger({ file: ledgerFile(data), onFault: () => {} });
  await ledger.record({ kind: 'set-product', product: Product.parse(PRODUCT_SETTINGS), actor: 'file' });
  const station = StationDefinition.parse({ name: DEFAULT_STATION });
  await ledger.record({ kind: 'set-station', station, actor: 'file' });
  const body = readBody(Buffer.from(BODY), DEFAULT_IDENTITY);
  let left = units;
  const asker = async (): Promise<void> => {
    while (left-- > 0)
      await ledger.record({ kind: 'issue', ...body, station: DEFAULT_STATION, source: '127.0.0.1', strict: false });
  };
  await Promise.all(Array.from({ length: 512 }, asker));
  await ledger.close();
  return statSync(ledgerFile(data)).size;
}

it('a unit that a device just got takes no more bytes of the ledger than before', async () => {
  // Each table takes a few pages, even without rows. These pages are not bytes of a unit.
  const bytes = ((await bytesOf(UNITS)) - (await bytesOf(0))) / UNITS;
  expect(bytes).toBeLessThan(EXPECTED * 1.005);
  expect(bytes).toBeGreaterThan(EXPECTED * 0.9);
});

import { expect, it } from 'vitest';
import { fill, PRODUCT, STATION } from '../../bench/fill.ts';
import { exceptionsAt } from '../../src/console/station-exceptions.tsx';
import { countRefusals } from '../../src/http/refusals.ts';
import { openLog } from '../../src/platform/log.ts';
import { openDesk, tempFolder } from '../support/service.ts';

/* A list of exceptions shows what is wrong now, however many units were made before. */

const none = countRefusals(openLog('silent'), Date.now, () => {});
const NOTHING = { refusals: none, alarms: none, now: Date.now };

/** More units than one page of a search looks at. */
const SIZE = { units: 21_000, workOrders: 2, stations: 1, products: 1 };

it('the last unit without a label is in the lists after thousands of finished units', async () => {
  const data = tempFolder();
  const size = fill(data, SIZE, () => {});
  const desk = await openDesk({}, data);
  expect((await desk.ask('POST', '/v1/ledger/accept', { size })).status).toBe(200);
  const { body: key } = await desk.ask<{ key: string }>('POST', `/v1/stations/${STATION}/key`);
  const { id } = (await desk.agent({ product: PRODUCT, mac: '060000000001' }, undefined, `/ioto/serialize/${key.key}`))
    .body;
  const { notPrinted, notVerified } = await exceptionsAt({ ...NOTHING, ledger: desk.house.ledger }, STATION);
  expect([notPrinted.map(({ uci }) => uci), notVerified]).toEqual([[id], []]);
  const newest = await desk.ask<{ units: { uci: string }[]; next: number | null }>(
    'GET',
    '/v1/units?status=issued&printed=false&newest=true&limit=50',
  );
  expect(newest.body.units.map(({ uci }) => uci)).toEqual([id]);
});

it('the newest units come first, page by page', async () => {
  const desk = await openDesk();
  for (let n = 0; n < 5; n++) await desk.agent({ product: 'METER', mac: `06000000000${n}` });
  const page = async (after: number): Promise<{ units: { serial: string }[]; next: number | null }> =>
    (
      await desk.ask<{ units: { serial: string }[]; next: number | null }>(
        'GET',
        `/v1/units?newest=true&limit=2&after=${after}`,
      )
    ).body;
  const all = (await desk.ask<{ units: { serial: string }[] }>('GET', '/v1/units')).body.units;
  const found: { serial: string }[] = [];
  for (let after: number | null = 0; after !== null;) {
    const { units, next } = await page(after);
    found.push(...units);
    after = next;
  }
  expect(found).toEqual(all.toReversed());
});

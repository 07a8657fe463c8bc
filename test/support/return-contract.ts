import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countedOrder } from '../../src/decide/orders/close-order.ts';
import type { Answer, Command } from '../../src/decide/command.ts';
import { systemRandom } from '../../src/model/claim-id.ts';
import { openForWriting } from '../../src/sqlite/open.ts';
import { openLedgerFile } from '../../src/sqlite/ledger-file.ts';
import { openOrderCount } from '../../src/sqlite/order-count.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { device, PRODUCT, product, station, workOrder } from './map-ledger.ts';
import { ADMIN_TOKEN, tempFolder, type Desk, type Problem } from './service.ts';

const actor = 'admin';
const NEST = '10.0.8.11';
const MONTH_MS = 30 * 24 * 60 * 60 * 1000;

export interface Signed {
  data: string;
  /** The number of events. */
  size: number;
  /** The Claim IDs of the order: the first two are released, the third is signed off. */
  units: [string, string, string];
}

/** Makes a ledger file in which a work order was made, printed, verified, registered and signed fourteen months ago. */
export function signedOrder(): Signed {
  const data = tempFolder();
  const db = openForWriting(ledgerFile(data));
  const book = openLedgerFile(db, () => Date.now() - 14 * MONTH_MS, systemRandom);
  const record = <C extends Command>(command: C): Answer<C> => {
    const [outcome] = book.commit([command]);
    if (outcome === undefined || 'refused' in outcome) throw outcome?.refused ?? new Error('no outcome');
    return outcome.answer as Answer<C>;
  };
  record({ kind: 'set-product', product: product({ name: 'Thermostat', serialPattern: 'A{seq:5}' }), actor });
  record({ kind: 'set-work-order', workOrder: workOrder(), actor });
  const printer = { name: 'P', kind: 'file', folder: join(data, 'labels'), format: 'zpl', dpi: 203 } as const;
  record({ kind: 'set-printer', printer, actor });
  const nest = station({
    name: 'NEST',
    mode: 'slot',
    next: 'auto',
    sources: [NEST],
    workOrders: { [PRODUCT]: 'WO-1' },
  });
  record({ kind: 'set-station', station: nest, actor });
  const ask = (mac: string): string => record(device({ mac }, { station: 'NEST', source: NEST })).uci;
  const units = ['a', 'b', 'c'].map((mac) => {
    const uci = ask(mac);
    const { job } = record({ kind: 'print', uci, printer: 'P', copies: 1, actor });
    for (const to of ['sending', 'done'] as const) record({ kind: 'move-print', job, to, actor });
    if (mac !== 'c') record({ kind: 'verify', station: 'NEST', label: uci, actor });
    record({ kind: 'note-report', uci, station: 'NEST', source: NEST, products: [PRODUCT], identity: [] });
    return uci;
  });
  record({ kind: 'next', station: 'NEST', actor });
  record({ kind: 'begin-closing', workOrder: 'WO-1', process: 'then', actor });
  const count = openOrderCount(ledgerFile(data), 'WO-1', () => {});
  const { snapshot, ...all } = count.catchUp();
  count.close();
  const begun = snapshot.size;
  const counted = countedOrder('WO-1', all, { all: 'sent to engineering' });
  record({ kind: 'close-work-order', workOrder: 'WO-1', begun, snapshot, ...counted, actor });
  db.close();
  return { data, size: begun + 1, units: units as [string, string, string] };
}

type Files = Record<'json' | 'pdf', Buffer>;

async function reports(desk: Desk): Promise<Files> {
  const read = async (format: 'json' | 'pdf'): Promise<Buffer> => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await desk.app.request(`/v1/work-orders/WO-1/report.${format}`, { headers });
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  };
  return { json: await read('json'), pdf: await read('pdf') };
}

/** What every store keeps to when units come back. `openOver` opens a service on the ledger of this file. */
export function returnContract(store: string, openOver: (signed: Signed) => Promise<() => Promise<Desk>>): void {
  describe(`returns over ${store}`, () => {
    it('a unit released fourteen months ago is received, relabelled and shipped: its report stays to the byte', async () => {
      const signed = signedOrder();
      const open = await openOver(signed);
      const desk = await open();
      const [uci, scrapped, voided] = signed.units;
      const before = await reports(desk);
      const sent = async <T>(path: string, body: object): Promise<T> => {
        const { status, body: answer } = await desk.ask<T>('POST', path, body);
        expect({ status, answer }).toMatchObject({ status: expect.toSatisfy((one: number) => one < 300) as number });
        return answer;
      };
      const arm = { code: uci, reason: 'rework' };
      const early = await desk.ask<Problem>('POST', '/v1/stations/NEST/arm', arm);
      expect(early.body.type).toBe('urn:claimstamp:problem:return-first');

      await sent('/v1/returns', { code: uci, rma: 'RMA-17', reason: 'no power', disposition: 'rework' });
      await sent('/v1/stations/NEST/arm', arm);
      expect((await desk.agent({ product: PRODUCT, mac: 'a' }, NEST)).body).toMatchObject({ id: uci });
      const { job } = await sent<{ job: number }>(`/v1/units/${uci}/print`, { printer: 'P', reason: 'relabelled' });
      for (const to of ['sending', 'done'] as const)
        await desk.house.ledger.record({ kind: 'move-print', job, to, actor });
      await sent('/v1/stations/NEST/verify', { label: uci });
      await desk.house.ledger.record({
        kind: 'note-outcome',
        uci,
        station: 'NEST',
        source: NEST,
        outcome: 'registered',
      });
      await sent(`/v1/units/${uci}/return/close`, { how: 'shipped' });
      // Everything else that may happen to a unit of a closed order, its order and its product.
      await sent(`/v1/units/${scrapped}/return`, { rma: 'RMA-18', reason: 'broken', disposition: 'scrap' });
      await sent(`/v1/units/${scrapped}/scrap`, { reason: 'device-damaged' });
      await desk.house.ledger.record({
        kind: 'note-outcome',
        uci: voided,
        station: 'NEST',
        source: NEST,
        outcome: 'claimed',
      });
      await sent(`/v1/units/${voided}/print`, { printer: 'P', reason: 'lost' });
      await sent(`/v1/units/${voided}/void`, { reason: 'label-lost' });
      await desk.ask('PATCH', `/v1/products/${PRODUCT}`, { name: 'Other', release: 'registered' });
      await desk.ask('PATCH', '/v1/work-orders/WO-1', { planned: 9 });

      const after = await reports(desk);
      expect(JSON.parse(after.json.toString())).toEqual(JSON.parse(before.json.toString()));
      expect(after.json.equals(before.json)).toBe(true);
      expect(after.pdf.equals(before.pdf)).toBe(true);
      const report = JSON.parse(after.json.toString()) as object;
      expect(report).toMatchObject({
        figures: { parts: { released: 2, unaccounted: 1 } },
        lists: { released: [{ uci, status: 'reported' }, { uci: scrapped }], unaccounted: [{ uci: voided }] },
        signedOff: [{ uci: voided, reason: 'sent to engineering' }],
      });

      const unit = await desk.ask('GET', `/v1/units/${uci}`);
      expect(unit.body).toMatchObject({
        status: 'registered',
        return: { rma: 'RMA-17', closed: { how: 'shipped' } },
        lives: [{ status: 'reported', labels: 1 }],
      });
      const { body: rma } = await desk.ask('GET', '/v1/returns/RMA-17');
      expect(rma).toMatchObject({
        received: 1,
        open: 0,
        shipped: 1,
        units: [{ uci, life: { status: 'registered', labels: 2 }, by: 'admin' }],
      });
      const { body: list } = await desk.ask('GET', '/v1/returns');
      expect(list).toMatchObject({
        returns: [
          { rma: 'RMA-18', scrapped: 1 },
          { rma: 'RMA-17', shipped: 1 },
        ],
      });

      await desk.close();
      const again = await open();
      const rebuilt = await reports(again);
      expect(rebuilt.json.equals(before.json)).toBe(true);
      expect(rebuilt.pdf.equals(before.pdf)).toBe(true);
      expect((await again.ask('GET', '/v1/returns/RMA-17')).body).toEqual(rma);
      await again.close();
    });
  });
}

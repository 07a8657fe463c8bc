import { describe, expect, it } from 'vitest';
import { device, NOON, openLine, PRODUCT, rebuild, workOrder, type MapLedger } from '../support/map-ledger.ts';

const actor = 'local';
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const skip = (line: MapLedger, lost = 0) => line.record({ kind: 'skip-serials', lost, actor });
const nextSerial = (line: MapLedger): string | undefined => line.seen.unit(line.record(device()).uci)?.serial;

describe('after a restore, the next S/N', () => {
  it('is beyond the S/Ns that the last seconds may have used', () => {
    const line = openLine();
    expect([nextSerial(line), nextSerial(line)]).toEqual(['264800001', '264800002']);
    expect(skip(line)).toEqual({ products: [PRODUCT] });
    expect(line.events.at(-1)).toMatchObject({
      type: 'serials-skipped',
      actor,
      data: { product: PRODUCT, prefix: '2648#####', count: 2002 },
    });
    expect(nextSerial(line)).toBe('264802003');
  });

  it('is beyond the margin in a week whose first units may be lost', () => {
    const line = openLine();
    nextSerial(line);
    line.setClock(NOON + WEEK_MS);
    skip(line);
    expect(nextSerial(line)).toBe('264902001');
  });

  it('is also beyond as many S/Ns as events are known to be lost', () => {
    const line = openLine();
    skip(line, 5000);
    expect(nextSerial(line)).toBe('264807001');
  });

  it('skips at most a tenth of the numbers of a short pattern, and never more than the pattern has', () => {
    const line = openLine({ product: { serialPattern: '{yy}{ww}{seq:3}' } });
    expect(nextSerial(line)).toBe('2648001');
    skip(line);
    expect(nextSerial(line)).toBe('2648101');
    skip(line, 5000);
    expect(line.tables.counters.get(JSON.stringify([PRODUCT, '2648###']))).toBe(999);
    expect(() => nextSerial(line)).toThrow(/2648###/);
  });

  it('is skipped for the lot of each open work order', () => {
    const line = openLine({ product: { serialPattern: 'U{lot}-{seq:5}' } });
    line.record({ kind: 'set-work-order', workOrder: workOrder({ lot: 'A' }), actor });
    line.record({ kind: 'set-work-order', workOrder: workOrder({ id: 'WO-2', lot: 'B' }), actor });
    line.record({ kind: 'set-work-order', workOrder: workOrder({ id: 'WO-3' }), actor });
    skip(line);
    const prefixes = line.events.flatMap((event) => (event.type === 'serials-skipped' ? event.data.prefix : []));
    expect(prefixes).toEqual(['UA-#####', 'UB-#####']);
  });

  it('is the same after the tables are rebuilt from the events', () => {
    const line = openLine();
    nextSerial(line);
    skip(line);
    expect(rebuild(line.lines).counters).toEqual(line.tables.counters);
  });

  it('needs no event for products without S/Ns of the service', () => {
    const line = openLine({ product: { serialPattern: null } });
    const before = line.events.length;
    expect(skip(line)).toEqual({ products: [] });
    expect(line.events).toHaveLength(before);
  });
});

describe('after a person accepts an older ledger, the next S/N', () => {
  const root = 'ab'.repeat(32);
  const accept = (line: MapLedger, more: object = {}) =>
    line.record({ kind: 'accept-ledger', actor, skips: true, seen: { size: line.events.length + 30, root }, ...more });
  const keep = (line: MapLedger): void => {
    const checkpoint = { size: line.events.length, root: new Uint8Array(32), note: '', at: NOON };
    line.tables.checkpoints.set(line.events.length, checkpoint);
  };

  it('is beyond the S/Ns of the lost events, in the counter of this week', () => {
    const line = openLine();
    nextSerial(line);
    line.setClock(NOON + WEEK_MS);
    nextSerial(line);
    accept(line);
    expect(line.events.find(({ type }) => type === 'ledger-accepted')).toBeDefined();
    expect(nextSerial(line)).toBe('264904032');
  });

  it('is beyond all lost S/Ns although the ledger grew while it was held', () => {
    const line = openLine();
    nextSerial(line);
    keep(line);
    const seen = { size: line.events.length + 30, root };
    for (let n = 0; n < 20; n++) line.record({ kind: 'cancel', station: 'default', actor });
    line.record({ kind: 'set-work-order', workOrder: workOrder(), actor });
    accept(line, { seen });
    expect(nextSerial(line)).toBe('264804032');
  });

  it('is not skipped again if the restore has skipped it for the same checkpoint', () => {
    const line = openLine();
    nextSerial(line);
    line.record({ kind: 'skip-serials', lost: 30, root, actor });
    accept(line);
    expect(nextSerial(line)).toBe('264802032');
    accept(line, { seen: { size: line.events.length + 30, root: 'cd'.repeat(32) } });
    expect(nextSerial(line)).toBe('264806063');
  });

  it('is beyond two margins if no checkpoint says how many events are lost', () => {
    const line = openLine();
    nextSerial(line);
    line.record({ kind: 'accept-ledger', actor, skips: true });
    expect(nextSerial(line)).toBe('264804002');
  });
});

import { describe, expect, test } from 'vitest';
import type { Make } from '../../src/decide/make-units.ts';
import type { ImportedUnit } from '../../src/model/imports/imported-unit.ts';
import { isCanonical } from '../../src/model/claim-id.ts';
import {
  agent,
  device,
  openLine,
  PRODUCT,
  product,
  rebuild,
  refusal,
  station,
  workOrder,
  type MapLedger,
} from '../support/map-ledger.ts';

const actor = 'admin';
const make = (line: MapLedger, settings: Partial<Make> = {}) =>
  line.record({ kind: 'make', as: 'issued', product: PRODUCT, count: 1, strict: false, actor, ...settings });
const imported = (settings: Partial<ImportedUnit> = {}): ImportedUnit => ({
  place: 'line 2',
  uci: 'JT08FFQXWQ',
  product: PRODUCT,
  identity: [],
  ...settings,
});
const takeIn = (line: MapLedger, ...units: ImportedUnit[]) =>
  line.record({ kind: 'import', as: 'issued', units, strict: false, actor });
const end = (line: MapLedger, kind: 'void' | 'scrap', uci: string): unknown =>
  line.record({ kind, units: [{ uci }], reason: 'test', actor });

describe('units made by hand', () => {
  test('have Claim IDs and S/Ns of their own, in one go', () => {
    const line = openLine();
    const { units } = make(line, { count: 200 });
    expect(new Set(units.map(({ uci }) => uci)).size).toBe(200);
    expect(units.every(({ uci }) => isCanonical(uci))).toBe(true);
    expect(units.map(({ serial }) => serial)).toEqual(units.map((_unit, i) => `2648${String(i + 1).padStart(5, '0')}`));
    expect(make(line).units[0]?.serial).toBe('264800201');
    expect(line.record(device()).serial).toBe('264800202');
  });

  test('skip S/Ns that are taken, in the middle of a batch too', () => {
    const line = openLine({ product: { serialPattern: null } });
    line.record(device({ serial: '264800002' }));
    line.record({ kind: 'set-product', product: product(), actor });
    expect(make(line, { count: 3 }).units.map(({ serial }) => serial)).toEqual(['264800001', '264800003', '264800004']);
  });

  test('are none at all where one of them cannot be made', () => {
    const line = openLine({ product: { serialPattern: 'S.{seq:1}' } });
    const before = line.events.length;
    expect(refusal(() => make(line, { count: 10 }))).toBe('serials-exhausted');
    expect(line.events).toHaveLength(before);
  });

  test('bear a given S/N if it is one unit and the S/N is free', () => {
    const line = openLine();
    expect(make(line, { serial: 'ACME-1' }).units[0]?.serial).toBe('ACME-1');
    expect(refusal(() => make(line, { serial: 'ACME-1' }))).toBe('serial-taken');
    expect(refusal(() => make(line, { serial: 'ACME-2', count: 2 }))).toBe('invalid');
    expect(make(line).units[0]?.serial).toBe('264800001');
  });

  test('count for their work order, which may refuse them', () => {
    const line = openLine();
    line.record({ kind: 'set-work-order', workOrder: workOrder({ planned: 2 }), actor });
    expect(make(line, { count: 3, workOrder: 'WO-1' }).over).toBe(1);
    line.record({ kind: 'set-work-order', workOrder: workOrder({ planned: 5, overIssue: 'refuse' }), actor });
    expect(refusal(() => make(line, { count: 3, workOrder: 'WO-1' }))).toBe('over-issue');
    expect(line.seen.workOrder('WO-1')?.units).toBe(3);
    expect(refusal(() => make(line, { workOrder: 'WO-2' }))).toBe('not-found');
    expect(refusal(() => make(line, { workOrder: 'WO-1', product: 'OTHER' }))).toBe('wrong-product');
    expect(refusal(() => make(line, { workOrder: 'WO-1', as: 'reserved' }))).toBe('invalid');
  });

  test('of an unknown product bring it along, unless products are strict', () => {
    const line = openLine();
    expect(refusal(() => make(line, { product: 'NEW', strict: true }))).toBe('product-unknown');
    make(line, { product: 'NEW' });
    expect(line.seen.product('NEW')).toBeDefined();
  });
});

describe('imported units', () => {
  test('keep their Claim ID, S/N, identity and attributes', () => {
    const line = openLine();
    const attributes = `{"product":"${PRODUCT}","serial":"ACME-1","mac":"m1"}`;
    takeIn(line, imported({ serial: 'ACME-1', identity: [['mac', 'm1']], attributes }));
    expect(line.seen.unit('JT08FFQXWQ')).toMatchObject({ serial: 'ACME-1', product: PRODUCT });
    expect(line.record(device({ mac: 'm1' }))).toMatchObject({ uci: 'JT08FFQXWQ', repeat: true });
    expect(line.events.find(({ type }) => type === 'issued')?.attributes).toBe(attributes);
  });

  test.each<[string, Partial<ImportedUnit>, Partial<ImportedUnit>, string]>([
    ['the same Claim ID', {}, {}, 'duplicate'],
    ['the same S/N', { serial: 'A-1' }, { uci: '0123456789', serial: 'A-1' }, 'duplicate'],
  ])('are refused for %s in one file, with both places', (_what, one, two, code) => {
    const line = openLine();
    const before = line.events.length;
    const both = (): unknown => takeIn(line, imported({ ...one }), imported({ ...two, place: 'line 3' }));
    expect(refusal(both)).toBe(code);
    expect(both).toThrow(/^line 3: .* already in line 2; nothing was imported/);
    expect(line.events).toHaveLength(before);
  });

  test('are refused for what the ledger has: Claim ID, void ones included, S/N and identity', () => {
    const line = openLine();
    const { uci, serial } = line.record(device({ mac: 'm1' }));
    const attributes = JSON.stringify({ product: PRODUCT, mac: 'm1' });
    expect(refusal(() => takeIn(line, imported({ uci })))).toBe('duplicate');
    expect(refusal(() => takeIn(line, imported({ serial: serial as string })))).toBe('serial-taken');
    expect(refusal(() => takeIn(line, imported({ identity: [['mac', 'm1']], attributes })))).toBe('duplicate');
    end(line, 'void', uci);
    expect(refusal(() => takeIn(line, imported({ uci })))).toBe('duplicate');
    expect(refusal(() => takeIn(line, imported({ serial: serial as string })))).toBeUndefined();
  });

  test('may have the identity of another product', () => {
    const line = openLine();
    line.record(device({ mac: 'm1' }));
    const attributes = '{"product":"OTHER","mac":"m1"}';
    takeIn(line, imported({ product: 'OTHER', identity: [['mac', 'm1']], attributes }));
    expect(line.record(agent({ product: 'OTHER', mac: 'm1' })).uci).toBe('JT08FFQXWQ');
  });

  test('with an S/N that looks like a Claim ID are refused', () => {
    expect(refusal(() => takeIn(openLine(), imported({ serial: '2648000012' })))).toBe('serial-like-claim-id');
  });

  test("with S/Ns of the product's own pattern let it go on behind the last of them", () => {
    const line = openLine({ product: { serialPattern: 'ACME.{seq:6}' } });
    const file = Array.from({ length: 1500 }, (_, i) => {
      const serial = `ACME.${String(i + 1).padStart(6, '0')}`;
      const uci = String(10 ** 10 + i).slice(0, 11);
      return imported({ uci, serial, attributes: JSON.stringify({ product: PRODUCT, serial }) });
    });
    takeIn(line, ...file);
    expect(line.record(device()).serial).toBe('ACME.001501');
    expect(rebuild(line.lines)).toEqual(line.tables);
  });

  test.each<[string, Partial<ImportedUnit>]>([
    ['is no JSON', { attributes: '{' }],
    ['is no object', { attributes: '[]' }],
    ['has two lines', { attributes: `{"product":"${PRODUCT}",\n"a":1}` }],
    ['names another product', { attributes: '{"product":"OTHER"}' }],
    ['names no product', { attributes: '{}' }],
    ['has another identity', { identity: [['mac', 'm1']], attributes: `{"product":"${PRODUCT}","mac":"m2"}` }],
    ['lacks the identity', { identity: [['mac', 'm1']], attributes: `{"product":"${PRODUCT}"}` }],
  ])('whose device section %s are refused: the ledger would say two things', (_what, settings) => {
    expect(refusal(() => takeIn(openLine(), imported(settings)))).toBe('invalid');
  });

  test('with an identity need the device section that holds it', () => {
    expect(refusal(() => takeIn(openLine(), imported({ identity: [['mac', 'm1']] })))).toBe('invalid');
  });

  test('whose Claim ID is none are refused', () => {
    for (const uci of ['jt08ffqxwq', 'JT08FFQXW', 'JT08"FQXWQ']) {
      expect(refusal(() => takeIn(openLine(), imported({ uci })))).toBe('invalid');
    }
  });
});

describe('the end of a unit', () => {
  test('is said once, and a scrapped unit may still be voided', () => {
    const line = openLine();
    const { uci } = line.record(device());
    end(line, 'scrap', uci);
    expect(refusal(() => end(line, 'scrap', uci))).toBe('unit-ended');
    end(line, 'void', uci);
    expect(refusal(() => end(line, 'void', uci))).toBe('unit-ended');
    expect(refusal(() => end(line, 'scrap', uci))).toBe('unit-ended');
    expect(refusal(() => end(line, 'void', 'JT08FFQXWQ'))).toBe('not-found');
  });

  test('by void frees the identity and the S/N, by scrap it does not', () => {
    const line = openLine();
    const { uci } = line.record(device({ serial: 'ACME-1' }));
    end(line, 'scrap', uci);
    expect(line.seen.unitBySerial(PRODUCT, 'ACME-1')?.uci).toBe(uci);
    expect(refusal(() => line.record(device({ serial: 'ACME-1' })))).toBe('unit-ended');
    end(line, 'void', uci);
    expect(line.record(device({ serial: 'ACME-1' })).uci).not.toBe(uci);
  });
});

describe('settings', () => {
  test('set as they are already are no event, however their keys are ordered', () => {
    const line = openLine();
    const before = line.events.length;
    const { id, ...rest } = product();
    line.record({ kind: 'set-product', product: { ...rest, id }, actor });
    line.record({ kind: 'set-station', station: station(), actor });
    expect(line.events).toHaveLength(before);
    line.record({ kind: 'set-work-order', workOrder: workOrder({ lot: 'L1' }), actor });
    line.record({ kind: 'set-work-order', workOrder: workOrder(), actor });
    line.record({ kind: 'set-work-order', workOrder: workOrder(), actor });
    expect(line.events).toHaveLength(before + 2);
    expect(line.seen.workOrder('WO-1')?.lot).toBeUndefined();
  });

  test('of a product are refused where an S/N could be read as a Claim ID in use', () => {
    const line = openLine({ product: { serialPattern: '{yyyy}{ww}{seq:6}' } });
    const other = (claimIdLength: number) => product({ id: 'OTHER', claimIdLength });
    expect(refusal(() => line.record({ kind: 'set-product', product: other(12), actor }))).toBe('serial-like-claim-id');
    expect(refusal(() => line.record({ kind: 'set-product', product: other(16), actor }))).toBeUndefined();
    const own = product({ serialPattern: '{yyyy}{mm}{dd}{seq:8}' });
    expect(refusal(() => line.record({ kind: 'set-product', product: own, actor }))).toBe('serial-like-claim-id');
  });

  test('of an unknown product that would make another pattern readable are refused', () => {
    const line = openLine({ product: { claimIdLength: 12, serialPattern: '{yy}{ww}{seq:6}' } });
    expect(refusal(() => line.record(agent({ product: 'NEW' })))).toBe('product-unknown');
  });

  test('of a work order keep its product always, and its lot while it has units', () => {
    const line = openLine();
    line.record({ kind: 'set-product', product: product({ id: 'OTHER' }), actor });
    const set = (settings: Parameters<typeof workOrder>[0]): unknown =>
      line.record({ kind: 'set-work-order', workOrder: workOrder(settings), actor });
    expect(refusal(() => set({ product: 'NOWHERE' }))).toBe('product-unknown');
    set({ lot: 'L1' });
    expect(refusal(() => set({ product: 'OTHER' }))).toBe('wrong-product');
    set({ lot: 'L2' });
    make(line, { workOrder: 'WO-1' });
    expect(refusal(() => set({ lot: 'L3' }))).toBe('work-order-started');
    expect(refusal(() => set({ lot: 'L2', planned: 9 }))).toBeUndefined();
    expect(line.seen.workOrder('WO-1')).toMatchObject({ planned: 9, units: 1 });
  });

  test("of a station name work orders that are there, for their product, and nobody else's address", () => {
    const line = openLine();
    line.record({ kind: 'set-work-order', workOrder: workOrder(), actor });
    line.record({ kind: 'set-station', station: station({ name: 'nest-2', sources: ['10.0.0.7'] }), actor });
    const set = (settings: Parameters<typeof station>[0]) => (): unknown =>
      line.record({ kind: 'set-station', station: station(settings), actor });
    expect(refusal(set({ workOrders: { [PRODUCT]: 'WO-9' } }))).toBe('not-found');
    expect(refusal(set({ workOrders: { OTHER: 'WO-1' } }))).toBe('wrong-product');
    expect(refusal(set({ sources: ['10.0.0.7'] }))).toBe('source-taken');
    expect(refusal(set({ sources: ['10.0.0.8'], workOrders: { [PRODUCT]: 'WO-1' } }))).toBeUndefined();
    expect(refusal(set({ name: 'nest-2', sources: ['10.0.0.7'], next: 'auto' }))).toBeUndefined();
  });

  test('of a busy station may change except its mode and its work orders', () => {
    const line = openLine({ station: { mode: 'slot' } });
    const { uci } = line.record(device());
    const set = (settings: Parameters<typeof station>[0]) => (): unknown =>
      line.record({ kind: 'set-station', station: station(settings), actor });
    expect(refusal(set({ mode: 'open' }))).toBe('station-busy');
    expect(refusal(set({ mode: 'slot', next: 'auto' }))).toBeUndefined();
    expect(line.seen.station('default')?.slot).toMatchObject({ state: 'open', uci });
    line.record({ kind: 'next', station: 'default', actor });
    expect(refusal(set({ mode: 'open' }))).toBeUndefined();
  });

  test('say of a new station key only that it changed', () => {
    const line = openLine();
    const hash = new Uint8Array(32);
    line.record({ kind: 'set-station-key', station: 'default', hash, actor });
    expect(line.events.at(-1)).toMatchObject({ type: 'station-key-set', station: 'default', data: {} });
    const nowhere = (): unknown => line.record({ kind: 'set-station-key', station: 'nowhere', hash, actor });
    expect(refusal(nowhere)).toBe('not-found');
  });
});

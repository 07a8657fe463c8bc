import { describe, expect, it } from 'vitest';
import { OTHER_LINK } from '../../../src/model/link/link.ts';
import { device, openLine, rebuild, refusal, station, workOrder, type MapLedger } from '../../support/map-ledger.ts';

const LINK_A = 'a4:c1:38:aa:00:01';
const LINK_B = 'a4:c1:38:aa:00:02';
const A = { link: LINK_A };
const B = { link: LINK_B };

const at = (where: object, body: object = {}) => device(body, where);
const press = (line: MapLedger, kind: 'next' | 'same-device') =>
  line.record({ kind, station: 'default', actor: 'admin' });
const pass = (line: MapLedger, uci: string): unknown =>
  line.record({ kind: 'verify', station: 'default', label: uci, actor: 'admin' });
const arm = (line: MapLedger, code: string) =>
  line.record({ kind: 'arm', station: 'default', code, reason: 'rework', actor: 'admin' });
const identityOf = (line: MapLedger, uci: string) => Object.fromEntries(line.seen.identityOf(line.seen.unit(uci)!));
const alarms = (line: MapLedger) => line.events.filter(({ type }) => type === 'link-contradicted');

const open = (settings: object = {}, product: object = {}): MapLedger =>
  openLine({ station: { linkAddress: true, ...settings }, product });
const slot = (settings: object = {}): MapLedger => open({ mode: 'slot', ...settings });

describe('a link address', () => {
  it.each([
    ['of the station', { linkAddress: true }, {}],
    ['of the product', {}, { linkAddress: true }],
  ])('gives a device that says nothing the same Claim ID again, by the setting %s', (_what, settings, product) => {
    const line = openLine({ station: settings, product });
    const { uci } = line.record(at(A));
    const events = line.events.length;
    for (let n = 0; n < 3; n++) expect(line.record(at(A))).toMatchObject({ uci, repeat: true });
    expect(line.events).toHaveLength(events);
    expect(line.record(at(B)).uci).not.toBe(uci);
    expect(identityOf(line, uci)).toEqual({ link: LINK_A });
  });

  it('is not used without the setting', () => {
    const line = openLine();
    const { uci } = line.record(at(A));
    expect(line.record(at(A)).uci).not.toBe(uci);
    expect(identityOf(line, uci)).toEqual({});
  });

  it('tells whether a device that sends a placeholder is the one that an earlier version knew by it', () => {
    const line = open();
    const uid = '1234567890';
    const { uci } = line.record({ ...at(A, { uid }), identity: [['uid', uid]] });
    expect(line.record(at(A, { uid }))).toMatchObject({ uci, repeat: true });
    expect(line.record(at(B, { uid })).uci).not.toBe(uci);
    expect(refusal(() => line.record(at({}, { uid })))).toBe('identity-conflict');
  });

  it('is in the data of the event, and a replay of the lines makes the same rows', () => {
    const line = open();
    const { uci } = line.record(at(A));
    line.record(at(A, { mac: LINK_A }));
    expect(line.events.map(({ type, data }) => [type, data]).slice(-2)).toMatchObject([
      ['issued', { link: LINK_A }],
      ['identified', { identity: ['mac'] }],
    ]);
    expect(identityOf(line, uci)).toEqual({ link: LINK_A, mac: LINK_A });
    expect(rebuild(line.lines).identities).toEqual(line.tables.identities);
  });

  it('is bound to a unit that its body identifies, only from the source that has the unit', () => {
    const line = openLine({ product: {} });
    const { uci } = line.record(at({}, { serial: 'ACME-1' }));
    line.record({ kind: 'set-station', station: station({ linkAddress: true }), actor: 'admin' });
    line.record(at({ link: LINK_B, source: '10.0.0.99' }, { serial: 'ACME-1' }));
    expect(identityOf(line, uci)).toEqual({ serial: 'ACME-1' });
    line.record(at(A, { serial: 'ACME-1' }));
    expect(identityOf(line, uci)).toEqual({ serial: 'ACME-1', link: LINK_A });
    expect(line.record(at(A))).toMatchObject({ uci, repeat: true });
  });

  it('of an adapter that stays with the fixture identifies no device, in any spelling', () => {
    const line = open({ fixtureAdapters: ['A4-C1-38-AA-00-01'] });
    const { uci } = line.record(at(A));
    expect(line.record(at(A)).uci).not.toBe(uci);
    expect(identityOf(line, uci)).toEqual({});
  });

  it('follows the repeat policy of the product, as each identity does', () => {
    for (const repeat of ['same', 'refuse', 'replace'] as const) {
      const line = open({}, { repeat });
      const { uci } = line.record(at(A));
      pass(line, uci);
      if (repeat === 'same') expect(line.record(at(A)).uci).toBe(uci);
      if (repeat === 'refuse') expect(refusal(() => line.record(at(A)))).toBe('repeat-refused');
      if (repeat !== 'replace') continue;
      const next = line.record(at(A)).uci;
      expect(line.seen.unit(uci)?.facts.void).toBeDefined();
      expect(line.record(at(A)).uci).toBe(next);
    }
  });

  it('is free again after its unit is void', () => {
    const line = open();
    const { uci } = line.record(at(A));
    line.record({ kind: 'void', units: [{ uci }], reason: 'test', actor: 'admin' });
    const next = line.record(at(A));
    expect(next).toMatchObject({ repeat: false });
    expect(identityOf(line, next.uci)).toEqual({ link: LINK_A });
  });
});

describe('a slot with link addresses', () => {
  it('refuses a second device at the address of the first, until Next', () => {
    const line = slot();
    const { uci } = line.record(at(A));
    const events = line.events.length;
    for (let n = 0; n < 3; n++) expect(refusal(() => line.record(at(B)))).toBe('other-device');
    expect(line.events).toHaveLength(events);
    expect(line.record(at(A))).toMatchObject({ uci, repeat: true });
    press(line, 'next');
    expect(line.record(at(B))).toMatchObject({ repeat: false });
  });

  it.each([
    ['of the unit', {}, A],
    ['of the request', A, {}],
  ])('refuses a device if the link address %s is unknown', (_what, first, second) => {
    const line = slot();
    line.record(at(first));
    expect(refusal(() => line.record(at(second)))).toBe('other-device');
  });

  it('without any link address works as before', () => {
    const line = slot();
    const { uci } = line.record(at({}));
    expect(line.record(at({}))).toMatchObject({ uci, repeat: true });
  });

  it('refuses a device that has another unit while a unit is open, and gives it its own unit afterwards', () => {
    const line = slot();
    const first = line.record(at(A)).uci;
    press(line, 'next');
    const second = line.record(at(B)).uci;
    expect(refusal(() => line.record(at(A)))).toBe('other-device');
    pass(line, second);
    expect(line.record(at(A)).uci).toBe(first);
  });

  it('gives a device its unit again after the PASS, and after Next', () => {
    const line = slot();
    const { uci } = line.record(at(A));
    pass(line, uci);
    expect(line.record(at(A))).toMatchObject({ uci, repeat: true });
    press(line, 'next');
    expect(line.record(at(A))).toMatchObject({ uci, repeat: true });
  });

  it('answers a device that its body identifies also at a changed link address', () => {
    const line = slot();
    const { uci } = line.record(at(A, { serial: 'ACME-1' }));
    expect(line.record(at(B, { serial: 'ACME-1' }))).toMatchObject({ uci, otherLink: LINK_B });
  });
});

describe('an armed station with link addresses', () => {
  it('refuses another device than that of the armed unit', () => {
    const line = slot();
    const { uci } = line.record(at(A));
    pass(line, uci);
    press(line, 'next');
    arm(line, uci);
    expect(refusal(() => line.record(at(B)))).toBe('armed-mismatch');
    expect(line.record(at(A)).uci).toBe(uci);
  });

  it('binds the link address of the device that gets a label', () => {
    const line = slot();
    const make = { kind: 'make', as: 'reserved', product: device().product!, count: 1, reservation: 'R' } as const;
    const { uci } = line.record({ ...make, strict: false, actor: 'admin' }).units[0]!;
    line.record({ kind: 'arm', station: 'default', code: uci, reason: 'label', actor: 'admin' });
    expect(line.record(at(A)).uci).toBe(uci);
    expect(identityOf(line, uci)).toEqual({ link: LINK_A });
    expect(refusal(() => line.record(at(B)))).toBe('other-device');
  });
});

describe('a body that contradicts the link address', () => {
  it.each<[string, object, object]>([
    ['names another MAC', {}, { mac: LINK_B }],
    ['names another S/N than the unit of the link address', { serial: 'ACME-1' }, { serial: 'ACME-2' }],
    ['names another uid than the unit of the link address', { uid: 'u-1' }, { uid: 'u-2' }],
  ])('is an alarm and no refusal, and binds no link address: it %s', (_what, first, second) => {
    const line = open();
    const { uci } = line.record(at(A, first));
    const answer = line.record(at(A, second));
    expect(answer).toMatchObject({ repeat: false, otherLink: LINK_A });
    expect(answer.uci).not.toBe(uci);
    expect(line.seen.unit(answer.uci)?.alarm).toBe(OTHER_LINK);
    expect(identityOf(line, answer.uci)).toEqual(second);
    expect(line.record(at(A, second))).toMatchObject({ uci: answer.uci, repeat: true, otherLink: LINK_A });
    expect(alarms(line)).toMatchObject([{ uci: answer.uci, data: { link: LINK_A, alarm: OTHER_LINK } }]);
    expect(line.record(at(A, first)).uci).toBe(uci);
  });

  it('compares the MAC in any spelling, and no EUI-64', () => {
    for (const mac of ['A4-C1-38-AA-00-01', 'a4c1.38aa.0001', 'A4C138FFFEAA0001'])
      expect(open().record(at(A, { mac })).otherLink).toBeUndefined();
  });

  it('ends its alarm when an operator arms the station, or the device registers, and then adds no event', () => {
    const line = open();
    const { uci } = line.record(at(A, { mac: LINK_B }));
    arm(line, uci);
    expect(line.seen.unit(uci)?.alarm).toBeUndefined();
    line.record(at(A, { mac: LINK_B }));
    const report = { kind: 'note-report', uci, station: 'default', source: '10.0.0.7' } as const;
    line.record({ ...report, products: [], identity: [['mac', LINK_B]] });
    expect(line.seen.unit(uci)?.alarm).toBeUndefined();
    const events = line.events.length;
    for (let n = 0; n < 3; n++) expect(line.record(at(A, { mac: LINK_B })).otherLink).toBe(LINK_A);
    expect(line.events).toHaveLength(events);
  });

  it('is told for two units that the body and the link address name', () => {
    const line = open();
    const one = line.record(at(A)).uci;
    const two = line.record(at(B, { serial: 'ACME-2' })).uci;
    expect(line.record(at(A, { serial: 'ACME-2' }))).toMatchObject({ uci: two, otherLink: LINK_A });
    expect(line.record(at(A)).uci).toBe(one);
  });
});

it('a work order counts a repeat by link address once', () => {
  const line = open({ workOrders: {} });
  line.record({ kind: 'set-work-order', workOrder: workOrder(), actor: 'admin' });
  const { name } = line.seen.station('default')!;
  const settings = { linkAddress: true, workOrders: { [device().product!]: workOrder().id } };
  line.record({ kind: 'set-station', station: station({ name, ...settings }), actor: 'admin' });
  for (let n = 0; n < 3; n++) line.record(at(A));
  expect(line.seen.workOrder(workOrder().id)?.units).toBe(1);
});

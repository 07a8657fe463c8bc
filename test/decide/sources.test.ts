import { describe, expect, it } from 'vitest';
import type { Product } from '../../src/model/product.ts';
import { device, NOON, openLine, PRODUCT, refusal, station, type MapLedger } from '../support/map-ledger.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const A = { source: '10.0.0.1', station: 'default' };
const B = { source: '10.0.0.2', station: 'line-2' };
const MAC = { mac: 'm-1' };

function openTwo(product: object = {}): MapLedger {
  const line = openLine({ product });
  line.record({ kind: 'set-station', station: station({ name: 'line-2' }), actor: 'admin' });
  return line;
}

const changes = (line: MapLedger) => line.events.filter(({ type }) => type === 'source-changed');
const ask = (line: MapLedger, at: object, identity: object = MAC) => line.record(device(identity, at));

describe('an identity that is named from another source', () => {
  it('is counted at its unit, with one event a day', () => {
    const line = openTwo();
    const { uci } = ask(line, A);
    line.setClock(NOON + 5 * MINUTE_MS);
    expect(ask(line, B)).toMatchObject({ uci, repeat: true });
    ask(line, B);
    expect(changes(line)).toMatchObject([
      {
        uci,
        station: 'line-2',
        actor: 'agent:10.0.0.2',
        data: { from: '10.0.0.1', fromStation: 'default', changes: 1 },
      },
    ]);
    line.setClock(NOON + 10 * MINUTE_MS);
    ask(line, A);
    expect(changes(line)).toHaveLength(1);
    line.setClock(NOON + DAY_MS);
    ask(line, B);
    expect(changes(line).map(({ data }) => (data as { changes: number }).changes)).toEqual([1, 3]);
    expect(line.seen.unit(uci)?.alarm).toBeUndefined();
  });

  it('from two sources in turn within a minute is an alarm that says where the other one is', () => {
    const line = openTwo();
    const { uci } = ask(line, A);
    line.setClock(NOON + 10 * MINUTE_MS);
    expect(ask(line, B)).not.toHaveProperty('inTurnWith');
    line.setClock(NOON + 11 * MINUTE_MS);
    expect(ask(line, A)).toMatchObject({ uci, inTurnWith: 'line-2' });
    expect(line.seen.unit(uci)?.alarm).toBe('two-sources');
    line.setClock(NOON + 12 * MINUTE_MS + 1);
    expect(ask(line, B)).not.toHaveProperty('inTurnWith');
  });

  it('in turn for a day adds two events, whoever ends the alarm in between', () => {
    const line = openTwo();
    const { uci } = ask(line, A);
    const before = line.events.length;
    for (let n = 1; n <= 500; n++) {
      line.setClock(NOON + n * 2000);
      ask(line, n % 2 === 1 ? B : A);
      if (n === 250) line.record({ kind: 'note-report', uci, ...A, products: [], identity: [['mac', 'm-1']] });
    }
    expect(line.events.length - before).toBe(3);
    expect(line.tables.sightings.get(line.seen.unit(uci)?.id ?? 0)?.changes).toBe(500);
  });

  it('is the same source with the key of a station, whatever its address', () => {
    const line = openTwo();
    const keyed = (source: string) => ({ station: 'line-2', source, sender: 'key:line-2' });
    ask(line, keyed('10.0.0.5'));
    ask(line, keyed('10.0.0.6'));
    ask(line, { ...B, source: '10.0.0.5' });
    expect(changes(line)).toEqual([]);
    ask(line, A);
    ask(line, keyed('10.0.0.5'));
    expect(changes(line)).toHaveLength(1);
  });

  it('is the same source within one IPv6 network', () => {
    const line = openTwo();
    ask(line, { ...A, source: '2001:db8:0:1::1' });
    ask(line, { ...A, source: '2001:db8:0:1::2' });
    expect(changes(line)).toEqual([]);
  });
});

describe('an identity property that a unit lacks', () => {
  const S_N = { serial: 'ACME-1' };
  const TRUE = { ...S_N, mac: 'm-true' };
  const FOREIGN = { ...S_N, mac: 'm-foreign' };
  const bound = (line: MapLedger, uci: string) => {
    const unit = line.seen.unit(uci);
    return unit && { serial: unit.serial, ...Object.fromEntries(line.seen.identityOf(unit)) };
  };
  const arm = (line: MapLedger, at: string, code: string, reason: 'label' | 'rework' = 'rework') =>
    line.record({ kind: 'arm', station: at, code, reason, actor: 'admin' });

  it.each<[string, Partial<Product>]>([
    ['a product', {}],
    ['a product with sameSource', { sameSource: true }],
  ])('of %s is not bound by another source, and the true device is answered and binds its own', (_of, settings) => {
    const line = openTwo(settings);
    const { uci } = ask(line, A, S_N);
    // The second request comes from the source that last got the unit.
    for (let n = 0; n < 3; n++) {
      if (settings.sameSource) expect(refusal(() => ask(line, B, FOREIGN))).toBe('other-source');
      else expect(ask(line, B, FOREIGN)).toMatchObject({ uci, repeat: true });
    }
    expect(bound(line, uci)).toEqual(S_N);
    expect(ask(line, A, TRUE)).toMatchObject({ uci, repeat: true });
    expect(bound(line, uci)).toEqual(TRUE);
    expect(refusal(() => ask(line, B, FOREIGN))).toBe('identity-conflict');
  });

  it('is bound when an operator arms the station of the device, and from then on only by this source', () => {
    const line = openTwo();
    const { uci } = ask(line, A, S_N);
    ask(line, B, FOREIGN);
    arm(line, 'line-2', uci);
    expect(ask(line, B, TRUE)).toMatchObject({ uci, repeat: false });
    expect(bound(line, uci)).toEqual(TRUE);
    expect(ask(line, A, { ...TRUE, uid: 'foreign' })).toMatchObject({ uci });
    expect(bound(line, uci)).toEqual(TRUE);
    ask(line, B, { ...TRUE, uid: 'own' });
    expect(bound(line, uci)).toEqual({ ...TRUE, uid: 'own' });
  });

  it('is not bound from another source together with others, nor is an S/N', () => {
    const line = openTwo({ serialPattern: null });
    const { uci } = ask(line, A, { mac: 'm-1' });
    expect(ask(line, B, { mac: 'm-1', uid: 'u-foreign', serial: 'FOREIGN-1' })).toMatchObject({ uci, repeat: true });
    expect(bound(line, uci)).toEqual({ mac: 'm-1' });
    // The S/N stays free for the device that has it.
    expect(ask(line, B, { serial: 'FOREIGN-1' }).uci).not.toBe(uci);
    expect(ask(line, A, { mac: 'm-1', uid: 'u-1', serial: 'ACME-1' })).toMatchObject({ uci, serial: 'ACME-1' });
    expect(bound(line, uci)).toEqual({ mac: 'm-1', uid: 'u-1', serial: 'ACME-1' });
  });

  it('is not bound from another address while the unit is open in the slot', () => {
    const line = openTwo();
    line.record({ kind: 'set-station', station: station({ name: 'nest', mode: 'slot' }), actor: 'admin' });
    const { uci } = ask(line, { ...A, station: 'nest' }, S_N);
    for (const at of [B, { ...B, station: 'nest' }, { ...A, station: 'line-2' }])
      expect(ask(line, at, FOREIGN)).toMatchObject({ uci, repeat: true });
    expect(bound(line, uci)).toEqual(S_N);
    ask(line, { ...A, station: 'nest' }, TRUE);
    expect(bound(line, uci)).toEqual(TRUE);
  });

  it('is bound with the key of the station, and not from the same address without the key', () => {
    const line = openTwo();
    const keyed = { station: 'line-2', source: '10.0.0.9', sender: 'key:line-2' };
    const { uci } = ask(line, keyed, S_N);
    expect(ask(line, { station: 'default', source: '10.0.0.9' }, FOREIGN)).toMatchObject({ uci, repeat: true });
    expect(bound(line, uci)).toEqual(S_N);
    ask(line, { ...keyed, source: '10.0.0.10' }, TRUE);
    expect(bound(line, uci)).toEqual(TRUE);
  });

  it('is not bound by a neighbour in the same IPv6 network', () => {
    const line = openTwo();
    const at = (source: string) => ({ station: 'default', source, sender: '2001:db8:0:1::/64' });
    const { uci } = ask(line, at('2001:db8:0:1::1'), S_N);
    expect(ask(line, at('2001:db8:0:1::2'), FOREIGN)).toMatchObject({ uci, repeat: true });
    expect(bound(line, uci)).toEqual(S_N);
    expect(ask(line, at('2001:db8:0:1::1'), TRUE)).toMatchObject({ uci, repeat: true });
    expect(bound(line, uci)).toEqual(TRUE);
  });

  it('is not replaced for a neighbour in the same IPv6 network', () => {
    const line = openTwo({ repeat: 'replace' });
    const at = (source: string) => ({ station: 'default', source, sender: '2001:db8:0:1::/64' });
    const { uci } = ask(line, at('2001:db8:0:1::1'));
    line.record({ kind: 'verify', station: 'default', label: uci, device: uci, actor: 'admin' });
    expect(refusal(() => ask(line, at('2001:db8:0:1::2')))).toBe('other-source');
    expect(ask(line, at('2001:db8:0:1::1')).uci).not.toBe(uci);
  });

  const UCI = 'JT08FFQXWQ';
  const takeIn = (line: MapLedger, as: 'issued' | 'reserved') => {
    const attributes = JSON.stringify({ product: PRODUCT, ...S_N });
    const unit = { place: 'line 2', uci: UCI, product: PRODUCT, identity: Object.entries(S_N), attributes, ...S_N };
    line.record({ kind: 'import', as, units: [unit], strict: false, actor: 'admin' });
  };

  it('of a unit that was imported as given out is bound only after an operator armed the station', () => {
    const line = openTwo();
    takeIn(line, 'issued');
    for (let n = 0; n < 2; n++) expect(ask(line, B, FOREIGN)).toMatchObject({ uci: UCI, repeat: true });
    expect(bound(line, UCI)).toEqual(S_N);
    arm(line, 'default', UCI);
    expect(ask(line, A, TRUE)).toMatchObject({ uci: UCI });
    expect(bound(line, UCI)).toEqual(TRUE);
  });

  it('of a reserved unit is bound by the first device that names the unit, and only a void corrects it', () => {
    const line = openTwo();
    takeIn(line, 'reserved');
    expect(ask(line, B, FOREIGN)).toMatchObject({ uci: UCI, repeat: false });
    expect(refusal(() => ask(line, A, TRUE))).toBe('identity-conflict');
    arm(line, 'default', UCI);
    expect(refusal(() => ask(line, A, TRUE))).toBe('identity-conflict');
    expect(refusal(() => ask(line, A, { mac: 'm-true' }))).toBe('armed-mismatch');
    line.record({ kind: 'void', units: [{ uci: UCI }], reason: 'label-damaged', actor: 'admin' });
    expect(ask(line, A, TRUE).uci).not.toBe(UCI);
  });
});

describe('a product with sameSource', () => {
  it('refuses another source until an operator arms the station with the unit', () => {
    const line = openTwo({ sameSource: true });
    const { uci } = ask(line, A);
    const size = line.events.length;
    expect(refusal(() => ask(line, B))).toBe('other-source');
    expect(line.events).toHaveLength(size);
    expect(ask(line, A)).toMatchObject({ uci });
    line.record({ kind: 'arm', station: 'line-2', code: uci, reason: 'rework', actor: 'admin' });
    expect(ask(line, B)).toMatchObject({ uci });
    expect(ask(line, B)).toMatchObject({ uci, repeat: true });
    expect(refusal(() => ask(line, A))).toBe('other-source');
    expect(changes(line)).toEqual([]);
  });

  it('does not void a delivered unit for another source, with the policy replace either', () => {
    const line = openTwo({ sameSource: true, repeat: 'replace' });
    const { uci } = ask(line, A);
    line.record({ kind: 'verify', station: 'default', label: uci, device: uci, actor: 'admin' });
    expect(refusal(() => ask(line, B))).toBe('other-source');
    expect(line.seen.unit(uci)?.facts.void).toBeUndefined();
    expect(ask(line, A).uci).not.toBe(uci);
  });

  it('gives a reserved unit to its device at any source', () => {
    const line = openTwo({ sameSource: true });
    const made = line.record({
      kind: 'make',
      as: 'reserved',
      count: 1,
      actor: 'admin',
      product: PRODUCT,
      strict: false,
    });
    const uci = made.units[0]?.uci ?? '';
    line.record({ kind: 'arm', station: 'line-2', code: uci, reason: 'label', actor: 'admin' });
    expect(ask(line, B)).toMatchObject({ uci });
    expect(refusal(() => ask(line, A))).toBe('other-source');
  });
});

describe('an alarm of two sources', () => {
  it('ends when an operator arms the unit, or when its device registers', () => {
    const line = openTwo();
    const { uci } = ask(line, A);
    ask(line, B);
    ask(line, A);
    expect(line.seen.unit(uci)?.alarm).toBe('two-sources');
    line.record({ kind: 'arm', station: 'default', code: uci, reason: 'rework', actor: 'admin' });
    expect(line.seen.unit(uci)?.alarm).toBeUndefined();
  });
});

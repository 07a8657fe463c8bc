import { describe, expect, it } from 'vitest';
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

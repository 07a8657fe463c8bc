import { describe, expect, test } from 'vitest';
import { outcomeOf, withClaim } from '../../src/contract/cloud.ts';
import type { NoteReport } from '../../src/decide/registration.ts';
import {
  device,
  openLine,
  PRODUCT,
  printer,
  product,
  refusal,
  station,
  type MapLedger,
} from '../support/map-ledger.ts';

const actor = 'admin';

function report(line: MapLedger, uci: string, said: Partial<NoteReport> = {}): string | undefined {
  const command = {
    kind: 'note-report',
    uci,
    station: 'default',
    source: '10.0.0.7',
    products: [PRODUCT],
    identity: [],
  };
  return line.record({ ...command, kind: 'note-report', ...said }).alarm;
}
const outcome = (line: MapLedger, uci: string, what: 'registered' | 'claimed' | 'refused' | 'unreachable'): unknown =>
  line.record({ kind: 'note-outcome', uci, station: 'default', source: '10.0.0.7', outcome: what });
const types = (line: MapLedger, from: number): string[] => line.events.slice(from).map(({ type }) => type);

describe('a device that names its Claim ID', () => {
  test('proves that it holds it', () => {
    const line = openLine();
    const { uci } = line.record(device({ mac: 'm1' }));
    expect(report(line, uci, { identity: [['mac', 'm1']] })).toBeUndefined();
    expect(line.seen.unit(uci)?.facts.reported).toBeDefined();
    expect(line.events.at(-1)).toMatchObject({
      type: 'reported',
      actor: 'agent:10.0.0.7',
      station: 'default',
      data: {},
    });
  });

  test('and polls for a day adds an event for what it said, and one for what came of it', () => {
    const line = openLine();
    const { uci } = line.record(device());
    const before = line.events.length;
    const start = line.clock();
    // From seconds to growing delays, up to five minutes.
    for (let at = 0, delay = 5000; at < 24 * 3600_000; at += delay, delay = Math.min(delay * 2, 300_000)) {
      line.setClock(start + at);
      report(line, uci);
      outcome(line, uci, 'registered');
    }
    expect(types(line, before)).toEqual(['reported', 'registered']);
  });

  test.each([
    ['void', (line: MapLedger, uci: string) => line.record({ kind: 'void', units: [{ uci }], reason: 'x', actor }), {}],
    [
      'scrapped',
      (line: MapLedger, uci: string) => line.record({ kind: 'scrap', units: [{ uci }], reason: 'x', actor }),
      {},
    ],
    ['other-product:ELSE', () => undefined, { products: [PRODUCT, 'ELSE'] }],
    ['other-identity', () => undefined, { identity: [['mac', 'm2']] }],
    ['other-identity', () => undefined, { serial: 'ACME-9' }],
  ] as const)('raises the alarm %s', (alarm, prepare, said) => {
    const line = openLine();
    const { uci } = line.record(device({ mac: 'm1' }));
    prepare(line, uci);
    const before = line.events.length;
    for (let n = 0; n < 3; n++) expect(report(line, uci, said as unknown as Partial<NoteReport>)).toBe(alarm);
    expect(line.events.slice(before)).toMatchObject([{ type: 'reported', data: { alarm } }]);
    expect(line.seen.unit(uci)).toMatchObject({ alarm });
    expect(line.seen.unit(uci)?.facts.reported, 'it is no proof').toBeUndefined();
  });

  test('that was never given out raises an alarm', () => {
    const line = openLine();
    const made = {
      kind: 'make',
      as: 'reserved',
      product: PRODUCT,
      count: 1,
      reservation: 'r',
      strict: false,
      actor,
    } as const;
    const [unit] = line.record(made).units;
    expect(report(line, unit!.uci)).toBe('not-given-out');
  });

  test('other than the one that is open in the nest raises an alarm, which ends when the right device speaks', () => {
    const line = openLine({ station: { mode: 'slot' } });
    line.record({ kind: 'set-station', station: station({ name: 'other' }), actor });
    const elsewhere = line.record(device({}, { station: 'other' })).uci;
    const { uci } = line.record(device());
    expect(report(line, elsewhere)).toBe('not-the-open-unit');
    expect(report(line, uci)).toBeUndefined();
    expect(report(line, elsewhere, { station: 'other' })).toBeUndefined();
    expect(line.seen.unit(elsewhere)?.alarm).toBeUndefined();
    expect(line.seen.unit(elsewhere)?.facts.reported).toBeDefined();
  });

  test('that nobody knows writes nothing', () => {
    const line = openLine();
    const before = line.events.length;
    report(line, 'ZZZZZZZZZZ');
    outcome(line, 'ZZZZZZZZZZ', 'registered');
    expect(types(line, before)).toEqual([]);
  });
});

describe('what came of a registration', () => {
  test('is an event when it changes; a cloud that is away is no news of a device that it knows', () => {
    const line = openLine();
    const { uci } = line.record(device());
    const before = line.events.length;
    for (const what of [
      'unreachable',
      'unreachable',
      'refused',
      'unreachable',
      'registered',
      'unreachable',
      'claimed',
    ] as const)
      outcome(line, uci, what);
    expect(
      line.events.slice(before).map(({ type, data }) => [type, 'outcome' in data ? data.outcome : undefined]),
    ).toEqual([
      ['registration-failed', 'unreachable'],
      ['registration-failed', 'refused'],
      ['registered', 'registered'],
      ['registered', 'claimed'],
    ]);
    expect(line.seen.unit(uci)).toMatchObject({ outcome: 'claimed' });
  });

  test('releases where the product asks for it, and not while an alarm stands', () => {
    const line = openLine({ product: { release: 'both' } });
    const { uci } = line.record(device({ mac: 'm1' }));
    line.record({
      kind: 'set-work-order',
      workOrder: { id: 'WO', product: PRODUCT, planned: 1, overIssue: 'warn' },
      actor,
    });
    outcome(line, uci, 'registered');
    line.record({ kind: 'verify', station: 'default', label: uci, device: uci, actor });
    report(line, uci, { identity: [['mac', 'other']] });
    expect(line.seen.unit(uci)).toMatchObject({ alarm: 'other-identity' });
    report(line, uci, { identity: [['mac', 'm1']] });
    expect(line.seen.unit(uci)?.alarm).toBeUndefined();
  });
});

describe('a pre-claimed product', () => {
  test('asks for no label', () => {
    const line = openLine({ product: { claiming: 'pre' } });
    line.record({ kind: 'set-printer', printer: printer({ name: 'p' }), actor });
    line.record({ kind: 'set-station', station: station({ printer: 'p', autoPrint: true }), actor });
    const before = line.events.length;
    line.record(device());
    expect(types(line, before)).toEqual(['issued']);
    line.record({ kind: 'set-product', product: product({ claiming: 'user' }), actor });
    line.record(device());
    expect(types(line, before).at(-1)).toBe('print-queued');
    expect(refusal(() => line.record(device()))).toBeUndefined();
  });

  test.each([
    ['{"product":"P","id":"X"}', '{"product":"P","id":"X","account":"a\\"b","cloud":"c"}'],
    ['{ "account":"mine" }\n', '{ "account":"mine" ,"cloud":"c"}\n'],
    ['{}', '{"account":"a\\"b","cloud":"c"}'],
  ])('adds its account and cloud to %j and nothing else', (text, expected) => {
    expect(withClaim(text, { account: 'a"b', cloud: 'c' })).toBe(expected);
    expect(withClaim(text, {})).toBe(text);
  });
});

test.each([
  [200, '{"registered":true,"id":"X"}', 'registered'],
  [200, '{"a":1,"b":2,"c":3}', 'claimed'],
  [200, '{"a":1}', 'unreachable'],
  [200, '[1,2,3]', 'unreachable'],
  [200, 'garbage', 'unreachable'],
  [201, '{"a":1,"b":2}', 'unreachable'],
  [307, '', 'unreachable'],
  [401, '{}', 'refused'],
  [404, '', 'refused'],
  [429, '', 'unreachable'],
  [503, '', 'unreachable'],
] as const)('status %i with %s is %s', (status, body, expected) => {
  expect(outcomeOf({ status, contentType: undefined, body: Buffer.from(body) })).toBe(expected);
});

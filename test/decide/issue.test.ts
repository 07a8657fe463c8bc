import { describe, expect, test } from 'vitest';
import { readBody, type Identity } from '../../src/model/body.ts';
import { DEFAULT_IDENTITY } from '../../src/model/identity/placeholders.ts';
import type { Command } from '../../src/decide/command.ts';
import { decide } from '../../src/decide/issue.ts';
import { newProduct } from '../../src/model/product.ts';
import type { Random } from '../../src/model/claim-id.ts';
import {
  agent,
  countingRandom,
  device,
  NOON,
  openLine,
  openMapLedger,
  PRODUCT,
  rebuild,
  refusal,
  station,
  workOrder,
  type MapLedger,
} from '../support/map-ledger.ts';

const A = { mac: '00:11:22:33:44:0a' };
const B = { mac: '00:11:22:33:44:0b' };
const MATE = '10.0.0.8';

/** What an answer to the request would write; a refusal is thrown. */
const plan = (line: MapLedger, request: ReturnType<typeof device>) =>
  decide(line.seen, request, NOON, countingRandom());

const end = (line: MapLedger, kind: 'void' | 'scrap', uci: string): unknown =>
  line.record({ kind, units: [{ uci }], reason: 'test', actor: 'admin' });

const verify = (line: MapLedger, label: string, where = 'default'): unknown =>
  line.record({ kind: 'verify', station: where, label, device: label, actor: 'admin' });

const arm = (line: MapLedger, code: string, reason: 'label' | 'rework' = 'label', where = 'default'): unknown =>
  line.record({ kind: 'arm', station: where, code, reason, actor: 'admin' });

const press = (line: MapLedger, kind: 'next' | 'same-device' | 'cancel'): unknown =>
  line.record({ kind, station: 'default', actor: 'admin' });

const reserve = (line: MapLedger, settings: Partial<Extract<Command, { kind: 'make' }>> = {}) =>
  line.record({
    kind: 'make',
    as: 'reserved',
    product: PRODUCT,
    count: 1,
    reservation: 'roll-1',
    strict: false,
    actor: 'admin',
    ...settings,
  }).units[0]!;

/** Takes in one unit that is not given out yet and whose identity is known. */
const takeIn = (
  line: MapLedger,
  uci: string,
  identity: Record<string, string>,
  as: 'issued' | 'reserved' = 'reserved',
) =>
  line.record({
    kind: 'import',
    as,
    units: [
      {
        place: 'line 2',
        uci,
        product: PRODUCT,
        identity: Object.entries(identity),
        attributes: JSON.stringify({ product: PRODUCT, ...identity }),
      },
    ],
    strict: false,
    actor: 'admin',
  });

describe('a new device', () => {
  test('gets a Claim ID of the product, an S/N, and one event that holds its body byte for byte', () => {
    const line = openLine({ product: { claimIdLength: 12 } });
    const body = `{ "product":"${PRODUCT}", "mac" :"00:11:22:33:44:0a" }`;
    const request = { ...device(), ...readBody(new TextEncoder().encode(body), DEFAULT_IDENTITY) };
    const before = line.events.length;
    const answer = line.record(request);
    expect(answer).toEqual({
      uci: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{12}$/),
      serial: '264800001',
      product: PRODUCT,
      station: 'default',
      repeat: false,
      made: true,
    });
    expect(line.events.slice(before)).toEqual([
      {
        seq: before + 1,
        at: NOON,
        type: 'issued',
        uci: answer.uci,
        actor: 'agent:10.0.0.7',
        station: 'default',
        data: { serial: '264800001', identity: ['mac'] },
        attributes: body,
      },
    ]);
  });

  test('in open mode is a new unit each time, though two bodies are the same', () => {
    const line = openLine();
    const [first, second] = [line.record(device()), line.record(device())];
    expect(second.uci).not.toBe(first.uci);
    expect([first.serial, second.serial]).toEqual(['264800001', '264800002']);
  });

  test('is of the product it names, else of its station, else of the default one', () => {
    const line = openLine({ station: { product: 'STATION-PRODUCT' } });
    expect(line.record(agent({ product: 'NAMED' }, { defaultProduct: 'DEFAULT' })).product).toBe('NAMED');
    expect(line.record(agent({ name: 'x' }, { defaultProduct: 'DEFAULT' })).product).toBe('STATION-PRODUCT');
    expect(openLine().record(agent({ name: 'x' }, { defaultProduct: 'DEFAULT' })).product).toBe('DEFAULT');
    expect(refusal(() => openLine().record(agent({ name: 'x' })))).toBe('product-missing');
  });

  test('of a product never seen before is taken with the product as it comes, once', () => {
    const line = openLine();
    const before = line.events.length;
    line.record(agent({ product: 'NEW' }));
    line.record(agent({ product: 'NEW' }));
    expect(line.events.slice(before).map(({ type }) => type)).toEqual(['product-set', 'issued', 'issued']);
    expect(line.seen.product('NEW')).toMatchObject({
      claimIdLength: 10,
      code: 'NEW',
      serialPattern: '{code}{yy}{ww}U{seq:7}',
    });
  });

  test('of an unknown product is refused where products are strict', () => {
    const line = openLine();
    expect(refusal(() => line.record(agent({ product: 'NEW' }, { strict: true })))).toBe('product-unknown');
    expect(refusal(() => line.record(device({}, { strict: true })))).toBeUndefined();
  });

  test('of an unknown product is refused once a thousand came by themselves', () => {
    const line = openLine();
    for (let n = 1; n < 1000; n++) line.tables.products.set(`P${n}`, newProduct(`P${n}`));
    expect(refusal(() => line.record(agent({ product: 'ONE-MORE' })))).toBe('product-unknown');
    expect(refusal(() => line.record(agent({ product: 'P7' })))).toBeUndefined();
  });

  test('at a station that is not there is refused', () => {
    expect(refusal(() => openLine().record(device({}, { station: 'nowhere' })))).toBe('not-found');
  });

  test('whose Claim ID was drawn before, void ones included, gets another draw', () => {
    const draws = [3, 3, 3, 4, 4, 5];
    const random: Random = (size) => new Uint8Array(size).fill(draws.shift() as number);
    const line = openLine({ random });
    const first = line.record(device());
    end(line, 'void', first.uci);
    expect([first.uci, line.record(device()).uci, line.record(device()).uci]).toEqual([
      '3333333333',
      '4444444444',
      '5555555555',
    ]);
  });

  test('gets nothing from a random source that repeats itself', () => {
    const line = openLine({ random: (size) => new Uint8Array(size) });
    line.record(device());
    expect(refusal(() => line.record(device()))).toBe('random-failed');
  });
});

describe("when the hour's new Claim IDs are given out", () => {
  const capped = { capped: true } as const;

  test('a new device is refused, in open and in slot mode, and nothing is written, its product neither', () => {
    for (const mode of ['open', 'slot'] as const) {
      const line = openLine({ station: { mode } });
      const events = line.events.length;
      expect(refusal(() => line.record(device(A, capped)))).toBe('hourly-cap');
      expect(refusal(() => line.record(agent({ product: 'NEW' }, capped)))).toBe('hourly-cap');
      expect(line.events).toHaveLength(events);
      expect(line.record(device(A))).toMatchObject({ made: true });
    }
  });

  test('a known device is answered, and what it brings is written', () => {
    const line = openLine();
    const { uci } = line.record(device(A));
    expect(line.record(device({ ...A, uid: 'u-1' }, capped))).toMatchObject({ uci, repeat: true });
    expect(line.record(device({ uid: 'u-1' }, capped)).uci).toBe(uci);
  });

  test('the unit in the nest, the armed unit and an imported unit reach their devices', () => {
    const line = openLine({ station: { mode: 'slot' } });
    const { uci } = line.record(device());
    expect(line.record(device({}, capped)).uci).toBe(uci);
    verify(line, uci);
    press(line, 'next');
    const reserved = reserve(line).uci;
    arm(line, reserved);
    const given = line.record(device({}, capped));
    expect(given).toMatchObject({ uci: reserved, repeat: false });
    expect(given.made).toBeUndefined();
    verify(line, reserved);
    press(line, 'next');
    takeIn(line, 'JT08FFQXWQ', A);
    expect(line.record(device(A, capped)).uci).toBe('JT08FFQXWQ');
  });

  test('a unit that would be replaced stays as it is', () => {
    const line = openLine({ product: { repeat: 'replace' } });
    const { uci } = line.record(device(A));
    verify(line, uci);
    const events = line.events.length;
    expect(refusal(() => line.record(device(A, capped)))).toBe('hourly-cap');
    expect(line.events).toHaveLength(events);
    expect(line.seen.unit(uci)?.facts.void).toBeUndefined();
  });

  test('what waiting does not mend is told first', () => {
    const line = openLine();
    line.record(device({ serial: 'SN-1' }));
    expect(refusal(() => line.record(device({ mac: 'm-2', serial: 'SN-1' }, capped)))).not.toBe('rate-limited');
    expect(refusal(() => line.record(agent({ product: 'NEW' }, { ...capped, strict: true })))).toBe('product-unknown');
  });
});

describe('a. a known identity', () => {
  test('is answered with the same unit for ever, at any station and from any address, and only changes of source are written', () => {
    const line = openLine();
    line.record({ kind: 'set-station', station: station({ name: 'nest-2', mode: 'slot' }), actor: 'admin' });
    const first = line.record(device(A));
    const events = line.events.length;
    for (const where of [{}, { source: MATE }, { station: 'nest-2' }, { station: 'nest-2', source: MATE }]) {
      const again = line.record(device(A, where));
      expect(again).toMatchObject({ uci: first.uci, serial: first.serial, repeat: true });
    }
    expect(plan(line, device(A)).repeatOf?.uci).toBe(first.uci);
    // The first change, and the alarm when the first source asks again at once.
    expect(line.events.slice(events).map(({ type }) => type)).toEqual(['source-changed', 'source-changed']);
  });

  test('of another value, or of another product, is another device', () => {
    const line = openLine();
    const uci = line.record(device(A)).uci;
    expect(line.record(device(B)).uci).not.toBe(uci);
    expect(line.record(agent({ product: 'OTHER', ...A })).uci).not.toBe(uci);
  });

  test('is the same whether its number came as a number or as text', () => {
    const line = openLine();
    expect(line.record(device({ uid: 4711 })).uci).toBe(line.record(device({ uid: '4711' })).uci);
  });

  test('with several properties that name two units is a conflict', () => {
    const line = openLine();
    line.record(device({ mac: 'm1' }));
    line.record(device({ uid: 'u2' }));
    expect(refusal(() => line.record(device({ mac: 'm1', uid: 'u2' })))).toBe('identity-conflict');
  });

  test("with one property that is the unit's and one that is not is a conflict", () => {
    const line = openLine();
    line.record(device({ mac: 'm1', uid: 'u1' }));
    expect(refusal(() => line.record(device({ mac: 'm1', uid: 'u2' })))).toBe('identity-conflict');
    expect(refusal(() => line.record(device({ mac: 'm1', serial: 'other' })))).toBe('identity-conflict');
  });

  test('with a property that the unit had not yet gains it, in one event', () => {
    const line = openLine();
    const { uci } = line.record(device({ mac: 'm1' }));
    const events = line.events.length;
    expect(line.record(device({ mac: 'm1', uid: 'u1' })).uci).toBe(uci);
    expect(line.events.slice(events)).toMatchObject([{ type: 'identified', uci, data: { identity: ['uid'] } }]);
    expect(line.record(device({ uid: 'u1' })).uci).toBe(uci);
    expect(line.events).toHaveLength(events + 1);
  });

  test.each(['00:00:00:00:00:00', 'FF:FF:FF:FF:FF:FF', 'unknown', 'Default', '0', 'n/a', 'ffffffff'])(
    'is not what the placeholder %s makes',
    (mac) => {
      const line = openLine();
      expect(line.record(device({ mac })).uci).not.toBe(line.record(device({ mac })).uci);
    },
  );

  describe('of a unit that an earlier version made under what is a placeholder now', () => {
    const older = (uid: string) => ({ ...device({ uid }), identity: [['uid', uid] as Identity] });
    const sent = () => device({ uid: '1234567890' });

    test('gives its Claim ID to no device of which this is all that is known, until an operator says whose it is', () => {
      const line = openLine();
      const { uci } = line.record(older('1234567890'));
      expect(refusal(() => line.record(sent()))).toBe('identity-conflict');
      arm(line, uci, 'rework');
      expect(line.record(sent())).toMatchObject({ uci });
      const { uci: other } = reserve(line);
      arm(line, other);
      expect(line.record(sent())).toMatchObject({ uci: other });
    });

    test('is not asked about if the device has an identity', () => {
      const line = openLine();
      const { uci } = line.record(older('1234567890'));
      const known = line.record(device({ uid: '1234567890', mac: 'm1' }));
      expect(known.uci).not.toBe(uci);
      expect(line.record(device({ uid: '1234567890', mac: 'm1' }))).toMatchObject({ uci: known.uci, repeat: true });
    });

    test('identifies nothing once the unit has ended', () => {
      const line = openLine();
      const { uci } = line.record(older('1234567890'));
      end(line, 'scrap', uci);
      expect(line.record(sent()).uci).not.toBe(line.record(sent()).uci);
    });
  });

  test('is not a placeholder that the site has set, even if the ledger has a unit with this value', () => {
    const line = openLine();
    const { uci } = line.record(device({ uid: 'ACME' }));
    const rules = { ...DEFAULT_IDENTITY, placeholders: ['acme'] };
    const body = readBody(new TextEncoder().encode(device({ uid: 'ACME' }).attributes), rules);
    expect(line.record({ ...device(), ...body }).uci).not.toBe(uci);
  });

  test.each([2 ** 53, -(2 ** 53), 1.5, 1e300, true, null, '', [], {}, 'x'.repeat(129)])(
    'of value %j is refused as invalid',
    (uid) => {
      expect(refusal(() => device({ uid }))).toBe('invalid');
    },
  );

  test('given out as an imported unit meets its device and keeps its Claim ID', () => {
    const line = openLine();
    takeIn(line, 'JT08FFQXWQ', A);
    const events = line.events.length;
    expect(line.record(device(A))).toMatchObject({ uci: 'JT08FFQXWQ', repeat: false });
    expect(line.events.slice(events)).toMatchObject([
      { type: 'issued', uci: 'JT08FFQXWQ', data: { armed: 'identity' } },
    ]);
    expect(line.record(device(A))).toMatchObject({ uci: 'JT08FFQXWQ', repeat: true });
  });

  test('of a scrapped unit is refused until the unit is void; then the device is a new one', () => {
    const line = openLine();
    const { uci } = line.record(device(A));
    end(line, 'scrap', uci);
    expect(refusal(() => line.record(device(A)))).toBe('unit-ended');
    end(line, 'void', uci);
    const anew = line.record(device(A));
    expect(anew.repeat).toBe(false);
    expect(anew.uci).not.toBe(uci);
  });
});

describe('the repeat policy', () => {
  test.each(['same', 'refuse', 'replace'] as const)(
    '"%s" gives the same answer while the unit is not verified: the reply was lost',
    (repeat) => {
      const line = openLine({ product: { repeat } });
      const { uci } = line.record(device(A));
      expect(line.record(device(A))).toMatchObject({ uci, repeat: true });
    },
  );

  test('"same" gives the same answer after it, too', () => {
    const line = openLine({ product: { repeat: 'same' } });
    const { uci } = line.record(device(A));
    verify(line, uci);
    expect(line.record(device(A))).toMatchObject({ uci, repeat: true });
  });

  test('"refuse" refuses once the unit is verified', () => {
    const line = openLine({ product: { repeat: 'refuse' } });
    const { uci } = line.record(device(A));
    verify(line, uci);
    expect(refusal(() => line.record(device(A)))).toBe('repeat-refused');
  });

  test('"replace" voids the verified unit and issues anew, and the identity goes along', () => {
    const line = openLine({ product: { repeat: 'replace' } });
    const { uci } = line.record(device(A));
    verify(line, uci);
    const events = line.events.length;
    const anew = line.record(device(A));
    expect(anew).toMatchObject({ repeat: false, serial: '264800002' });
    expect(line.events.slice(events)).toMatchObject([
      { type: 'void', uci, data: { reason: 'replaced' } },
      { type: 'issued', uci: anew.uci, data: { identity: ['mac'] } },
    ]);
    expect(line.record(device(A))).toMatchObject({ uci: anew.uci, repeat: true });
  });

  test('"replace" lets the device keep the S/N that its body brings', () => {
    const line = openLine({ product: { repeat: 'replace' } });
    const { uci } = line.record(device({ serial: 'ACME-1' }));
    verify(line, uci);
    const anew = line.record(device({ serial: 'ACME-1' }));
    expect(anew).toMatchObject({ serial: 'ACME-1', repeat: false });
    expect(anew.uci).not.toBe(uci);
  });

  test('"replace" voids no unit that is armed at another station', () => {
    const line = openLine({ product: { repeat: 'replace' } });
    line.record({ kind: 'set-station', station: station({ name: 'nest-2' }), actor: 'admin' });
    const { uci } = line.record(device(A));
    arm(line, uci, 'rework', 'nest-2');
    verify(line, uci);
    expect(refusal(() => line.record(device(A)))).toBe('armed-elsewhere');
    expect(line.seen.unit(uci)?.facts.void).toBeUndefined();
    expect(line.record(device({}, { station: 'nest-2' })).uci).toBe(uci);
  });

  test('"replace" voids no unit for a device at another source, however often it asks', () => {
    const line = openLine({ product: { repeat: 'replace' } });
    line.record({ kind: 'set-station', station: station({ name: 'nest-2' }), actor: 'admin' });
    const { uci } = line.record(device(A));
    // While the unit is not verified, each source gets the same answer. So the other source got the unit last.
    for (let n = 0; n < 2; n++) expect(line.record(device(A, { source: MATE })).uci).toBe(uci);
    verify(line, uci);
    const size = line.events.length;
    for (const where of [{ source: MATE }, { station: 'nest-2' }])
      expect(refusal(() => line.record(device(A, where)))).toBe('other-source');
    arm(line, reserve(line).uci, 'label', 'nest-2');
    expect(refusal(() => line.record(device(A, { station: 'nest-2' })))).toBe('other-source');
    expect(line.events).toHaveLength(size + 2);
    expect(line.seen.unit(uci)?.facts.void).toBeUndefined();
    expect(line.record(device(A)).uci).not.toBe(uci);
  });

  test('"replace" gives a device at another source a new unit once its unit is void, or its own once it is armed', () => {
    const line = openLine({ product: { repeat: 'replace' } });
    const { uci } = line.record(device(A));
    verify(line, uci);
    arm(line, uci, 'rework');
    expect(line.record(device(A, { source: MATE }))).toMatchObject({ uci, repeat: false });
    verify(line, uci);
    expect(refusal(() => line.record(device(A)))).toBe('other-source');
    end(line, 'void', uci);
    expect(line.record(device(A)).uci).not.toBe(uci);
  });

  test('"replace" gives the armed label to the device whose unit it voids', () => {
    const line = openLine({ product: { repeat: 'replace' } });
    const { uci } = line.record(device(A));
    verify(line, uci);
    const label = reserve(line);
    arm(line, label.uci);
    expect(line.record(device(A)).uci).toBe(label.uci);
    expect(line.seen.unit(uci)?.facts.void).toBe(NOON);
    expect(line.record(device(A))).toMatchObject({ uci: label.uci, repeat: true });
  });

  test('"replace" changes no count of a work order that has its units', () => {
    const line = openLine({ product: { repeat: 'replace' } });
    line.record({ kind: 'set-work-order', workOrder: workOrder({ planned: 1, overIssue: 'refuse' }), actor: 'admin' });
    line.record({ kind: 'set-station', station: station({ workOrders: { [PRODUCT]: 'WO-1' } }), actor: 'admin' });
    const { uci } = line.record(device(A));
    verify(line, uci);
    expect(line.record(device(A)).over).toBeUndefined();
    expect(line.seen.workOrder('WO-1')?.units).toBe(1);
  });
});

describe('b. an armed station', () => {
  test("gives the next request the pre-printed unit, once, and with it the device's identity", () => {
    const line = openLine();
    const label = reserve(line);
    arm(line, label.uci);
    expect(line.record(device(A))).toMatchObject({ uci: label.uci, serial: label.serial, repeat: false });
    expect(line.record(device(B)).uci).not.toBe(label.uci);
    expect(line.record(device(A))).toMatchObject({ uci: label.uci, repeat: true });
  });

  test('gives a device brought back for rework its unit again', () => {
    const line = openLine();
    const { uci, serial } = line.record(device());
    arm(line, serial as string, 'rework');
    expect(line.record(device()).uci).toBe(uci);
    expect(line.record(device()).uci).not.toBe(uci);
  });

  test('for rework is answered by the device itself, though it is known by its identity', () => {
    const line = openLine();
    const { uci } = line.record(device({ mac: 'm1' }));
    arm(line, uci, 'rework');
    expect(line.record(device({ mac: 'm1' })).uci).toBe(uci);
    expect(line.seen.station('default')?.armed).toBeUndefined();
    expect(line.record(device({ uid: 'another device' })).uci).not.toBe(uci);
  });

  test.each(['open', 'slot'] as const)(
    'in %s mode keeps its unit, whoever names this unit elsewhere and however often',
    (mode) => {
      const line = openLine();
      line.record({ kind: 'set-station', station: station({ name: 'nest-2', mode }), actor: 'admin' });
      const { uci } = line.record(device(A));
      verify(line, uci);
      arm(line, uci, 'rework', 'nest-2');
      const size = line.events.length;
      for (const where of [{}, { source: MATE }, {}])
        expect(refusal(() => line.record(device({ ...A, uid: 'u-foreign' }, where)))).toBe('armed-elsewhere');
      expect(line.events).toHaveLength(size);
      // The device at the armed station need not identify itself.
      expect(line.record(device({}, { station: 'nest-2' })).uci).toBe(uci);
      expect(line.seen.station('nest-2')?.armed).toBeUndefined();
      expect(line.record(device(A))).toMatchObject({ uci, repeat: true });
    },
  );

  test('keeps a reserved unit that names its device, until the operator cancels', () => {
    const line = openLine();
    line.record({ kind: 'set-station', station: station({ name: 'nest-2' }), actor: 'admin' });
    takeIn(line, 'JT08FFQXWQ', A);
    arm(line, 'JT08FFQXWQ', 'label', 'nest-2');
    expect(refusal(() => line.record(device(A)))).toBe('armed-elsewhere');
    line.record({ kind: 'cancel', station: 'nest-2', actor: 'admin' });
    expect(line.record(device(A)).uci).toBe('JT08FFQXWQ');
    expect(line.record(device({}, { station: 'nest-2' })).uci).not.toBe('JT08FFQXWQ');
  });

  test('that an earlier version disarmed because its device asked elsewhere is disarmed', () => {
    const line = openLine();
    const { uci } = line.record(device(A));
    arm(line, uci, 'rework');
    const armed = line.lines.length;
    press(line, 'cancel');
    const disarmed = line.lines.at(-1)!.replace(/"data":\{\}/, '"data":{"reason":"elsewhere"}');
    expect(disarmed).toContain('elsewhere');
    expect(rebuild(line.lines.slice(0, armed)).stations.get('default')?.armed?.uci).toBe(uci);
    expect(rebuild([...line.lines.slice(0, armed), disarmed]).stations.get('default')?.armed).toBeUndefined();
  });

  test('for rework in slot mode opens the slot, so that the label can be scanned again', () => {
    const line = openLine({ station: { mode: 'slot' } });
    const { uci } = line.record(device(A));
    line.record({ kind: 'verify', station: 'default', label: uci, actor: 'admin' });
    arm(line, uci, 'rework');
    line.record(device(A));
    expect(line.seen.station('default')?.slot).toMatchObject({ state: 'open', uci });
    const again = line.record({ kind: 'verify', station: 'default', label: uci, actor: 'admin' });
    expect(again).toMatchObject({ result: 'PASS', uci });
  });

  test('answers a device with an identity of its own by that, and stays armed for the next', () => {
    const line = openLine();
    const known = line.record(device(A));
    const label = reserve(line);
    arm(line, label.uci);
    expect(line.record(device(A)).uci).toBe(known.uci);
    expect(line.record(device(B)).uci).toBe(label.uci);
  });

  test('stays armed when an imported unit meets its device there', () => {
    const line = openLine();
    takeIn(line, 'JT08FFQXWQ', A);
    const label = reserve(line);
    arm(line, label.uci);
    expect(line.record(device(A)).uci).toBe('JT08FFQXWQ');
    expect(line.record(device(B)).uci).toBe(label.uci);
  });

  test.each<[string, object, object]>([
    ['an identity', { mac: 'm1' }, { mac: 'm2' }],
    ['an S/N', { serial: 'ACME-1' }, { serial: 'ACME-2' }],
  ])('refuses a device whose body contradicts the unit by %s', (_what, own, other) => {
    const line = openLine();
    const { uci } = line.record(device(own));
    arm(line, uci, 'rework');
    expect(refusal(() => line.record(device(other)))).toBe('armed-mismatch');
    expect(line.seen.station('default')?.armed?.uci).toBe(uci);
  });

  test('refuses an S/N that contradicts the pre-printed one', () => {
    const line = openLine();
    arm(line, reserve(line).uci);
    expect(refusal(() => line.record(device({ serial: 'ACME-2' })))).toBe('armed-mismatch');
  });

  test('refuses a device of another product', () => {
    const line = openLine();
    arm(line, reserve(line).uci);
    expect(refusal(() => line.record(agent({ product: 'OTHER' })))).toBe('armed-mismatch');
  });

  test('gives a unit without an S/N the one that the body brings, if it is free', () => {
    const line = openLine({ product: { serialPattern: null } });
    line.record(device({ serial: 'ACME-1' }));
    const label = reserve(line);
    expect(label.serial).toBeUndefined();
    arm(line, label.uci);
    expect(line.record(device({ serial: 'ACME-2' }))).toMatchObject({ uci: label.uci, serial: 'ACME-2' });
    expect(line.seen.unit(label.uci)?.serial).toBe('ACME-2');
  });

  test('gives a new unit again once the operator has cancelled', () => {
    const line = openLine();
    const label = reserve(line);
    arm(line, label.uci);
    press(line, 'cancel');
    expect(line.record(device()).uci).not.toBe(label.uci);
  });

  test('never gives a unit that has ended since', () => {
    for (const kind of ['void', 'scrap'] as const) {
      const line = openLine();
      const label = reserve(line);
      arm(line, label.uci);
      end(line, kind, label.uci);
      expect(line.seen.station('default')?.armed).toBeUndefined();
      expect(line.record(device()).uci).not.toBe(label.uci);
    }
  });
});

describe('c. a slot', () => {
  const slot = (settings: Parameters<typeof openLine>[0] = {}) =>
    openLine({ ...settings, station: { mode: 'slot', ...settings?.station } });
  const pass = (line: MapLedger, uci: string): unknown =>
    line.record({ kind: 'verify', station: 'default', label: uci, actor: 'admin' });

  test('opens a unit for the first request and gives it to every further one from that address', () => {
    const line = slot();
    const first = line.record(device());
    const events = line.events.length;
    for (let n = 0; n < 3; n++) expect(line.record(device())).toMatchObject({ uci: first.uci, repeat: true });
    expect(line.events).toHaveLength(events);
  });

  test('that is open refuses a second address', () => {
    const line = slot();
    line.record(device());
    expect(refusal(() => line.record(device({}, { source: MATE })))).toBe('slot-held');
  });

  test.each<[string, object, object]>([
    ['another identity', A, B],
    ['an identity where the unit has none', {}, A],
    ['a further property of identity', { uid: 'u1' }, { uid: 'u2' }],
    ['another S/N', { serial: 'ACME-1' }, { serial: 'ACME-2' }],
  ])('that is open refuses %s', (_what, own, other) => {
    const line = slot();
    line.record(device(own));
    expect(refusal(() => line.record(device(other)))).toBe('slot-held');
  });

  test('that is open refuses another S/N also where the S/N is no identity', () => {
    const line = slot();
    const rules = { ...DEFAULT_IDENTITY, properties: ['mac'] };
    const request = (serial: string) => ({
      ...device(),
      ...readBody(new TextEncoder().encode(JSON.stringify({ product: PRODUCT, serial })), rules),
    });
    const first = line.record(request('ACME-1'));
    expect(line.record(request('ACME-1'))).toMatchObject({ uci: first.uci, repeat: true });
    expect(refusal(() => line.record(request('ACME-2')))).toBe('slot-held');
  });

  test('that is open refuses another product', () => {
    const line = slot();
    line.record(device());
    expect(refusal(() => line.record(agent({ product: 'OTHER' })))).toBe('slot-held');
  });

  test("that is open refuses an imported unit's device, and keeps the unit it holds", () => {
    const line = slot();
    takeIn(line, 'JT08FFQXWQ', A);
    const { uci } = line.record(device());
    expect(refusal(() => line.record(device(A, { source: MATE })))).toBe('slot-held');
    expect(line.record(device())).toMatchObject({ uci, repeat: true });
    pass(line, uci);
    expect(refusal(() => line.record(device(A)))).toBe('slot-closed');
    press(line, 'next');
    arm(line, reserve(line).uci);
    expect(refusal(() => line.record(device(A)))).toBe('armed-mismatch');
    press(line, 'cancel');
    expect(line.record(device(A)).uci).toBe('JT08FFQXWQ');
  });

  test('that was verified refuses everything until the operator presses Next', () => {
    const line = slot();
    const { uci } = line.record(device());
    pass(line, uci);
    expect(refusal(() => line.record(device()))).toBe('slot-closed');
    expect(refusal(() => line.record(device({}, { source: MATE })))).toBe('slot-closed');
    expect(refusal(() => line.record(device(B)))).toBe('slot-closed');
    press(line, 'next');
    expect(line.record(device()).uci).not.toBe(uci);
  });

  test('that was verified gives the same unit again after Same device', () => {
    const line = slot();
    const { uci } = line.record(device());
    pass(line, uci);
    press(line, 'same-device');
    expect(line.record(device())).toMatchObject({ uci, repeat: true });
    expect(refusal(() => line.record(device({}, { source: MATE })))).toBe('slot-held');
  });

  test('that was verified gives the armed unit to the next request', () => {
    const line = slot();
    pass(line, line.record(device()).uci);
    const label = reserve(line);
    arm(line, label.uci);
    expect(line.record(device({}, { source: MATE })).uci).toBe(label.uci);
    expect(line.seen.station('default')?.slot).toEqual({ state: 'open', uci: label.uci, source: MATE });
  });

  test('is ready at once after a PASS where next is auto', () => {
    const line = slot({ station: { next: 'auto' } });
    const { uci } = line.record(device());
    pass(line, uci);
    expect(line.record(device({}, { source: MATE }))).toMatchObject({ repeat: false });
  });

  test('stays open when a scan fails', () => {
    const line = slot();
    const { uci } = line.record(device());
    const other = reserve(line);
    expect(pass(line, other.uci)).toMatchObject({ result: 'FAIL' });
    expect(line.record(device())).toMatchObject({ uci, repeat: true });
  });

  test.each(['void', 'scrap'] as const)('whose unit is %s says so until Next', (kind) => {
    for (const identity of [{}, A]) {
      const line = slot();
      const { uci } = line.record(device(identity));
      end(line, kind, uci);
      expect(refusal(() => line.record(device(identity)))).toBe('unit-ended');
      press(line, 'next');
      if (kind === 'void') expect(line.record(device(identity)).uci).not.toBe(uci);
    }
  });

  test('says that the unit ended whichever way its device asks', () => {
    const line = slot();
    end(line, 'void', line.record(device()).uci);
    expect(refusal(() => line.record(device(B)))).toBe('unit-ended');
    expect(refusal(() => line.record(device({}, { source: MATE })))).toBe('unit-ended');
  });
});

describe('a work order', () => {
  const order = (settings: Parameters<typeof workOrder>[0] = {}, line = openLine()): MapLedger => {
    line.record({ kind: 'set-work-order', workOrder: workOrder(settings), actor: 'admin' });
    line.record({ kind: 'set-station', station: station({ workOrders: { [PRODUCT]: 'WO-1' } }), actor: 'admin' });
    return line;
  };

  test('that warns counts what is over the plan', () => {
    const line = order({ planned: 2 });
    const over = [1, 2, 3, 4].map(() => line.record(device()).over);
    expect(over).toEqual([undefined, undefined, 1, 2]);
    expect(line.seen.workOrder('WO-1')?.units).toBe(4);
  });

  test('that refuses gives no unit over the plan, until one of its units is void or scrapped', () => {
    const line = order({ planned: 2, overIssue: 'refuse' });
    const [first, second] = [line.record(device()), line.record(device())];
    expect(refusal(() => line.record(device()))).toBe('over-issue');
    end(line, 'void', first.uci);
    line.record(device());
    expect(refusal(() => line.record(device()))).toBe('over-issue');
    end(line, 'scrap', second.uci);
    line.record(device());
    end(line, 'void', second.uci);
    expect(line.seen.workOrder('WO-1')?.units).toBe(2);
  });

  test('is kept by a repeat: change-over does not move the unit', () => {
    const line = order();
    const { uci } = line.record(device(A));
    line.record({ kind: 'set-work-order', workOrder: workOrder({ id: 'WO-2' }), actor: 'admin' });
    line.record({ kind: 'set-station', station: station({ workOrders: { [PRODUCT]: 'WO-2' } }), actor: 'admin' });
    line.record(device(A));
    arm(line, uci, 'rework');
    line.record(device(A));
    expect(line.seen.unit(uci)?.workOrder).toBe('WO-1');
    expect(line.seen.workOrder('WO-1')?.units).toBe(1);
    expect(line.seen.workOrder('WO-2')?.units).toBe(0);
  });

  test('that is full refuses no repeat', () => {
    const line = order({ planned: 1, overIssue: 'refuse' });
    const { uci } = line.record(device(A));
    expect(line.record(device(A))).toMatchObject({ uci, repeat: true });
  });

  test('counts a reserved unit when a device gets it', () => {
    const line = order({ planned: 1, overIssue: 'refuse' });
    const [one, two] = [reserve(line), reserve(line)];
    expect(line.seen.workOrder('WO-1')?.units).toBe(0);
    arm(line, one.uci);
    line.record(device());
    expect(line.seen.unit(one.uci)?.workOrder).toBe('WO-1');
    arm(line, two.uci);
    expect(refusal(() => line.record(device()))).toBe('over-issue');
  });

  test('of another product does not count', () => {
    const line = order({ planned: 1, overIssue: 'refuse' });
    line.record(device());
    expect(refusal(() => line.record(agent({ product: 'OTHER' })))).toBeUndefined();
  });

  test.each([
    ['open', 'slot', 'next'],
    ['armed', 'open', 'cancel'],
  ] as const)('is not changed over while a unit is %s at the station', (state, mode, button) => {
    const line = openLine({ station: { mode } });
    line.record({ kind: 'set-work-order', workOrder: workOrder(), actor: 'admin' });
    const settings = station({ mode, workOrders: { [PRODUCT]: 'WO-1' } });
    const changeOver = (): unknown => line.record({ kind: 'set-station', station: settings, actor: 'admin' });
    if (state === 'open') line.record(device());
    else arm(line, reserve(line).uci);
    expect(refusal(changeOver)).toBe(state === 'open' ? 'station-busy' : 'station-armed');
    press(line, button);
    expect(refusal(changeOver)).toBeUndefined();
  });
});

describe('an S/N', () => {
  test("that the body brings is the unit's, and moves no counter", () => {
    const line = openLine();
    expect(line.record(device({ serial: 'ACME-1' })).serial).toBe('ACME-1');
    expect(line.record(device({ serial: 26481234 })).serial).toBe('26481234');
    expect(line.record(device()).serial).toBe('264800001');
  });

  test('that another unit has is refused', () => {
    const line = openLine();
    const rules = { ...DEFAULT_IDENTITY, properties: ['mac'] };
    const request = (body: object) => ({
      ...device(),
      ...readBody(new TextEncoder().encode(JSON.stringify({ product: PRODUCT, ...body })), rules),
    });
    line.record(request({ mac: 'm1', serial: 'ACME-1' }));
    expect(refusal(() => line.record(request({ mac: 'm2', serial: 'ACME-1' })))).toBe('serial-taken');
    expect(refusal(() => line.record(request({ serial: 'ACME-1' })))).toBe('serial-taken');
    const ours = line.record(request({ mac: 'm3' })).serial;
    expect(refusal(() => line.record(request({ mac: 'm4', serial: ours })))).toBe('serial-taken');
  });

  test('counts anew in each week, and goes on where it was', () => {
    const line = openLine();
    line.record(device());
    line.setClock(NOON + 7 * 86_400_000);
    expect(line.record(device()).serial).toBe('264900001');
    line.setClock(NOON);
    expect(line.record(device()).serial).toBe('264800002');
  });

  test('is not given twice though its unit is void', () => {
    const line = openLine();
    end(line, 'void', line.record(device()).uci);
    expect(line.record(device()).serial).toBe('264800002');
  });

  test("beyond the pattern's digits is refused, and no Claim ID is given", () => {
    const line = openLine({ product: { serialPattern: 'S/{seq:1}' } });
    for (let n = 1; n <= 9; n++) expect(line.record(device()).serial).toBe(`S/${n}`);
    const events = line.events.length;
    expect(refusal(() => line.record(device()))).toBe('serials-exhausted');
    expect(line.events).toHaveLength(events);
  });

  test('that can be read as a Claim ID is refused', () => {
    expect(refusal(() => openLine().record(device({ serial: '2648-0000-12' })))).toBe('serial-like-claim-id');
    expect(refusal(() => openLine().record(device({ serial: '264800000012' })))).toBeUndefined();
    expect(refusal(() => openLine({ product: { claimIdLength: 12 } }).record(device({ serial: '264800000012' })))).toBe(
      'serial-like-claim-id',
    );
  });

  test('with {lot} needs a work order with a lot', () => {
    const line = openLine({ product: { serialPattern: '{lot}/{seq:4}' } });
    expect(refusal(() => line.record(device()))).toBe('lot-missing');
    line.record({ kind: 'set-work-order', workOrder: workOrder({ lot: 'L7' }), actor: 'admin' });
    line.record({ kind: 'set-station', station: station({ workOrders: { [PRODUCT]: 'WO-1' } }), actor: 'admin' });
    expect(line.record(device()).serial).toBe('L7/0001');
  });

  test('is none where the product has no pattern', () => {
    expect(openLine({ product: { serialPattern: null } }).record(device()).serial).toBeUndefined();
  });
});

test('a ledger with nothing in it refuses rather than guess a station', () => {
  expect(refusal(() => openMapLedger().record(device()))).toBe('not-found');
});

describe('an S/N of the pattern', () => {
  const PATTERN = { id: 'P', claimIdLength: 10, repeat: 'same' } as const;
  const bare = { ...PATTERN, serialPattern: null };
  const counted = { ...PATTERN, serialPattern: '{yy}{ww}{seq:5}' };
  const line = (product: typeof bare | typeof counted): MapLedger => {
    const open = openLine({ product: { serialPattern: null } });
    open.record({ kind: 'set-product', product, actor: 'admin' });
    return open;
  };
  const ask = (open: MapLedger, identity: object) => open.record(agent({ product: 'P', ...identity }));

  test.each(['264800007', '264899999', '265300001', '990100001'])('is not taken from a body: %s', (serial) => {
    expect(refusal(() => ask(line(counted), { serial }))).toBe('serial-of-pattern');
  });

  test('is not taken from a person either', () => {
    const make = { kind: 'make', as: 'issued', product: 'P', count: 1, strict: false, actor: 'admin' } as const;
    expect(refusal(() => line(counted).record({ ...make, serial: '264800007' }))).toBe('serial-of-pattern');
  });

  test.each(['26480000', '26480000700', '265400001', '264800O07', 'A64800007'])(
    'is not %s: a device may bring it',
    (serial) => {
      expect(ask(line(counted), { serial }).serial).toBe(serial);
    },
  );

  test('is taken where the product has no pattern', () => {
    expect(ask(line(bare), { serial: '264800007' }).serial).toBe('264800007');
  });

  test('is refused to a unit that has none yet, and the unit is answered again without it', () => {
    const open = line(bare);
    const { uci } = ask(open, { mac: 'm1' });
    open.record({ kind: 'set-product', product: counted, actor: 'admin' });
    expect(refusal(() => ask(open, { mac: 'm1', serial: '264800007' }))).toBe('serial-of-pattern');
    expect(ask(open, { mac: 'm1' })).toMatchObject({ uci, repeat: true });
  });

  test('that the service gave may be named by its device', () => {
    const open = line(counted);
    const { serial } = ask(open, { mac: 'm1' });
    expect(ask(open, { mac: 'm1', serial })).toMatchObject({ serial, repeat: true });
  });

  test('that devices took in an earlier ledger is skipped, to the first that is free', () => {
    const open = line(bare);
    for (const count of [...Array(1500).keys(), 1600, 99_998]) {
      const serial = `2648${String(count + 1).padStart(5, '0')}`;
      ask(open, { mac: `m${count}`, serial });
    }
    open.record({ kind: 'set-product', product: counted, actor: 'admin' });
    expect([ask(open, { mac: 'a' }).serial, ask(open, { mac: 'b' }).serial]).toEqual(['264801501', '264801502']);
  });

  test('is used up when every number is taken, and says so', () => {
    const open = line(bare);
    for (const count of [1, 2, 3, 4, 5, 6, 7, 8, 9]) ask(open, { mac: `m${count}`, serial: `A${count}` });
    open.record({ kind: 'set-product', product: { ...counted, serialPattern: 'A{seq:1}' }, actor: 'admin' });
    expect(refusal(() => ask(open, { mac: 'z' }))).toBe('serials-exhausted');
  });
});

import { describe, expect, test } from 'vitest';
import { agent, device, openLine, refusal, station } from '../support/map-ledger.ts';

/* One Claim ID is in one nest: what follows would put it into a second device. */

const ACTOR = 'admin';

function line(): ReturnType<typeof openLine> {
  const open = openLine();
  for (const name of ['a', 'b']) {
    open.record({ kind: 'set-station', station: station({ name, mode: 'slot' }), actor: ACTOR });
  }
  open.record({ kind: 'set-station', station: station({ name: 'c', mode: 'open' }), actor: ACTOR });
  return open;
}

describe('a unit is at one station', () => {
  test.each(['b', 'c'])('Same device does not bring back a unit that was given out at %s meanwhile', (elsewhere) => {
    const floor = line();
    const { uci } = floor.record(device({}, { station: 'a' }));
    floor.record({ kind: 'verify', station: 'a', label: uci, device: uci, actor: ACTOR });
    floor.record({ kind: 'arm', station: elsewhere, code: uci, reason: 'rework', actor: ACTOR });
    expect(floor.record(device({}, { station: elsewhere })).uci).toBe(uci);
    expect(refusal(() => floor.record({ kind: 'same-device', station: 'a', actor: ACTOR }))).toBe('armed-elsewhere');
  });

  test('Same device does not bring back a void unit', () => {
    const floor = line();
    const { uci } = floor.record(device({}, { station: 'a' }));
    floor.record({ kind: 'verify', station: 'a', label: uci, device: uci, actor: ACTOR });
    floor.record({ kind: 'void', units: [{ uci }], reason: 'label-damaged', actor: ACTOR });
    expect(refusal(() => floor.record({ kind: 'same-device', station: 'a', actor: ACTOR }))).toBe('unit-ended');
  });

  test('a known device that asks elsewhere gets its unit only after the operator cancels at the armed station', () => {
    const floor = line();
    const { uci } = floor.record(device({ mac: 'm1' }, { station: 'c' }));
    floor.record({ kind: 'arm', station: 'a', code: uci, reason: 'rework', actor: ACTOR });
    expect(refusal(() => floor.record(device({ mac: 'm1' }, { station: 'c' })))).toBe('armed-elsewhere');
    floor.record({ kind: 'cancel', station: 'a', actor: ACTOR });
    expect(floor.record(device({ mac: 'm1' }, { station: 'c' })).uci).toBe(uci);
    expect(floor.record(device({}, { station: 'a' })).uci).not.toBe(uci);
  });
});

describe('an S/N that comes later', () => {
  test('becomes the S/N of a unit that has none, and of no second one', () => {
    const floor = line();
    floor.record({
      kind: 'set-product',
      product: { id: 'BARE', claimIdLength: 10, serialPattern: null, repeat: 'same' },
      actor: ACTOR,
    });
    const first = floor.record(agent({ product: 'BARE', mac: 'm1' }, { station: 'c' }));
    const again = floor.record(agent({ product: 'BARE', mac: 'm1', serial: 'SN-1' }, { station: 'c' }));
    expect(again).toMatchObject({ uci: first.uci, serial: 'SN-1' });
    floor.record(agent({ product: 'BARE', mac: 'm2' }, { station: 'c' }));
    const stolen = agent({ product: 'BARE', mac: 'm2', serial: 'SN-1' }, { station: 'c' });
    expect(refusal(() => floor.record(stolen))).toBe('identity-conflict');
  });
});

describe('a Claim ID length', () => {
  test('stays in use after the product got another: no S/N pattern may look like it', () => {
    const floor = line();
    const product = { id: 'P', claimIdLength: 10, serialPattern: null, repeat: 'same' } as const;
    floor.record({ kind: 'set-product', product, actor: ACTOR });
    const twelve = { ...product, claimIdLength: 12 };
    floor.record({ kind: 'set-product', product: twelve, actor: ACTOR });
    const lookalike = { ...twelve, serialPattern: '{yy}{ww}{seq:6}' };
    expect(refusal(() => floor.record({ kind: 'set-product', product: lookalike, actor: ACTOR }))).toBe(
      'serial-like-claim-id',
    );
  });
});

import { describe, expect, test } from 'vitest';
import type { LabelSettings } from '../../../src/model/labels/label-set.ts';
import { device, openLine, type MapLedger } from '../../support/map-ledger.ts';

/* A PASS needs several labels of a unit, in any order, and never comes with a label missing. */

const BOX = { template: 'box-100x50', release: true };
const CARD = { template: 'card-85x54', secret: true };

const line = (labels: Record<string, LabelSettings> = { box: BOX }, mode: 'slot' | 'open' = 'slot'): MapLedger =>
  openLine({ product: { labels }, station: { mode } });
const next = (ledger: MapLedger, mac = 'A4:C1:38:AA:00:01') => ledger.record(device({ mac }));
const verify = (ledger: MapLedger, ...codes: string[]) => {
  const [label = '', ...more] = codes;
  return ledger.record({ kind: 'verify', station: 'default', label, more, actor: 'op' });
};
const marked = ({ serial }: { serial?: string }, role = 'box'): string => `${serial} ${role}`;
const missing = (...roles: string[]) => ({
  result: 'FAIL',
  reason: expect.stringMatching(/several labels/),
  missing: roles,
});
const types = (ledger: MapLedger, from: number): string[] => ledger.events.slice(from).map(({ type }) => type);

describe('a unit with a device label and a box label', () => {
  test('passes when both are scanned, in either order', () => {
    for (const isTurned of [false, true]) {
      const ledger = line();
      const unit = next(ledger);
      const codes = [unit.uci, marked(unit)];
      expect(verify(ledger, ...(isTurned ? codes.toReversed() : codes))).toMatchObject({
        result: 'PASS',
        uci: unit.uci,
      });
    }
  });

  test('records nothing until the last label is scanned, and says which one is missing', () => {
    const ledger = line();
    const unit = next(ledger);
    const from = ledger.events.length;
    expect(verify(ledger, unit.uci)).toEqual(missing('box'));
    expect(verify(ledger, marked(unit))).toEqual(missing('device'));
    expect(verify(ledger, marked(unit), marked(unit))).toEqual(missing('device'));
    expect(verify(ledger, unit.uci, unit.uci)).toEqual(missing('box'));
    expect(types(ledger, from)).toEqual([]);
  });

  test('does not pass by the S/N alone, because the S/N may be on any label', () => {
    const ledger = line();
    const { serial = '', uci } = next(ledger);
    expect(verify(ledger, serial)).toEqual(missing('device', 'box'));
    expect(verify(ledger, serial, uci)).toEqual(missing('box'));
  });

  test('reads the role in any case, and knows no other roles', () => {
    const ledger = line();
    const unit = next(ledger);
    expect(verify(ledger, unit.uci, marked(unit, 'pallet'))).toMatchObject({ result: 'FAIL' });
    expect(verify(ledger, unit.uci, marked(unit, 'BOX'))).toMatchObject({ result: 'PASS' });
  });

  test('fails, with a record, if one of the labels belongs to another unit, in either order', () => {
    for (const isTurned of [false, true]) {
      const ledger = line();
      const other = next(ledger);
      expect(verify(ledger, other.uci, marked(other))).toMatchObject({ result: 'PASS' });
      ledger.record({ kind: 'next', station: 'default', actor: 'op' });
      const unit = next(ledger, 'A4:C1:38:AA:00:02');
      const from = ledger.events.length;
      const codes = [unit.uci, marked(other)];
      const answer = verify(ledger, ...(isTurned ? codes.toReversed() : codes));
      expect(answer).toEqual({ result: 'FAIL', reason: 'already verified' });
      expect(types(ledger, from)).toEqual(['verify-failed']);
      expect(ledger.seen.unit(unit.uci)?.facts.verified).toBeUndefined();
    }
  });

  test('fails if its box has a label that is not ours', () => {
    const ledger = line();
    const unit = next(ledger);
    expect(verify(ledger, '4006381333931', unit.uci)).toEqual({ result: 'FAIL', reason: 'not one of ours' });
  });

  test('passes at a station without a slot, as long as only this unit is open', () => {
    const ledger = line({ box: BOX }, 'open');
    const unit = next(ledger);
    expect(verify(ledger, marked(unit))).toEqual(missing('device'));
    expect(verify(ledger, marked(unit), unit.uci)).toMatchObject({ result: 'PASS' });
  });

  test('has to be scanned again after a reprint of one label, but not after the first print of another one', () => {
    const ledger = line();
    ledger.record({
      kind: 'set-printer',
      printer: { name: 'P', kind: 'file', folder: '/tmp', format: 'zpl', dpi: 203 },
      actor: 'admin',
    });
    const unit = next(ledger);
    expect(verify(ledger, unit.uci, marked(unit))).toMatchObject({ result: 'PASS' });
    const print = (reason?: string) => {
      const { job } = ledger.record({
        kind: 'print',
        uci: unit.uci,
        printer: 'P',
        role: 'box',
        ...(reason === undefined ? {} : { reason }),
        actor: 'op',
      });
      ledger.record({ kind: 'move-print', job, to: 'sending', actor: 'op' });
      ledger.record({ kind: 'move-print', job, to: 'sent', actor: 'op' });
    };
    print();
    expect(ledger.seen.unit(unit.uci)?.facts.verified).toBeDefined();
    print('torn');
    expect(ledger.seen.unit(unit.uci)?.facts.verified).toBeUndefined();
    expect(verify(ledger, unit.uci)).toEqual(missing('box'));
  });
});

describe('the Claim ID', () => {
  test('proves the label of the device if the card is not needed', () => {
    const ledger = line({ card: CARD });
    const { uci, serial = '' } = next(ledger);
    expect(verify(ledger, uci)).toMatchObject({ result: 'PASS' });
    ledger.record({ kind: 'next', station: 'default', actor: 'op' });
    const other = next(ledger, 'A4:C1:38:AA:00:02');
    expect(serial).not.toBe(other.serial);
    expect(verify(ledger, other.serial ?? '')).toMatchObject({ result: 'PASS' });
  });

  test('proves neither of two secret labels that are both needed', () => {
    const ledger = line({ card: { ...CARD, release: true } });
    const unit = next(ledger);
    expect(verify(ledger, unit.uci)).toEqual(missing('device', 'card'));
    expect(verify(ledger, marked(unit, 'card'), marked(unit, 'device'))).toMatchObject({ result: 'PASS' });
  });
});

test('a product without a label set passes by any code of its label, as before', () => {
  const ledger = openLine({ product: {}, station: { mode: 'slot' } });
  const { serial = '', uci } = next(ledger);
  expect(verify(ledger, serial)).toMatchObject({ result: 'PASS', uci });
});

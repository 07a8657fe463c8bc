import { describe, expect, test } from 'vitest';
import { agent, device, openLine, PRODUCT, product, refusal, station, type MapLedger } from '../support/map-ledger.ts';

const reserve = (line: MapLedger): { uci: string; serial?: string } =>
  line.record({ kind: 'make', as: 'reserved', product: PRODUCT, count: 1, strict: false, actor: 'admin' }).units[0]!;
const arm = (line: MapLedger, code: string, reason: 'label' | 'rework' = 'label', where = 'default') =>
  line.record({ kind: 'arm', station: where, code, reason, actor: 'admin' });
const press = (line: MapLedger, kind: 'next' | 'same-device' | 'cancel') =>
  line.record({ kind, station: 'default', actor: 'admin' });
const verify = (line: MapLedger, label: string, own?: string) =>
  line.record({
    kind: 'verify',
    station: 'default',
    label,
    ...(own === undefined ? {} : { device: own }),
    actor: 'admin',
  });
const pass = ({ uci, serial }: { uci: string; serial?: string }): object => ({ result: 'PASS', uci, serial });
const end = (line: MapLedger, kind: 'void' | 'scrap', uci: string): unknown =>
  line.record({ kind, units: [{ uci }], reason: 'test', actor: 'admin' });
const slot = (next: 'manual' | 'auto' = 'manual'): MapLedger => openLine({ station: { mode: 'slot', next } });
const PRINTER = { name: 'P', kind: 'file', folder: '/tmp', format: 'zpl', dpi: 203 } as const;
const typesAfter = (line: MapLedger, act: () => unknown): string[] => {
  const before = line.events.length;
  act();
  return line.events.slice(before).map(({ type }) => type);
};

describe('arming', () => {
  test('takes a pre-printed label by its Claim ID as typed, or by its S/N', () => {
    const line = openLine();
    const { uci, serial } = reserve(line);
    expect(arm(line, uci.toLowerCase())).toEqual({ station: 'default', uci });
    press(line, 'cancel');
    expect(arm(line, ` ${serial} `)).toEqual({ station: 'default', uci });
    expect(line.seen.station('default')?.armed).toEqual({ uci, reason: 'label' });
  });

  test('with the same label twice is arming once', () => {
    const line = openLine();
    const { uci } = reserve(line);
    arm(line, uci);
    expect(typesAfter(line, () => arm(line, uci))).toEqual([]);
  });

  test('takes a unit that a device has had only for rework, which withdraws its PASS', () => {
    const line = openLine();
    const { uci } = line.record(device());
    verify(line, uci, uci);
    expect(refusal(() => arm(line, uci))).toBe('rework-needed');
    expect(line.seen.unit(uci)?.facts.verified).toBeDefined();
    arm(line, uci, 'rework');
    expect(line.seen.unit(uci)?.facts.verified).toBeUndefined();
  });

  test.each(['void', 'scrap'] as const)('takes no unit that is %s', (kind) => {
    const line = openLine();
    const { uci } = reserve(line);
    end(line, kind, uci);
    expect(refusal(() => arm(line, uci))).toBe('unit-ended');
  });

  test('takes no code that is not ours', () => {
    const line = openLine();
    for (const code of ['JT08FFQXWQ', 'ACME.1', 'no code at all']) {
      expect(refusal(() => arm(line, code))).toBe('not-found');
    }
    expect(refusal(() => arm(line, 'JT08FFQXWQ', 'label', 'nowhere'))).toBe('not-found');
    expect(refusal(() => arm(line, ''))).toBe('invalid');
    expect(refusal(() => arm(line, 'JT08F'))).toBe('scan-not-clear');
  });

  test('refuses an S/N that units of two products have', () => {
    // Patterns of an older ledger.
    const line = openLine({ product: { serialPattern: 'U{seq:5}' } });
    line.tables.products.set('OTHER', { ...product({ id: 'OTHER' }), serialPattern: 'U{seq:5}' });
    line.record(device());
    line.record(agent({ product: 'OTHER' }));
    expect(refusal(() => arm(line, 'U00001', 'rework'))).toBe('serial-ambiguous');
  });

  test('waits until the station is free', () => {
    const armed = openLine();
    arm(armed, reserve(armed).uci);
    expect(refusal(() => arm(armed, reserve(armed).uci))).toBe('station-armed');
    const open = slot();
    open.record(device());
    expect(refusal(() => arm(open, reserve(open).uci))).toBe('station-busy');
  });

  test('refuses a unit that is armed or open at another station', () => {
    const line = openLine();
    line.record({ kind: 'set-station', station: station({ name: 'nest-2', mode: 'slot' }), actor: 'admin' });
    const label = reserve(line);
    arm(line, label.uci);
    expect(refusal(() => arm(line, label.uci, 'label', 'nest-2'))).toBe('armed-elsewhere');
    press(line, 'cancel');
    const { uci } = line.record(device({}, { station: 'nest-2' }));
    expect(refusal(() => arm(line, uci, 'rework'))).toBe('armed-elsewhere');
  });

  test('shows no complete Claim ID in a refusal', () => {
    const line = openLine();
    const [one, two] = [reserve(line).uci, reserve(line).uci];
    arm(line, one);
    expect(() => arm(line, two)).toThrow(/armed with \*{8}01/);
  });
});

describe('the buttons', () => {
  test('pressed twice are pressed once', () => {
    const line = slot();
    const { uci } = line.record(device());
    expect(typesAfter(line, () => press(line, 'same-device'))).toEqual([]);
    verify(line, uci);
    expect(typesAfter(line, () => [press(line, 'same-device'), press(line, 'same-device')])).toEqual(['same-device']);
    expect(typesAfter(line, () => [press(line, 'next'), press(line, 'next')])).toEqual(['next']);
    arm(line, reserve(line).uci);
    expect(typesAfter(line, () => [press(line, 'cancel'), press(line, 'cancel')])).toEqual(['disarmed']);
  });

  test('Next takes an unverified unit off the nest, and it stays unaccounted', () => {
    const line = slot();
    const { uci } = line.record(device());
    press(line, 'next');
    expect(line.seen.station('default')?.slot).toEqual({ state: 'ready' });
    expect(line.seen.unit(uci)?.facts).toEqual({ issued: expect.any(Number) });
  });

  test('Same device needs a device', () => {
    expect(refusal(() => press(slot(), 'same-device'))).toBe('nothing-to-keep');
  });

  test('a reprint opens the slot again while the unit is in the nest, and its new label passes', () => {
    const line = openLine({ station: { mode: 'slot' } });
    line.record({ kind: 'set-printer', printer: PRINTER, actor: 'admin' });
    const { uci } = line.record(device());
    const print = (of: string) =>
      typesAfter(line, () =>
        line.record({ kind: 'print', uci: of, printer: 'P', copies: 1, reason: 'label lost', actor: 'admin' }),
      );
    verify(line, uci);
    expect(print(uci)).toEqual(['print-queued', 'same-device']);
    expect(line.seen.station('default')?.slot).toMatchObject({ state: 'open', uci });
    expect(verify(line, uci)).toMatchObject({ result: 'PASS' });
    line.record({ kind: 'move-print', job: line.events.length - 2, to: 'cancelled', actor: 'admin' });
    press(line, 'next');
    expect(print(uci)).toEqual(['print-queued']);
    expect(line.seen.station('default')?.slot).toEqual({ state: 'ready' });
  });

  test('Same device waits while another unit is armed: a nest holds one', () => {
    const line = slot();
    verify(line, line.record(device()).uci);
    arm(line, reserve(line).uci);
    expect(refusal(() => press(line, 'same-device'))).toBe('station-armed');
    press(line, 'cancel');
    expect(typesAfter(line, () => press(line, 'same-device'))).toEqual(['same-device']);
  });

  test('Next and Same device belong to slot mode', () => {
    expect(refusal(() => press(openLine(), 'next'))).toBe('not-in-slot-mode');
    expect(refusal(() => press(openLine(), 'same-device'))).toBe('not-in-slot-mode');
    expect(refusal(() => press(openLine(), 'cancel'))).toBeUndefined();
  });
});

describe('a scan', () => {
  test('of the label of the unit in the nest is a PASS, by Claim ID or S/N', () => {
    const line = slot('auto');
    const first = line.record(device());
    expect(verify(line, first.uci)).toEqual(pass(first));
    const second = line.record(device());
    expect(verify(line, second.serial as string)).toEqual(pass(second));
    expect(line.seen.unit(second.uci)?.facts.verified).toBeDefined();
  });

  test('of another label of ours is a FAIL at the unit in the nest, and never a PASS of that other', () => {
    const line = slot();
    const { uci } = line.record(device());
    const other = reserve(line);
    const types = typesAfter(line, () =>
      expect(verify(line, other.uci)).toEqual({ result: 'FAIL', reason: 'label belongs to another unit' }),
    );
    expect(types).toEqual(['verify-failed']);
    expect(line.events.at(-1)?.uci).toBe(uci);
    expect(line.seen.unit(uci)?.facts.verified).toBeUndefined();
    expect(line.seen.unit(other.uci)?.facts.verified).toBeUndefined();
  });

  test.each([
    ['not one of ours', 'JT08FFQXWQ'],
    ['not one of ours', 'https://example.com'],
  ])('is a FAIL "%s" for %j', (reason, label) => {
    const line = slot();
    line.record(device());
    expect(verify(line, label)).toEqual({ result: 'FAIL', reason });
    expect(verify(line, label, label)).toEqual({ result: 'FAIL', reason });
  });

  test('is a FAIL for a unit that ended in the nest', () => {
    const line = slot();
    const { uci } = line.record(device());
    end(line, 'scrap', uci);
    expect(verify(line, uci)).toEqual({ result: 'FAIL', reason: 'scrapped' });
    end(line, 'void', uci);
    expect(verify(line, uci)).toEqual({ result: 'FAIL', reason: 'void' });
  });

  test('without a unit in the nest says nothing about the label', () => {
    const line = slot();
    const label = reserve(line);
    expect(refusal(() => verify(line, label.uci))).toBe('slot-closed');
    verify(line, line.record(device()).uci);
    expect(refusal(() => verify(line, label.uci))).toBe('slot-closed');
  });

  test('of nothing at all is refused', () => {
    expect(refusal(() => verify(openLine(), '\u0002\u0003'))).toBe('invalid');
  });

  const MAC = ['A4:C1:38:AA:00:01', 'A4:C1:38:AA:00:02', 'A4:C1:38:AA:00:03'] as const;
  const withMac = (): MapLedger => openLine({ product: product({ deviceCode: 'mac' }) });

  test("of the device's own code and its label, in any order, is a PASS if they are one unit", () => {
    const line = withMac();
    const [one, two] = [line.record(device({ mac: MAC[0] })), line.record(device({ mac: MAC[1] }))];
    line.record(device({ mac: MAC[2] }));
    expect(verify(line, one.serial as string, 'a4c1.38aa.0001')).toEqual(pass(one));
    expect(verify(line, 'A4C138AA0001', two.uci)).toEqual({ result: 'FAIL', reason: 'label belongs to another unit' });
    expect(verify(line, two.uci, 'A4:C1:38:AA:00:09')).toMatchObject({ result: 'FAIL' });
    expect(line.seen.unit(two.uci)?.facts.verified).toBeUndefined();
    expect(verify(line, `${MAC[1]}\t${two.uci}\t`)).toEqual(pass(two));
  });

  test('of a label twice proves nothing about the device where several units are open', () => {
    const line = withMac();
    const [one, two] = [line.record(device({ mac: MAC[0] })), line.record(device({ mac: MAC[1] }))];
    for (const own of [one.uci, one.serial as string, one.uci.toLowerCase()]) {
      const types = typesAfter(line, () =>
        expect(verify(line, one.uci, own)).toEqual({
          result: 'FAIL',
          reason: "that is the label again: scan the device's own code",
        }),
      );
      expect(types).toEqual([]);
    }
    expect(verify(line, one.uci, two.uci)).toMatchObject({ result: 'FAIL' });
    expect(verify(line, MAC[0], MAC[0])).toMatchObject({ reason: "that is the device's own code: scan its label too" });
    expect(line.seen.unit(one.uci)?.facts.verified).toBeUndefined();
    end(line, 'scrap', two.uci);
    expect(verify(line, one.uci, one.serial)).toEqual(pass(one));
  });

  test('where several units are open of a product without a device code tells the way out', () => {
    const line = openLine();
    const one = line.record(device({ mac: MAC[0] }));
    line.record(device({ mac: MAC[1] }));
    const reason = expect.stringMatching(/set the product's device code/) as string;
    expect(verify(line, one.uci)).toMatchObject({ result: 'FAIL', reason });
    expect(verify(line, one.uci, MAC[0])).toMatchObject({ result: 'FAIL' });
    expect(line.seen.unit(one.uci)?.facts.verified).toBeUndefined();
  });

  test('of the label that just passed stays a PASS for two seconds, then says so, and adds no event', () => {
    for (const line of [openLine(), slot(), slot('auto')]) {
      const one = line.record(device());
      verify(line, one.uci);
      expect(typesAfter(line, () => expect(verify(line, one.uci)).toEqual(pass(one)))).toEqual([]);
      line.setClock(line.clock() + 2001);
      const already = { result: 'ALREADY', reason: 'this unit passed already' };
      expect(typesAfter(line, () => expect(verify(line, one.serial as string)).toEqual(already))).toEqual([]);
    }
    const line = openLine();
    const one = line.record(device());
    verify(line, one.uci);
    const two = line.record(device());
    line.setClock(line.clock() + 2001);
    expect(typesAfter(line, () => expect(verify(line, one.uci)).toMatchObject({ result: 'ALREADY' }))).toEqual([]);
    expect(verify(line, two.uci)).toEqual(pass(two));
  });

  test("of the device's own code that is read twice leaves the PASS", () => {
    const line = withMac();
    const [one] = [line.record(device({ mac: MAC[0] })), line.record(device({ mac: MAC[1] }))];
    expect(verify(line, MAC[0], one.uci)).toEqual(pass(one));
    expect(typesAfter(line, () => expect(verify(line, MAC[0])).toEqual(pass(one)))).toEqual([]);
    line.setClock(line.clock() + 2001);
    expect(verify(line, MAC[0])).toMatchObject({ reason: "that is the device's own code: scan its label too" });
  });

  test("of the previous device's label counts nothing for ten seconds, and is a FAIL later; other labels fail at once", () => {
    const line = slot('auto');
    const one = line.record(device());
    const other = reserve(line);
    verify(line, one.uci);
    line.setClock(line.clock() + 2001);
    const two = line.record(device());
    const previous = { result: 'ALREADY', reason: expect.stringMatching(/^that was the previous device's label/) };
    expect(typesAfter(line, () => expect(verify(line, one.uci)).toEqual(previous))).toEqual([]);
    expect(typesAfter(line, () => expect(verify(line, other.uci)).toMatchObject({ result: 'FAIL' }))).toEqual([
      'verify-failed',
    ]);
    line.setClock(line.clock() + 8000);
    expect(typesAfter(line, () => expect(verify(line, one.uci)).toMatchObject({ result: 'FAIL' }))).toEqual([
      'verify-failed',
    ]);
    expect(verify(line, two.uci)).toEqual(pass(two));
  });

  test('of the same device, which an operator opened again, is compared with it at once', () => {
    const line = slot();
    const one = line.record(device());
    verify(line, one.uci);
    // Within two seconds, the label would otherwise count as read twice, and the slot would stay open.
    press(line, 'same-device');
    expect(typesAfter(line, () => expect(verify(line, one.uci)).toEqual(pass(one)))).toEqual(['verified']);
  });

  test.each([
    ['read in part', 'JT08F', /scan again/],
    ['of a wrong keyboard layout', 'Dmß26u0000042', /y and z are swapped/],
    ['mixed', 'Dm-26u0000042Dm-26u0000042', /scan again/],
    ['that is too long', 'Q'.repeat(3000), /longer than any code/],
  ])('%s is a FAIL with the reason, and adds no event', (_what, text, reason) => {
    const line = slot();
    line.record(device({ serial: 'Dm-26u0000042' }));
    const types = typesAfter(line, () =>
      expect(verify(line, text)).toEqual({ result: 'FAIL', reason: expect.stringMatching(reason) as string }),
    );
    expect(types).toEqual([]);
  });

  test('with the prefix of the scanner is read without it', () => {
    const line = openLine({ station: { scanPrefix: '#1#' } });
    const one = line.record(device());
    expect(verify(line, `#1#]Q1${one.uci}`)).toEqual(pass(one));
  });

  test('of a label alone compares, in open mode, with the one unit that was given out here just now', () => {
    const line = withMac();
    const none = { result: 'FAIL', reason: "no unit is open here: scan the device's own code too" };
    const several = { result: 'FAIL', reason: "two units open here: scan the device's own code too" };
    const label = reserve(line);
    expect(typesAfter(line, () => expect(verify(line, label.uci)).toEqual(none))).toEqual([]);
    const one = line.record(device());
    expect(verify(line, label.uci)).toEqual({ result: 'FAIL', reason: 'label belongs to another unit' });
    const two = line.record(device());
    expect(typesAfter(line, () => expect(verify(line, one.uci)).toEqual(several))).toEqual([]);
    end(line, 'scrap', two.uci);
    expect(verify(line, one.uci)).toEqual(pass(one));
    const late = line.record(device());
    line.setClock(line.clock() + 10 * 60 * 1000);
    expect(verify(line, late.uci)).toEqual(none);
    arm(line, late.uci, 'rework');
    line.record(device());
    expect(verify(line, late.uci)).toEqual(pass(late));
  });

  test('of a label alone is no PASS where more happened in these minutes than is looked through', () => {
    const line = withMac();
    const { uci } = line.record(device());
    for (let made = 0; made < 10_000; made += 1000)
      line.record({ kind: 'make', as: 'issued', product: PRODUCT, count: 1000, strict: false, actor: 'admin' });
    expect(verify(line, uci)).toMatchObject({ reason: expect.stringMatching(/two units/) as string });
  });

  test('of a label that no device has is a FAIL', () => {
    const line = openLine();
    const { uci } = reserve(line);
    line.record(device());
    expect(verify(line, uci)).toEqual({ result: 'FAIL', reason: 'label belongs to another unit' });
  });

  test('of an S/N means the unit that has it now, not the void one that had it', () => {
    const line = openLine({ product: product({ repeat: 'replace', deviceCode: 'mac' }) });
    const first = line.record(device({ serial: 'ACME-1', mac: MAC[0] }));
    verify(line, first.uci);
    const second = line.record(device({ serial: 'ACME-1', mac: MAC[0] }));
    expect(second.uci).not.toBe(first.uci);
    line.record(device());
    expect(verify(line, 'ACME-1', MAC[0])).toEqual(pass(second));
    expect(verify(line, first.uci, MAC[0])).toEqual({ result: 'FAIL', reason: 'void' });
  });
});

describe('the labels of a station with several nests', () => {
  test.each([
    [undefined, ['cancelled', 'cancelled', 'queued']],
    [2, ['cancelled', 'queued', 'queued']],
    [4, ['queued', 'queued', 'queued']],
  ])('stay queued for the newest devices, one for each nest (%s nests)', (nests, states) => {
    const line = openLine({ product: product({ deviceCode: 'mac' }) });
    line.record({ kind: 'set-printer', printer: PRINTER, actor: 'admin' });
    const more = nests === undefined ? {} : { nests };
    line.record({ kind: 'set-station', station: station({ printer: 'P', autoPrint: true, ...more }), actor: 'admin' });
    const first = line.events.length;
    for (const end of ['01', '02', '03']) line.record(device({ mac: `A4:C1:38:AA:00:${end}` }));
    const jobs = line.events.slice(first).flatMap(({ type, seq }) => (type === 'print-queued' ? [seq] : []));
    expect(jobs.map((job) => line.seen.printJob(job)?.state)).toEqual(states);
  });
});

import { describe, expect, test } from 'vitest';
import { exceptionsOf } from '../../../src/model/exceptions/exception.ts';
import type { ExceptionKind } from '../../../src/model/exceptions/kinds.ts';
import { Printer } from '../../../src/model/printer.ts';
import { device, openLine, PRODUCT, refusal, type MapLedger } from '../../support/map-ledger.ts';

const ACTOR = 'person:quinn';
const NOTE = 'The label lay beside the fixture.';
const MAC = 'A4:C1:38:AA:00:99';

const openOf = (line: MapLedger, uci: string): ExceptionKind[] => {
  const unit = line.seen.unit(uci)!;
  return exceptionsOf(unit, line.seen.product(unit.product)!);
};
const close = (line: MapLedger, uci: string, exception: ExceptionKind): unknown =>
  line.record({ kind: 'close-exception', uci, exception, note: NOTE, actor: ACTOR });
const issue = (line: MapLedger): string => line.record(device({ mac: MAC })).uci;
const report = (line: MapLedger, uci: string, mac: string): unknown =>
  line.record({
    kind: 'note-report',
    uci,
    station: 'default',
    source: '10.0.0.1',
    products: [PRODUCT],
    identity: [['mac', mac]],
  });

function withPrinter(): MapLedger {
  const line = openLine();
  const printer = Printer.parse({ name: 'zebra', kind: 'raw9100', host: '10.0.0.9' });
  line.record({ kind: 'set-printer', printer, actor: 'admin' });
  return line;
}

function queue(line: MapLedger, uci: string, reprint?: string): number {
  const asked = { kind: 'print', uci, printer: 'zebra', copies: 1, actor: ACTOR } as const;
  return line.record(reprint === undefined ? asked : { ...asked, reason: reprint }).job;
}

function printed(line: MapLedger, job: number): void {
  for (const to of ['sending', 'done'] as const) line.record({ kind: 'move-print', job, to, actor: 'system' });
}

describe('the exceptions of a unit', () => {
  test('are a missing label, then a label that nobody scanned, then nothing', () => {
    const line = withPrinter();
    const uci = issue(line);
    expect(openOf(line, uci)).toEqual(['no-label']);
    printed(line, queue(line, uci));
    expect(openOf(line, uci)).toEqual(['not-scanned']);
    line.record({ kind: 'verify', station: 'default', label: uci, actor: ACTOR });
    expect(openOf(line, uci)).toEqual([]);
  });

  test('do not count a file for firmware, because no device asked for it', () => {
    const line = openLine();
    const { units } = line.record({
      kind: 'make',
      as: 'issued',
      product: PRODUCT,
      count: 1,
      strict: false,
      actor: ACTOR,
    });
    expect(openOf(line, units[0]!.uci)).toEqual([]);
  });
});

describe('a closing', () => {
  test('needs an open exception of the kind, and is one event with the note', () => {
    const line = openLine();
    const uci = issue(line);
    expect(refusal(() => close(line, uci, 'not-scanned'))).toBe('no-exception');
    expect(refusal(() => close(line, 'JT08FFQXWQ', 'no-label'))).toBe('not-found');
    close(line, uci, 'no-label');
    expect(line.events.at(-1)).toMatchObject({
      type: 'exception-closed',
      uci,
      actor: ACTOR,
      data: { kind: 'no-label', note: NOTE },
    });
    expect(openOf(line, uci)).toEqual([]);
    expect(refusal(() => close(line, uci, 'no-label'))).toBe('no-exception');
  });

  test('ends with the next thing that happens to the label', () => {
    const line = withPrinter();
    const uci = issue(line);
    close(line, uci, 'no-label');
    const job = queue(line, uci);
    line.record({ kind: 'move-print', job, to: 'failed', actor: 'system' });
    expect(openOf(line, uci)).toEqual(['no-label']);
    printed(line, queue(line, uci));
    close(line, uci, 'not-scanned');
    expect(openOf(line, uci)).toEqual([]);
    printed(line, queue(line, uci, 'damaged'));
    expect(openOf(line, uci)).toEqual(['not-scanned']);
  });

  test('of a wrong Claim ID ends when a device names the Claim ID wrongly again', () => {
    const line = openLine();
    const uci = issue(line);
    report(line, uci, 'A4:C1:38:AA:00:01');
    expect(openOf(line, uci)).toEqual(['wrong-id', 'no-label']);
    close(line, uci, 'wrong-id');
    expect(openOf(line, uci)).toEqual(['no-label']);
    report(line, uci, 'A4:C1:38:AA:00:01');
    expect(openOf(line, uci)).toEqual(['wrong-id', 'no-label']);
  });

  test('of a wrong Claim ID stays when an arming is cancelled', () => {
    const line = openLine();
    const uci = issue(line);
    report(line, uci, 'A4:C1:38:AA:00:01');
    close(line, uci, 'wrong-id');
    line.record({ kind: 'arm', station: 'default', code: uci, reason: 'rework', actor: ACTOR });
    line.record({ kind: 'cancel', station: 'default', actor: ACTOR });
    expect(openOf(line, uci)).not.toContain('wrong-id');
  });
});

import { describe, expect, it } from 'vitest';
import {
  conditionsOf,
  stepAlarms,
  unknownAlarms,
  type Condition,
  type Watched,
} from '../../../src/decide/forecasts/alarms.ts';

const MINUTE_MS = 60_000;
const held: Condition = { code: 'held', subject: '', says: 'alarm.held', values: {} };
const printer: Condition = { code: 'printer', subject: 'zebra', says: 'print-queue.trouble', values: {} };

/** What begins and ends at these minutes. */
function follow(steps: [number, Condition[], string[]?][]): string[] {
  let watched = new Map<string, Watched>();
  return steps.flatMap(([minute, present, failed = []]) => {
    const step = stepAlarms(watched, present, unknownAlarms(new Set(failed)), minute * MINUTE_MS);
    watched = step.watched;
    const at = (what: string) => (one: Condition) => `${minute} ${what} ${one.code}`;
    return [...step.begun.map(at('begins')), ...step.ended.map(at('ends'))];
  });
}

describe('an alarm', () => {
  it('of a held line begins at once, and ends five minutes after the hold', () => {
    expect(
      follow([
        [0, [held]],
        [1, [held]],
        [2, []],
        [5, []],
        [6, []],
        [7, []],
      ]),
    ).toEqual(['0 begins held', '6 ends held']);
  });

  it('of a printer begins after ten minutes of trouble', () => {
    expect(
      follow([
        [0, [printer]],
        [9, [printer]],
        [10, [printer]],
        [20, [printer]],
      ]),
    ).toEqual(['10 begins printer']);
  });

  it('does not begin if the trouble was short', () => {
    expect(
      follow([
        [0, [printer]],
        [9, []],
        [10, [printer]],
        [19, [printer]],
      ]),
    ).toEqual([]);
  });

  it('that swings begins once and ends once', () => {
    const swings = Array.from({ length: 30 }, (_, minute): [number, Condition[]] => [minute, minute % 3 ? [] : [held]]);
    expect(follow([...swings, [40, []]])).toEqual(['0 begins held', '40 ends held']);
  });

  it('does not end because its source cannot be measured', () => {
    const trouble: [number, Condition[]][] = [
      [0, [printer]],
      [10, [printer]],
    ];
    const unknown: [number, Condition[], string[]][] = [
      [11, [], ['printers']],
      [30, [], ['printers']],
    ];
    expect(follow([...trouble, ...unknown, [34, []], [35, []]])).toEqual(['10 begins printer', '35 ends printer']);
  });
});

describe('the conditions for alarms', () => {
  it('are counters that are nearly used up, and then counters that are used up', () => {
    const of = (remaining: number, level: 'warning' | 'critical') => ({
      code: 'serial-counter' as const,
      subject: 'P U#',
      level,
      remaining,
      says: 'serial-counter' as const,
      values: {},
    });
    const codes = [of(20, 'warning'), of(5, 'critical'), of(0, 'critical')].map((one) =>
      conditionsOf({ held: false, ledger: 'ready' }, {}, [one]).map(({ code, subject }) => `${code} ${subject}`),
    );
    expect(codes).toEqual([[], ['numbers P U#'], ['numbers-empty P U#']]);
  });

  it('are a held line, a ledger that cannot be written, and printers with trouble', () => {
    const facts = {
      printers: [
        { name: 'a', waiting: 1, trouble: 'off' },
        { name: 'b', waiting: 4 },
      ],
    };
    const found = conditionsOf({ held: true, ledger: 'disk-full' }, facts, []);
    expect(found.map(({ code, subject }) => [code, subject])).toEqual([
      ['held', ''],
      ['disk', ''],
      ['printer', 'a'],
    ]);
    expect(conditionsOf({ held: false, ledger: 'ready' }, {}, [])).toEqual([]);
  });
});

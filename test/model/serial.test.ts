import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canMakeSame } from '../../src/model/same-serials.ts';
import {
  counterCapacity,
  counterOf,
  counterWarning,
  defaultPattern,
  isSerial,
  lookalikeLengths,
  looksLikeClaimId,
  openSerial,
  patternProblems,
  renderSerial,
} from '../../src/model/serial.ts';
import { refusal } from '../support/map-ledger.ts';
import { MAX_LENGTH, MIN_LENGTH, parse } from '../../src/model/claim-id.ts';

const at = (day: string): number => Date.parse(`${day}T12:00:00Z`);
const first = (pattern: string, day: string, context = {}): string =>
  renderSerial(openSerial(pattern, at(day), context), 1);

describe('the dates of an S/N', () => {
  test.each([
    ['2026-11-23', '2648', '2026-11-23', '327'],
    ['2026-01-01', '2601', '2026-01-01', '001'],
    ['2026-12-31', '2653', '2026-12-31', '365'],
    ['2027-01-01', '2653', '2027-01-01', '001'],
    ['2027-01-02', '2653', '2027-01-02', '002'],
    ['2027-01-03', '2653', '2027-01-03', '003'],
    ['2027-01-04', '2701', '2027-01-04', '004'],
    ['2021-01-01', '2053', '2021-01-01', '001'],
    ['2024-12-29', '2452', '2024-12-29', '364'],
    ['2024-12-30', '2501', '2024-12-30', '365'],
    ['2024-12-31', '2501', '2024-12-31', '366'],
    ['2000-02-29', '0009', '2000-02-29', '060'],
  ])('on %s are the ISO week %s beside a week, %s and day %s by themselves', (day, week, date, dayOfYear) => {
    expect(first('{yy}{ww}{seq:1}', day)).toBe(`${week}1`);
    expect(first('{yyyy}-{mm}-{dd}/{seq:1}', day)).toBe(`${date}/1`);
    expect(first('{jjj}{seq:1}', day)).toBe(`${dayOfYear}1`);
  });

  test('are UTC to the millisecond', () => {
    const render = (now: number): string => renderSerial(openSerial('{yyyy}{mm}{dd}{seq:1}', now, {}), 1);
    expect(render(Date.UTC(2027, 0, 1) - 1)).toBe('202612311');
    expect(render(Date.UTC(2027, 0, 1))).toBe('202701011');
  });

  test('name each day of four centuries by the Thursday of its week', () => {
    for (let day = Date.UTC(2000, 0, 1); day < Date.UTC(2400, 0, 1); day += 5 * 86_400_000) {
      const monday = day - ((new Date(day).getUTCDay() + 6) % 7) * 86_400_000;
      const thursday = new Date(monday + 3 * 86_400_000);
      const week = Math.ceil((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 0)) / 86_400_000 / 7);
      const expected = `${thursday.getUTCFullYear()}${String(week).padStart(2, '0')}`;
      expect(openSerial('{yyyy}{ww}{seq:1}', day, {}).before).toBe(expected);
    }
  });
});

/* Any pattern that can be used, with what it needs. */

const literal = fc.stringMatching(/^[A-Za-z0-9._/ -]{1,4}$/);
const token = fc.constantFrom('{site}', '{code}', '{lot}', '{yyyy}', '{yy}', '{mm}', '{dd}', '{ww}', '{jjj}');
const name = (max: number) => fc.stringMatching(new RegExp(`^[A-Za-z0-9]{1,${max}}$`));
const usable = fc
  .record({
    before: fc.array(fc.oneof(literal, token), { maxLength: 3 }),
    after: fc.array(fc.oneof(literal, token), { maxLength: 2 }),
    digits: fc.integer({ min: 1, max: 9 }),
    code: name(8),
    lot: name(16),
  })
  .map(({ before, after, digits, code, lot }) => ({
    pattern: [...before, `{seq:${digits}}`, ...after].join(''),
    digits,
    code,
    lot,
  }))
  .filter(({ pattern, code }) => patternProblems(pattern, code).length === 0);
const moment = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2099, 11, 31) });

describe('a pattern', () => {
  test('gives S/Ns that a label, a scanner and the ledger can take', () => {
    fc.assert(
      fc.property(usable, moment, fc.nat(), ({ pattern, digits, code, lot }, now, count) => {
        const serial = renderSerial(openSerial(pattern, now, { site: 'P2', code, lot }), count % 10 ** digits);
        expect(isSerial(serial)).toBe(true);
      }),
    );
  });

  test('gives each count of a prefix its own S/N, and the count can be read back from it', () => {
    fc.assert(
      fc.property(usable, moment, fc.nat(), ({ pattern, digits, code, lot }, now, any) => {
        const count = any % 10 ** digits;
        const slot = openSerial(pattern, now, { site: 'P2', code, lot });
        const serial = renderSerial(slot, count);
        expect(counterOf(pattern, serial, { code, lot })).toEqual({ prefix: slot.prefix, count });
      }),
    );
  });

  test('refuses a count with more digits than it has room for', () => {
    const slot = openSerial('A{seq:2}B', at('2026-11-23'), {});
    expect([1, 99].map((count) => renderSerial(slot, count))).toEqual(['A01B', 'A99B']);
    // The rules refuse before that, and say which product's counter is used up.
    expect(() => renderSerial(slot, 100)).toThrow('100 does not fit into A##B');
  });

  test('has a counter of so many S/Ns, and warns at 50, 80 and 95 percent of it', () => {
    expect(counterCapacity('{yy}{ww}U{seq:3}')).toBe(999);
    const warned = [499, 500, 799, 800, 949, 950, 999].map((count) => counterWarning(999, count));
    expect(warned).toEqual([undefined, 50, 50, 80, 80, 95, 95]);
  });

  test('with {site} makes no S/N for a service without a site', () => {
    expect(first('{site}{seq:3}', '2026-11-23', { site: 'P2' })).toBe('P2001');
    expect(refusal(() => first('{site}{seq:3}', '2026-11-23'))).toBe('site-missing');
  });

  test.each([
    ['no counter', '{yy}{ww}', /exactly one \{seq:N\}.*has 0/],
    ['two counters', '{seq:2}{seq:3}', /has 2/],
    ['a counter of no digits', '{seq:0}', /has 0/],
    ['a counter of ten digits', '{seq:10}', /has 0/],
    ['an unknown token', '{week}{seq:5}', /has "\{week\}"/],
    ['letters no Code 128 of ours carries', 'Gerät{seq:5}', /has "Gerät"/],
    ['more characters than a label has room for', `${'A'.repeat(30)}{seq:5}`, /35 characters long, but at most 32/],
    ['lots that may be too long', '{lot}{lot}{seq:5}', /37 characters long/],
    ['a code that the product has not', '{code}{seq:5}', /uses \{code\}/],
    ['a blank in front', ' {seq:5}', /begin with a letter or digit/],
    ['a separator in front', '-{seq:5}', /begin with a letter or digit/],
    ['a blank at the end', '{seq:5} ', /end with a space/],
  ])('with %s is told so', (_what, pattern, problem) => {
    expect(patternProblems(pattern).join('\n')).toMatch(problem);
  });

  test('has all its problems told at once', () => {
    expect(patternProblems(' {week}{code}')).toHaveLength(4);
  });

  test('of a new product has the site, the code and the letter U, so no S/N can be read as a Claim ID', () => {
    const pattern = defaultPattern('P2');
    expect(patternProblems(pattern, 'ABCDEFGH')).toEqual([]);
    expect(first(pattern, '2026-11-23', { site: 'P2', code: 'DM' })).toBe('P2DM2648U0000001');
    expect(lookalikeLengths(pattern, 'DM')).toEqual([]);
  });

  test('of a new product has no site if the service has none', () => {
    expect(first(defaultPattern(undefined), '2026-11-23', { code: 'DM' })).toBe('DM2648U0000001');
  });
});

describe('the S/Ns of two patterns', () => {
  const both = fc.tuple(usable, usable, moment, fc.nat(), fc.nat());

  test('can be the same if they are the same', () => {
    fc.assert(
      fc.property(both, name(16), ([one, other, now, a, b], lot) => {
        const make = ({ pattern, digits, code }: typeof one, count: number): string =>
          renderSerial(openSerial(pattern, now, { site: 'P2', code, lot }), count % 10 ** digits);
        if (make(one, a) === make(other, b)) expect(canMakeSame(one, other)).toBe(true);
        expect(canMakeSame(one, { ...one, pattern: one.pattern })).toBe(true);
      }),
    );
  });

  test.each<[string, string, string, string, boolean]>([
    ['{yy}{ww}{seq:5}', 'A', '{yy}{ww}{seq:5}', 'B', true],
    ['{code}{yy}{ww}U{seq:7}', 'A', '{code}{yy}{ww}U{seq:7}', 'B', false],
    ['{site}{code}{seq:3}', 'AB', '{code}{seq:3}', 'P2AB', true],
    ['{site}{code}{seq:3}', 'A', '{site}{code}{seq:3}', 'AB', false],
    ['{yy}{ww}{seq:5}', 'A', '{yy}{ww}U{seq:5}', 'A', false],
    ['{yy}{ww}{seq:5}', 'A', '{seq:9}', 'A', true],
    ['{lot}-{seq:2}', 'A', 'LOT-{seq:2}', 'A', true],
    ['{lot}{seq:2}', 'A', 'A{seq:1}', 'A', false],
    ['X{ww}{seq:1}', 'A', 'X9{seq:2}', 'A', false],
  ])('%s of %s and %s of %s: %s', (pattern, code, otherPattern, otherCode, same) => {
    const [one, other] = [
      { pattern, code },
      { pattern: otherPattern, code: otherCode },
    ];
    expect([canMakeSame(one, other), canMakeSame(other, one)]).toEqual([same, same]);
  });
});

describe('promise 9: an S/N never looks like a Claim ID', () => {
  const lengthRead = (serial: string): number | undefined => parse(serial)?.length;

  test('no S/N of a pattern is read as a Claim ID of a length that was not told', () => {
    fc.assert(
      fc.property(usable, moment, fc.nat(), name(16), ({ pattern, digits, code, lot }, now, count, otherLot) => {
        const told = lookalikeLengths(pattern, code);
        for (const one of [lot, otherLot, 'A', 'A'.repeat(16)]) {
          const serial = renderSerial(openSerial(pattern, now, { site: 'P2', code, lot: one }), count % 10 ** digits);
          const length = lengthRead(serial);
          if (length !== undefined) expect(told).toContain(length);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('each length that is told is one that an S/N has, so no pattern is refused for nothing', () => {
    const withoutLot = usable.filter(({ pattern }) => !pattern.includes('{lot}'));
    fc.assert(
      fc.property(withoutLot, moment, ({ pattern, code }, now) => {
        const length = lengthRead(renderSerial(openSerial(pattern, now, { site: 'P2', code }), 1));
        expect(lookalikeLengths(pattern, code)).toEqual(length === undefined ? [] : [length]);
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, string | undefined, number[]]>([
    ['{yy}{ww}{seq:6}', undefined, [10]],
    ['{yyyy}-{ww}-{seq:6}', undefined, [12]],
    ['{yy}{ww} {seq:5}', undefined, []],
    ['{yyyy}{mm}{dd}{seq:9}', undefined, [17]],
    ['U{seq:9}', undefined, []],
    ['u{seq:9}', undefined, []],
    ['O{seq:9}', undefined, [10]],
    ['il{seq:8}', undefined, [10]],
    ['{yy}{ww}/{seq:6}', undefined, []],
    ['{yy}{ww}.{seq:6}', undefined, []],
    ['{code}{seq:5}', 'ACME1', [10]],
    ['{code}{seq:5}', 'ACMEU', []],
    ['{lot}{seq:4}', undefined, [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]],
    ['{lot}{seq:3}U', undefined, []],
    [`${'A'.repeat(12)}{seq:9}`, undefined, []],
  ])('%s with code %s can be read as a Claim ID of %j letters', (pattern, code, lengths) => {
    expect(lookalikeLengths(pattern, code)).toEqual(lengths);
  });

  test('and one from outside is looked at as it stands', () => {
    const all = Array.from({ length: MAX_LENGTH - MIN_LENGTH + 1 }, (_, i) => MIN_LENGTH + i);
    expect(looksLikeClaimId('2648-0000-12', [10])).toBe(true);
    expect(looksLikeClaimId('2648-0000-12', [12, 16])).toBe(false);
    expect(looksLikeClaimId('264800001', all)).toBe(false);
    expect(looksLikeClaimId('ACME.000001', all)).toBe(false);
  });
});

describe('an S/N from outside', () => {
  test.each(['1', 'ACME-1', 'A 1', 'a.b_c/d-e', '0'.repeat(32)])('may be "%s"', (text) => {
    expect(isSerial(text)).toBe(true);
  });

  test.each(['', ' A', 'A ', '-A', '.A', 'A\n', 'A\tB', 'Ä1', 'A"', '0'.repeat(33)])('may not be %j', (text) => {
    expect(isSerial(text)).toBe(false);
  });
});

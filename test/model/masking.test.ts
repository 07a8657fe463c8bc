import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ALPHABET } from '../../src/model/claim-id.ts';
import { beginningsIn, maskedUnit, maskJson, maskText, numberIn } from '../../src/model/masking.ts';

const UCI = 'JT08FFQXWQ';
const OTHER = '0123456789';
/** Its first letter looks like an escape after a backslash. */
const FIVE = 'FKMSQX5E66';
const LONG = 'ABCDEFGHJKMNPQRSTVYZ';
const NUMBERS = new Map([
  [UCI, 17],
  [FIVE, 5],
  [LONG, 9],
  [OTHER, null],
]);
const MASKED = '********WQ.17';

describe('a text', () => {
  it.each([
    ['alone', UCI, MASKED],
    ['in a sentence', `clone of ${UCI}.`, `clone of ${MASKED}.`],
    ['in lower case', 'jt08ffqxwq', MASKED],
    ['in groups', 'JT08F-FQXWQ', MASKED],
    ['in groups with other dashes and spaces', 'JT08 FFQ – XWQ', MASKED],
    ['with letters that look alike', 'JTO8FFQXWQ', MASKED],
    ['in an address', `https://example.com/claim/${UCI}?x=1`, `https://example.com/claim/${MASKED}?x=1`],
    ['inside a word', `id${UCI}x`, `id${MASKED}x`],
    ['after an escape of JSON', `"\\n${UCI}"`, `"\\n${MASKED}"`],
    ['beside another', `${UCI} ${OTHER}`, `${MASKED} **********`],
    ['after a backslash, where it looks like an escape', `C:\\units\\${FIVE}.log`, 'C:\\units\\********66.5.log'],
    ['with an escape inside', 'JT08F\\nFQXWQ', MASKED],
    ['after an escape with a code', `\\u000a${UCI}`, `\\u000a${MASKED}`],
    ['with a point inside', 'JT08F.FQXWQ', MASKED],
    ['with an underscore inside', 'JT08F_FQXWQ', MASKED],
    ['with two signs inside', 'JT08F//FQXWQ', MASKED],
    ['with a minus sign', 'JT08F\u2212FQXWQ', MASKED],
    ['with a soft hyphen', 'JT08F\u00ADFQXWQ', MASKED],
    ['in full-width letters', 'ＪＴ０８ＦＦＱＸＷＱ', MASKED],
    ['in a longer run', `${'A'.repeat(60)}${UCI}`, `${'A'.repeat(60)}${MASKED}`],
    ['in groups inside a word', 'idJT08F-FQXWQx', `id${MASKED}x`],
    ['of twenty letters', `no ${LONG}`, `no ${'*'.repeat(18)}YZ.9`],
    ['of another product', `see ${OTHER}`, 'see **********'],
  ])('shows no complete Claim ID %s', (_, text, masked) => {
    expect(maskText(text, NUMBERS)).toBe(masked);
  });

  it.each(['', 'S/N 264800123', '2026-11-25T12:00:00.000Z', 'registered', '02:00:00:00:00:01', 'JT08FFQXWR', MASKED])(
    '%j stays as it is, because no Claim ID of the ledger is in it',
    (text) => {
      expect(maskText(text, NUMBERS)).toBe(text);
    },
  );

  test('shows none, however it is spelled and whatever stands around it', () => {
    const letter = fc.constantFrom(...ALPHABET.split(''));
    const uci = fc.array(letter, { minLength: 10, maxLength: 20 }).map((letters) => letters.join(''));
    const gap = fc.constantFrom('', '', '', '-', ' ', '\u2013');
    const around = fc.string({ unit: 'binary', maxLength: 12 });
    fc.assert(
      fc.property(uci, fc.array(gap, { minLength: 20, maxLength: 20 }), around, around, (id, gaps, before, after) => {
        const spelled = id
          .split('')
          .map((one, n) => one.toLowerCase() + (gaps[n] ?? ''))
          .join('');
        const text = `${before} . ${spelled} . ${after}`;
        expect(beginningsIn(text)).toContain(id.slice(0, 10));
        const shown = maskText(text, new Map([[id, 3]]));
        expect(shown.replaceAll(/[\s\-\u2013]/g, '').toUpperCase()).not.toContain(id);
      }),
    );
  });
});

test('JSON shows no complete Claim ID in texts, names and numbers, and keeps everything else', () => {
  const json = { [`peer ${UCI}`]: [UCI, null, true, 1.5], uci: UCI, deep: { number: 1234567890, at: 1764072000000 } };
  expect(maskJson(json, new Map([...NUMBERS, ['1234567890', 5]]))).toEqual({
    [`peer ${MASKED}`]: [MASKED, null, true, 1.5],
    uci: MASKED,
    deep: { number: '********90.5', at: 1764072000000 },
  });
  expect(beginningsIn(json)).toEqual(expect.arrayContaining([UCI, '1234567890', '1764072000']));
});

test('the time grows only in proportion to the text', () => {
  const looks = (bytes: number): number => {
    const text = Array.from({ length: bytes / 41 }, (_, n) => `${n}`.padEnd(40, 'ABCDEFGH')).join(' ');
    return beginningsIn(text).length;
  };
  expect(looks(16_000)).toBeLessThan(16_000);
  expect(looks(160_000)).toBeLessThan(160_000);
});

test('a masked Claim ID names its unit', () => {
  expect(maskedUnit({ uci: UCI, id: 17 })).toBe(MASKED);
  expect(numberIn(` ${MASKED} `)).toBe(17);
  for (const text of [UCI, '********WQ', '********WQ.', '********WQ.0', '*WQ.17', `${MASKED}x`, '264800123'])
    expect(numberIn(text), text).toBeUndefined();
});

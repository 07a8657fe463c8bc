import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ALPHABET,
  bits,
  generate,
  isCanonical,
  mask,
  parse,
  systemRandom,
  type Random,
} from '../../src/model/claim-id.ts';

const letter = fc.constantFrom(...ALPHABET.split(''));
const claimId = fc.array(letter, { minLength: 10, maxLength: 20 }).map((letters) => letters.join(''));

/** What a person may type for a letter of a Claim ID. */
const typed = (canonical: string): fc.Arbitrary<string> => {
  const ways = [canonical, canonical.toLowerCase()];
  if (canonical === '0') ways.push('o', 'O');
  if (canonical === '1') ways.push('i', 'I', 'l', 'L');
  return fc
    .tuple(fc.constantFrom('', '', ' ', '-', '\t', '\u00a0', '\u2010', '\u2013', '\u2014'), fc.constantFrom(...ways))
    .map(([separator, way]) => separator + way);
};

describe('a Claim ID', () => {
  test('reads back as itself however a person types it', () => {
    const asTyped = claimId.chain((uci) =>
      fc.tuple(
        fc.constant(uci),
        fc.tuple(...uci.split('').map(typed)).map((letters) => letters.join('')),
      ),
    );
    fc.assert(
      fc.property(asTyped, ([uci, text]) => {
        expect(parse(text)).toBe(uci);
      }),
    );
  });

  test('of any length from the system source is canonical and reads back as itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 20 }), (length) => {
        const uci = generate(length, systemRandom);
        expect(uci).toHaveLength(length);
        expect(isCanonical(uci)).toBe(true);
        expect(parse(uci)).toBe(uci);
      }),
    );
  });

  test.each([
    ['nine letters', 'JT08FFQXW'],
    ['twenty-one letters', 'JT08FFQXWQJT08FFQXWQ0'],
    ['a U, which Crockford leaves out', 'JT08FFQXWU'],
    ['a lower-case u', 'jt08ffqxwu'],
    ['a letter with an accent', 'JT08FFQXWÉ'],
    ['punctuation', 'JT08FFQXW.'],
    ['an underscore as separator', 'JT08_FFQXWQ'],
    ['nothing', ''],
    ['only separators', ' - - - - - '],
    ['more text than anyone types', `${' '.repeat(60)}JT08FFQXWQ`],
    ['a line of two', 'JT08FFQXWQ,JT08FFQXWQ'],
  ])('is not what %s makes', (_what, text) => {
    expect(parse(text)).toBeUndefined();
  });

  test('is read from any text without an error, and then it is canonical', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const uci = parse(text);
        if (uci !== undefined) expect(isCanonical(uci)).toBe(true);
      }),
    );
  });

  test('is canonical in capitals and without separators only', () => {
    expect(isCanonical('JT08FFQXWQ')).toBe(true);
    for (const text of ['jt08ffqxwq', 'JT08-FFQXWQ', 'JT08FFQXWO', 'JT08FFQXWQ\n', 'JT08FFQXW', '']) {
      expect(isCanonical(text)).toBe(false);
    }
  });

  test('shows two letters at the most when masked, and keeps its length', () => {
    fc.assert(
      fc.property(claimId, (uci) => {
        const masked = mask(uci);
        expect(masked).toHaveLength(uci.length);
        expect(masked.slice(0, -2)).toBe('*'.repeat(uci.length - 2));
        expect(masked.slice(-2)).toBe(uci.slice(-2));
      }),
    );
  });

  test('has five bits a letter', () => {
    expect([10, 12, 16, 20].map(bits)).toEqual([50, 60, 80, 100]);
  });
});

describe('the random source', () => {
  test('gives as many bytes as asked for, whatever its pool holds', () => {
    for (const size of [1, 10, 4096, 4095, 20, 4090, 7, 4097, 20_000]) expect(systemRandom(size)).toHaveLength(size);
  });

  test('that gives too few bytes makes no Claim ID', () => {
    expect(() => generate(10, () => new Uint8Array(9))).toThrow(/random source gave 9 bytes of 10/);
  });
});

/*
 * Uniformity. Exactly: the 256 values of a byte, each once. Statistically: the real thing, by a chi-squared test of
 * each letter, each position and each pair of positions; the same test sees the usual mistakes.
 */

type Generator = (length: number, random: Random) => string;

const everyByte: Random = () => Uint8Array.from({ length: 256 }, (_, byte) => byte);

function lettersOfEveryByte(generator: Generator): number[] {
  const letters = generator(256, everyByte);
  return Array.from(ALPHABET).map((one) => letters.split(one).length - 1);
}

test('each letter stands for exactly 8 of the 256 values of a byte', () => {
  expect(lettersOfEveryByte(generate)).toEqual(Array.from(ALPHABET, () => 8));
});

test("the agent's published scaling is uniform too, and only by the doubled last letter", () => {
  const doubled = `${ALPHABET}Z`;
  const scaled: Generator = (length, random) =>
    Array.from(random(length), (byte) => doubled[Math.floor((byte * 32) / 255)]).join('');
  expect(lettersOfEveryByte(scaled)).toEqual(Array.from(ALPHABET, () => 8));
  const single: Generator = (length, random) =>
    Array.from(random(length), (byte) => ALPHABET[Math.floor((byte * 32) / 255)] ?? '').join('');
  expect(lettersOfEveryByte(single)).toEqual(Array.from(ALPHABET, (one) => (one === 'Z' ? 7 : 8)));
});

const LENGTH = 10;
const IDS = 100_000;
const TABLES = 1 + LENGTH + (LENGTH * (LENGTH - 1)) / 2;
/** Over all tables of one run together. */
const FALSE_ALARM = 1e-7;

/** The tables of counts whose chi-squared is beyond what a uniform source gives once in ten million runs. */
function unevenTables(generator: Generator): string[] {
  const letters = new Float64Array(32);
  const positions = Array.from({ length: LENGTH }, () => new Float64Array(32));
  const pairs = Array.from({ length: LENGTH }, () => Array.from({ length: LENGTH }, () => new Float64Array(1024)));
  for (let n = 0; n < IDS; n++) {
    const drawn = Array.from(generator(LENGTH, systemRandom), (one) => ALPHABET.indexOf(one));
    drawn.forEach((at, i) => {
      letters[at]! += 1;
      positions[i]![at]! += 1;
      for (let j = 0; j < i; j++) pairs[j]![i]![drawn[j]! * 32 + at]! += 1;
    });
  }
  const uneven = isUneven(letters) ? ['letters'] : [];
  positions.forEach((counts, i) => isUneven(counts) && uneven.push(`position ${i}`));
  for (let i = 0; i < LENGTH; i++) {
    for (let j = 0; j < i; j++) if (isUneven(pairs[j]![i]!)) uneven.push(`positions ${j} and ${i}`);
  }
  return uneven;
}

/**
 * Laurent and Massart (2000), lemma 1: a chi-squared variable of d degrees is over d + 2√(dt) + 2t with probability
 * below e^-t.
 */
function isUneven(counts: Float64Array): boolean {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2, 0) / expected;
  const degrees = counts.length - 1;
  const t = Math.log(TABLES / FALSE_ALARM);
  return statistic > degrees + 2 * Math.sqrt(degrees * t) + 2 * t;
}

test('a hundred thousand Claim IDs favour no letter, no position and no pair', () => {
  expect(unevenTables(generate)).toEqual([]);
});

describe('the same test sees', () => {
  const byByte =
    (index: (byte: number) => number): Generator =>
    (length, random) =>
      Array.from(random(length), (byte) => ALPHABET[index(byte)]).join('');

  test.each<[string, Generator]>([
    ['a remainder by 31', byByte((byte) => byte % 31)],
    ['a remainder by 32 of a number below 100', byByte((byte) => (byte % 100) % 32)],
    ['a remainder by 32 of a number below 255', byByte((byte) => (byte % 255) % 32)],
    ['scaling to 31 and rounding down', byByte((byte) => Math.floor((byte * 31) / 255))],
    ['scaling to 31 and rounding', byByte((byte) => Math.round((byte * 31) / 255))],
    ['scaling to 32, the last value wrapped', byByte((byte) => Math.floor((byte * 32) / 255) % 32)],
  ])('%s, in the letters', (_mistake, generator) => {
    const uneven = unevenTables(generator);
    expect(uneven).toContain('letters');
  });

  test('one byte used for two letters, in the pairs alone', () => {
    const thrifty: Generator = (length, random) => {
      const bytes = random(length / 2);
      return Array.from({ length }, (_, i) => ALPHABET[bytes[i >> 1]! & 31]).join('');
    };
    const neighbours = [0, 2, 4, 6, 8].map((i) => `positions ${i} and ${i + 1}`);
    expect(unevenTables(thrifty)).toEqual(expect.arrayContaining(neighbours));
    expect(unevenTables(thrifty)).not.toContain('letters');
  });
});

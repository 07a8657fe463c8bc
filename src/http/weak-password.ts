import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../platform/error.ts';
import { packageRoot } from '../platform/package-root.ts';

/*
 * Refuses new passwords that are short or easy to guess (NIST SP 800-63B-4, 3.1.1.2). A password may contain any
 * character, and no kind of character is required. A password is divided into parts that guessing programs try first:
 * common passwords, names, sequences, repetitions. Each part counts only as many bits as are needed to guess it. So
 * padding a common password does not help.
 */

/** NIST requires 15 characters if the password is the only factor. Existing passwords that are shorter remain valid. */
export const MIN_LETTERS = 15;

/**
 * NIST requires that at least 64 characters are allowed. A maximum is needed, because hashing a very long password
 * would take too long.
 */
export const MAX_LETTERS = 128;

/**
 * The minimum number of bits in a new password. The throttle allows each network 1,440 guesses a day (throttle.ts). So
 * even a guessing program that knows these rules needs more than 100,000 years with one network, or 130 years with a
 * thousand networks. For example, two common passwords followed by a year have too few bits.
 */
const MIN_BITS = 36;

/** The minimum length of a part of a name. Shorter parts also occur in ordinary words. */
const MIN_NAME_PART = 4;

export interface Names {
  person: string;
  /** Names of the service, its host and the companies of its products. */
  site: string[];
}

/** Throws `password-unfit`, `password-common` or `password-like-name`. */
export function refuseWeak(password: string, { person, site }: Names): void {
  const letters = Array.from(password.normalize('NFKC'));
  if (letters.length < MIN_LETTERS) throw refusal('password-unfit', 'short', { min: MIN_LETTERS });
  if (letters.length > MAX_LETTERS) throw refusal('password-unfit', 'long', { max: MAX_LETTERS });
  const names = new Set([person, ...site].flatMap(partsOf));
  if (bitsOf(password, commonPasswords(), names) >= MIN_BITS) return;
  if (holds(password, names)) throw refusal('password-like-name', 'another');
  throw refusal('password-common', 'another');
}

function holds(password: string, names: ReadonlySet<string>): boolean {
  return readingsOf(password).some(({ letters }) => [...names].some((name) => letters.join('').includes(name)));
}

/** Returns the complete name without punctuation, and each word of it that is long enough. */
function partsOf(name: string): string[] {
  const words = name
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const all = words.join('');
  return [...(all.length >= 3 ? [all] : []), ...words.filter((word) => word.length >= MIN_NAME_PART)];
}

/** Digits and symbols that people write in place of letters. */
const LOOK_ALIKES = new Map(
  Object.entries({
    '@': 'a',
    '4': 'a',
    '8': 'b',
    '3': 'e',
    '6': 'g',
    '1': 'i',
    '!': 'i',
    '|': 'l',
    '0': 'o',
    $: 's',
    '5': 's',
    '7': 't',
    '2': 'z',
  }),
);

/**
 * One way in which a guessing program may read the password. `leftOut` is the number of bits for the characters that
 * are left out.
 */
interface Reading {
  letters: string[];
  leftOut: number;
}

/**
 * Reads the password in several ways: forwards and backwards, with look-alike characters replaced, and without
 * punctuation between words.
 */
function readingsOf(password: string): Reading[] {
  const letters = Array.from(password.normalize('NFKC').toLowerCase());
  const plain = letters.map((letter) => LOOK_ALIKES.get(letter) ?? letter);
  const ones = plain.map((letter, i) => (letters[i] === '1' ? 'l' : letter));
  const all = [letters, plain, ones, letters.toReversed(), plain.toReversed()];
  return [...all.map((some) => ({ letters: some, leftOut: 0 })), ...all.map(withoutSigns)];
}

function withoutSigns(all: string[]): Reading {
  const signs = all.filter((letter) => !/[\p{L}\p{N}]/u.test(letter));
  // If a text consists mainly of punctuation, the punctuation does not separate words.
  if (signs.length * 2 > all.length) return { letters: all, leftOut: 0 };
  const letters = all.filter((letter) => !signs.includes(letter));
  return { letters, leftOut: signs.length + new Set(signs).size * 3 };
}

/** Returns the lowest number of bits among the readings of the password. */
function bitsOf(password: string, common: ReadonlyMap<string, number>, names: ReadonlySet<string>): number {
  const readings = new Map(readingsOf(password).map((reading) => [reading.letters.join(''), reading]));
  return Math.min(
    ...[...readings.values()].map(
      ({ letters, leftOut }) => leftOut + bitsIn(letters, (part) => partBits(part, common, names)),
    ),
  );
}

/** The maximum length of a part that is a sequence or is looked up. */
const MAX_PART = 40;

/**
 * Divides the text into parts so that the sum of their bits is as low as possible. `best[n]` is the lowest number of
 * bits for the first `n` characters.
 */
function bitsIn(letters: string[], partBitsOf: (part: string) => number | undefined): number {
  const best: number[] = [0];
  // `equal[size]` is how many characters in a row, up to `end`, equal those `size` positions earlier.
  const equal = new Uint8Array(letters.length);
  for (let end = 1; end <= letters.length; end++) {
    const letter = letters[end - 1] ?? '';
    let least = (best[end - 1] ?? 0) + letterBits(letter, letters[end - 2]);
    const take = (start: number, bits: number): void => void (least = Math.min(least, (best[start] ?? 0) + bits));
    let part = letter;
    for (let start = end - 2; start >= Math.max(0, end - MAX_PART); start--) {
      part = (letters[start] ?? '') + part;
      const bits = end - start < 3 ? undefined : partBitsOf(part);
      if (bits !== undefined) take(start, bits);
    }
    const sequence = sequenceBefore(letters, end);
    if (end - sequence >= 3) take(sequence, SEQUENCE_BITS);
    for (let size = 1; size < end; size++) {
      const count = letters[end - 1 - size] === letter ? (equal[size] ?? 0) + 1 : 0;
      equal[size] = count;
      if (count >= Math.min(size, MIN_REPEAT)) take(end - count, REPEAT_BITS);
    }
    best.push(least);
  }
  return best[letters.length] ?? 0;
}

const REPEAT_BITS = 3;

/** The minimum length of a repetition. Letters also repeat in ordinary words, so shorter repetitions do not count. */
const MIN_REPEAT = 4;

const NAME_BITS = 4;
const SEQUENCE_BITS = 7;
const YEAR_BITS = 7;

function partBits(part: string, common: ReadonlyMap<string, number>, names: ReadonlySet<string>): number | undefined {
  if (names.has(part)) return NAME_BITS;
  const rank = common.get(part);
  if (rank !== undefined) return 1 + Math.log2(rank + 1);
  return /^(19|20)\d\d$/.test(part) ? YEAR_BITS : undefined;
}

/** The rows of common keyboards. */
const ROWS = ['1234567890-=', 'qwertyuiop[]', 'asdfghjkl;', 'zxcvbnm,./', 'qwertzuiop', 'azertyuiop', 'yxcvbnm'];

/**
 * Returns the distances between two characters in the alphabet, among the digits, and on keyboard rows. Distances of
 * more than one key or letter are left out.
 */
function stepsOf(before: string, after: string): number[] {
  const alphabet = (after.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0);
  const row = NEIGHBOURS.get(before + after);
  const steps = Math.abs(alphabet) <= 1 ? [alphabet] : [];
  return row === undefined ? steps : [...steps, row];
}

/** For each pair of adjacent keys on a keyboard row: 1 from left to right, and -1 from right to left. */
const NEIGHBOURS = new Map(
  ROWS.flatMap((row) =>
    Array.from(row)
      .slice(1)
      .flatMap((key, i): [string, number][] => [
        [`${row[i]}${key}`, 1],
        [`${key}${row[i]}`, -1],
      ]),
  ),
);

/**
 * Returns the start of the longest sequence that ends right before `end`. Examples of sequences are `abc`, `987`,
 * `rewq` and `aaa`.
 */
function sequenceBefore(letters: string[], end: number): number {
  let steps: number[] | undefined;
  let start = end - 1;
  for (; start > Math.max(0, end - MAX_PART); start--) {
    const here = stepsOf(letters[start - 1] ?? '', letters[start] ?? '');
    const both = steps === undefined ? here : here.filter((step) => steps?.includes(step));
    if (both.length === 0) break;
    steps = both;
  }
  return start;
}

/** Returns the number of bits for a character that is in none of the longer parts. */
function letterBits(letter: string, before: string | undefined): number {
  if (letter === before) return 1;
  if (/\s/.test(letter)) return 2;
  if (/\d/.test(letter)) return 3.3;
  return /\p{Script=Han}|\p{Extended_Pictographic}/u.test(letter) ? 9 : 4.7;
}

let loaded: ReadonlyMap<string, number> | undefined;

/**
 * The rank of each common password, counted from 0. The file with common passwords is read only when the first new
 * password is chosen.
 */
function commonPasswords(): ReadonlyMap<string, number> {
  const read = (): string[] =>
    readFileSync(join(packageRoot, 'passwords', 'common.txt'), 'utf8')
      .trim()
      .split('\n');
  return (loaded ??= new Map(read().map((password, rank) => [password, rank])));
}

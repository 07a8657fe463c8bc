import { randomFillSync } from 'node:crypto';
import { ClaimstampError, refusal, messageOf } from '../platform/error.ts';

/**
 * The letters of Crockford's base 32. The alphabet has no I, L, O or U. The agent uses the same letters in the same
 * order.
 */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The lengths of the shortest and the longest Claim ID. The agent makes Claim IDs of ten letters, and its option `--id`
 * refuses more than twenty letters.
 */
export const MIN_LENGTH = 10;
export const MAX_LENGTH = 20;
export const DEFAULT_LENGTH = 10;

/** Returns `size` bytes from a cryptographic source. Throws if the source returns fewer bytes. */
export type Random = (size: number) => Uint8Array;

/**
 * Makes a new Claim ID of `length` letters.
 *
 * All Claim IDs are equally likely. Each letter uses its own random byte. 256 is a multiple of 32, so the low five bits
 * of a byte select each of the 32 letters with the same probability.
 */
export function generate(length: number, random: Random): string {
  const bytes = random(length);
  // A missing byte would count as zero, and then the Claim ID could be guessed.
  if (bytes.length < length) {
    throw new ClaimstampError('random-failed', `the random source gave ${bytes.length} bytes of ${length}`);
  }
  let uci = '';
  for (const byte of bytes.subarray(0, length)) uci += ALPHABET[byte & 31];
  return uci;
}

/** A call to the system's generator takes about a microsecond for any number of bytes, so one call reads many. */
const POOL_BYTES = 4096;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/**
 * Returns random bytes from node:crypto. node:crypto's generator is seeded by the operating system's random source.
 * Throws `random-failed` if the generator fails, returns constant bytes, or repeats itself.
 */
export const systemRandom: Random = (size) => {
  if (size > POOL_BYTES) return randomFillSync(new Uint8Array(size));
  if (used + size > POOL_BYTES) {
    fillPool();
    used = 0;
  }
  const bytes = pool.slice(used, used + size);
  pool.fill(0, used, used + size);
  used += size;
  return bytes;
};

/**
 * A run of this many equal bytes shows that the random source is stuck (NIST SP 800-90B, 4.4.1, repetition count test,
 * eight bits per byte). In a working source, a run this long occurs only about once in 2^64 bytes.
 */
const STUCK = 9;

/**
 * How many pools of random bytes to remember. Only the first bytes of each pool are kept. This many pools provide the
 * random bytes of about 400,000 Claim IDs.
 */
const REMEMBERED = 1024;

/**
 * The first 16 bytes of each remembered pool. If the source works, the probability that two pools begin with equal
 * bytes is 2^-128.
 */
const beginnings = new Set<string>();

function fillPool(): void {
  used = POOL_BYTES;
  try {
    randomFillSync(pool);
  } catch (error) {
    throw new ClaimstampError('random-failed', `the random source failed (${messageOf(error)})`);
  }
  let equal = 1;
  for (let i = 1; i < POOL_BYTES && equal < STUCK; i++) equal = pool[i] === pool[i - 1] ? equal + 1 : 1;
  const beginning = Buffer.from(pool.subarray(0, 16)).toString('hex');
  if (equal >= STUCK || beginnings.has(beginning)) {
    pool.fill(0);
    throw refusal('random-failed', 'repeats');
  }
  if (beginnings.size >= REMEMBERED) beginnings.clear();
  beginnings.add(beginning);
}

/** Separators that people type: spaces, hyphens, and the dashes that word processors put in place of hyphens. */
const SEPARATORS = /[\s\-\u2010-\u2015]/g;
const CANONICAL = new RegExp(`^[${ALPHABET}]{${MIN_LENGTH},${MAX_LENGTH}}$`);

/**
 * Reads a Claim ID as people type it: in upper or lower case, with or without separators. `O` is read as `0`, and `I`
 * and `L` are read as `1` (Crockford's decoding). Returns undefined if the text is not a Claim ID.
 */
export function parse(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const uci = plain(text);
  return CANONICAL.test(uci) ? uci : undefined;
}

const BEGIN = new RegExp(`^[${ALPHABET}]{3,${MAX_LENGTH}}$`);

/** Reads the beginning of a Claim ID (at least three letters) by the rules of `parse`. */
export function parsePrefix(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const begin = plain(text);
  return BEGIN.test(begin) ? begin : undefined;
}

const END = new RegExp(`^[${ALPHABET}]{2,${MAX_LENGTH}}$`);

/** Reads the last letters of a Claim ID (at least two) by the rules of `parse`. */
export function parseEnding(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const end = plain(text);
  return END.test(end) ? end : undefined;
}

/**
 * True if the text could be meant as a part of a Claim ID. Claim IDs are written in one piece or in groups of five, so
 * `sim-1-1796` is a name, although its letters could be those of a Claim ID.
 */
export function isGrouped(text: string, part: 'begin' | 'end'): boolean {
  const groups = text.trim().split(SEPARATORS);
  const complete = part === 'begin' ? groups.slice(0, -1) : groups.slice(1);
  return complete.every((group) => group.length === GROUP);
}

const GROUP = 5;

function plain(text: string): string {
  return plainLetters(text.replace(SEPARATORS, '').toUpperCase());
}

/** Replaces capital letters that look like digits: `O` is `0`, and `I` and `L` are `1`. */
export function plainLetters(letters: string): string {
  return letters.replaceAll('O', '0').replace(/[IL]/g, '1');
}

/** True if the text is a Claim ID, written exactly as in the ledger. */
export function isCanonical(text: string): boolean {
  return CANONICAL.test(text);
}

/**
 * Masks all but the last two letters of a Claim ID, for logs and messages. The last two letters reveal only 10 of at
 * least 50 bits, but these letters are enough for a person to tell labels apart.
 */
export function mask(uci: string): string {
  return '*'.repeat(Math.max(0, uci.length - 2)) + uci.slice(-2);
}

/** Returns the number of bits of a Claim ID with `length` letters. Each letter of a Claim ID has five bits. */
export function bits(length: number): number {
  return length * 5;
}

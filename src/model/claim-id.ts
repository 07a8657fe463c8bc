import { randomFillSync } from 'node:crypto';
import { ClaimstampError, refusal, messageOf } from '../platform/error.ts';

/** Crockford's base-32 letters: no I, L, O, U. The order is the one the agent uses. */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Letters in a Claim ID. Ten is what the agent makes itself; its `--id` option refuses more than twenty. */
export const MIN_LENGTH = 10;
export const MAX_LENGTH = 20;
export const DEFAULT_LENGTH = 10;

/** Returns `size` bytes from a cryptographic source. Throws instead of returning fewer. */
export type Random = (size: number) => Uint8Array;

/**
 * A new Claim ID of `length` letters.
 *
 * Uniform by construction: 256 is a multiple of 32, so the low five bits of a uniform byte are uniform over the 32
 * letters, and each letter uses a byte of its own.
 */
export function generate(length: number, random: Random): string {
  const bytes = random(length);
  // A missing byte would count as zero and make the Claim ID guessable.
  if (bytes.length < length) {
    throw new ClaimstampError('random-failed', `the random source gave ${bytes.length} bytes of ${length}`);
  }
  let uci = '';
  for (let i = 0; i < length; i++) uci += ALPHABET[(bytes[i] as number) & 31];
  return uci;
}

/** Each call to the system's generator costs about a microsecond, whatever its size: ask for many bytes at once. */
const POOL_BYTES = 4096;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/**
 * The operating system's random source, through the generator that node:crypto seeds from it. Throws `random-failed` when
 * it fails, returns constant bytes or repeats itself.
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
 * This many equal bytes in a row mean a stuck source: the repetition count test of NIST SP 800-90B, 4.4.1, for eight bits
 * a byte. By chance they occur once in 2^64 bytes.
 */
const STUCK = 9;

/** Pools whose first bytes are remembered: some 400,000 Claim IDs. */
const REMEMBERED = 1024;

/** The first 16 bytes of each: two are equal by chance once in 2^128. */
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

/** Separators that people type: spaces, hyphens, and the dashes that a word processor makes from them. */
const SEPARATORS = /[\s\-\u2010-\u2015]/g;
const CANONICAL = new RegExp(`^[${ALPHABET}]{${MIN_LENGTH},${MAX_LENGTH}}$`);

/**
 * Reads a Claim ID as people type it: lower case, separators, `O` for `0`, `I` or `L` for `1` (Crockford's decoding).
 * Undefined when the text is not a Claim ID.
 */
export function parse(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const uci = plain(text);
  return CANONICAL.test(uci) ? uci : undefined;
}

const BEGIN = new RegExp(`^[${ALPHABET}]{3,${MAX_LENGTH}}$`);

/** The first letters of a Claim ID, at least three, read as `parse` reads a complete one. */
export function parsePrefix(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const begin = plain(text);
  return BEGIN.test(begin) ? begin : undefined;
}

function plain(text: string): string {
  return text.replace(SEPARATORS, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
}

/** True for a Claim ID exactly as the ledger holds it. */
export function isCanonical(text: string): boolean {
  return CANONICAL.test(text);
}

/** For logs and messages: the last two letters only (10 of its 50 bits or more), enough to tell two labels apart. */
export function mask(uci: string): string {
  return '*'.repeat(Math.max(0, uci.length - 2)) + uci.slice(-2);
}

/** Bits of a Claim ID of `length` letters: five each. */
export function bits(length: number): number {
  return length * 5;
}

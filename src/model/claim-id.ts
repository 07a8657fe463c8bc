import { randomFillSync } from 'node:crypto';
import { ClaimstampError, refusal, messageOf } from '../platform/error.ts';

/** Crockford's base-32 letters, without I, L, O and U, in the same order as in the agent. */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Letters in a Claim ID. The agent itself makes IDs of ten letters, and its `--id` option refuses more than twenty. */
export const MIN_LENGTH = 10;
export const MAX_LENGTH = 20;
export const DEFAULT_LENGTH = 10;

/** Returns `size` bytes from a cryptographic source. Throws instead of returning fewer. */
export type Random = (size: number) => Uint8Array;

/**
 * A new Claim ID of `length` letters.
 *
 * All IDs are equally likely: each letter uses its own random byte. 256 is a multiple of 32, so the low five bits of
 * the byte select each of the 32 letters with the same chance.
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

/** A call to the system's generator takes about a microsecond for any size, so many bytes are read at once. */
const POOL_BYTES = 4096;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/**
 * Random bytes from node:crypto, whose generator is seeded by the operating system's random source. Throws
 * `random-failed` when the generator fails, returns constant bytes or repeats itself.
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
 * This many equal bytes in a row mean that the source is stuck (repetition count test of NIST SP 800-90B, 4.4.1, for
 * eight bits a byte). In a good source they occur once in 2^64 bytes.
 */
const STUCK = 9;

/** How many pools are remembered by their first bytes. These pools make about 400,000 Claim IDs. */
const REMEMBERED = 1024;

/** The first 16 bytes of each remembered pool. Two pools begin with equal bytes by chance only once in 2^128. */
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

/** Separators that people type: spaces, hyphens, and the dashes that word processors make from hyphens. */
const SEPARATORS = /[\s\-\u2010-\u2015]/g;
const CANONICAL = new RegExp(`^[${ALPHABET}]{${MIN_LENGTH},${MAX_LENGTH}}$`);

/**
 * Reads a Claim ID as people type it: lower case, with separators, `O` for `0`, `I` or `L` for `1` (Crockford's
 * decoding). Undefined when the text is not a Claim ID.
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

/** True if the text is a Claim ID, written exactly as in the ledger. */
export function isCanonical(text: string): boolean {
  return CANONICAL.test(text);
}

/** For logs and messages. Shows only the last two letters (10 of at least 50 bits), enough to tell two labels apart. */
export function mask(uci: string): string {
  return '*'.repeat(Math.max(0, uci.length - 2)) + uci.slice(-2);
}

/** How many bits a Claim ID of `length` letters has: five for each letter. */
export function bits(length: number): number {
  return length * 5;
}

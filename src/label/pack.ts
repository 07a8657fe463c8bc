import { deflateSync } from 'node:zlib';
import { defined } from '../platform/own.ts';

/*
 * Compresses the content stream of one label for the filter FlateDecode (RFC 1950, RFC 1951). The library zlib would
 * build new tables for each stream and search for repetitions at each byte. For the 2 KB of a label, each of these
 * two steps takes as long as drawing the label's codes. The characters in label streams are known in advance, and
 * most lines of a stream draw rectangles. So the tables here are fixed, and only the text at the end of each
 * rectangle is encoded as a repetition (docs/decisions/0021).
 */

/** How often each character occurs on a label. All other characters count as 1. */
const WEIGHTS: Record<string, number> = {
  ' ': 270,
  '0': 155,
  '1': 185,
  '2': 62,
  '3': 46,
  '4': 54,
  '5': 52,
  '6': 39,
  '7': 26,
  '8': 67,
  '9': 37,
  '.': 18,
  '\n': 17,
  T: 10,
  '/': 8,
  S: 7,
  m: 7,
  D: 6,
  c: 6,
  o: 6,
  f: 5,
};
const [FIRST_LETTER, LAST_LETTER] = [0x20, 0x7e];
const [END_OF_BLOCK, LENGTH_3] = [256, 257];
/** The line ends of rectangles: the repeated bytes, and how often each occurs. */
const ENDS = [
  { text: ' re\n', weight: 14 },
  { text: ' 1 re\n', weight: 62 },
  { text: ' 1 1 re\n', weight: 30 },
] as const;
const LENGTHS = ENDS.map(({ text }) => text.length);
/**
 * The maximum distance, in bytes, to the previous occurrence. If the previous occurrence is farther back, the line
 * end is written character by character.
 */
const MAX_DISTANCE = 64;
/** How often each distance symbol occurs. */
const DISTANCE_WEIGHTS = [1, 1, 1, 1, 1, 1, 36, 46, 5, 5, 8, 3];

const SPACE = 0x20;
const ONE = 0x31;
const [R, E, LINE_END] = [0x72, 0x65, 0x0a];

/**
 * A code is stored as one number. The lowest bits of the number are the length of the code. The higher bits are the
 * code itself, in the order in which its bits are written.
 */
const LENGTH_BITS = 5;
const LENGTH_MASK = 2 ** LENGTH_BITS - 1;
/** 32 bits hold a code of this length and the earlier bits that still wait to be written. */
const MAX_CODE_LENGTH = 16;

/** Returns the packed bytes. The same bytes always give the same result. */
export function pack(bytes: Uint8Array): Uint8Array {
  return packed(bytes) ?? deflateSync(bytes);
}

/** Returns undefined if a byte has no code. */
function packed(bytes: Uint8Array): Uint8Array | undefined {
  const { letters, repeats, head } = tables();
  // Each character takes at most two bytes.
  const out = Buffer.allocUnsafe(head.bytes.length + 2 * bytes.length + 16);
  out.set(head.bytes);
  let used = head.bytes.length;
  // The bits that are not yet in `out`. Before each code, there are fewer than 16 such bits.
  let waiting = head.waiting;
  let count = head.count;
  // For each of ENDS: the position where it last occurred.
  const seen = new Int32Array(ENDS.length).fill(-MAX_DISTANCE - 1);
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0;
    let code = letters[byte] ?? 0;
    let length = 1;
    const end = byte === SPACE ? endAt(bytes, at) : -1;
    if (end >= 0) {
      const distance = at - (seen[end] ?? 0);
      seen[end] = at;
      const repeat = distance <= MAX_DISTANCE ? (repeats[end * (MAX_DISTANCE + 1) + distance] ?? 0) : 0;
      if (repeat !== 0) {
        code = repeat;
        length = LENGTHS[end] ?? 0;
        // A long line end contains all shorter line ends, so these have occurred here too.
        for (let less = 0; less < end; less++) seen[less] = at + length - (LENGTHS[less] ?? 0);
      }
    }
    if (code === 0) return undefined;
    waiting |= (code >>> LENGTH_BITS) << count;
    count += code & LENGTH_MASK;
    if (count >= 16) {
      out[used++] = waiting;
      out[used++] = waiting >>> 8;
      waiting >>>= 16;
      count -= 16;
    }
    at += length;
  }
  const ending = letters[END_OF_BLOCK] ?? 0;
  waiting |= (ending >>> LENGTH_BITS) << count;
  for (count += ending & LENGTH_MASK; count > 0; count -= 8, waiting >>>= 8) out[used++] = waiting;
  return out.subarray(0, out.writeUInt32BE(adler32(bytes), used));
}

/** Returns the index in ENDS of the longest line end that begins at this space, or -1. */
function endAt(bytes: Uint8Array, at: number): number {
  let end = 0;
  while (end < ENDS.length - 1 && bytes[at + 1] === ONE && bytes[at + 2] === SPACE) {
    at += 2;
    end++;
  }
  return bytes[at + 1] === R && bytes[at + 2] === E && bytes[at + 3] === LINE_END ? end : -1;
}

/** Up to this number of bytes, the sums stay below 2^32 (RFC 1950). */
const ADLER_BYTES = 5552;
const ADLER_BASE = 65_521;

function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (let start = 0; start < bytes.length; start += ADLER_BYTES) {
    const end = Math.min(start + ADLER_BYTES, bytes.length);
    for (let at = start; at < end; at++) {
      low += bytes[at] ?? 0;
      high += low;
    }
    low %= ADLER_BASE;
    high %= ADLER_BASE;
  }
  return high * 65_536 + low;
}

/* Tables */

interface Tables {
  /** The code of each character, and of the end of the block. 0: no code. */
  letters: Uint32Array;
  /** For each of ENDS and each distance: the code of the repetition. 0: the code is too long. */
  repeats: Uint32Array;
  head: Head;
}

/** The output before the first character: complete bytes, and the remaining bits that do not fill a byte. */
interface Head {
  bytes: Uint8Array;
  waiting: number;
  count: number;
}

let made: Tables | undefined;

function tables(): Tables {
  return (made ??= makeTables());
}

function makeTables(): Tables {
  const weights = new Map<number, number>([[LINE_END, 1]]);
  for (let letter = FIRST_LETTER; letter <= LAST_LETTER; letter++) weights.set(letter, 1);
  for (const [letter, weight] of Object.entries(WEIGHTS)) weights.set(letter.charCodeAt(0), weight);
  weights.set(END_OF_BLOCK, 1);
  for (const { text, weight } of ENDS) weights.set(LENGTH_3 + text.length - 3, weight);
  const lengths = huffmanLengths(weights);
  const distanceLengths = huffmanLengths(new Map(DISTANCE_WEIGHTS.entries()));
  const letters = codesOf(lengths);
  const distances = distancesOf(codesOf(distanceLengths));
  const repeats = LENGTHS.flatMap((length) =>
    Array.from(distances, (distance) => joined(letters[LENGTH_3 + length - 3] ?? 0, distance)),
  );
  return { letters, repeats: Uint32Array.from(repeats), head: headOf(lengths, distanceLengths) };
}

/** Returns 0 if the joined code is too long. */
function joined(first: number, second: number): number {
  const [before, after] = [first & LENGTH_MASK, second & LENGTH_MASK];
  if (before + after > MAX_CODE_LENGTH) return 0;
  const bits = (first >>> LENGTH_BITS) | ((second >>> LENGTH_BITS) << before);
  return (bits << LENGTH_BITS) | (before + after);
}

/** Returns the length of each symbol's code (Huffman). The rarest symbols are joined first. */
function huffmanLengths(weights: Map<number, number>): Uint8Array {
  const lengths = new Uint8Array(Math.max(...weights.keys()) + 1);
  const groups = Array.from(weights, ([symbol, weight]) => ({ symbols: [symbol], weight }));
  while (groups.length > 1) {
    groups.sort((one, other) => other.weight - one.weight);
    const [one, other] = [defined(groups.pop()), defined(groups.pop())];
    const symbols = [...one.symbols, ...other.symbols];
    for (const symbol of symbols) lengths[symbol] = (lengths[symbol] ?? 0) + 1;
    groups.push({ symbols, weight: one.weight + other.weight });
  }
  return lengths;
}

/** Returns the symbols' codes, which follow from the lengths of the codes (RFC 1951, 3.2.2). */
function codesOf(lengths: Uint8Array): Uint32Array {
  const codes = new Uint32Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= 15; length++) {
    code <<= 1;
    for (const [symbol, own] of lengths.entries())
      if (own === length) codes[symbol] = (reversed(code++, length) << LENGTH_BITS) | length;
  }
  return codes;
}

function reversed(code: number, length: number): number {
  let turned = 0;
  for (let bit = 0; bit < length; bit++) turned |= ((code >>> bit) & 1) << (length - 1 - bit);
  return turned;
}

/** Returns the code of each distance. From symbol 4 on, extra bits follow (RFC 1951, 3.2.5). */
function distancesOf(codes: Uint32Array): Uint32Array {
  const distances = new Uint32Array(MAX_DISTANCE + 1);
  let first = 1;
  for (const [symbol, code] of codes.entries()) {
    const extra = symbol < 4 ? 0 : (symbol >> 1) - 1;
    for (let more = 0; more < 2 ** extra; more++) distances[first + more] = joined(code, (more << LENGTH_BITS) | extra);
    first += 2 ** extra;
  }
  return distances;
}

/** The order in which the lengths of the code length codes are written (RFC 1951, 3.2.7). */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/**
 * Two symbols for repetitions. `SAME` repeats the previous length 3 to 6 times. `ZEROS` repeats the length zero 11 to
 * 138 times.
 */
const SAME = { symbol: 16, least: 3, most: 6, bits: 2 };
const ZEROS = { symbol: 18, least: 11, most: 138, bits: 7 };

function headOf(letters: Uint8Array, distances: Uint8Array): Head {
  const bits: number[] = [];
  const put = (value: number, length: number): void => {
    for (let bit = 0; bit < length; bit++) bits.push((value >>> bit) & 1);
  };
  // The zlib header: method deflate, a window of 32 KB, the fastest level.
  put(0x78, 8);
  put(0x01, 8);
  // The last block, with its own tables.
  put(1, 1);
  put(2, 2);
  put(letters.length - 257, 5);
  put(distances.length - 1, 5);
  put(ORDER.length - 4, 4);
  // Of the nineteen codes, the first thirteen have four bits, and the others have five.
  const own = codesOf(Uint8Array.from(ORDER, (_, symbol) => (symbol < 13 ? 4 : 5)));
  for (const symbol of ORDER) put((own[symbol] ?? 0) & LENGTH_MASK, 3);
  const write = (symbol: number): void => put((own[symbol] ?? 0) >>> LENGTH_BITS, (own[symbol] ?? 0) & LENGTH_MASK);
  const lengths = [...letters, ...distances];
  for (let at = 0; at < lengths.length;) {
    const repeat = lengths[at] === 0 ? ZEROS : SAME;
    const repeated = repeat === ZEROS ? 0 : lengths[at - 1];
    let times = 0;
    while (times < repeat.most && lengths[at + times] === repeated) times++;
    if (times >= repeat.least) {
      write(repeat.symbol);
      put(times - repeat.least, repeat.bits);
      at += times;
    } else write(lengths[at++] ?? 0);
  }
  const bytes = Uint8Array.from({ length: bits.length >> 3 }, (_, at) => valueOf(bits.slice(8 * at, 8 * at + 8)));
  return { bytes, waiting: valueOf(bits.slice(8 * bytes.length)), count: bits.length & 7 };
}

function valueOf(bits: number[]): number {
  return bits.reduce((value, bit, at) => value | (bit << at), 0);
}

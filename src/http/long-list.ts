import { isObject } from '../model/event.ts';
import { refusal } from '../platform/error.ts';
import { MAX_NESTING } from '../platform/nesting.ts';
import { openTurns } from '../platform/turns.ts';
import { parseJson } from './read-body.ts';

/** A list in a body, and the maximum number of entries in the list. */
export interface LongList {
  name: string;
  most: number;
}

/**
 * Parses a JSON body that contains a long list, such as 20,000 units. Only a few entries are parsed at a time, and
 * agents are served between these steps. The result and the refusals are the same as those of `parseJson`.
 */
export async function parseLongList(bytes: Uint8Array, { name, most }: LongList): Promise<unknown> {
  if (bytes.byteLength < MIN_BYTES) return parseJson(bytes);
  const turn = openTurns();
  const place = await findList(bytes, name, most, turn);
  if (place === undefined) return parseJson(bytes);
  const { begin, end, commas } = place;
  const isEmpty = commas.length === 0 && bytes.subarray(begin, end).every((byte) => byte <= 0x20);
  if (isEmpty) return parseJson(bytes);
  const rest = parse(Buffer.concat([bytes.subarray(0, begin), bytes.subarray(end)]), DECODER);
  if (!isObject(rest)) return parseJson(bytes);
  const entries: unknown[] = [];
  for (const [nth, from] of [begin, ...commas.map((comma) => comma + 1)].entries()) {
    entries.push(parse(bytes.subarray(from, commas[nth] ?? end), ENTRY_DECODER));
    await turn();
  }
  return { ...rest, [name]: entries };
}

/** Smaller bodies are parsed in one step, which takes less than a millisecond. */
const MIN_BYTES = 64 * 1024;

const DECODER = new TextDecoder('utf-8', { fatal: true });
/** A byte order mark is allowed only at the beginning of the body. */
const ENTRY_DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parse(bytes: Uint8Array, decoder: typeof DECODER): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    throw refusal('invalid', 'json');
  }
}

interface Place {
  /** The position after the opening bracket. */
  begin: number;
  /** The position of the closing bracket. */
  end: number;
  /** The positions of the commas between the entries. */
  commas: number[];
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, COMMA] = Buffer.from('"\\[]{},');

/** The number of bytes to read between two checks of the clock. Reading this many bytes takes about 0.1 ms. */
const BYTES_A_LOOK = 32 * 1024;

/**
 * Finds the list in the body, which must be an object. Returns undefined if the body contains anything unusual, such as
 * no list or two lists, a name with escapes, or brackets that do not match.
 */
async function findList(
  bytes: Uint8Array,
  name: string,
  most: number,
  turn: () => Promise<void>,
): Promise<Place | undefined> {
  const scan = openScan(bytes, name, most);
  for (let from = 0; from < bytes.length; from += BYTES_A_LOOK) {
    if (!scan.read(Math.min(bytes.length, from + BYTES_A_LOOK))) return undefined;
    await turn();
  }
  return scan.found();
}

interface Scan {
  /** Reads up to this byte position. Returns false if the body contains anything unusual. */
  read: (until: number) => boolean;
  found: () => Place | undefined;
}

function openScan(bytes: Uint8Array, name: string, most: number): Scan {
  const key = Buffer.from(JSON.stringify(name));
  const commas: number[] = [];
  let [at, depth, stringAt] = [0, 0, -1];
  let isName = false;
  let [begin, end] = [-1, -1];
  const isKey = (from: number, to: number): boolean => key.equals(bytes.subarray(from, to));
  /** Handles the end of a string. Returns false if the string is the list's name and the list was already found. */
  const endString = (): boolean => {
    if (depth === 1) isName = isKey(stringAt, at + 1);
    stringAt = -1;
    return depth !== 1 || !isName || begin < 0;
  };
  /** Handles an opening bracket. */
  const open = (byte: number): boolean => {
    if (++depth > MAX_NESTING) return false;
    if (depth === 1) return byte === OPEN_OBJECT && begin < 0;
    if (depth !== 2 || !isName) return true;
    if (byte !== OPEN_LIST || begin >= 0) return false;
    begin = at + 1;
    isName = false;
    return true;
  };
  const close = (byte: number): boolean => {
    depth--;
    if (depth !== 1 || begin < 0 || end >= 0) return depth >= 0;
    end = at;
    return byte === CLOSE_LIST;
  };
  const step = (byte: number): boolean => {
    if (byte === QUOTE) stringAt = at;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) return open(byte);
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) return close(byte);
    else if (byte === COMMA && depth === 2 && begin >= 0 && end < 0) return commas.push(at) < most;
    else if (byte === COMMA && depth === 1) isName = false;
    return true;
  };
  return {
    read(until) {
      for (; at < until; at++) {
        const byte = bytes[at];
        if (byte === undefined) return false;
        if (stringAt < 0) {
          if (!step(byte)) return false;
        } else if (byte === QUOTE) {
          if (!endString()) return false;
        } else if (byte === BACKSLASH) {
          // With escapes, this string could be another spelling of the list's name.
          if (depth === 1) return false;
          at++;
        }
      }
      return true;
    },
    found: () => (end < 0 || depth !== 0 || stringAt >= 0 ? undefined : { begin, end, commas }),
  };
}

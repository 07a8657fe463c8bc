import { own } from '../platform/own.ts';
import { MAX_LOT, parts, width, type Numbering } from './serial.ts';

/* Finds out whether two S/N patterns can make the same S/N. */

/** True if two patterns can make the same S/N (ignoring case) with some sites, dates, lots and counts. */
export function canMakeSame(one: Numbering, other: Numbering): boolean {
  return formsMeet(serialForm(one), serialForm(other));
}

/** Like `canMakeSame`, for a caller that keeps the forms because it compares many patterns. */
export function formsMeet(a: SerialForm, b: SerialForm): boolean {
  if (a.longest < b.shortest || b.longest < a.shortest) return false;
  // Most patterns have no lot, so their S/Ns have one length.
  if (a.shortest === a.longest && b.shortest === b.longest) return meetEverywhere(a.places, b.places);
  const tried = new Set<number>();
  const meet = (i: number, j: number): boolean => {
    const [left, right] = [a.places[i], b.places[j]];
    if (left === undefined && right === undefined) return true;
    const step = i * (b.places.length + 1) + j;
    if (tried.has(step)) return false;
    tried.add(step);
    if (left?.optional && meet(i + 1, j)) return true;
    if (right?.optional && meet(i, j + 1)) return true;
    if (left === undefined || right === undefined) return false;
    return share(left, right) && meet(i + 1, j + 1);
  };
  return meet(0, 0);
}

/** Uses a loop, because it is fast: a catalogue that is applied compares hundreds of thousands of pairs of patterns. */
function meetEverywhere(a: readonly Place[], b: readonly Place[]): boolean {
  for (let at = 0; at < a.length; at++) {
    const [left, right] = [a[at], b[at]];
    if (left === undefined || right === undefined || !share(left, right)) return false;
  }
  return true;
}

/**
 * The possible characters at one position, in lowercase. The name of a lot can be short, so all positions after its
 * first character are optional. `low` and `high` have one bit for each character, so that two positions are compared
 * quickly.
 */
interface Place {
  chars: string;
  low: number;
  high: number;
  optional?: true;
}

/** The positions of all S/Ns of a pattern, and the lengths of the shortest and the longest S/N. */
export interface SerialForm {
  places: readonly Place[];
  shortest: number;
  longest: number;
}

const DIGITS = '0123456789';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const LOT_CHARS = `${DIGITS}${LETTERS}._-`;
/** The possible first digits of months, days, weeks and days of the year. */
const FIRST_DIGITS: Record<string, string> = { mm: '01', dd: '0123', ww: '012345', jjj: '0123' };

function share(left: Place, right: Place): boolean {
  return (left.low & right.low) !== 0 || (left.high & right.high) !== 0 || left.chars === right.chars;
}

function placeOf(chars: string): Place {
  const bits = (all: string): number =>
    Array.from(chars).reduce((sum, char) => (all.includes(char) ? sum | (1 << all.indexOf(char)) : sum), 0);
  return { chars, low: bits(LETTERS), high: bits(`${DIGITS}._-/ `) };
}

export function serialForm({ pattern, code = '' }: Numbering): SerialForm {
  const places = placesOf(pattern, code);
  return { places, shortest: places.filter(({ optional }) => !optional).length, longest: places.length };
}

function placesOf(pattern: string, code: string): readonly Place[] {
  const literal = (text: string): Place[] => Array.from(text.toLowerCase(), placeOf);
  return parts(pattern).flatMap((part): Place[] => {
    if (part.token === '') return literal(part.literal);
    if (part.token === 'code') return literal(code);
    if (part.token === 'lot') {
      const first = placeOf(LOT_CHARS);
      return [first, ...Array.from({ length: MAX_LOT - 1 }, (): Place => ({ ...first, optional: true }))];
    }
    const place = placeOf(part.token === 'site' ? DIGITS + LETTERS : DIGITS);
    const [, ...others] = Array.from({ length: width(part, {}) }, () => place);
    const begin = own(FIRST_DIGITS, part.token);
    return [begin === undefined ? place : placeOf(begin), ...others];
  });
}

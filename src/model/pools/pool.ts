import { type Identity } from '../body.ts';
import { countedFrom, DEFAULT_IDENTITY } from '../identity/placeholders.ts';
import { identityKey, NEVER_MACS } from '../identity/spelling.ts';
import type { Product } from '../product.ts';
import { canMakeSame } from '../same-serials.ts';
import { lookalikeLengths } from '../serial.ts';
import { defined, own } from '../../platform/own.ts';
import { POOL } from './settings.ts';

/** A range of numbers. `from` and `to` are its first and its last number. */
export interface NumberRange {
  /** `mac`, `eui64`, or a pattern such as `LIC-{seq:6}`. */
  space: string;
  from: bigint;
  to: bigint;
}

export interface Pool {
  property: string;
  ranges: NumberRange[];
}

/** The number of hexadecimal digits in a number of each kind. */
const DIGITS: { [space: string]: number } = { mac: 12, eui64: 16 };

/** The hexadecimal digits of an OUI, which the IEEE assigns to a maker. */
const OUI_DIGITS = 6;

/** A pattern in a pool has one count, and otherwise only letters, digits and signs that need no quotation marks. */
const PATTERN = /^([A-Za-z0-9._/-]{0,24})\{seq:([1-9])\}([A-Za-z0-9._/-]{0,24})$/;

const ADDRESSES = /^((?:[0-9A-F]{2}[:.]?){5,7}[0-9A-F]{2})-((?:[0-9A-F]{2}[:.]?){5,7}[0-9A-F]{2})$/i;
const COUNTS = /^(.+):(\d{1,9})-(\d{1,9})$/;

/** Returns undefined if the text is not a range. The range may still have problems (`rangeProblem`). */
export function parseRange(text: string): NumberRange | undefined {
  const [, pattern = '', first = '', last = ''] = COUNTS.exec(text) ?? [];
  if (PATTERN.test(pattern)) return { space: pattern, from: BigInt(first), to: BigInt(last) };
  const [from, to] = (ADDRESSES.exec(text) ?? []).slice(1).map((address) => address.replace(/[:.]/g, ''));
  const space = Object.keys(DIGITS).find((one) => own(DIGITS, one) === from?.length);
  if (from === undefined || space === undefined || to?.length !== from.length) return undefined;
  return { space, from: BigInt(`0x${from}`), to: BigInt(`0x${to}`) };
}

/** Returns the property of a pool, and its ranges as they are written. */
export function splitPool(text: string): { property: string; ranges: string[] } {
  const [, property = '', ranges = ''] = POOL.exec(text) ?? [];
  return { property, ranges: ranges.split('+') };
}

/**
 * The parsed pools of each product, so that each list of texts is parsed only once. Until a list is changed, it remains
 * the same object.
 */
const known = new WeakMap<readonly string[], Pool[]>();

/** Returns the pools of a product. Ranges that cannot be read are left out; the service refuses such ranges. */
export function poolsOf({ pools }: Pick<Product, 'pools'>): Pool[] {
  if (pools === undefined) return [];
  const read = known.get(pools) ?? pools.map(readPool);
  known.set(pools, read);
  return read;
}

function readPool(text: string): Pool {
  const { property, ranges } = splitPool(text);
  return { property, ranges: ranges.flatMap((range) => parseRange(range) ?? []) };
}

export type RangeProblem = 'order' | 'oui' | 'multicast' | 'local' | 'placeholder' | 'lookalike' | 'digits' | 'first';

/** Returns the problem of a range, and the wrong number in it. */
export function rangeProblem(range: NumberRange): { problem: RangeProblem; number: string } | undefined {
  const { space, from, to } = range;
  const at = (problem: RangeProblem, number = from) => ({ problem, number: valueOf(range, number) });
  if (to < from) return at('order', to);
  const digits = own(DIGITS, space);
  if (digits === undefined) return patternProblem(range);
  const shift = BigInt(4 * (digits - OUI_DIGITS));
  if (from >> shift !== to >> shift) return at('oui', to);
  const firstByte = from >> BigInt(4 * (digits - 2));
  if ((firstByte & 1n) !== 0n) return at('multicast');
  if ((firstByte & 2n) !== 0n) return at('local');
  const placeholder = placeholders(digits, from).find((number) => number >= from && number <= to);
  return placeholder === undefined ? undefined : at('placeholder', placeholder);
}

function patternProblem(range: NumberRange): { problem: RangeProblem; number: string } | undefined {
  const { space, from, to } = range;
  const [, before = '', digits = '', after = ''] = PATTERN.exec(space) ?? [];
  if (String(to).length > Number(digits)) return { problem: 'digits', number: String(to) };
  // A number without a letter could be a placeholder such as 00000000, or be mistaken for another number.
  if (from === 0n || !/[A-Za-z]/.test(before + after)) return { problem: 'first', number: valueOf(range, from) };
  if (lookalikeLengths(space).length > 0) return { problem: 'lookalike', number: valueOf(range, from) };
  return undefined;
}

/**
 * Returns the numbers of this length that identify no device: known placeholders, one repeated digit, and bytes that
 * count in equal steps from the first two bytes of `from`.
 */
function placeholders(digits: number, from: bigint): bigint[] {
  const repeated = Array.from('0123456789abcdef', (digit) => digit.repeat(digits));
  const known = DEFAULT_IDENTITY.placeholders.flatMap((text) => identityKey(text) ?? []);
  const counted = countedFrom(from.toString(16).padStart(digits, '0'), digits) ?? '';
  return [...repeated, ...known, counted].filter((key) => key.length === digits).map((key) => BigInt(`0x${key}`));
}

/** True if the ranges have a number in common, or numbers that could be mistaken for each other. */
export function overlap(one: NumberRange, other: NumberRange): boolean {
  if (one.space === other.space) return one.from <= other.to && other.from <= one.to;
  if (own(DIGITS, one.space) !== undefined || own(DIGITS, other.space) !== undefined) return false;
  return canMakeSame({ pattern: one.space }, { pattern: other.space });
}

export function sizeOf({ from, to }: NumberRange): number {
  return Number(to - from) + 1;
}

/**
 * The name of the range's counter. The end of a range may be changed later, so the name does not contain the end. No
 * S/N counter has this name, because the names of S/N counters contain a "#".
 */
export function counterName(range: NumberRange): string {
  return `pool ${valueOf(range, range.from)}`;
}

/** Returns the number at this place in the range. The first number is at place 1. */
export function numberAt(range: NumberRange, place: number): string {
  return valueOf(range, range.from + BigInt(place - 1));
}

function valueOf({ space }: NumberRange, number: bigint): string {
  const digits = own(DIGITS, space);
  if (digits !== undefined) {
    const pairs = number.toString(16).toUpperCase().padStart(digits, '0').match(/../g);
    return defined(pairs ?? undefined).join(':');
  }
  const [, before = '', width = '1', after = ''] = PATTERN.exec(space) ?? [];
  return before + String(number).padStart(Number(width), '0') + after;
}

/** Returns the place of a number in the range. Returns undefined if the range does not have this number. */
export function placeIn(range: NumberRange, value: string): number | undefined {
  const number = numberOf(range.space, value);
  return number === undefined || number < range.from || number > range.to ? undefined : Number(number - range.from) + 1;
}

function numberOf(space: string, value: string): bigint | undefined {
  const digits = own(DIGITS, space);
  if (digits !== undefined) {
    const key = identityKey(value);
    return key?.length === digits ? BigInt(`0x${key}`) : undefined;
  }
  const [, before = '', width = '', after = ''] = PATTERN.exec(space) ?? [];
  const middle = value.slice(before.length, value.length - after.length);
  const fits = middle.length === Number(width) && /^\d+$/.test(middle) && value === before + middle + after;
  return fits ? BigInt(middle) : undefined;
}

/** Returns the part of the range up to this place, in the form that people write. */
export function rangeText(range: NumberRange, upTo: number = sizeOf(range)): string {
  const { space, from } = range;
  const plain = (place: number): string => numberAt(range, place).replaceAll(':', '');
  if (own(DIGITS, space) !== undefined) return `${plain(1)}-${plain(upTo)}`;
  return `${space}:${from}-${from + BigInt(upTo - 1)}`;
}

/** Returns the number as an identity of a unit. */
export function identityOfNumber(property: string, value: string): Identity {
  const key = NEVER_MACS.includes(property) ? undefined : identityKey(value);
  return key === undefined ? [property, value] : [property, value, key];
}

import { type ClaimstampError, refusal } from '../platform/error.ts';
import { MAX_LENGTH, MIN_LENGTH, parse } from './claim-id.ts';
import { own, defined } from '../platform/own.ts';

/**
 * An S/N pattern contains plain letters and tokens in braces. Dates are in UTC. `{yy}` and `{yyyy}` are the calendar
 * year, or the ISO 8601 week-year if the pattern has `{ww}`. `{seq:N}` is a count of N digits and must occur exactly
 * once. Each prefix has its own count. `{site}` is the code of the site whose service makes the S/N.
 */

/**
 * S/Ns contain the site and the product's code, so two sites or two products never make the same S/N. Claim IDs have no
 * letter U, so no S/N with a U can be read as a Claim ID.
 */
const DEFAULT_PATTERN = '{site}{code}{yy}{ww}U{seq:7}';

/** Returns the pattern of a new product. If no site is set, the pattern has no `{site}`. */
export function defaultPattern(site: string | undefined): string {
  return site === undefined ? DEFAULT_PATTERN.replace('{site}', '') : DEFAULT_PATTERN;
}

/**
 * Every site code has this length. Otherwise, site A with product B1 and site AB with product 1 would make the same
 * S/Ns. The fixed length also lets the ledger read S/Ns of other sites and of its own former site.
 */
const SITE_LENGTH = 2;
export const SITE = /^[A-Z0-9]{2}$/;

const TOKEN = /\{(site|code|lot|yyyy|yy|mm|dd|ww|jjj|seq:([1-9]))\}/g;
/** These characters are easy to read on a label and can be printed as Code 128. */
const LITERAL = /^[A-Za-z0-9._/ -]*$/;
/** The tokens for dates, and their widths in characters. */
const WIDTHS: Record<string, number> = { yyyy: 4, yy: 2, mm: 2, dd: 2, ww: 2, jjj: 3 };

/** The longest S/N, in characters. An S/N this long fits in 50 mm as Code 128 (two dots per module, 203 dpi). */
export const MAX_SERIAL = 32;
export const MAX_LOT = 16;
const SERIAL = /^[A-Za-z0-9][A-Za-z0-9._/ -]{0,31}$/;

export interface SerialContext {
  site?: string | undefined;
  code?: string | undefined;
  lot?: string | undefined;
}

export interface Part {
  token: string;
  literal: string;
  digits: number;
}

/**
 * Remembers the last result of `make`, and returns that result if the arguments are the same. This happens often,
 * because a production line makes the same product for hours.
 */
function keepLast<A extends unknown[], R>(make: (...args: A) => R): (...args: A) => R {
  let last: { args: A; made: R } | undefined;
  return (...args) => {
    if (!last || args.some((arg, index) => arg !== last?.args[index])) last = { args, made: make(...args) };
    return last.made;
  };
}

export const parts = keepLast(split);

function split(pattern: string): readonly Part[] {
  const found: Part[] = [];
  let end = 0;
  for (const match of pattern.matchAll(TOKEN)) {
    if (match.index > end) found.push({ token: '', literal: pattern.slice(end, match.index), digits: 0 });
    const [all, word = '', digits] = match;
    found.push({ token: digits === undefined ? word : 'seq', literal: '', digits: Number(digits ?? 0) });
    end = match.index + all.length;
  }
  if (end < pattern.length) found.push({ token: '', literal: pattern.slice(end), digits: 0 });
  return found;
}

/** Returns all problems of a pattern as sentences. The list is empty if the pattern can be used. */
export function patternProblems(pattern: string, code?: string): string[] {
  const problems: string[] = [];
  const all = parts(pattern);
  const counters = all.filter((part) => part.token === 'seq').length;
  if (counters !== 1) problems.push(`needs exactly one {seq:N} with N from 1 to 9, has ${counters}`);
  for (const { literal } of all) {
    if (!LITERAL.test(literal)) {
      problems.push(
        `has "${literal}": letters, digits, ". _ / -", spaces and {site} {code} {lot} {yyyy} {yy} {mm} {dd} {ww} {jjj} {seq:N} are allowed`,
      );
    }
  }
  // A pattern must not begin or end with a space, because scanned texts are trimmed. Tokens need no check, because a
  // token never produces a space.
  if (!/^[A-Za-z0-9{]/.test(pattern)) problems.push('must begin with a letter or digit');
  if (pattern.endsWith(' ')) problems.push('must not end with a space');
  if (all.some((part) => part.token === 'code') && code === undefined) {
    problems.push('uses {code} but the product has no code');
  }
  const [, longest] = lengths(all, { code });
  if (longest > MAX_SERIAL)
    problems.push(`can be ${longest} characters long, but at most ${MAX_SERIAL} characters fit a label`);
  return problems;
}

/** Returns the lengths in characters of the shortest and the longest S/N of a pattern, including separators. */
function lengths(all: readonly Part[], context: SerialContext): [number, number] {
  const lot = all.filter((part) => part.token === 'lot').length;
  const fixed = all.filter((part) => part.token !== 'lot').reduce((sum, part) => sum + width(part, context), 0);
  return [fixed + lot, fixed + lot * MAX_LOT];
}

export function width(part: Part, context: SerialContext): number {
  if (part.token === 'seq') return part.digits;
  if (part.token === 'site') return SITE_LENGTH;
  if (part.token === 'code') return context.code?.length ?? 0;
  if (part.token === 'lot') return context.lot?.length ?? 0;
  return part.token === '' ? part.literal.length : defined(own(WIDTHS, part.token));
}

/**
 * If S/Ns of this pattern could be mistaken for Claim IDs, returns the lengths of these Claim IDs. The list is usually
 * empty. The lot is not known in advance, so the check considers all lots of an allowed length.
 */
export function lookalikeLengths(pattern: string, code?: string): number[] {
  const all = parts(pattern);
  const fixed = all.map((part) => (part.token === 'code' ? (code ?? '') : part.literal)).join('');
  // If an S/N contains a character that nobody types in a Claim ID, the S/N cannot be mistaken for a Claim ID.
  if (/[^0-9A-TV-Z\s-]/i.test(fixed)) return [];
  const separators = fixed.length - fixed.replace(/[\s-]/g, '').length;
  const [shortest, longest] = lengths(all, { code });
  const possible: number[] = [];
  for (let length = MIN_LENGTH; length <= MAX_LENGTH; length++) {
    if (length >= shortest - separators && length <= longest - separators) possible.push(length);
  }
  return possible;
}

/** True if the S/Ns of this pattern contain the site. */
export function hasSite(pattern: string): boolean {
  return parts(pattern).some((part) => part.token === 'site');
}

/** True if the S/Ns of this pattern contain a date. */
export function hasDate(pattern: string): boolean {
  return parts(pattern).some((part) => own(WIDTHS, part.token) !== undefined);
}

/** True if a printed S/N could be read as a Claim ID of one of these lengths (promise 9). */
export function looksLikeClaimId(serial: string, claimIdLengths: Iterable<number>): boolean {
  const read = parse(serial);
  return read !== undefined && [...claimIdLengths].includes(read.length);
}

export function isSerial(text: string): boolean {
  return SERIAL.test(text) && !text.endsWith(' ');
}

/** A pattern for one point in time. Everything except the count is filled in. Each `prefix` has its own counter. */
export interface SerialSlot {
  prefix: string;
  before: string;
  after: string;
  digits: number;
}

/** Throws `site-missing` if the pattern has `{site}` and the service has no site. */
export function openSerial(pattern: string, at: number, { site, code, lot }: SerialContext): SerialSlot {
  if (site === undefined && hasSite(pattern)) throw siteMissing(pattern);
  return slotOn(Math.floor(at / DAY_MS), pattern, site, code, lot);
}

export function siteMissing(pattern: string): ClaimstampError {
  return refusal('site-missing', 'pattern', { pattern, site: '{site}', setting: 'CLAIMSTAMP_SITE' });
}

/**
 * Returns the counters of the same pattern with fewer digits in the count, most digits first. If the pattern is changed
 * so that the count has more digits, counting continues from these counters.
 */
export function narrowerPrefixes({ before, after, digits }: SerialSlot): string[] {
  return Array.from({ length: digits - 1 }, (_, less) => before + '#'.repeat(digits - 1 - less) + after);
}

/** Returns how many S/Ns the pattern can make with one prefix, for example in one week. */
export function counterCapacity(pattern: string): number {
  const counter = parts(pattern).find((part) => part.token === 'seq');
  return counter === undefined ? 0 : 10 ** counter.digits - 1;
}

/** The percentages of a counter at which people are warned. The count never gets more digits automatically. */
const WARNINGS = [95, 80, 50] as const;

/** Returns the highest percentage in WARNINGS that the count has reached, or undefined if it has reached none. */
export function counterWarning(capacity: number, count: number): (typeof WARNINGS)[number] | undefined {
  return WARNINGS.find((percent) => count * 100 >= capacity * percent);
}

const DAY_MS = 86_400_000;

const slotOn = keepLast(
  (
    day: number,
    pattern: string,
    site: string | undefined,
    code: string | undefined,
    lot: string | undefined,
  ): SerialSlot => {
    const all = parts(pattern);
    const dates = dateTokens(
      day * DAY_MS,
      all.some((part) => part.token === 'ww'),
    );
    const render = (part: Part): string => {
      if (part.token === '') return part.literal;
      if (part.token === 'site') return site ?? '';
      if (part.token === 'code') return code ?? '';
      if (part.token === 'lot') return lot ?? '';
      return defined(dates[part.token]);
    };
    const counter = all.findIndex((part) => part.token === 'seq');
    const before = all.slice(0, counter).map(render).join('');
    const after = all
      .slice(counter + 1)
      .map(render)
      .join('');
    const digits = defined(all[counter]).digits;
    return { prefix: before + '#'.repeat(digits) + after, before, after, digits };
  },
);

/** Returns the highest count of a counter. */
export function lastOf({ digits }: SerialSlot): number {
  return 10 ** digits - 1;
}

/** Returns the S/N for a count, which must not be above `lastOf`. */
export function renderSerial(slot: SerialSlot, count: number): string {
  const digits = String(count).padStart(slot.digits, '0');
  if (digits.length > slot.digits) throw new Error(`${count} does not fit into ${slot.prefix}`);
  return slot.before + digits + slot.after;
}

/**
 * Splits an S/N into the counter's prefix and the count, so that counters can be rebuilt from events. Returns undefined
 * if the pattern did not make this S/N.
 */
export function counterOf(
  pattern: string,
  serial: string,
  context: SerialContext,
): { prefix: string; count: number } | undefined {
  const { start, end, length } = counterPlace(pattern, context.code, context.lot);
  const digits = serial.slice(start, end);
  if (serial.length !== length || !/^\d+$/.test(digits)) return undefined;
  return { prefix: serial.slice(0, start) + '#'.repeat(end - start) + serial.slice(end), count: Number(digits) };
}

/** True if the pattern can make this S/N (ignoring case) with some date, lot and count. */
export function isOfPattern(pattern: string, serial: string, code?: string): boolean {
  return shapeOf(pattern, code).test(serial);
}

const SHAPES: Record<string, string> = {
  yyyy: String.raw`\d{4}`,
  yy: String.raw`\d{2}`,
  mm: '(?:0[1-9]|1[0-2])',
  dd: '(?:0[1-9]|[12]\\d|3[01])',
  ww: '(?:0[1-9]|[1-4]\\d|5[0-3])',
  jjj: '(?:[0-2]\\d\\d|3[0-6]\\d)',
  lot: `[A-Za-z0-9._-]{1,${MAX_LOT}}`,
  site: `[A-Z0-9]{${SITE_LENGTH}}`,
};

const shapeOf = keepLast((pattern: string, code: string | undefined): RegExp => {
  const literal = (text: string): string => text.replace(/[.\\/-]/g, String.raw`\$&`);
  const shapes = parts(pattern).map((part) => {
    if (part.token === 'seq') return String.raw`\d{${part.digits}}`;
    return own(SHAPES, part.token) ?? literal(part.token === 'code' ? (code ?? '') : part.literal);
  });
  return new RegExp(`^${shapes.join('')}$`, 'i');
});

/** A product's S/N pattern, with the product's code. */
export interface Numbering {
  pattern: string;
  code?: string | undefined;
}

/** Returns the position of the count in an S/N of this pattern, and the length of the S/N. */
const counterPlace = keepLast((pattern: string, code: string | undefined, lot: string | undefined) => {
  const all = parts(pattern);
  const counter = all.findIndex((part) => part.token === 'seq');
  const wide = (some: readonly Part[]): number => some.reduce((sum, part) => sum + width(part, { code, lot }), 0);
  const start = wide(all.slice(0, counter));
  return { start, end: start + defined(all[counter]).digits, length: wide(all) };
});

function dateTokens(at: number, isoYear: boolean): Record<string, string> {
  const date = new Date(at);
  const week = isoWeek(date);
  const year = String(isoYear ? week.year : date.getUTCFullYear());
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = Math.floor(
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 0)) /
      DAY_MS,
  );
  return {
    yyyy: year.padStart(4, '0'),
    yy: year.slice(-2),
    mm: two(date.getUTCMonth() + 1),
    dd: two(date.getUTCDate()),
    ww: two(week.week),
    jjj: String(day).padStart(3, '0'),
  };
}

/**
 * Returns the ISO 8601 week of a date, and the year of this week. Each week belongs to the year that contains its
 * Thursday. Week 1 is the week with the first Thursday of the year.
 */
function isoWeek(date: Date): { year: number; week: number } {
  const weekday = (date.getUTCDay() + 6) % 7;
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 3 - weekday));
  const year = thursday.getUTCFullYear();
  return { year, week: 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) };
}

/** The beginning and the end of the period that one counter of this pattern covers, in ms since 1970. */
export interface CounterPeriod {
  from: number;
  until: number;
}

/** Returns the period of the counter that is used at the time `at`. Returns undefined if the pattern has no date. */
export function counterPeriod(pattern: string, at: number): CounterPeriod | undefined {
  const tokens = new Set(parts(pattern).map(({ token }) => token));
  const date = new Date(at);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const between = (from: number, until: number): CounterPeriod => ({ from, until });
  if (tokens.has('dd') || tokens.has('jjj')) return between(Date.UTC(year, month, day), Date.UTC(year, month, day + 1));
  if (tokens.has('ww')) {
    const monday = day - ((date.getUTCDay() + 6) % 7);
    return between(Date.UTC(year, month, monday), Date.UTC(year, month, monday + 7));
  }
  if (tokens.has('mm')) return between(Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1));
  if (tokens.has('yy') || tokens.has('yyyy')) return between(Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1));
  return undefined;
}

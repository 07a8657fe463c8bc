import { defined } from '../platform/own.ts';
import { isCanonical, mask, MIN_LENGTH, plainLetters } from './claim-id.ts';

/*
 * Auditors never get a complete Claim ID. A Claim ID may be anywhere in a text: in a note, in the body of a device's
 * request, in an address. So every run of ten letters is looked up as the beginning of a Claim ID, and each Claim ID
 * that is in the ledger is masked. Other texts, such as S/Ns, are not changed. Masking takes time in proportion to the
 * length of the text.
 */

/** For each Claim ID, the number of its unit, or null if the auditor must not see the unit. */
export type UnitNumbers = ReadonlyMap<string, number | null>;

/**
 * Masks the Claim ID of a unit. The unit's number follows the last two letters, because these letters are not enough to
 * find a unit: `********WQ.17`.
 */
export function maskedUnit({ uci, id }: { uci: string; id: number }): string {
  return `${mask(uci)}.${id}`;
}

/** Returns the unit number in a masked Claim ID, or undefined if the text is not a masked Claim ID. */
export function numberIn(masked: string): number | undefined {
  const number = /^\*{8,18}[0-9A-Z]{2}\.([1-9][0-9]{0,14})$/.exec(masked.trim())?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The letters and digits of a text as `parse` returns them, each with its position in the text. */
interface Letters {
  plain: string;
  begins: number[];
  ends: number[];
}

/** Matches a JSON escape, such as `\n`. The letters after an escape may be a Claim ID. */
const ESCAPED = /\\(?:u[0-9a-fA-F]{4}|[bfnrt])/g;

/** The maximum number of other characters between two letters of a Claim ID. Spaces and dashes are not counted. */
const MAX_SIGNS = 2;
const SPACE = /[\s\-\u2010-\u2015]/;

/** Separates letters that are too far apart to belong to one Claim ID. No Claim ID contains this character. */
const BREAK = '.';

/**
 * Reads all letters of a text. A backslash may begin an escape, or may simply precede a letter of a Claim ID, as in
 * `C:\f…`. So a text that contains backslashes is read in both ways.
 */
function readings(text: string): Letters[] {
  const blanked = text.replace(ESCAPED, (escape) => ' '.repeat(escape.length));
  return blanked === text ? [lettersOf(text)] : [lettersOf(text), lettersOf(blanked)];
}

function lettersOf(text: string): Letters {
  let plain = '';
  let [at, signs] = [0, 0];
  const [begins, ends]: [number[], number[]] = [[], []];
  const add = (letters: string, begin: number): void => {
    plain += letters;
    for (let n = 0; n < letters.length; n++) {
      begins.push(begin);
      ends.push(at);
    }
  };
  for (const sign of text) {
    const begin = at;
    at += sign.length;
    const letters = lettersIn(sign);
    if (letters === undefined) {
      if (!SPACE.test(sign)) signs++;
      continue;
    }
    if (signs > MAX_SIGNS) add(BREAK, begin);
    signs = 0;
    add(letters, begin);
  }
  return { plain, begins, ends };
}

/**
 * Returns the letters that a character stands for. Full-width and other forms of a letter count as the plain letter
 * (NFKC).
 */
function lettersIn(sign: string): string | undefined {
  const letters = (sign < '\u0080' ? sign : sign.normalize('NFKC')).toUpperCase();
  return /^[0-9A-Z]+$/.test(letters) ? plainLetters(letters) : undefined;
}

/**
 * Finds everything in a text, or in the strings of a JSON value, that could be a Claim ID. Returns the first letters
 * of each possible Claim ID.
 */
export function beginningsIn(json: unknown): string[] {
  const found = new Set<string>();
  const search = onceForEach((text) => {
    if (text.length >= MIN_LENGTH) for (const { plain } of readings(text)) addBeginnings(plain, found);
    return text;
  });
  withTexts(json, search);
  return [...found];
}

function addBeginnings(plain: string, found: Set<string>): void {
  for (let from = 0; from + MIN_LENGTH <= plain.length; from++) {
    const beginning = plain.slice(from, from + MIN_LENGTH);
    if (isCanonical(beginning)) found.add(beginning);
  }
}

interface Spelled {
  begin: number;
  end: number;
  uci: string;
}

function* spelledIn(text: string, byBeginning: Map<string, string[]>): Generator<Spelled> {
  for (const { plain, begins, ends } of readings(text))
    for (let from = 0; from + MIN_LENGTH <= plain.length; from++)
      for (const uci of byBeginning.get(plain.slice(from, from + MIN_LENGTH)) ?? [])
        if (plain.startsWith(uci, from))
          yield { begin: defined(begins[from]), end: defined(ends[from + uci.length - 1]), uci };
}

/**
 * Masks the Claim IDs of these units in a text. If two Claim IDs overlap, every letter of both is replaced by a star.
 */
export function maskText(text: string, numbers: UnitNumbers): string {
  return masker(numbers)(text);
}

function masker(numbers: UnitNumbers): (text: string) => string {
  const byBeginning = new Map<string, string[]>();
  for (const uci of numbers.keys()) {
    const beginning = uci.slice(0, MIN_LENGTH);
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), uci]);
  }
  return (text) => {
    if (numbers.size === 0 || text.length < MIN_LENGTH) return text;
    const found = [...spelledIn(text, byBeginning)].toSorted((a, b) => a.begin - b.begin || b.end - a.end);
    let shown = '';
    let at = 0;
    for (const { begin, end, uci } of found) {
      if (end <= at) continue;
      const id = numbers.get(uci) ?? null;
      const isWhole = begin >= at && id !== null;
      shown += text.slice(at, Math.max(at, begin));
      shown += isWhole ? maskedUnit({ uci, id }) : '*'.repeat(end - Math.max(at, begin));
      at = end;
    }
    return shown + text.slice(at);
  };
}

/**
 * Returns the same JSON with its strings replaced. Member names and numbers are also changed, because they may contain
 * Claim IDs.
 */
function withTexts(json: unknown, change: (text: string) => string): unknown {
  if (typeof json === 'string') return change(json);
  if (typeof json === 'number') {
    const text = String(json);
    const changed = isCanonical(text) ? change(text) : text;
    return changed === text ? json : changed;
  }
  if (Array.isArray(json)) return json.map((one) => withTexts(one, change));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [change(name), withTexts(value, change)]));
}

export function maskJson(json: unknown, numbers: UnitNumbers): unknown {
  return withTexts(json, onceForEach(masker(numbers)));
}

/**
 * Remembers the result for each text, because the same texts occur many times in a list (each unit's product, for
 * example).
 */
function onceForEach(change: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const changed = known.get(text) ?? change(text);
    known.set(text, changed);
    return changed;
  };
}

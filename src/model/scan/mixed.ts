import { parsePrefix } from '../claim-id.ts';
import { isCutOpenly } from './cut.ts';
import { isBeginOf } from './qr.ts';
import { MAX_SERIAL } from '../serial.ts';
import type { KnownCodes, ScanRules } from './known.ts';

/*
 * Recognises text from two scans that became one text. Either the second code follows the first without a separator, or
 * two scanners at one computer sent their letters at the same time.
 */

/**
 * The maximum number of steps in a search. Each step looks up the beginning of a code in a few microseconds, so a
 * search takes at most 20 ms.
 */
const MAX_STEPS = 3000;

/**
 * The maximum number of letters that all steps together compare. A step that compares a long address takes longer, so
 * this limit allows fewer such steps.
 */
const MAX_LETTERS = 200_000;

/**
 * True if the text is one code plus the rest of another. Also true if the letters can be split into two codes without
 * changing the order of the letters.
 *
 * The answer must not help someone guess a Claim ID letter by letter. So the answer never depends on the first letters
 * of a Claim ID, but only on complete Claim IDs.
 */
export function isMixed(text: string, rules: ScanRules, known: KnownCodes, isHeld: (text: string) => boolean): boolean {
  const search = tests(rules, known, isHeld);
  return hasCodeAtEnd(text, search) || isDivided(text, search);
}

/**
 * True if the text is a unit's code with other letters before or after the code. These letters may be the rest of
 * another code.
 */
function hasCodeAtEnd(text: string, { isWhole, isRest, starts }: Tests): boolean {
  const lengths = Array.from({ length: MAX_SERIAL + 1 - MIN_CODE }, (_, more) => MIN_CODE + more);
  const splits = new Set([...lengths.flatMap((length) => [length, text.length - length]), ...startsIn(text, starts)]);
  for (const at of splits) {
    if (at <= 0 || at >= text.length) continue;
    const [head, tail] = [text.slice(0, at), text.slice(at)];
    if (isWhole(head) && isRest(tail)) return true;
    if (isWhole(tail) && isRest(head)) return true;
  }
  return false;
}

/** Returns the positions at which a long code may begin. Long codes always begin with the same letters. */
function startsIn(text: string, starts: readonly string[]): number[] {
  const lower = text.toLowerCase();
  return starts.flatMap((start) => {
    const found: number[] = [];
    for (let at = lower.indexOf(start, 1); at !== -1 && found.length < MAX_STARTS; at = lower.indexOf(start, at + 1))
      found.push(at);
    return found;
  });
}

const MAX_STARTS = 8;

/**
 * The minimum number of letters of a code that has no fixed beginning. The maximum is MAX_SERIAL, because Claim IDs and
 * MACs are not longer than the longest S/N. An S/N with fewer letters may occur in other text by accident.
 */
const MIN_CODE = 6;

function isDivided(text: string, { begins, isWhole, isOpenBegin }: Tests): boolean {
  const tried = new Set<string>();
  /**
   * The letters before position `at` are already assigned to two codes. `last` is the code that the previous letter was
   * assigned to. The next letter is tried on `last` first, because a scanner sends several letters in a row.
   */
  const stack: [last: string, other: string][] = [['', '']];
  let letters = 0;
  for (let steps = 0; steps < MAX_STEPS && letters < MAX_LETTERS; steps++) {
    const [last, other] = stack.pop() ?? [];
    if (last === undefined || other === undefined) return false;
    const at = last.length + other.length;
    const letter = text[at];
    letters += at;
    if (letter === undefined) {
      const [one, two] = [isWhole(last), isWhole(other)];
      if (last !== '' && other !== '' && ((one && two) || (one && isOpenBegin(other)) || (two && isOpenBegin(last))))
        return true;
      continue;
    }
    const pair = `${last}\n${other}`;
    if (tried.has(pair)) continue;
    tried.add(pair);
    // The pair that was pushed last is tried first.
    if (begins(other + letter)) stack.push([other + letter, last]);
    if (begins(last + letter)) stack.push([last + letter, other]);
  }
  return false;
}

interface Tests {
  /** True if a unit has a code that begins with this text. */
  begins: (text: string) => boolean;
  /** True if the text is a code of a unit. */
  isWhole: (text: string) => boolean;
  /** True if a code that is not secret (an S/N, an identity value or an address) begins with this text. */
  isOpenBegin: (text: string) => boolean;
  /** True if the text can be the rest of a code. */
  isRest: (text: string) => boolean;
  /** The first letters (in lowercase) of codes that can be longer than an S/N. */
  starts: readonly string[];
}

/** Matches a symbology identifier of ISO/IEC 15424, or only its beginning. */
const SYMBOLOGY = /^\](?:[A-Za-z][0-9A-Za-z]?)?/;

/** How many letters of an address are needed to recognise its beginning. */
const START_LETTERS = 8;

function tests(rules: ScanRules, known: KnownCodes, isHeld: (text: string) => boolean): Tests {
  const { qrs, prefix } = rules;
  const bare = (text: string): string => {
    const rest = prefix !== '' && text.startsWith(prefix) ? text.slice(prefix.length) : text;
    return rest.replace(SYMBOLOGY, '').trim();
  };
  const beginsId = (text: string): boolean => {
    const letters = text.length < 3 ? text.toUpperCase() : parsePrefix(text);
    return letters !== undefined && known.beginsClaimId(letters);
  };
  const isOpenBegin = (text: string): boolean => {
    const code = bare(text);
    const digits = code.replace(/[:\-. ]/g, '').toLowerCase();
    return (
      code === '' ||
      prefix.startsWith(text) ||
      known.beginsSerial(code) ||
      (/^[0-9a-f]{1,16}$/.test(digits) && known.beginsIdentity(digits)) ||
      isBeginOf(code, qrs)
    );
  };
  const begins = (text: string): boolean => isOpenBegin(text) || beginsId(bare(text));
  const isWhole = remember(isHeld);
  const isRest = (text: string): boolean =>
    /^[0-9A-TV-Z]{1,20}$/i.test(text) || isOpenBegin(text) || isWhole(text) || isCutOpenly(bare(text), rules, known);
  const addresses = qrs.map((qr) => qr.slice(0, Math.min(START_LETTERS, qr.indexOf('{uci}'))).toLowerCase());
  // The beginnings of a symbology identifier, of an ISO/IEC 15434 message, and of a GTIN in an element string.
  const starts = [...new Set([...addresses, ']', '[)>', '01'])].filter((start) => start !== '');
  return { begins: remember(begins), isWhole, isOpenBegin, isRest, starts };
}

function remember(test: (text: string) => boolean): (text: string) => boolean {
  const kept = new Map<string, boolean>();
  return (text) => {
    const known = kept.get(text) ?? test(text);
    kept.set(text, known);
    return known;
  };
}

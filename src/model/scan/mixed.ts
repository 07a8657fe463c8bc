import { identityKey } from '../body.ts';
import { parse, parsePrefix } from '../claim-id.ts';
import { claimIdIn, isBeginOf } from './qr.ts';
import type { KnownCodes, ScanRules } from './known.ts';

/*
 * Recognises text that two scans made together: one after the other without a suffix, or letter by letter from two
 * scanners at one computer.
 */

/**
 * The number of steps of the search. Each step looks up the beginning of a code, which takes some microseconds, so a
 * search takes 20 ms at most.
 */
const MAX_STEPS = 3000;

/**
 * True if the letters of the text can be divided into two codes, each with its letters in order. One of the two codes
 * must be complete. The other one may be cut off.
 */
export function isMixed(text: string, rules: ScanRules, known: KnownCodes): boolean {
  const { begins, isWhole } = tests(rules, known);
  const tried = new Set<string>();
  /** Divides the letters from `at` on. `last` is the code that got the letter before, because scanners send in bursts. */
  const stack: [last: string, other: string][] = [['', '']];
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const [last, other] = stack.pop() ?? [];
    if (last === undefined || other === undefined) return false;
    const at = last.length + other.length;
    const letter = text[at];
    if (letter === undefined) {
      if (last !== '' && other !== '' && (isWhole(last) || isWhole(other))) return true;
      continue;
    }
    const pair = `${last}\n${other}`;
    if (tried.has(pair)) continue;
    tried.add(pair);
    // The pair that is pushed last is tried first.
    if (begins(other + letter)) stack.push([other + letter, last]);
    if (begins(last + letter)) stack.push([last + letter, other]);
  }
  return false;
}

interface Tests {
  begins: (text: string) => boolean;
  isWhole: (text: string) => boolean;
}

/** Symbology identifiers of ISO/IEC 15424, complete or begun. */
const SYMBOLOGY = /^\](?:[A-Za-z][0-9A-Za-z]?)?/;

function tests({ qrs, prefix }: ScanRules, known: KnownCodes): Tests {
  const bare = (text: string): string => {
    const rest = prefix !== '' && text.startsWith(prefix) ? text.slice(prefix.length) : text;
    return rest.replace(SYMBOLOGY, '').trim();
  };
  const beginsId = (text: string): boolean => {
    const letters = text.length < 3 ? text.toUpperCase() : parsePrefix(text);
    return letters !== undefined && known.beginsClaimId(letters);
  };
  const begins = (text: string): boolean => {
    const code = bare(text);
    const digits = code.replace(/[:\-. ]/g, '').toLowerCase();
    return (
      code === '' ||
      prefix.startsWith(text) ||
      beginsId(code) ||
      known.beginsSerial(code) ||
      (/^[0-9a-f]{1,16}$/.test(digits) && known.beginsIdentity(digits)) ||
      isBeginOf(code, qrs, beginsId) ||
      claimIdIn(code, qrs) !== undefined
    );
  };
  const isWhole = (text: string): boolean => {
    const code = bare(text);
    const uci = parse(code);
    return (
      (uci !== undefined && known.hasClaimId(uci)) ||
      known.serials(code).length > 0 ||
      (identityKey(code) !== undefined && known.identities(code).length > 0) ||
      claimIdIn(code, qrs) !== undefined
    );
  };
  return { begins: remember(begins), isWhole };
}

function remember(test: (text: string) => boolean): (text: string) => boolean {
  const kept = new Map<string, boolean>();
  return (text) => {
    const known = kept.get(text) ?? test(text);
    kept.set(text, known);
    return known;
  };
}

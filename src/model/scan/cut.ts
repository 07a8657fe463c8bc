import { completeKey } from '../identity/spelling.ts';
import { parsePrefix } from '../claim-id.ts';
import type { Bare } from './clean.ts';
import { fieldsOf, isGtin, SERIAL_FIELDS } from './gs1.ts';
import type { KnownCodes, ScanRules } from './known.ts';
import { isBeginOf, isEndOf } from './qr.ts';

/* Recognises a code that was cut off, so that its first or last letters are missing. */

export function isCut(bare: Bare, rules: ScanRules, known: KnownCodes): boolean {
  const { text, symbology } = bare;
  if (isRetail(text, symbology) || isGtin(text)) return false;
  // Checks only the form of the text. If the answer depended on the first letters of real Claim IDs, it would help
  // someone guess one.
  const begin = parsePrefix(text);
  if (begin !== undefined && begin.length < Math.min(...rules.claimIdLengths)) return true;
  const serials = fieldsOf(bare).filter(({ name }) => SERIAL_FIELDS.includes(name));
  return isCutOpenly(text, rules, known) || serials.some(({ value }) => isBeginOfSerial(value, known));
}

/** True for a cut-off code that is not secret: an S/N, an identity value or an address. */
export function isCutOpenly(text: string, { qrs }: ScanRules, known: KnownCodes): boolean {
  return (
    isBeginOfSerial(text, known) ||
    isBeginOf(text, qrs) ||
    isEndOf(text, qrs) ||
    isCutMac(text) ||
    isEndOfSerial(text, known)
  );
}

/** True for an article number. An article number is never a unit's code, even if it looks like one. */
export function isRetail(text: string, symbology: string | undefined): boolean {
  return symbology !== undefined && /^[Ee]/.test(symbology) && /^\d+$/.test(text);
}

/** True if the text has ten or more characters and is the beginning of a device's MAC. A MAC is not secret. */
export function isBeginOfMac(text: string, known: KnownCodes): boolean {
  const digits = text.replace(/[:\-. ]/g, '').toLowerCase();
  return /^[0-9a-f]{10,15}$/.test(digits) && known.beginsIdentity(digits);
}

/** Pairs of hexadecimal digits with separators. One digit of the first or the last pair may be missing. */
const MAC_PART = /^(?=.{6})[0-9a-f]{0,2}(?:([:\-. ])[0-9a-f]{2})(?:\1[0-9a-f]{2})*(?:\1[0-9a-f]{0,2})$/i;

function isCutMac(text: string): boolean {
  return MAC_PART.test(text) && completeKey(text) === undefined;
}

function isBeginOfSerial(text: string, known: KnownCodes): boolean {
  return text.length >= MIN_CUT && known.beginsSerial(text);
}

/**
 * S/Ns of one product differ only in their last characters. So the missing first characters can be taken from another
 * S/N of the product.
 */
function isEndOfSerial(text: string, known: KnownCodes): boolean {
  if (text.length < MIN_CUT) return false;
  return known.sampleSerials().some((sample) => {
    if (sample.length <= text.length) return false;
    return known.serials(sample.slice(0, sample.length - text.length) + text).length > 0;
  });
}

/** If there are fewer letters than this, it is impossible to tell which code they belong to. */
const MIN_CUT = 3;

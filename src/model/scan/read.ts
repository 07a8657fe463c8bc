import { identityKey } from '../body.ts';
import { parse, parsePrefix } from '../claim-id.ts';
import { codesIn, readings, type Bare } from './clean.ts';
import { beginsWithGtin, elements, GS1_SERIALS, isGtin, message, MESSAGE_SERIALS, type Field } from './gs1.ts';
import { otherLayouts, type Layout } from './layouts.ts';
import type { IdentityValue, KnownCodes, ScanRules } from './known.ts';
import { isMixed } from './mixed.ts';
import { claimIdIn, invertCase, isBeginOf, isEndOf } from './qr.ts';

/*
 * Reads what a scanner sent. All places that take a code use this function: screens, the API and the command line.
 *
 * A code is used only if a unit has it, in this spelling or in one that cannot mean another code. Text that could mean
 * something else (cut off, doubled, mixed, from a wrong keyboard layout) is told and never used.
 */

/** Why a code cannot be used. `again`: cut off, doubled or mixed with another code. */
export const TOLD = [
  'again',
  'layout-qwertz',
  'layout-azerty',
  'layout-other',
  'not-ours',
  'ambiguous',
  'too-long',
] as const;
export type Told = (typeof TOLD)[number];

export type Meaning =
  | { claimId: string }
  | { serial: string }
  | { identity: IdentityValue }
  | { told: Told }
  | { nothing: true };

/** The longest QR content is 2,048 letters. Scanners add some more, and spelling letters as `%41` makes it longer. */
export const MAX_SCAN = 2560;

/** A request may carry more, so that the answer can say that the scan is too long. */
export const MAX_SENT = 4096;

/** Returns the meaning of each code in the text, or one meaning `nothing` if there is no code. */
export function readScan(sent: string, rules: ScanRules, known: KnownCodes): Meaning[] {
  if (sent.length > MAX_SCAN) return [{ told: 'too-long' }];
  const codes = codesIn(sent);
  if (codes.length === 0) return [{ nothing: true }];
  const meanings = codes.map((code) => readCode(code, rules, known));
  // A suffix of one scanner may split the code of another one. Then the rest of that code may be a code by accident.
  for (let at = 1; at < codes.length; at++) {
    const isTold = [at - 1, at].some((one) => 'told' in (meanings[one] ?? {}));
    if (isTold && isMixed(`${codes[at - 1]}${codes[at]}`, rules, known))
      meanings[at - 1] = meanings[at] = { told: 'again' };
  }
  return meanings;
}

function readCode(code: string, rules: ScanRules, known: KnownCodes): Meaning {
  const bares = readings(code, rules.prefix);
  for (const bare of bares) {
    const meaning = heldMeaning(bare, rules, known);
    if (meaning !== undefined) return meaning;
  }
  const layout = layoutOf(code, bares, rules, known);
  if (layout !== undefined) return { told: `layout-${layout}` };
  if (bares.some(({ text }) => isRepeated(text, rules, known) || isMixed(text, rules, known))) return { told: 'again' };
  for (const { text, symbology } of bares) {
    const uci = parse(text);
    const isId = uci !== undefined && rules.claimIdLengths.includes(uci.length);
    if (isId && !isRetail(text, symbology)) return { claimId: uci };
  }
  return bares.some((bare) => isCut(bare, rules, known)) ? { told: 'again' } : { told: 'not-ours' };
}

/** Returns the meaning of a code that a unit has, or of the QR of a product. */
function heldMeaning(bare: Bare, rules: ScanRules, known: KnownCodes): Meaning | undefined {
  const { text } = bare;
  return heldCode(text, rules, known) ?? heldField(bare, rules, known);
}

function heldCode(text: string, rules: ScanRules, known: KnownCodes): Meaning | undefined {
  const uci = parse(text);
  if (uci !== undefined && known.hasClaimId(uci)) return { claimId: uci };
  const serials = known.serials(text);
  if (serials.includes(text)) return { serial: text };
  const named = claimIdIn(text, rules.qrs);
  if (named !== undefined) return { claimId: named };
  const [identity] = identitiesOf(text, known);
  if (identity !== undefined) return { identity };
  const [serial, ...others] = serials;
  if (others.length > 0) return { told: 'ambiguous' };
  return serial === undefined ? undefined : { serial };
}

/** Values such as chip IDs have letters of one case, so Caps Lock and the scanner's case setting change nothing. */
function identitiesOf(text: string, known: KnownCodes): IdentityValue[] {
  const bare = text.replace(/[:\-. ]/g, '');
  const spellings = [text, invertCase(text), text.toLowerCase(), text.toUpperCase()];
  if (/^(?:[0-9a-f]{2}){4,32}$/i.test(bare)) spellings.push(bare.toLowerCase(), bare.toUpperCase());
  for (const spelling of new Set(spellings)) {
    const found = known.identities(spelling);
    if (found.length > 0) return found;
  }
  return [];
}

/** Reads a code inside a GS1 element string or inside a message of ISO/IEC 15434. */
function heldField({ text, symbology }: Bare, rules: ScanRules, known: KnownCodes): Meaning | undefined {
  const isMarked = symbology !== undefined && /^(?:C1|e|E|d2|Q3|J1|D2|q3|c1|j1)/.test(symbology);
  const fields =
    message(text) ?? (isMarked || beginsWithGtin(text) || text.startsWith('(') ? elements(text) : undefined);
  if (fields === undefined) return undefined;
  const held = (some: Field[]): Meaning | undefined => {
    const found = some.flatMap(({ value }) => heldCode(value, rules, known) ?? []);
    const different = new Set(found.map((one) => JSON.stringify(one)));
    return different.size > 1 ? { told: 'ambiguous' } : found[0];
  };
  for (const name of [...GS1_SERIALS, ...MESSAGE_SERIALS]) {
    const meaning = held(fields.filter((field) => field.name === name));
    if (meaning !== undefined) return meaning;
  }
  return held(fields.filter(({ value }) => value.length >= MIN_FIELD));
}

/** Shorter fields, such as a quantity, never count as a code of a unit. */
const MIN_FIELD = 6;

/** Returns the wrong keyboard layout with which this text is the code of a unit. */
function layoutOf(code: string, bares: Bare[], rules: ScanRules, known: KnownCodes): Layout | undefined {
  for (const text of new Set([code, ...bares.map((bare) => bare.text)]))
    for (const other of otherLayouts(text))
      for (const bare of readings(other.text, rules.prefix))
        if (heldMeaning(bare, rules, known) !== undefined) return other.layout;
  return undefined;
}

/** True if the text is one code of a unit several times, in any of the forms that are read. */
function isRepeated(text: string, rules: ScanRules, known: KnownCodes): boolean {
  for (let times = 2; times <= MAX_TIMES; times++) {
    const once = text.slice(0, Math.ceil(text.length / times));
    const isSame = once.repeat(times) === text || `${once} `.repeat(times).trimEnd() === text;
    if (once !== '' && isSame && readings(once, rules.prefix).some((bare) => heldMeaning(bare, rules, known)))
      return true;
  }
  return false;
}

/** A stuck trigger reads a label a few times in one second. */
const MAX_TIMES = 4;

/** True for the number of an article: no code of a unit, whatever it looks like. */
function isRetail(text: string, symbology: string | undefined): boolean {
  return symbology !== undefined && /^[Ee]/.test(symbology) && /^\d+$/.test(text);
}

/** True if the text is a part of a code: its first or last letters are missing. */
function isCut({ text, symbology }: Bare, { qrs, claimIdLengths }: ScanRules, known: KnownCodes): boolean {
  if (isRetail(text, symbology) || isGtin(text)) return false;
  // By its form only: an answer that depends on the first letters of Claim IDs would help to guess one.
  const begin = parsePrefix(text);
  const shortest = Math.min(...claimIdLengths);
  if (begin !== undefined && begin.length < shortest) return true;
  if (text.length >= MIN_CUT && known.beginsSerial(text)) return true;
  if (isBeginOf(text, qrs) || isEndOf(text, qrs)) return true;
  if (/^(?:[0-9a-f]{2}[:\-. ]){2,}[0-9a-f]{1,2}$/i.test(text) && identityKey(text) === undefined) return true;
  return isEndOfSerial(text, known);
}

/** The S/Ns of one product differ at their end, so the missing first letters are those of another S/N. */
function isEndOfSerial(text: string, known: KnownCodes): boolean {
  if (text.length < MIN_CUT) return false;
  return known.sampleSerials().some((sample) => {
    if (sample.length <= text.length) return false;
    return known.serials(sample.slice(0, sample.length - text.length) + text).length > 0;
  });
}

/** Fewer letters are too few to tell what they were part of. */
const MIN_CUT = 3;

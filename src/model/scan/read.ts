import { parse } from '../claim-id.ts';
import { markedCode } from '../labels/label-set.ts';
import { codesIn, readings, trimControls, type Bare } from './clean.ts';
import { isBeginOfMac, isCut, isRetail } from './cut.ts';
import { fieldsOf, SERIAL_FIELDS, type Field } from './gs1.ts';
import type { Layout } from './key-maps.ts';
import { otherLayouts } from './layouts.ts';
import type { IdentityValue, KnownCodes, ScanRules } from './known.ts';
import { isMixed } from './mixed.ts';
import { claimIdIn, invertCase } from './qr.ts';

/*
 * Reads what a scanner sent. The screens, the API and the command line all read codes with this function.
 *
 * A code is used only if a unit has it. The code may be spelled differently, as long as the spelling cannot mean
 * another code. Text that may mean something else (cut off, doubled, mixed, or from a wrong keyboard layout) is
 * reported, but never used.
 */

/** The reason why a code cannot be used. `again`: cut off, doubled or mixed with another code. */
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

/** `role` is set if the code says which of a unit's labels it is on (labels/label-set.ts). */
export type Meaning =
  | { claimId: string; role?: string }
  | { serial: string; role?: string }
  | { identity: IdentityValue; role?: string }
  | { told: Told }
  | { nothing: true };

/**
 * The longest QR content is 2,048 letters. Scanners add a few letters, and spelling letters as `%41` makes the text
 * longer.
 */
export const MAX_SCAN = 2560;

/** A request may contain more letters than this, so that the answer can say that the scan is too long. */
export const MAX_SENT = 4096;

/** Returns the meaning of each code in the text. If there is no code, returns a single meaning, `nothing`. */
export function readScan(sent: string, rules: ScanRules, known: KnownCodes): Meaning[] {
  if (sent.length > MAX_SCAN) return [{ told: 'too-long' }];
  // If the scanner sends STX between its prefix and the code, the prefix looks like a separate code.
  const codes = codesIn(sent).filter((code) => trimControls(code) !== rules.prefix);
  if (codes.length === 0) return [{ nothing: true }];
  const meanings = codes.map((code) => readCode(code, rules, known));
  // If two scanners' texts are mixed, the suffix of one scanner may split the code of the other. The second piece of
  // the split code could then happen to be another unit's code.
  for (let at = 1; at < codes.length; at++) {
    const isUnknown = [at - 1, at].some((one) => isPart(meanings[one]));
    if (isUnknown && isMixed(`${codes[at - 1]}${codes[at]}`, rules, known, isHeld(rules, known)))
      meanings[at - 1] = meanings[at] = { told: 'again' };
  }
  return meanings;
}

/**
 * True if the text may be a piece of a code. A code that came through a wrong keyboard layout is complete, so it is not
 * a piece.
 */
function isPart(meaning: Meaning | undefined): boolean {
  return meaning !== undefined && 'told' in meaning && !meaning.told.startsWith('layout-');
}

function readCode(code: string, rules: ScanRules, known: KnownCodes): Meaning {
  const bares = readings(code, rules.prefix);
  for (const bare of bares) {
    const meaning = heldMeaning(bare, rules, known);
    if (meaning !== undefined) return meaning;
  }
  const layout = layoutOf(code, bares, rules, known);
  if (layout !== undefined) return { told: `layout-${layout}` };
  const texts = new Set([...bares.map(({ text }) => text), trimControls(code)]);
  const held = isHeld(rules, known);
  if ([...texts].some((text) => isRepeated(text, held) || isMixed(text, rules, known, held))) return { told: 'again' };
  for (const { text, symbology } of bares) {
    const uci = parse(text);
    const isId = uci !== undefined && rules.claimIdLengths.includes(uci.length);
    if (isId && !isRetail(text, symbology)) return isBeginOfMac(text, known) ? { told: 'again' } : { claimId: uci };
  }
  return bares.some((bare) => isCut(bare, rules, known)) ? { told: 'again' } : { told: 'not-ours' };
}

/** Returns a function that tells whether a text is a unit's code in any form that this module can read. */
function isHeld(rules: ScanRules, known: KnownCodes): (text: string) => boolean {
  return (text) => readings(text, rules.prefix).some((bare) => heldMeaning(bare, rules, known) !== undefined);
}

/** Returns the meaning of a unit's code or of a product's QR content. */
function heldMeaning(bare: Bare, rules: ScanRules, known: KnownCodes): Meaning | undefined {
  const { text } = bare;
  return heldCode(text, rules, known) ?? heldField(bare, rules, known) ?? heldMark(text, rules, known);
}

/**
 * Reads a code with a role, such as `P22648U0000042 box`. A word counts as a role only if some product has this role.
 */
function heldMark(text: string, rules: ScanRules, known: KnownCodes): Meaning | undefined {
  const marked = markedCode(text);
  if (marked === undefined || !rules.roles?.includes(marked.role)) return undefined;
  const meaning = heldCode(marked.code, rules, known);
  return meaning === undefined || 'told' in meaning ? meaning : { ...meaning, role: marked.role };
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

/**
 * The letters of values such as chip IDs all have the same case. So Caps Lock and the scanner's case setting cannot
 * change such a value into another one.
 */
function identitiesOf(text: string, known: KnownCodes): IdentityValue[] {
  const bare = text.replace(/^0x/i, '').replace(/[:\-. ]/g, '');
  const spellings = [text, invertCase(text), text.toLowerCase(), text.toUpperCase()];
  if (/^(?:[0-9a-f]{2}){4,32}$/i.test(bare)) spellings.push(bare.toLowerCase(), bare.toUpperCase());
  for (const spelling of new Set(spellings)) {
    const found = known.identities(spelling);
    if (found.length > 0) return found;
  }
  return [];
}

/** Reads a code inside a GS1 element string or an ISO/IEC 15434 message. */
function heldField(bare: Bare, rules: ScanRules, known: KnownCodes): Meaning | undefined {
  const fields = fieldsOf(bare);
  const held = (some: Field[]): Meaning | undefined => {
    const found = some.flatMap(({ value }) => heldCode(value, rules, known) ?? []);
    const different = new Set(found.map((one) => JSON.stringify(one)));
    return different.size > 1 ? { told: 'ambiguous' } : found[0];
  };
  for (const name of SERIAL_FIELDS) {
    const meaning = held(fields.filter((field) => field.name === name));
    if (meaning !== undefined) return meaning;
  }
  const other = held(fields.filter(({ value }) => value.length >= MIN_FIELD));
  // The label marks which field is its S/N. So a lot or a part number is not read as an S/N, even if it equals another
  // unit's S/N.
  const isNamed = fields.some(({ name }) => SERIAL_FIELDS.includes(name));
  return isNamed && other !== undefined && 'serial' in other ? undefined : other;
}

/** Fields with fewer letters, such as a quantity, never count as a code of a unit. */
const MIN_FIELD = 6;

/** If the text is a unit's code that came through a wrong keyboard layout, returns this layout. */
function layoutOf(code: string, bares: Bare[], rules: ScanRules, known: KnownCodes): Layout | undefined {
  for (const text of new Set([code, ...bares.map((bare) => bare.text)]))
    for (const other of otherLayouts(text))
      for (const bare of readings(other.text, rules.prefix))
        if (heldMeaning(bare, rules, known) !== undefined) return other.layout;
  return undefined;
}

/** True if the text is one unit's code several times in a row, or several codes with separators between them. */
function isRepeated(text: string, isHeldCode: (text: string) => boolean): boolean {
  const parts = text.split(/[\s,;|\p{Cc}]+/u).filter((part) => part !== '');
  if (parts.length > 1 && parts.length <= MAX_TIMES && parts.every(isHeldCode)) return true;
  for (let times = 2; times <= MAX_TIMES; times++) {
    const once = text.slice(0, Math.ceil(text.length / times));
    if (once !== '' && once.repeat(times) === text && isHeldCode(once)) return true;
  }
  return false;
}

/** A scanner whose trigger is stuck reads a label several times in one second. */
const MAX_TIMES = 4;

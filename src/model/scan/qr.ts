import { parse } from '../claim-id.ts';

/*
 * Reads the content of a product's QR code. Two spellings of one address are equal (RFC 3986, section 6.2.2): the case
 * of scheme and host, the percent-encoding of letters that need none, and a slash at the end do not matter.
 */

interface Qr {
  before: string;
  after: string;
}

/** Returns the Claim ID that the text names if it is the content of one of these QR codes. */
export function claimIdIn(text: string, qrs: readonly string[]): string | undefined {
  for (const [spelled, { before, after }] of spellings(text, qrs)) {
    if (!spelled.startsWith(before)) continue;
    const rest = spelled.slice(before.length);
    if (!rest.endsWith(after)) continue;
    const uci = idIn(rest.slice(0, rest.length - after.length));
    if (uci !== undefined) return uci;
  }
  return undefined;
}

/** True if the text is the beginning of one of these QR codes, whatever Claim ID it names. */
export function isBeginOf(text: string, qrs: readonly string[]): boolean {
  for (const [spelled, { before, after }] of spellings(text, qrs)) {
    if (before === '') continue;
    if (before.startsWith(spelled)) return true;
    if (!spelled.startsWith(before)) continue;
    const rest = spelled.slice(before.length);
    const [, letters = '', tail = ''] = /^([0-9A-Za-z]{0,20})(.*)$/s.exec(rest) ?? [];
    if (tail === '' && /^[0-9A-TV-Z]*$/i.test(letters)) return true;
    if (idIn(letters) !== undefined && after.startsWith(tail)) return true;
  }
  return false;
}

/** True if the text is one of these QR codes without its first letters. */
export function isEndOf(text: string, qrs: readonly string[]): boolean {
  for (const [spelled, { before, after }] of spellings(text, qrs)) {
    if (after.length >= MIN_TAIL && after.endsWith(spelled) && spelled.length >= MIN_TAIL) return true;
    if (!spelled.endsWith(after)) continue;
    const rest = spelled.slice(0, spelled.length - after.length);
    const [, head = '', letters = ''] = /^(.*?)([0-9A-Za-z]{10,20})$/.exec(rest) ?? [];
    if (idIn(letters) !== undefined && head !== '' && before.endsWith(head)) return true;
  }
  return false;
}

/** The fewest letters that count as the end of an address. */
const MIN_TAIL = 8;

function idIn(letters: string): string | undefined {
  return /[\s]/.test(letters) ? undefined : parse(letters);
}

/** Pairs the text with each QR code. Caps Lock inverts all letters; a scanner can also be set to one case. */
function* spellings(text: string, qrs: readonly string[]): Generator<[string, Qr]> {
  const typed = plainAddress(text);
  const inverted = plainAddress(invertCase(text));
  const isUpper = text === text.toUpperCase();
  const isLower = text === text.toLowerCase();
  for (const qr of qrs) {
    const { before, after } = splitQr(qr);
    if (before === '' && after === '') continue;
    yield [typed, { before, after }];
    yield [inverted, { before, after }];
    if (isUpper) yield [typed.toUpperCase(), { before: before.toUpperCase(), after: after.toUpperCase() }];
    if (isLower) yield [typed.toLowerCase(), { before: before.toLowerCase(), after: after.toLowerCase() }];
  }
}

const MARK = '\u0001';

/** Products rarely change their QR, so the parts of the last ones are kept. */
const MAX_KEPT = 1000;
const kept = new Map<string, Qr>();

function splitQr(qr: string): Qr {
  const found = kept.get(qr);
  if (found !== undefined) return found;
  const [before = '', after = ''] = plainAddress(qr.replace('{uci}', MARK)).split(MARK);
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(qr, { before, after });
  return { before, after };
}

/** Swaps capital and small letters, as Caps Lock does. */
export function invertCase(text: string): string {
  return text.replace(/[A-Za-z]/g, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()));
}

const ADDRESS = /^([a-z][a-z0-9+.-]*:)(\/\/[^/?#]*)?/i;

/** Returns the normal form of an address. Text without a scheme stays as it is. */
function plainAddress(text: string): string {
  const [begin, scheme = '', host = ''] = ADDRESS.exec(text) ?? [];
  if (begin === undefined) return text;
  const rest = text.slice(begin.length);
  return `${scheme}${decodePlain(host)}`.toLowerCase() + decodePlain(rest).replace(/\/$/, '');
}

/** Decodes the letters that need no percent-encoding, and writes all other octets in the one usual way. */
function decodePlain(text: string): string {
  return text
    .replace(/[^\p{ASCII}]+/gu, (letters) => encodeURIComponent(letters.replace(/\p{Cs}/gu, '\uFFFD')))
    .replace(/%([0-9a-f]{2})/gi, (octet, hex: string) => {
      const char = String.fromCharCode(Number.parseInt(hex, 16));
      return /[A-Za-z0-9._~-]/.test(char) ? char : octet.toUpperCase();
    });
}

import { domainToASCII } from 'node:url';
import { parse } from '../claim-id.ts';

/*
 * Reads the content of a product's QR code. An address can have several spellings that are equal (RFC 3986, section
 * 6.2.2). The spellings of an address may differ in the case of the scheme and host, in unnecessary percent-encoding,
 * or in a slash at the end. The spellings may also differ in the scheme's default port, in a dot after the host, or
 * in the form of an international host (RFC 5890). Queries may encode a blank in different ways.
 */

interface Qr {
  before: string;
  after: string;
  /** The scheme and the host in the spelling of the product. */
  begin: string;
}

/** If the text is the content of one of these QR codes, returns the Claim ID in it. */
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

/** True if the text is the beginning of one of these QR codes, whatever Claim ID the code contains. */
export function isBeginOf(text: string, qrs: readonly string[]): boolean {
  return qrs.some((qr) => isPlainBeginOf(text, qr)) || isSpelledBeginOf(text, qrs);
}

/** Compares the text as it is, because the normal form of a long address takes too long to compute. */
function isPlainBeginOf(text: string, qr: string): boolean {
  const at = qr.indexOf('{uci}');
  if (at < 1 || !text.startsWith(qr.slice(0, Math.min(at, text.length)))) return false;
  const [letters = ''] = /^[0-9A-TV-Z]{0,20}/.exec(text.slice(at)) ?? [];
  const tail = text.slice(at + letters.length);
  return tail === '' || (idIn(letters) !== undefined && qr.startsWith(tail, at + '{uci}'.length));
}

function isSpelledBeginOf(text: string, qrs: readonly string[]): boolean {
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

/** True if the text is the content of one of these QR codes, but its first letters are missing. */
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

/** The end of an address is recognised only if it has at least this many letters. */
const MIN_TAIL = 8;

function idIn(letters: string): string | undefined {
  return /[\s]/.test(letters) ? undefined : parse(letters);
}

/**
 * Yields each spelling of the text, paired with each QR code. There are several spellings, because Caps Lock inverts
 * the case of all letters, and a scanner may be set to send only one case.
 */
function* spellings(text: string, qrs: readonly string[]): Generator<[string, Qr]> {
  const typed = plainAddress(text);
  const bare = invertCase(text);
  const inverted = plainAddress(bare);
  const isUpper = text === text.toUpperCase();
  const isLower = text === text.toLowerCase();
  for (const qr of qrs) {
    const split = splitQr(qr);
    const { before, after, begin } = split;
    if (before === '' && after === '') continue;
    yield [typed, split];
    // Caps Lock also inverts the scheme and the host. If these are not inverted, Caps Lock was off, and a path that
    // differs in case is a different path.
    const isInverted = bare.slice(0, begin.length) === begin.slice(0, bare.length);
    if (isInverted) yield [inverted, split];
    if (isUpper) yield [typed.toUpperCase(), { begin, before: before.toUpperCase(), after: after.toUpperCase() }];
    if (isLower) yield [typed.toLowerCase(), { begin, before: before.toLowerCase(), after: after.toLowerCase() }];
  }
}

const MARK = '\u0001';

/** How many QR contents are kept in parsed form. Products rarely change their QR content, so a few are enough. */
const MAX_KEPT = 1000;
const kept = new Map<string, Qr>();

function splitQr(qr: string): Qr {
  const found = kept.get(qr);
  if (found !== undefined) return found;
  const [before = '', after = ''] = plainAddress(qr.replace('{uci}', MARK)).split(MARK);
  if (kept.size >= MAX_KEPT) kept.clear();
  const [begin = ''] = ADDRESS.exec(qr.split('{uci}')[0] ?? '') ?? [];
  const split = { before, after, begin };
  kept.set(qr, split);
  return split;
}

/** Swaps uppercase and lowercase letters, as Caps Lock does. */
export function invertCase(text: string): string {
  return text.replace(/[A-Za-z]/g, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()));
}

const ADDRESS = /^([a-z][a-z0-9+.-]*:)(\/\/[^/?#]*)?/i;

/** Returns the normal form of an address. A text without a scheme does not change. */
function plainAddress(text: string): string {
  const [begin, scheme = '', host = ''] = ADDRESS.exec(text) ?? [];
  if (begin === undefined) return text;
  const rest = text.slice(begin.length);
  const path = host !== '' && /^[?#]/.test(rest) ? `/${rest}` : rest;
  const [address, query] = [path.replace(/\?.*$/s, ''), /\?.*$/s.exec(path)?.[0]];
  const plainQuery = query?.replace(/^[^#]*/, (form) => form.replaceAll('+', '%20')) ?? '';
  const tail = decodePlain(`${address}${plainQuery}`.replaceAll(' ', '%20'));
  return `${scheme.toLowerCase()}${plainHost(host, scheme.toLowerCase())}${tail.replace(/\/$/, '')}`;
}

const PORTS = new Map([
  ['http:', ':80'],
  ['https:', ':443'],
]);

function plainHost(authority: string, scheme: string): string {
  const found = /^(\/\/(?:[^@]*@)?)(\[[^\]]*\]|[^:[\]]*)(:\d*)?$/.exec(authority);
  if (found === null) return decodePlain(authority).toLowerCase();
  const [, before = '', host = '', port = ''] = found;
  const end = port === PORTS.get(scheme) ? '' : port;
  return `${decodePlain(before).toLowerCase()}${plainName(host).replace(/\.$/, '')}${end}`;
}

/**
 * Returns the usual spelling of a host. An international host and an IPv6 address can each be spelled in several ways.
 * If the text contains only the beginning of such a host, it is not a valid host and remains unchanged.
 */
function plainName(host: string): string {
  const plain = decodePlain(host).toLowerCase();
  if (host.startsWith('[')) return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : plain;
  return /%|xn--/.test(plain) ? domainToASCII(decodeHost(plain)) || plain : plain;
}

function decodeHost(host: string): string {
  try {
    return decodeURIComponent(host);
  } catch {
    return host;
  }
}

/** Decodes the letters that need no percent-encoding, and percent-encodes all other octets in the usual form. */
function decodePlain(text: string): string {
  return text
    .replace(/[^\p{ASCII}]+/gu, (letters) => encodeURIComponent(letters.replace(/\p{Cs}/gu, '\uFFFD')))
    .replace(/%([0-9a-f]{2})/gi, (octet, hex: string) => {
      const char = String.fromCharCode(Number.parseInt(hex, 16));
      return /[A-Za-z0-9._~-]/.test(char) ? char : octet.toUpperCase();
    });
}

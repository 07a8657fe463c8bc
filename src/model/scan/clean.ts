import { invertCase } from './qr.ts';

/* Removes the characters that scanners and input methods add to a code. */

/**
 * Scanners put CR, LF or Tab after a code, or put STX before it and ETX after it. Each of these characters ends a code.
 */
const ENDS = '\u0002\u0003\t\n\u000B\f\r';

/** Characters around a code that are not part of it: EOT, GS (FNC1), RS and blanks. */
const AROUND = ' \u0004\u001D\u001E';

/** Returns the codes that a scanner sent in one burst, without empty ones. */
export function codesIn(sent: string): string[] {
  return plain(sent)
    .split('\n')
    .map((code) => plainDashes(code).replace(/^ +| +$/g, ''))
    .filter((code) => trimControls(code) !== '');
}

/** Replaces full-width letters, control pictures and special spaces, and removes zero-width characters. */
function plain(sent: string): string {
  return (
    sent
      .replace(/[\uFF01-\uFF5E]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
      .replace(/[\u2400-\u241F]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0x2400))
      // Zero-width characters: zero-width spaces and joiners, soft hyphen, direction marks, byte order mark.
      .replace(/\p{DI}/gu, '')
      .replace(/\p{Cc}/gu, (char) => (ENDS.includes(char) ? '\n' : AROUND.includes(char) ? char : ''))
      .replace(/[\u00A0\u2000-\u200A\u202F\u205F\u3000]/g, ' ')
      .replace(/[\u3002\uFF61]/g, '.')
      // Some scanners write control characters as names or as control keys: FNC1, and also the RS and EOT of ISO/IEC
      // 15434 messages.
      .replace(/\^\]|\{GS\}|<GS>|\[GS\]/g, '\u001D')
      .replace(/\[\)>.*/, (message) =>
        message.replace(/\^\^|\{RS\}|<RS>|\[RS\]/g, '\u001E').replace(/\^D$|\{EOT\}|<EOT>|\[EOT\]/g, '\u0004'),
      )
      .normalize('NFC')
  );
}

/** Hyphens, dashes and minus signs, and the character that a Japanese input method produces for the hyphen key. */
const DASHES = /[\u2010-\u2015\u2212\u30FC\uFE63]/g;

/**
 * Replaces dashes with hyphens. In texts of other scripts, nothing is replaced, because such a character can be a
 * letter in these scripts.
 */
function plainDashes(text: string): string {
  const dashed = text.replace(DASHES, '-');
  return /^\p{ASCII}*$/u.test(dashed) ? dashed : text;
}

/** Removes blanks and field separators around a code. */
export function trimControls(code: string): string {
  let [from, to] = [0, code.length];
  while (from < to && AROUND.includes(code.charAt(from))) from++;
  while (to > from && AROUND.includes(code.charAt(to - 1))) to--;
  return code.slice(from, to);
}

/** A scanned code without the scanner's prefix and without its symbology identifier. */
export interface Bare {
  text: string;
  /** The symbology identifier of ISO/IEC 15424 without `]`, such as `Q1`. FNC1 at the beginning counts as `C1`. */
  symbology?: string;
}

const SYMBOLOGY = /^\](?<letter>[A-Za-z])(?<modifier>[0-9A-Za-z])/;

/**
 * An ECI escape (ISO/IEC 15424), which contains the number of the code's character set. The scanner has already applied
 * this character set.
 */
const CHARACTER_SET = /^\\\d{6}/;

/**
 * Returns the possible readings of one code, best first. A scanner with a prefix adds the prefix to every code, so the
 * reading without the prefix comes first.
 */
export function readings(code: string, prefix: string): Bare[] {
  const whole = bare(code);
  const begins = [trimControls(code), whole.text].find((text) => prefix !== '' && isBegin(prefix, text));
  if (begins === undefined) return [whole];
  const rest = bare(begins.slice(prefix.length));
  return rest.text === '' ? [whole] : [{ ...whole, ...rest }, whole];
}

/** Returns the text of each code without what the scanner added. */
export function textsIn(sent: string, prefix = ''): string[] {
  return codesIn(sent).flatMap((code) => readings(code, prefix)[0]?.text ?? []);
}

function isBegin(prefix: string, text: string): boolean {
  const begin = text.slice(0, prefix.length);
  return begin === prefix || begin === invertCase(prefix);
}

function bare(code: string): Bare {
  const trimmed = code.replace(/^ +| +$/g, '');
  const found = SYMBOLOGY.exec(trimControls(trimmed));
  const symbology = found === null ? (trimmed.startsWith('\u001D') ? 'C1' : undefined) : found[0].slice(1);
  const inner = trimControls(trimmed)
    .slice(found?.[0].length ?? 0)
    .replace(found === null ? '' : CHARACTER_SET, '');
  const isFramed = inner.length > 2 && inner.startsWith('*') && inner.endsWith('*');
  const text = trimControls(isFramed ? inner.slice(1, -1) : inner);
  return { text, ...(symbology === undefined ? {} : { symbology }) };
}

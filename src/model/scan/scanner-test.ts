import { readings } from './clean.ts';
import type { Layout } from './key-maps.ts';
import { otherLayouts } from './layouts.ts';
import { invertCase } from './qr.ts';

/*
 * Finds out what a scanner adds to a code. The scanner reads a test code whose content is known. The test code has
 * letters that a wrong keyboard layout or Caps Lock would change.
 */

/** The content of the test code. The content cannot be a Claim ID, because it contains a U and special characters. */
export const TEST_CODE = 'Test-YZ/QAWM_U0189';

export interface ScannerFound {
  /**
   * `same`: the letters are correct. Otherwise, the reason why the letters are wrong, or `other` if the text is not the
   * test code.
   */
  letters: 'same' | 'caps-lock' | `layout-${Layout}` | 'other';
  /** The text that the scanner adds before the code, without the symbology identifier. */
  prefix: string;
  /** The text that the scanner adds after the code, before Enter or Tab. */
  tail: string;
  /** The symbology identifier (ISO/IEC 15424) without `]`, if the scanner sends it. */
  symbology?: string;
}

export function findScanner(sent: string): ScannerFound {
  const same = partsOf(sent);
  if (same !== undefined) return { letters: 'same', ...same };
  const inverted = partsOf(invertCase(sent));
  if (inverted !== undefined) return { letters: 'caps-lock', ...inverted };
  for (const { layout, text } of otherLayouts(sent)) {
    const parts = partsOf(text);
    if (parts !== undefined) return { letters: `layout-${layout}`, ...parts };
  }
  // If the text is not the test code, only a symbology identifier at the beginning of the text can be recognised.
  return { letters: 'other', prefix: '', tail: '', ...symbologyOf(readings(sent, '')[0]?.symbology) };
}

function partsOf(text: string): Omit<ScannerFound, 'letters'> | undefined {
  const at = text.indexOf(TEST_CODE);
  if (at === -1) return undefined;
  const found = /\](?<identifier>[A-Za-z][0-9A-Za-z])$/.exec(text.slice(0, at));
  const symbology = found?.groups?.['identifier'] ?? readings(text, '')[0]?.symbology;
  const before = found === null ? text.slice(0, at) : text.slice(0, found.index);
  const prefix = before.replace(/^\][A-Za-z][0-9A-Za-z]/, '');
  return { prefix, tail: text.slice(at + TEST_CODE.length), ...symbologyOf(symbology) };
}

function symbologyOf(symbology: string | undefined): { symbology?: string } {
  return symbology === undefined ? {} : { symbology };
}

/** The names of symbologies. The key is the first letter of the symbology's identifier. */
export const SYMBOLOGIES: { [letter: string]: string } = {
  A: 'Code 39',
  C: 'Code 128',
  d: 'Data Matrix',
  E: 'EAN/UPC',
  e: 'GS1 DataBar',
  F: 'Codabar',
  G: 'Code 93',
  I: 'Interleaved 2 of 5',
  L: 'PDF417',
  Q: 'QR Code',
  z: 'Aztec',
};

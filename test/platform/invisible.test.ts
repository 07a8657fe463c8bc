import { describe, expect, it } from 'vitest';
import { readBody } from '../../src/model/body.ts';
import { DEFAULT_IDENTITY } from '../../src/model/identity/placeholders.ts';
import { Product } from '../../src/model/product.ts';
import { PersonSettings } from '../../src/model/person.ts';
import { ClaimstampError } from '../../src/platform/error.ts';
import { invisibleIn } from '../../src/platform/invisible.ts';
import { inLanguage } from '../../src/platform/refusal-words.ts';
import { check } from '../../src/platform/validation-words.ts';
import type { Language } from '../../words/sentence.ts';

/* Text that was copied from a page or a table may have characters that people do not see. */

const FOUND: [string, string, string][] = [
  ['a zero-width space', '\u200B', 'U+200B'],
  ['a byte order mark', '\uFEFF', 'U+FEFF'],
  ['a direction mark', '\u202E', 'U+202E'],
  ['a soft hyphen', '\u00AD', 'U+00AD'],
  ['a no-break space', '\u00A0', 'U+00A0'],
  ['an ideographic space', '\u3000', 'U+3000'],
  ['a line separator', '\u2028', 'U+2028'],
  ['a control character', '\u0007', 'U+0007'],
  ['half of a character', '\uD83D', 'U+D83D'],
];

function said(act: () => unknown, language: Language = 'en'): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ClaimstampError && error.words !== undefined) return inLanguage(error.words, language);
  }
  return '';
}
const body = (device: object) => () => readBody(Buffer.from(JSON.stringify(device)), DEFAULT_IDENTITY);

describe.each(FOUND)('%s', (_, sign, character) => {
  it('is found with its position, counted in characters', () => {
    expect(invisibleIn(`\u{1F600}b${sign}c`)).toEqual({ character, position: 3 });
  });

  it('is named in the refusal of a name, of a product and of an S/N', () => {
    expect(said(() => check(Product, { id: `AB${sign}C` }))).toContain(
      `invisible character ${character} at position 3`,
    );
    expect(said(() => check(PersonSettings, { role: 'operator', badge: `OP-1${sign}` }), 'es')).toContain(
      `carácter invisible ${character} en la posición 5`,
    );
    expect(said(body({ product: `AB${sign}C` }), 'zh')).toContain(`第 3 位有不可见字符 ${character}`);
    expect(said(body({ product: 'P', serial: `SN-1${sign}` }))).toMatch(
      new RegExp(`${character.replace('+', '.')} at position 5`),
    );
  });
});

it('a control character in an identity is named', () => {
  expect(said(body({ product: 'P', mac: 'ab\u0007c' }))).toContain('U+0007 at position 3');
});

it('visible text has none, with usual spaces, accents, ideographs and emoji', () => {
  expect(invisibleIn('Müller & Söhne 李伟 \u{1F600}')).toBe(undefined);
});

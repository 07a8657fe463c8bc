import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, type Font } from 'fontkit';
import { ClaimstampError } from '../error.ts';
import { labelsFolder } from './template.ts';

/** Shipped faces: Latin, Greek and Cyrillic. The monospaced one marks its zero. */
const SHIPPED: Record<string, string> = {
  sans: 'DejaVuSans.ttf',
  bold: 'DejaVuSans-Bold.ttf',
  mono: 'DejaVuSansMono-Bold.ttf',
};

export const MM_PER_POINT = 25.4 / 72;

export interface Face {
  /** Name in the template. */
  name: string;
  file: string;
  font: Font;
  /** Advance of one character, in em; undefined when the font has no such character. */
  advance: (character: string) => number | undefined;
  /** Height of H above, depth of p below the baseline, in em. */
  ascent: number;
  descent: number;
}

/** A stretch of text in one face. */
export interface Run {
  face: Face;
  text: string;
}

const loaded = new Map<string, Face>();

export function loadFace(name: string, folder = join(labelsFolder, 'fonts')): Face {
  const known = loaded.get(`${folder}/${name}`);
  if (known) return known;
  const file = join(folder, SHIPPED[name] ?? name);
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/.test(name) || !existsSync(file)) {
    throw new ClaimstampError(
      'invalid',
      `there is no font "${name}": use sans, bold, mono, or a TTF or OTF file in labels/fonts/`,
    );
  }
  const face = readFace(name, file);
  loaded.set(`${folder}/${name}`, face);
  return face;
}

function readFace(name: string, file: string): Face {
  const font = open(name, file);
  const advances = new Map<string, number | undefined>();
  const advance = (character: string): number | undefined => {
    if (!advances.has(character)) {
      const glyph = font.glyphForCodePoint(character.codePointAt(0) as number);
      advances.set(character, glyph.id === 0 ? undefined : glyph.advanceWidth / font.unitsPerEm);
    }
    return advances.get(character);
  };
  // Measured on letters: not every font says how tall its capitals are, nor how deep letters really go.
  const tall = font.glyphForCodePoint('H'.codePointAt(0) as number).bbox.maxY;
  const deep = font.glyphForCodePoint('p'.codePointAt(0) as number).bbox.minY;
  return { name, file, font, advance, ascent: tall / font.unitsPerEm, descent: -deep / font.unitsPerEm };
}

function open(name: string, file: string): Font {
  try {
    const font = create(readFileSync(file));
    if ('fonts' in font) throw new Error('a collection of fonts');
    return font;
  } catch (error) {
    throw new ClaimstampError('invalid', `the font "${name}" cannot be read: ${(error as Error).message}`);
  }
}

/** Letters that join, stack or run from right to left need shaping, which labels do not do: an error beats a wrong name. */
const NEEDS_SHAPING =
  /\p{M}|\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}|\p{Script=Devanagari}|\p{Script=Bengali}|\p{Script=Gurmukhi}|\p{Script=Gujarati}|\p{Script=Tamil}|\p{Script=Telugu}|\p{Script=Kannada}|\p{Script=Malayalam}|\p{Script=Sinhala}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Tibetan}|\p{Script=Myanmar}|\p{Script=Khmer}|\p{Script=Mongolian}/u;

/** The text as runs, each character in the first face that has it. Throws `invalid`, naming the character none has. */
export function runsOf(text: string, faces: Face[]): Run[] {
  const runs: Run[] = [];
  for (const character of text.normalize('NFC')) {
    const face = NEEDS_SHAPING.test(character)
      ? undefined
      : faces.find(({ advance }) => advance(character) !== undefined);
    if (face === undefined)
      throw new ClaimstampError(
        'invalid',
        `${nameOf(character)} is in none of the fonts ${faces.map(({ name }) => name).join(', ')}: name a font in labels/fonts/ that has it`,
      );
    const last = runs.at(-1);
    if (last?.face === face) last.text += character;
    else runs.push({ face, text: character });
  }
  return runs;
}

function nameOf(character: string): string {
  const point = `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
  return /[\p{C}\p{Z}]/u.test(character) ? `the character ${point}` : `the character "${character}" (${point})`;
}

/** Width of runs at a size in pt, in mm. Advances are added up as they are: no kerning, in every writer alike. */
export function widthOf(runs: Run[], size: number): number {
  let em = 0;
  for (const { face, text } of runs) for (const character of text) em += face.advance(character) as number;
  return em * size * MM_PER_POINT;
}

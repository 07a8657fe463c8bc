import { create, type Font } from 'fontkit';
import { refusal, messageOf } from '../platform/error.ts';
import { fileContent, type FileContent } from '../platform/file-content.ts';
import { dataFile, labelsFolder } from './template.ts';
import { own, defined } from '../platform/own.ts';

/**
 * The fonts of this program. `sans`, `bold` and `mono` have Latin, Greek and Cyrillic letters. In `mono`, the digit 0
 * is drawn with a mark inside, so that it differs from the letter O. `cjk` has Chinese, Japanese and Korean letters.
 */
const SHIPPED: Record<string, string> = {
  sans: 'DejaVuSans.ttf',
  bold: 'DejaVuSans-Bold.ttf',
  mono: 'DejaVuSansMono-Bold.ttf',
  cjk: 'DroidSansFallback.ttf',
};

/** The font for letters that are missing from the fonts of a text box. */
export const FALLBACK = 'cjk';

export const MM_PER_POINT = 25.4 / 72;

export interface Face {
  /** The name that templates use. */
  name: string;
  /** The SHA-256 of the font's file. */
  hash: string;
  font: Font;
  /** Returns a character's width in em, or undefined if the font lacks the character or a label cannot show it. */
  advance: (character: string) => number | undefined;
  /**
   * In em. `ascent` is the height of H and of ideographs above the baseline. `descent` is the depth of p below the
   * baseline.
   */
  ascent: number;
  descent: number;
}

/** A part of a text in which all characters use the same face. */
export interface Run {
  face: Face;
  text: string;
  /** The width in em. */
  width: number;
}

export function isOwnFont(name: string): boolean {
  return own(SHIPPED, name) !== undefined;
}

export function shippedNames(): string[] {
  return Object.keys(SHIPPED);
}

/** A cache of the faces that were made from a font file's content. */
const faces = new WeakMap<FileContent, Map<string, Face>>();

/** Loads a font. `folder` is the template's folder. Throws `template-wrong` if no font has this name. */
export function loadFace(name: string, folder: string): Face {
  const content = fontContent(name, folder);
  const made = faces.get(content) ?? new Map<string, Face>();
  faces.set(content, made);
  const face = made.get(name) ?? readFace(name, content);
  made.set(name, face);
  return face;
}

/** Returns the file of a font. Throws `template-wrong` if no font has this name. */
export function fontContent(name: string, folder: string): FileContent {
  const shipped = own(SHIPPED, name);
  const file = dataFile(shipped === undefined ? folder : labelsFolder, 'fonts', shipped ?? name);
  if (file === undefined) throw refusal('template-wrong', 'font', { font: name });
  return fileContent(file);
}

/**
 * Returns the faces for a text: the faces of the text's box and, if they lack one of the letters, the fallback face.
 * The fallback face is loaded only if a text needs it, because loading takes 60 ms.
 */
export function facesFor(text: string, own: Face[]): Face[] {
  const lacks = Array.from(text.normalize('NFC')).some((letter) =>
    own.every(({ advance }) => advance(letter) === undefined),
  );
  return lacks ? [...own, loadFace(FALLBACK, labelsFolder)] : own;
}

/** The files of the shipped fonts, for text in images. */
export function shippedFonts(): Buffer[] {
  return Object.keys(SHIPPED).map((name) => shippedContent(name).bytes);
}

/** Returns true if a shipped font has this letter. */
export function shippedLetters(letter: string): boolean {
  return Object.keys(SHIPPED).some((name) =>
    loadFace(name, labelsFolder).font.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0),
  );
}

function shippedContent(name: string): FileContent {
  return fileContent(defined(dataFile(labelsFolder, 'fonts', own(SHIPPED, name) ?? '')));
}

function readFace(name: string, content: FileContent): Face {
  const font = open(name, content);
  // NaN means that the font does not have the character.
  const advances = new Map<string, number>();
  const measure = (character: string): number => {
    if (NEEDS_SHAPING.test(character) || UNSEEN.test(character)) return NaN;
    const glyph = font.glyphForCodePoint(character.codePointAt(0) ?? 0);
    return glyph.id === 0 ? NaN : glyph.advanceWidth / font.unitsPerEm;
  };
  const advance = (character: string): number | undefined => {
    let em = advances.get(character);
    if (em === undefined) {
      em = measure(character);
      advances.set(character, em);
    }
    return Number.isNaN(em) ? undefined : em;
  };
  return { name, hash: content.hash, font, advance, ...heights(font) };
}

/** The heights of a font are measured on these letters, because not every font states its heights. */
const TALL = 'H国あ';
const DEEP = 'p国あ';

function heights(font: Font): { ascent: number; descent: number } {
  const boxes = (letters: string): { minY: number; maxY: number }[] =>
    Array.from(letters)
      .map((letter) => font.glyphForCodePoint(letter.codePointAt(0) ?? 0))
      .filter(({ id }) => id !== 0)
      .map(({ bbox }) => bbox);
  // Symbol fonts lack the letters in TALL and DEEP. For such a font, the heights that the font states are used.
  const tall = boxes(TALL).map(({ maxY }) => maxY);
  const deep = boxes(DEEP).map(({ minY }) => -minY);
  return {
    ascent: (tall.length > 0 ? Math.max(...tall) : font.ascent) / font.unitsPerEm,
    descent: (deep.length > 0 ? Math.max(...deep) : -font.descent) / font.unitsPerEm,
  };
}

function open(name: string, { bytes }: FileContent): Font {
  try {
    const font = create(withoutNames(Buffer.from(bytes)));
    if ('fonts' in font) throw new Error('a collection of fonts');
    return font;
  } catch (error) {
    throw refusal('template-wrong', 'fontUnreadable', { font: name, why: messageOf(error) });
  }
}

/** A TTF or OTF file begins with one of these numbers. */
const SFNT = [0x00010000, 0x4f54544f];
const TABLES_AT = 12;
const TABLE_ENTRY_BYTES = 16;
/** The number for version 3.0 of the OpenType table 'post'. In version 3.0, the table contains no glyph names. */
const WITHOUT_NAMES = 0x00030000;

/**
 * Hides the glyph names, which this program does not use. Reading the glyph names of the shipped fonts would take 50
 * ms.
 */
function withoutNames(font: Buffer): Buffer {
  if (font.length < TABLES_AT || !SFNT.includes(font.readUInt32BE(0))) return font;
  const tables = font.readUInt16BE(4);
  for (let at = TABLES_AT; at < TABLES_AT + tables * TABLE_ENTRY_BYTES; at += TABLE_ENTRY_BYTES) {
    if (font.toString('latin1', at, at + 4) === 'post') font.writeUInt32BE(WITHOUT_NAMES, font.readUInt32BE(at + 8));
  }
  return font;
}

/**
 * Scripts whose letters join, stack or run from right to left. Labels cannot show such scripts correctly, so texts in
 * these scripts are refused.
 */
const NEEDS_SHAPING =
  /\p{M}|\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}|\p{Script=Devanagari}|\p{Script=Bengali}|\p{Script=Gurmukhi}|\p{Script=Gujarati}|\p{Script=Tamil}|\p{Script=Telugu}|\p{Script=Kannada}|\p{Script=Malayalam}|\p{Script=Sinhala}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Tibetan}|\p{Script=Myanmar}|\p{Script=Khmer}|\p{Script=Mongolian}/u;

/** Control characters, direction marks and zero-width characters. Some fonts have empty glyphs for these characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/u;

/**
 * Divides a text into runs with one face each. Each character uses the first face that contains it. Throws `invalid` if
 * no face has one of the text's characters.
 */
export function runsOf(text: string, faces: Face[]): Run[] {
  const runs: Run[] = [];
  for (const character of text.normalize('NFC')) {
    const face = faces.find(({ advance }) => advance(character) !== undefined);
    if (face === undefined)
      throw refusal('label-unprintable', 'noGlyph', {
        character: nameOf(character),
        fonts: faces.map(({ name }) => name).join(', '),
      });
    const width = defined(face.advance(character));
    const last = runs.at(-1);
    if (last?.face === face) {
      last.text += character;
      last.width += width;
    } else runs.push({ face, text: character, width });
  }
  return runs;
}

function nameOf(character: string): string {
  const point = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /[\p{C}\p{Z}]/u.test(character) ? `the character ${point}` : `the character "${character}" (${point})`;
}

/**
 * Returns the width of runs in mm; `size` is in pt. All output formats add up the widths of the characters, without
 * kerning.
 */
export function widthOf(runs: Run[], size: number): number {
  let em = 0;
  for (const { width } of runs) em += width;
  return em * size * MM_PER_POINT;
}

import type Pdf from 'pdfkit';

/*
 * Writes the rows of long lists directly into the page content. pdfkit's own text function takes twenty times as
 * long. The reason is that pdfkit's function shapes each text, and rewrites font, colour and position each time.
 */

export interface Cell {
  face: string;
  text: string;
  /** The upper left corner and the width, in points. A wider text is cut off and ends with an ellipsis. */
  x: number;
  y: number;
  width: number;
}

export interface Rows {
  /** Returns false if the text needs shaping. In that case, the caller draws the text with pdfkit. */
  add: (cell: Cell) => boolean;
  /** Writes the cells into the current page, in the order in which they were added. */
  flush: () => void;
}

/**
 * Characters that are drawn one after another, without shaping: Latin, Greek and Cyrillic letters, and some symbols.
 */
const PLAIN = /^[\u0020-\u007e\u00a0-\u024f\u0370-\u03ff\u0400-\u04ff\u2010-\u2026]*$/;
const ELLIPSIS = '…';

interface Letter {
  /** The code in the font's subset, in hexadecimal. */
  code: string;
  /** In points. */
  width: number;
}

interface Face {
  font: Font;
  letters: Map<string, Letter>;
}

export function openRows(doc: InstanceType<typeof Pdf>, size: number, color: string): Rows {
  const inside = insideOf(doc);
  const faces = new Map<string, Face>();
  let content: string[] = [];
  let last: string | undefined;

  const faceOf = (name: string): Face => {
    const known = faces.get(name);
    if (known) return known;
    doc.font(name);
    const made = { font: inside['_font'], letters: new Map<string, Letter>() };
    faces.set(name, made);
    return made;
  };
  const letterOf = ({ font, letters }: Face, text: string): Letter => {
    const known = letters.get(text);
    if (known) return known;
    const made = newLetter(font, text, size);
    letters.set(text, made);
    return made;
  };
  const codesOf = (face: Face, text: string, most: number): string => {
    let codes = '';
    let width = 0;
    /** The part of the text that fits if an ellipsis follows it. */
    let cut = '';
    const ellipsis = letterOf(face, ELLIPSIS);
    for (const character of text) {
      const letter = letterOf(face, character);
      if (width + ellipsis.width <= most) cut = codes;
      codes += letter.code;
      width += letter.width;
      if (width > most) return cut + ellipsis.code;
    }
    return codes;
  };
  return {
    add({ face: name, text, x, y, width }) {
      if (!PLAIN.test(text)) return false;
      if (text === '') return true;
      const face = faceOf(name);
      if (last !== name) {
        last = name;
        content.push(`/${face.font.id} ${size} Tf`);
      }
      const baseline = y + (face.font.ascender / 1000) * size;
      content.push(`1 0 0 -1 ${number(x)} ${number(baseline)} Tm <${codesOf(face, text, width)}> Tj`);
      return true;
    },
    flush() {
      if (content.length === 0) return;
      for (const { font } of faces.values()) inside.page.fonts[font.id] ??= font.ref();
      doc.fillColor(color);
      inside.addContent(`BT\n${content.join('\n')}\nET`);
      content = [];
      last = undefined;
    },
  };
}

function newLetter(font: Font, text: string, size: number): Letter {
  const point = text.codePointAt(0) ?? 0;
  const glyph = font.font.glyphForCodePoint(point);
  const code = font.subset.includeGlyph(glyph.id);
  const width = glyph.advanceWidth * font.scale;
  font.widths[code] ??= width;
  font.unicode[code] ??= [point];
  return { code: code.toString(16).padStart(4, '0'), width: (width / 1000) * size };
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Private members of a pdfkit document. */
interface Inside {
  _font: Font;
  page: { fonts: Record<string, unknown> };
  addContent: (content: string) => unknown;
}

interface Font {
  id: string;
  ascender: number;
  /** The size of one font unit, in thousandths of an em. */
  scale: number;
  font: { glyphForCodePoint: (point: number) => { id: number; advanceWidth: number } };
  subset: { includeGlyph: (glyph: number) => number };
  /**
   * For each glyph of the subset: the width in thousandths of an em, and the text that people get when they copy it
   * from the PDF.
   */
  widths: number[];
  unicode: number[][];
  ref: () => unknown;
}

/** Throws if the installed pdfkit does not have the private members that this program needs. */
function insideOf(doc: object): Inside {
  if (!isInside(doc)) throw new Error('this version of pdfkit has different private members');
  return doc;
}

function isInside(doc: object): doc is Inside {
  return ['_font', 'page', 'addContent'].every((member) => member in doc);
}

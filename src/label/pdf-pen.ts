import { PARTS_OF_MODULE, type Content } from './content.ts';
import { MM_PER_POINT, type Face } from './fonts.ts';
import type { Layout, Shape } from './layout.ts';
import { insideOf, number, refer, type Document, type Inside, type Ref, type Resources } from './pdf-document.ts';
import { defined } from '../platform/own.ts';
import { placeOf, shownPixels } from './pictures/shown.ts';
import { transformOf } from './turn.ts';
import { deflateSync } from 'node:zlib';

/** Writes shapes to content streams, in mm. Fonts, logos and repeated shapes become objects of the PDF file. */
export interface Pen {
  /** Embeds the logos that occur in the shapes. Each logo is embedded only once for all pages. */
  prepare: (shapes: Shape[], dpi: number) => Promise<void>;
  /** Draws a shape; `place` is its index in the layout. */
  draw: (shape: Shape, place: number, layout: Layout) => void;
}

/**
 * How often a shape must be drawn in the same place before it becomes an object in the PDF file. An object takes twice
 * as many bytes as drawing the shape once.
 */
const OFTEN = 8;

export function openPen(doc: Document, resources: Resources, shared: Ref<object>, content: Content): Pen {
  const drawText = openText(doc, resources, content);
  const logos = openLogos(doc, resources, content);
  // For each place in the layout, the shape that was last drawn there. Usually, a place has the same shape on all
  // labels of a job.
  const drawn: { shape: Shape; times: number; form?: string }[] = [];
  let forms = 0;

  const write = (shape: Shape): void => {
    if (shape.kind === 'text') drawText(shape);
    else if (shape.kind === 'image') logos.draw(shape);
    else if (shape.kind === 'turned') {
      content.text(
        `q ${transformOf(shape)
          .map((value) => number(value))
          .join(' ')} cm\n`,
      );
      for (const inner of shape.shapes) write(inner);
      content.text('Q\n');
    } else drawVector(shape, content);
  };
  const prepare = async (shapes: Shape[], dpi: number): Promise<void> => {
    for (const shape of shapes) {
      if (shape.kind === 'image') await logos.prepare(shape, dpi);
      if (shape.kind === 'turned') await prepare(shape.shapes, dpi);
    }
  };
  return {
    prepare,
    draw(shape, place, { width, height }) {
      const last = drawn[place];
      if (last?.shape !== shape) {
        drawn[place] = { shape, times: 1 };
        return write(shape);
      }
      if (last.form !== undefined) return content.text(last.form);
      const start = content.length();
      write(shape);
      if (++last.times < OFTEN) return;
      const name = `S${++forms}`;
      const form = refer(doc, { Type: 'XObject', Subtype: 'Form', BBox: [0, 0, width, height], Resources: shared });
      form.end(content.since(start));
      resources.XObject[name] = form;
      last.form = `/${name} Do\n`;
    },
  };
}

/* Text */

type Font = Inside['_font'];

function openText(doc: Document, resources: Resources, content: Content): (shape: Shape & { kind: 'text' }) => void {
  const inside = insideOf(doc);
  const fonts = new Map<Face, { font: Font; codes: Map<string, string> }>();
  const fontFor = (face: Face) => {
    const known = fonts.get(face);
    if (known) return known;
    // pdfkit gets the opened font instead of a file, so that all documents share the decoded glyphs.
    inside.font(face.font);
    const font = inside['_font'];
    resources.Font[font.id] = font.ref();
    const made = { font, codes: new Map<string, string>() };
    fonts.set(face, made);
    return made;
  };
  return (shape) => {
    let { x } = shape;
    const em = shape.size * MM_PER_POINT;
    for (const { face, text: letters, width } of shape.runs) {
      const { font, codes } = fontFor(face);
      let hex = '';
      for (const letter of letters) {
        let code = codes.get(letter);
        if (code === undefined) {
          code = glyphCode(face, font, letter);
          codes.set(letter, code);
        }
        hex += code;
      }
      const place = `${number(x)} ${number(shape.baseline)}`;
      content.text(`BT /${font.id} ${number(em)} Tf 1 0 0 -1 ${place} Tm <${hex}> Tj ET\n`);
      x += width * em;
    }
  };
}

/**
 * Returns the letter's code in the font's subset. The text is not shaped, so each glyph is as wide as in the layout.
 */
function glyphCode(face: Face, font: Font, letter: string): string {
  const point = letter.codePointAt(0) ?? 0;
  const glyph = face.font.glyphForCodePoint(point);
  const code = font.subset.includeGlyph(glyph.id);
  font.widths[code] ??= glyph.advanceWidth * font.scale;
  font.unicode[code] ??= [point];
  return code.toString(16).padStart(4, '0');
}

/* Logos */

type ImageShape = Shape & { kind: 'image' };

function openLogos(doc: Document, resources: Resources, content: Content) {
  /** `label` is the image's name in the resources of the pages. */
  const images = new Map<string, { label: string; width: number; height: number }>();
  const keyOf = ({ picture, tone, w, h }: ImageShape): string => JSON.stringify([picture.hash, tone, w, h]);
  return {
    async prepare(shape: ImageShape, dpi: number): Promise<void> {
      const key = keyOf(shape);
      if (images.has(key)) return;
      const { width, height, rgba } = await shownPixels(shape, dpi);
      const picture = refer(doc, {
        Type: 'XObject',
        Subtype: 'Image',
        Width: width,
        Height: height,
        BitsPerComponent: 8,
        ColorSpace: 'DeviceRGB',
        Filter: 'FlateDecode',
      });
      picture.end(deflateSync(withoutAlpha(rgba)));
      const label = `I${images.size + 1}`;
      resources.XObject[label] = picture;
      images.set(key, { label, width, height });
    },
    draw(shape: ImageShape): void {
      const { label, width, height } = defined(images.get(keyOf(shape)));
      const { x, y, w, h } = placeOf(shape, { width, height });
      content.text(`q ${number(w)} 0 0 ${number(-h)} ${number(x)} ${number(y + h)} cm /${label} Do Q\n`);
    },
  };
}

function withoutAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; to < rgb.length; from++) if (from % 4 !== 3) rgb[to++] = rgba[from] ?? 0;
  return rgb;
}

/* Codes, lines and frames */

function drawVector(shape: Exclude<Shape, { kind: 'text' | 'image' | 'turned' }>, content: Content): void {
  switch (shape.kind) {
    case 'matrix':
      content.text(scaled(shape, shape.module, shape.module));
      content.modules(shape.matrix);
      return content.text('f Q\n');
    case 'bars':
      content.text(scaled(shape, shape.module / PARTS_OF_MODULE, shape.height));
      content.bars(shape.bars);
      return content.text('f Q\n');
    case 'line':
      return content.text(
        `${number(shape.width)} w ${number(shape.x)} ${number(shape.y)} m ${number(shape.x2)} ${number(shape.y2)} l S\n`,
      );
    case 'triangle': {
      const [left, top] = [number(shape.x), number(shape.y)];
      const [right, bottom] = [number(shape.x + shape.side), number(shape.y + shape.side)];
      return content.text(`${right} ${top} m ${right} ${bottom} l ${left} ${bottom} l h f\n`);
    }
    case 'frame':
      return content.text(`${number(shape.width)} w ${frame(shape)} re S\n`);
  }
}

/** Sets the units to `width` and `height` mm. The origin is the upper left corner. */
function scaled({ x, y }: { x: number; y: number }, width: number, height: number): string {
  return `q ${number(width, 8)} 0 0 ${number(height, 6)} ${number(x)} ${number(y)} cm\n`;
}

/** Draws a frame. The lines of a frame lie inside its box. */
function frame({ x, y, w, h, width }: Shape & { kind: 'frame' }): string {
  return [x + width / 2, y + width / 2, w - width, h - width].map((value) => number(value)).join(' ');
}

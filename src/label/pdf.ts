import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import Pdf from 'pdfkit';
import { ClaimstampError } from '../error.ts';
import type { Matrix } from './barcode.ts';
import type { Bars } from './code128.ts';
import type { Face } from './fonts.ts';
import { MM_PER_POINT } from './fonts.ts';
import { loadPicture, packedPicture } from './images.ts';
import type { Layout, Shape } from './layout.ts';
import { checkCell, type Sheet } from './template.ts';

/**
 * A PDF of labels. Shapes become content streams written directly, in mm: codes are filled vectors, text is set from
 * glyph codes kept per letter. The same labels give the same bytes: nothing in the file tells when it was made.
 */
export interface PdfLabels {
  /** Bytes as they come; ends after `end`. */
  stream: NodeJS.ReadableStream;
  add: (layout: Layout) => Promise<void>;
  end: () => void;
}

/** Where labels go: one a page, or the cells of a sheet from `start` (1 is the first cell). */
export type Pages = { kind: 'roll' } | { kind: 'sheet'; sheet: Sheet; start: number };

/** Logos are drawn at the finest printer's dots. */
const LOGO_DPI = 600;
/** Bytes that wait for a slow reader before rendering waits as well. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const READER_PAUSE_MS = 5;
/** Two thirds of the default's time for a ninth more bytes (750 for 672 of a label's page). */
const FASTEST = 1;

type Document = InstanceType<typeof Pdf>;

/** Throws `invalid` for a start that the sheet has not; `add` throws it for a label larger than the sheet's cells. */
export function openPdf(pages: Pages): PdfLabels {
  if (pages.kind === 'sheet') checkStart(pages);
  const doc = new Pdf({
    autoFirstPage: false,
    // None before a label asks for one: opening the default takes longer than drawing a label.
    font: '',
    // Pages are packed below, fonts at the end.
    compress: false,
    // A fixed date: the file's identifier is made from it, and two renderings must not differ.
    info: { CreationDate: new Date(0), Producer: 'Claimstamp', Creator: 'Claimstamp' },
  });
  const { Pages: list } = (doc as unknown as Inside)['_root'].data;
  // One for all pages: fonts and logos come in as labels ask for them.
  const resources: Resources = { Font: {}, XObject: {} };
  const shared = refer(doc, resources);
  const pen = openPen(doc, resources);
  let size: [number, number] = [0, 0];
  let contents = '';
  let cell = pages.kind === 'sheet' ? pages.start - 1 : 0;

  // Pages are written as objects: pdfkit's own take their content letter by letter, and a dictionary each of what they use.
  const closePage = (): void => {
    if (contents === '') return;
    const content = refer(doc, { Filter: 'FlateDecode' });
    content.end(deflateSync(Buffer.from(contents, 'latin1'), { level: FASTEST }));
    const page = refer(doc, {
      Type: 'Page',
      Parent: list,
      MediaBox: [0, 0, ...size],
      Contents: content,
      Resources: shared,
    });
    page.end();
    // Written by now, and the list of pages holds it to the end: a kilobyte each, were it kept.
    page.data = {};
    list.data.Kids.push(page);
    list.data.Count++;
    contents = '';
  };
  const openPage = ({ width, height }: { width: number; height: number }): void => {
    closePage();
    size = [width / MM_PER_POINT, height / MM_PER_POINT];
    // From here on a unit is a millimetre, and y grows downwards.
    const scale = number(1 / MM_PER_POINT, 6);
    contents = `${scale} 0 0 -${scale} 0 ${number(size[1])} cm\n`;
  };

  const place = (layout: Layout): [number, number] => {
    if (pages.kind === 'roll') {
      openPage(layout);
      return [0, 0];
    }
    const { sheet } = pages;
    checkCell(sheet, layout);
    const index = cell++ % (sheet.columns * sheet.rows);
    if (index === 0 || contents === '') openPage(sheet.page);
    const x = sheet.left + (index % sheet.columns) * sheet.pitch.x + (sheet.label.width - layout.width) / 2;
    const y = sheet.top + Math.floor(index / sheet.columns) * sheet.pitch.y + (sheet.label.height - layout.height) / 2;
    return [x, y];
  };

  return {
    stream: doc,
    async add(layout) {
      for (const shape of layout.shapes) if (shape.kind === 'image') await pen.prepare(shape);
      const [x, y] = place(layout);
      contents += `q 1 0 0 1 ${number(x)} ${number(y)} cm\n${layout.shapes.map((shape) => pen.draw(shape)).join('\n')}\nQ\n`;
      while (doc.readableLength > MAX_WAITING_BYTES) {
        if (doc.destroyed) throw new Error('the reader of the PDF is gone');
        await sleep(READER_PAUSE_MS);
      }
    },
    end() {
      closePage();
      shared.end();
      (doc as unknown as { compress: boolean }).compress = true;
      doc.end();
    },
  };
}

function checkStart({ sheet, start }: Pages & { kind: 'sheet' }): void {
  const cells = sheet.columns * sheet.rows;
  if (Number.isInteger(start) && start >= 1 && start <= cells) return;
  throw new ClaimstampError(
    'invalid',
    `sheet ${sheet.name} has ${cells} labels: start with 1 to ${cells}, not ${start}`,
  );
}

/** What is inside a pdfkit document that its own drawing functions are too slow for. */
interface Inside {
  _root: { data: { Pages: Ref<{ Kids: unknown[]; Count: number }> } };
  _font: {
    id: string;
    scale: number;
    subset: { includeGlyph: (glyph: number) => number };
    /** By the subset's glyph: thousandths of an em, and what a reader copies out. */
    widths: number[];
    unicode: number[][];
    ref: () => unknown;
  };
}

/** An object of the file; written when it ends. */
interface Ref<Data> {
  data: Data;
  end: (stream?: Uint8Array) => void;
}

/** By the names that contents use. */
interface Resources {
  Font: Record<string, unknown>;
  XObject: Record<string, unknown>;
}

function refer(doc: Document, data: object): Ref<object> {
  return doc.ref(data);
}

interface Logo {
  /** Its name in the pages' resources. */
  label: string;
  width: number;
  height: number;
}

function openPen(doc: Document, resources: Resources) {
  const inside = doc as unknown as Inside;
  const fonts = new Map<Face, { font: Inside['_font']; codes: Map<string, string> }>();
  const images = new Map<string, Logo>();
  const drawn = new WeakMap<Shape, string>();

  const fontFor = (face: Face) => {
    const known = fonts.get(face);
    if (known) return known;
    // The opened font itself, not its file: what it has decoded serves every document.
    doc.font(face.font as unknown as string);
    const font = inside['_font'];
    resources.Font[font.id] = font.ref();
    const made = { font, codes: new Map<string, string>() };
    fonts.set(face, made);
    return made;
  };

  const text = (shape: Shape & { kind: 'text' }): string => {
    let { x } = shape;
    const em = shape.size * MM_PER_POINT;
    let out = '';
    for (const { face, text: letters } of shape.runs) {
      const { font, codes } = fontFor(face);
      let hex = '';
      let width = 0;
      for (const letter of letters) {
        let code = codes.get(letter);
        if (code === undefined) {
          code = glyphCode(face, font, letter);
          codes.set(letter, code);
        }
        hex += code;
        width += face.advance(letter) ?? 0;
      }
      out += `BT /${font.id} ${number(em)} Tf 1 0 0 -1 ${number(x)} ${number(shape.baseline)} Tm <${hex}> Tj ET\n`;
      x += width * em;
    }
    return out;
  };

  const image = ({ file, folder, x, y, w, h }: Shape & { kind: 'image' }): string => {
    const { label, width, height } = images.get(`${folder}/${file}`) as Logo;
    const scale = Math.min(w / width, h / height);
    const [dw, dh] = [width * scale, height * scale];
    return `q ${number(dw)} 0 0 ${number(-dh)} ${number(x + (w - dw) / 2)} ${number(y + (h + dh) / 2)} cm /${label} Do Q`;
  };

  const make = (shape: Shape): string => {
    switch (shape.kind) {
      case 'text':
        return text(shape);
      case 'matrix':
        return `q ${number(shape.module, 6)} 0 0 ${number(shape.module, 6)} ${number(shape.x)} ${number(shape.y)} cm\n${modules(shape.matrix)}f Q`;
      case 'bars':
        return `q ${number(shape.module, 6)} 0 0 ${number(shape.height)} ${number(shape.x)} ${number(shape.y)} cm\n${barsPath(shape.bars)}f Q`;
      case 'image':
        return image(shape);
      case 'line':
        return `${number(shape.width)} w ${number(shape.x)} ${number(shape.y)} m ${number(shape.x2)} ${number(shape.y2)} l S`;
      case 'frame':
        return `${number(shape.width)} w ${frame(shape)} re S`;
    }
  };

  return {
    /** Embeds a logo once for the whole document. */
    async prepare({ file, folder, w }: Shape & { kind: 'image' }): Promise<void> {
      const key = `${folder}/${file}`;
      if (images.has(key)) return;
      const { width, height, rgb } = await packedPicture(loadPicture(file, folder), Math.ceil((w / 25.4) * LOGO_DPI));
      const picture = refer(doc, {
        Type: 'XObject',
        Subtype: 'Image',
        Width: width,
        Height: height,
        BitsPerComponent: 8,
        ColorSpace: 'DeviceRGB',
        Filter: 'FlateDecode',
      });
      picture.end(rgb);
      const label = `I${images.size + 1}`;
      resources.XObject[label] = picture;
      images.set(key, { label, width, height });
    },
    draw(shape: Shape): string {
      const known = drawn.get(shape);
      if (known !== undefined) return known;
      const content = make(shape);
      drawn.set(shape, content);
      return content;
    },
  };
}

/** The letter's code in the subset. No shaping: the glyph drawn is the one whose advance the layout counted. */
function glyphCode(face: Face, font: Inside['_font'], letter: string): string {
  const point = letter.codePointAt(0) as number;
  const glyph = face.font.glyphForCodePoint(point);
  const code = font.subset.includeGlyph(glyph.id);
  font.widths[code] ??= glyph.advanceWidth * font.scale;
  font.unicode[code] ??= [point];
  return code.toString(16).padStart(4, '0');
}

/** Dark runs of each row as rectangles, in modules; a run that the next row repeats grows down into it. */
function modules({ columns, rows, dark }: Matrix): string {
  let path = '';
  // Of the run that begins in a column: its width, 0 for none, and its first row.
  const width = new Uint8Array(columns);
  const since = new Uint8Array(columns);
  for (let row = 0; row <= rows; row++) {
    let end = 0;
    for (let column = 0; column < columns; column++) {
      const begins = row < rows && column >= end && dark(column, row);
      if (begins) {
        end = column + 1;
        while (end < columns && dark(end, row)) end++;
      }
      const now = begins ? end - column : 0;
      const before = width[column] as number;
      if (now === before) continue;
      const first = since[column] as number;
      if (before > 0) path += `${column} ${first} ${before} ${row - first} re\n`;
      width[column] = now;
      since[column] = row;
    }
  }
  return path;
}

function barsPath({ widths }: Bars): string {
  let path = '';
  let x = 0;
  for (const [index, width] of widths.entries()) {
    if (index % 2 === 0) path += `${x} 0 ${width} 1 re\n`;
    x += width;
  }
  return path;
}

/** The stroke lies inside the box. */
function frame({ x, y, w, h, width }: Shape & { kind: 'frame' }): string {
  return [x + width / 2, y + width / 2, w - width, h - width].map((value) => number(value)).join(' ');
}

function number(value: number, digits = 4): string {
  const scale = 10 ** digits;
  return String(Math.round(value * scale) / scale);
}

import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import Pdf from 'pdfkit';
import { ClaimstampError } from '../platform/error.ts';
import { openContent, type Content } from './content.ts';
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
/** Bytes that wait for a reader before rendering waits as well: a turn of the event loop, and for a slow one longer. */
const MAX_WAITING_BYTES = 256 * 1024;
const READER_PAUSE_MS = 5;
/** Three fifths of the default's time for a tenth more bytes (602 for 551 of a label's page), which needs no large window. */
const PACKING = { level: 1, chunkSize: 4096 };
const SMALL_PAGE = { ...PACKING, windowBits: 12 };

/** A shape drawn so many times in the same place becomes an object of its own: it takes twice the room of one drawing. */
const OFTEN = 8;

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
  const inside = doc as unknown as Inside;
  const { Pages: list } = inside['_root'].data;
  // One for all pages: fonts and logos come in as labels ask for them.
  const resources: Resources = { Font: {}, XObject: {} };
  const shared = refer(doc, resources);
  const content = openContent();
  const pen = openPen(doc, resources, shared, content);
  let size: [number, number] = [0, 0];
  let cell = pages.kind === 'sheet' ? pages.start - 1 : 0;

  // A page is written at once: pdfkit's own take their content letter by letter, and write themselves word by word.
  const closePage = (): void => {
    if (content.length() === 0) return;
    const packed = deflateSync(content.take(), pages.kind === 'roll' ? SMALL_PAGE : PACKING);
    const [stream, page] = [refer(doc, {}), refer(doc, {})];
    const opening = `${stream.id} 0 obj\n<< /Filter /FlateDecode /Length ${packed.length} >>\nstream\n`;
    const ending = '\nendstream\nendobj\n';
    stream.offset = inside['_offset'];
    page.offset = stream.offset + opening.length + packed.length + ending.length;
    const box = `[0 0 ${number(size[0])} ${number(size[1])}]`;
    const words = `${page.id} 0 obj\n<< /Type /Page /Parent ${list.id} 0 R /MediaBox ${box} /Contents ${stream.id} 0 R /Resources ${shared.id} 0 R >>\nendobj\n`;
    inside['_write'](Buffer.concat([Buffer.from(opening), packed, Buffer.from(ending + words)]));
    inside['_refEnd'](stream);
    inside['_refEnd'](page);
    list.data.Kids.push(page);
    list.data.Count++;
  };
  const openPage = ({ width, height }: { width: number; height: number }): void => {
    closePage();
    size = [width / MM_PER_POINT, height / MM_PER_POINT];
    // From here on a unit is a millimetre, and y grows downwards.
    const scale = number(1 / MM_PER_POINT, 6);
    content.text(`${scale} 0 0 -${scale} 0 ${number(size[1])} cm\n`);
  };

  const place = (layout: Layout): [number, number] => {
    if (pages.kind === 'roll') {
      openPage(layout);
      return [0, 0];
    }
    const { sheet } = pages;
    checkCell(sheet, layout);
    const index = cell++ % (sheet.columns * sheet.rows);
    if (index === 0 || content.length() === 0) openPage(sheet.page);
    const x = sheet.left + (index % sheet.columns) * sheet.pitch.x + (sheet.label.width - layout.width) / 2;
    const y = sheet.top + Math.floor(index / sheet.columns) * sheet.pitch.y + (sheet.label.height - layout.height) / 2;
    return [x, y];
  };

  return {
    stream: doc,
    async add(layout) {
      for (const shape of layout.shapes) if (shape.kind === 'image') await pen.prepare(shape);
      const [x, y] = place(layout);
      content.text(`q 1 0 0 1 ${number(x)} ${number(y)} cm\n`);
      for (const [place, shape] of layout.shapes.entries()) pen.draw(shape, place, layout);
      content.text('Q\n');
      for (let ms = 0; doc.readableLength > MAX_WAITING_BYTES; ms = READER_PAUSE_MS) {
        if (doc.destroyed) throw new Error('the reader of the PDF is gone');
        await (ms === 0 ? turn() : sleep(ms));
      }
    },
    end() {
      closePage();
      shared.end();
      inside.compress = true;
      gather(doc);
      doc.end();
    },
  };
}

const PIECE_BYTES = 64 * 1024;

/** The rest in large pieces: the table of objects has a line for each, and handing it over takes as long as making it. */
function gather(doc: Document): void {
  let rest: Uint8Array[] = [];
  let bytes = 0;
  const push = doc.push.bind(doc);
  doc.push = (chunk: Uint8Array | null): boolean => {
    if (chunk !== null) {
      rest.push(chunk);
      bytes += chunk.length;
      if (bytes < PIECE_BYTES) return true;
    }
    push(Buffer.concat(rest));
    [rest, bytes] = [[], 0];
    return chunk !== null || push(null);
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

/** What is inside a pdfkit document that its own functions are too slow for. */
interface Inside {
  compress: boolean;
  /** Bytes written. */
  _offset: number;
  _write: (bytes: Uint8Array) => void;
  /** Notes an object's offset for the table at the end. */
  _refEnd: (written: Ref<unknown>) => void;
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
  id: number;
  data: Data;
  offset: number;
  end: (stream?: Uint8Array) => void;
}

/** By the names that contents use. */
interface Resources {
  Font: Record<string, unknown>;
  XObject: Record<string, unknown>;
}

function refer(doc: Document, data: object): Ref<object> {
  return doc.ref(data) as unknown as Ref<object>;
}

interface Logo {
  /** Its name in the pages' resources. */
  label: string;
  width: number;
  height: number;
}

function openPen(doc: Document, resources: Resources, shared: Ref<object>, content: Content) {
  const inside = doc as unknown as Inside;
  const fonts = new Map<Face, { font: Inside['_font']; codes: Map<string, string> }>();
  const images = new Map<string, Logo>();
  // By its place on the label: the shape drawn there last. Most are the same on every label of a job.
  const drawn: { shape: Shape; times: number; form?: string }[] = [];
  let forms = 0;

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

  const text = (shape: Shape & { kind: 'text' }): void => {
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

  const image = ({ file, folder, x, y, w, h }: Shape & { kind: 'image' }): void => {
    const { label, width, height } = images.get(`${folder}/${file}`) as Logo;
    const scale = Math.min(w / width, h / height);
    const [dw, dh] = [width * scale, height * scale];
    const place = `${number(x + (w - dw) / 2)} ${number(y + (h + dh) / 2)}`;
    content.text(`q ${number(dw)} 0 0 ${number(-dh)} ${place} cm /${label} Do Q\n`);
  };

  const make = (shape: Shape): void => {
    switch (shape.kind) {
      case 'text':
        return text(shape);
      case 'matrix':
        content.text(scaled(shape, shape.module));
        content.modules(shape.matrix);
        return content.text('f Q\n');
      case 'bars':
        content.text(scaled(shape, shape.height));
        content.bars(shape.bars);
        return content.text('f Q\n');
      case 'image':
        return image(shape);
      case 'line':
        return content.text(
          `${number(shape.width)} w ${number(shape.x)} ${number(shape.y)} m ${number(shape.x2)} ${number(shape.y2)} l S\n`,
        );
      case 'frame':
        return content.text(`${number(shape.width)} w ${frame(shape)} re S\n`);
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
    draw(shape: Shape, place: number, { width, height }: Layout): void {
      const last = drawn[place];
      if (last?.shape !== shape) {
        drawn[place] = { shape, times: 1 };
        return make(shape);
      }
      if (last.form !== undefined) return content.text(last.form);
      const start = content.length();
      make(shape);
      if (++last.times < OFTEN) return;
      // Once for the whole document, as logos are.
      const name = `S${++forms}`;
      const form = refer(doc, { Type: 'XObject', Subtype: 'Form', BBox: [0, 0, width, height], Resources: shared });
      form.end(content.since(start));
      resources.XObject[name] = form;
      last.form = `/${name} Do\n`;
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

/** From here on a unit is a module across and `height` mm down, from the code's upper left corner. */
function scaled({ x, y, module }: { x: number; y: number; module: number }, height: number): string {
  return `q ${number(module, 6)} 0 0 ${number(height, 6)} ${number(x)} ${number(y)} cm\n`;
}

/** The stroke lies inside the box. */
function frame({ x, y, w, h, width }: Shape & { kind: 'frame' }): string {
  return [x + width / 2, y + width / 2, w - width, h - width].map((value) => number(value)).join(' ');
}

function number(value: number, digits = 4): string {
  const scale = 10 ** digits;
  return String(Math.round(value * scale) / scale);
}

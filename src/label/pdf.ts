import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import { refusal } from '../platform/error.ts';
import { openContent, type Content } from './content.ts';
import { MM_PER_POINT } from './fonts.ts';
import type { Layout } from './layout.ts';
import { pack } from './pack.ts';
import { insideOf, newDocument, number, refer, type Document, type Ref, type Resources } from './pdf-document.ts';
import { openPen } from './pdf-pen.ts';
import type { Offset } from '../contract/labels.ts';
import { checkCell, type Sheet } from './sheet.ts';

/**
 * A PDF file of labels. The content streams are written directly, in mm, without pdfkit. Codes are filled vectors, and
 * text uses cached glyph codes. The same labels always give the same bytes, because the file does not contain the
 * current date.
 */
export interface PdfLabels {
  /** The PDF file as a stream. The stream ends after `end` is called. */
  stream: NodeJS.ReadableStream;
  add: (layout: Layout) => Promise<void>;
  end: () => void;
}

/**
 * A roll has one label per page. A sheet has several labels per page. `start` is the first cell to use, counted from 1.
 * `offset`, in mm, moves all labels to the right and down, to correct for a printer that does not feed paper exactly.
 */
export type Pages =
  | { kind: 'roll'; offset?: Offset | undefined }
  | { kind: 'sheet'; sheet: Sheet; start: number; offset?: Offset | undefined };

/**
 * If more bytes than this are unread, drawing waits for the reader: first for one turn of the event loop, then for
 * READER_PAUSE_MS at a time.
 */
const MAX_WAITING_BYTES = 256 * 1024;
const READER_PAUSE_MS = 5;
/** Packs a content stream. */
type Pack = (bytes: Uint8Array) => Uint8Array;

/**
 * The labels on a sheet resemble each other, so zlib packs them into fewer bytes than `pack`. Level 1 takes three
 * fifths of the time of zlib's default level, and the output is a tenth larger.
 */
const packSheet: Pack = (bytes) => deflateSync(bytes, { level: 1, chunkSize: 4096 });

/**
 * Throws `invalid` if the sheet has no cell with the number `start`. `add` throws `invalid` if a label is larger than a
 * cell.
 */
export function openPdf(pages: Pages): PdfLabels {
  if (pages.kind === 'sheet') checkStart(pages);
  const doc = newDocument();
  // All pages share the same resources. A font or logo is added when a label first uses it.
  const resources: Resources = { Font: {}, XObject: {} };
  const shared = refer(doc, resources);
  const content = openContent();
  const pen = openPen(doc, resources, shared, content);
  const writer = openPages(doc, content, shared, pages.kind === 'roll' ? pack : packSheet);
  const place = pages.kind === 'roll' ? onRoll(pages, writer) : onSheets(pages, writer);
  return {
    stream: doc,
    async add(layout) {
      await pen.prepare(layout.shapes, layout.dpi);
      const [x, y] = place(layout);
      content.text(`q 1 0 0 1 ${number(x)} ${number(y)} cm\n`);
      for (const [place, shape] of layout.shapes.entries()) pen.draw(shape, place, layout);
      content.text('Q\n');
      for (let ms = 0; doc.readableLength > MAX_WAITING_BYTES; ms = READER_PAUSE_MS) {
        if (doc.destroyed) throw new Error('the reader of the PDF file has closed the stream');
        await (ms === 0 ? turn() : sleep(ms));
      }
    },
    end() {
      writer.close();
      shared.end();
      insideOf(doc).compress = true;
      doc.end();
    },
  };
}

interface PageWriter {
  /** Writes the current page, and begins a new page of this size in mm. */
  open: (size: { width: number; height: number }) => void;
  isEmpty: () => boolean;
  /** Writes the last page. */
  close: () => void;
}

/** Writes each page in one piece, because pdfkit would write many small pieces. */
function openPages(doc: Document, content: Content, resources: Ref<object>, packing: Pack): PageWriter {
  const inside = insideOf(doc);
  const { Pages: list } = inside['_root'].data;
  let size: [number, number] = [0, 0];
  const close = (): void => {
    if (content.length() === 0) return;
    const packed = packing(content.take());
    const [stream, page] = [inside.ref({}), inside.ref({})];
    const opening = `${stream.id} 0 obj\n<< /Filter /FlateDecode /Length ${packed.length} >>\nstream\n`;
    const ending = '\nendstream\nendobj\n';
    stream.offset = inside['_offset'];
    page.offset = stream.offset + opening.length + packed.length + ending.length;
    const box = `[0 0 ${number(size[0])} ${number(size[1])}]`;
    const words = `${page.id} 0 obj\n<< /Type /Page /Parent ${list.id} 0 R /MediaBox ${box} /Contents ${stream.id} 0 R /Resources ${resources.id} 0 R >>\nendobj\n`;
    inside['_write'](Buffer.concat([Buffer.from(opening), packed, Buffer.from(ending + words)]));
    inside['_refEnd'](stream);
    inside['_refEnd'](page);
    list.data.Kids.push(page);
    list.data.Count++;
  };
  return {
    open({ width, height }) {
      close();
      size = [width / MM_PER_POINT, height / MM_PER_POINT];
      // Sets the unit to one millimetre, with y increasing downwards.
      const scale = number(1 / MM_PER_POINT, 6);
      content.text(`${scale} 0 0 -${scale} 0 ${number(size[1])} cm\n`);
    },
    isEmpty: () => content.length() === 0,
    close,
  };
}

/**
 * Returns the upper left corner of a label on the current page, in mm. Opens a new page if the current page is full.
 */
type Place = (layout: Layout) => [number, number];

function onRoll({ offset = { x: 0, y: 0 } }: Pages & { kind: 'roll' }, pages: PageWriter): Place {
  return (layout) => {
    pages.open(layout);
    return [offset.x, offset.y];
  };
}

function onSheets({ sheet, start, offset = { x: 0, y: 0 } }: Pages & { kind: 'sheet' }, pages: PageWriter): Place {
  let cell = start - 1;
  return (layout) => {
    checkCell(sheet, layout);
    const index = cell++ % (sheet.columns * sheet.rows);
    if (index === 0 || pages.isEmpty()) pages.open(sheet.page);
    const x = sheet.left + (index % sheet.columns) * sheet.pitch.x + (sheet.label.width - layout.width) / 2;
    const y = sheet.top + Math.floor(index / sheet.columns) * sheet.pitch.y + (sheet.label.height - layout.height) / 2;
    return [x + offset.x, y + offset.y];
  };
}

function checkStart({ sheet, start }: Pages & { kind: 'sheet' }): void {
  const cells = sheet.columns * sheet.rows;
  if (Number.isInteger(start) && start >= 1 && start <= cells) return;
  throw refusal('invalid', 'sheetStart', { sheet: sheet.name, cells, start });
}

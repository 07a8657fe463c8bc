import { crc32, deflateSync } from 'node:zlib';
import { PDFiumModule } from '@hyzyla/pdfium';

/*
 * PDFium reads the PDFs that PDFKit wrote: its pages as pictures, its text, and where each word stands. The package is
 * pinned, because functions of PDFium are called here that its own types do not name.
 */

type Module = Awaited<ReturnType<typeof PDFiumModule>>;
/** Declared as a method, it could not be taken from the module. */
type Bare = Omit<Module, '_FPDF_CloseDocument'> & { _FPDF_CloseDocument: (document: number) => void };

/** fpdf_text.h. */
interface TextFunctions {
  _FPDFText_GetUnicode: (text: number, index: number) => number;
  /** Into four floats at `rect`: left, top, right, bottom; points, from the lower left corner of the page. */
  _FPDFText_GetLooseCharBox: (text: number, index: number, rect: number) => number;
  /** Of the ink, into a double each. */
  _FPDFText_GetCharBox: (
    text: number,
    index: number,
    left: number,
    right: number,
    bottom: number,
    top: number,
  ) => number;
  HEAPF32: Float32Array;
  HEAPF64: Float64Array;
}

export interface Word {
  text: string;
  /** Its place and size by the font's own measures, in points from the upper left corner of the page. */
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** From the top of its highest letter to the bottom of its lowest. */
  ink: { top: number; bottom: number };
}

export interface PageText {
  /** In points. */
  width: number;
  height: number;
  /** In the order of reading, lines apart by `\n`. */
  text: string;
  words: Word[];
}

/** fpdfview.h: one byte a pixel; and how it draws. */
const BITMAP_GRAY = 1;
const GRAYSCALE = 0x08;
const PRINTING = 0x800;
/** Bars and modules are paths: neither a printer nor a page viewer smooths the edges of upright rectangles. */
const NO_SMOOTH_PATHS = 0x4000;
/** Of text, images and paths. */
const NO_SMOOTHING = 0x1000 | 0x2000 | NO_SMOOTH_PATHS;
const WHITE = 0xffffffff;
/** Four doubles. */
const RECT_BYTES = 32;

const pdfium = (await PDFiumModule({})) as Bare & TextFunctions;
const {
  _FPDFBitmap_CreateEx: bitmapCreateEx,
  _FPDFBitmap_Destroy: bitmapDestroy,
  _FPDFBitmap_FillRect: bitmapFillRect,
  _FPDFBitmap_GetBuffer: bitmapGetBuffer,
  _FPDFBitmap_GetStride: bitmapGetStride,
  _FPDF_CloseDocument: closeDocument,
  _FPDF_ClosePage: closePage,
  _FPDF_GetLastError: getLastError,
  _FPDF_GetPageCount: getPageCount,
  _FPDF_GetPageHeight: getPageHeight,
  _FPDF_GetPageWidth: getPageWidth,
  _FPDF_InitLibraryWithConfig: initLibraryWithConfig,
  _FPDF_LoadMemDocument: loadMemDocument,
  _FPDF_LoadPage: loadPage,
  _FPDF_RenderPageBitmap: renderPageBitmap,
  _FPDFText_ClosePage: textClosePage,
  _FPDFText_CountChars: textCountChars,
  _FPDFText_GetCharBox: textGetCharBox,
  _FPDFText_GetLooseCharBox: textGetLooseCharBox,
  _FPDFText_GetUnicode: textGetUnicode,
  _FPDFText_LoadPage: textLoadPage,
} = pdfium;
initLibraryWithConfig({ version: 2 });

/** The pages as PNG, in the dots of a printer. `mono`: black or white, as a thermal head prints. */
export function rasterPdf(pdf: Uint8Array, dpi: number, ink: 'mono' | 'gray'): Buffer[] {
  return eachPage(pdf, (page) => {
    const width = Math.round((getPageWidth(page) * dpi) / 72);
    const height = Math.round((getPageHeight(page) * dpi) / 72);
    const bitmap = bitmapCreateEx(width, height, BITMAP_GRAY, 0, 0);
    bitmapFillRect(bitmap, 0, 0, width, height, WHITE);
    const flags = GRAYSCALE | (ink === 'mono' ? PRINTING | NO_SMOOTHING : NO_SMOOTH_PATHS);
    renderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags);
    const [stride, start] = [bitmapGetStride(bitmap), bitmapGetBuffer(bitmap)];
    const rows = Array.from({ length: height }, (_, y) =>
      pdfium.HEAPU8.slice(start + y * stride, start + y * stride + width),
    );
    bitmapDestroy(bitmap);
    return grayPng(width, rows);
  });
}

/** What stands on each page, and where. */
export function readPdf(pdf: Uint8Array): PageText[] {
  return eachPage(pdf, (page) => {
    const [width, height] = [getPageWidth(page), getPageHeight(page)];
    const text = textLoadPage(page);
    const letters = Array.from({ length: textCountChars(text) }, (_, i) => letterOf(text, i, height));
    textClosePage(text);
    const said = letters.map((letter) => letter.text).join('');
    return { width, height, text: said.replaceAll('\r\n', '\n').trim(), words: wordsOf(letters) };
  });
}

function eachPage<T>(pdf: Uint8Array, act: (page: number) => T): T[] {
  const bytes = pdfium.wasmExports.malloc(pdf.length);
  pdfium.HEAPU8.set(pdf, bytes);
  const document = loadMemDocument(bytes, pdf.length, 0);
  try {
    if (document === 0) throw new Error(`PDFium cannot read it: error ${getLastError()}`);
    return Array.from({ length: getPageCount(document) }, (_, index) => {
      const page = loadPage(document, index);
      const result = act(page);
      closePage(page);
      return result;
    });
  } finally {
    if (document !== 0) closeDocument(document);
    pdfium.wasmExports.free(bytes);
  }
}

function letterOf(text: number, index: number, pageHeight: number): Word {
  const rect = pdfium.wasmExports.malloc(RECT_BYTES);
  textGetLooseCharBox(text, index, rect);
  const [left = 0, top = 0, right = 0, bottom = 0] = pdfium.HEAPF32.subarray(rect / 4, rect / 4 + 4);
  textGetCharBox(text, index, rect, rect + 8, rect + 16, rect + 24);
  const [, , inkBottom = 0, inkTop = 0] = pdfium.HEAPF64.subarray(rect / 8, rect / 8 + 4);
  pdfium.wasmExports.free(rect);
  const letter = String.fromCodePoint(textGetUnicode(text, index));
  const ink = { top: pageHeight - inkTop, bottom: pageHeight - inkBottom };
  return { text: letter, left, right, top: pageHeight - top, bottom: pageHeight - bottom, ink };
}

/** Words end at the spaces and line ends that are in the PDF, or that PDFium finds between its letters. */
function wordsOf(letters: Word[]): Word[] {
  const words: Word[] = [];
  let open = false;
  for (const letter of letters) {
    if (letter.text.trim() === '') {
      open = false;
      continue;
    }
    const word = open ? words.at(-1) : undefined;
    if (word === undefined) {
      words.push({ ...letter, ink: { ...letter.ink } });
      open = true;
    } else {
      word.text += letter.text;
      word.left = Math.min(word.left, letter.left);
      word.right = Math.max(word.right, letter.right);
      word.top = Math.min(word.top, letter.top);
      word.bottom = Math.max(word.bottom, letter.bottom);
      word.ink.top = Math.min(word.ink.top, letter.ink.top);
      word.ink.bottom = Math.max(word.ink.bottom, letter.ink.bottom);
    }
  }
  return words;
}

/** A PNG of 8-bit grey levels (W3C PNG, 11.2). */
function grayPng(width: number, rows: Uint8Array[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length, 4);
  header[8] = 8;
  // Each row begins with its filter: 0, none.
  const pixels = Buffer.concat(rows.flatMap((row) => [Buffer.of(0), row]));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts: [string, Buffer][] = [
    ['IHDR', header],
    ['IDAT', deflateSync(pixels, { level: 1 })],
    ['IEND', Buffer.alloc(0)],
  ];
  return Buffer.concat([signature, ...parts.map(([name, content]) => chunk(name, content))]);
}

function chunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

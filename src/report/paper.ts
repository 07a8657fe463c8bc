import { join } from 'node:path';
import Pdf from 'pdfkit';
import { packageRoot } from '../platform/package-root.ts';

/* The parts that all reports share: A4 paper, fonts, colours and the footer. Sizes are in points. */

export const MARGIN = 48;
export const PAGE = { width: 595.28, height: 841.89 };
export const RIGHT = PAGE.width - MARGIN;
export const BOTTOM = PAGE.height - MARGIN - 18;
export const INK = '#1a1f26';
export const PALE = '#5a6470';
export const RULE = '#c4cad1';

export type Paper = InstanceType<typeof Pdf>;

const FACES = { sans: 'DejaVuSans.ttf', bold: 'DejaVuSans-Bold.ttf', mono: 'DejaVuSansMono-Bold.ttf' };

/** With `keepPages`, all pages stay in memory until the end, so that each footer can show the total number of pages. */
export function openPaper(info: Record<string, unknown>, keepPages = false): Paper {
  const doc = new Pdf({ size: 'A4', margin: 0, bufferPages: keepPages, autoFirstPage: false, info });
  for (const [name, file] of Object.entries(FACES)) doc.registerFont(name, join(packageRoot, 'labels', 'fonts', file));
  return doc;
}

/** Writes the footer of a page: the report's title and the page number. */
export function footerAt(doc: Paper, text: string, page: number, pages: number): void {
  const y = PAGE.height - MARGIN + 4;
  put(doc, 'sans', 7.5, PALE, text, MARGIN, y, RIGHT - 60 - MARGIN);
  put(doc, 'sans', 7.5, PALE, `${page} of ${pages}`, RIGHT - 48, y);
}

export function rule(doc: Paper, x: number, x2: number, y: number, width = 0.5, color = RULE): void {
  doc.moveTo(x, y).lineTo(x2, y).lineWidth(width).stroke(color);
}

/** Writes one line. A text that is wider than `width` is cut and ends with an ellipsis. */
export function put(
  doc: Paper,
  face: string,
  size: number,
  color: string,
  text: string,
  x: number,
  y: number,
  width?: number,
): void {
  doc.font(face).fontSize(size).fillColor(color);
  const options = width === undefined ? {} : { width, height: size * 1.2, ellipsis: '…' };
  doc.text(text, x, y, { lineBreak: width !== undefined, ...options });
}

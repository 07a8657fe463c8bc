import { sizeOf, type Setup, type Size } from '../model/printing/setup.ts';
import { isCode } from '../platform/error.ts';
import { layOutBox, type Layout, type Shape } from './layout.ts';
import { DEFAULT_TEMPLATE } from '../contract/labels.ts';
import { loadTemplate, parseTemplate } from './template.ts';

/*
 * A printer's test label. The frame at the very edges and the scale in mm show people whether the label is where the
 * printer expects it. The test label also has codes to scan.
 */

/** The alphabet of Claim IDs has no U, so the Claim ID on a test label can never be real. */
const TEST_DATA = { uci: 'TESTUTESTU', product: 'TEST', serial: 'TEST-00000', qr: 'TEST' };

export function testLayout(setup: Setup): Layout {
  const { loaded, dpi } = setup;
  const size = loaded === undefined ? loadTemplate(DEFAULT_TEMPLATE).media : sizeOf(loaded);
  const { width, height } = size;
  const frame: Shape = { kind: 'frame', x: 0, y: 0, w: width, h: height, width: LINE };
  return { width, height, dpi, shapes: [frame, ...scales(size), ...inside(setup, size)] };
}

/** mm */
const LINE = 0.25;
/** The lengths of the scale's marks in mm: at every mm, every 5 mm and every 10 mm. */
const MARKS = [1, 1.8, 2.6] as const;

/** Draws one scale along the left edge, and one along the upper edge. */
function scales({ width, height }: Size): Shape[] {
  const lengthAt = (mm: number): number => (mm % 10 === 0 ? MARKS[2] : mm % 5 === 0 ? MARKS[1] : MARKS[0]);
  const marks = (size: number, mark: (at: number, length: number) => Shape): Shape[] =>
    Array.from({ length: Math.max(0, Math.ceil(size) - 1) }, (_, index) => mark(index + 1, lengthAt(index + 1)));
  return [
    ...marks(width, (x, length) => ({ kind: 'line', x, y: 0, x2: x, y2: length, width: LINE })),
    ...marks(height, (y, length) => ({ kind: 'line', x: 0, y, x2: length, y2: y, width: LINE })),
  ];
}

/** Two distances of the content, in mm: from the left and upper edges, and from the right and lower edges. */
const [AFTER_SCALE, MARGIN] = [3.2, 1];
/** The height of a line of text, in mm. */
const ROW = 3;
/** The side of the QR code with its quiet zone, in mm: the largest that is used, and the smallest at 203 dpi. */
const [MAX_CODE, MIN_CODE] = [16, 7.5];

/** Draws only what fits: first a code, because people scan it, and then as many lines of text as possible. */
function inside(setup: Setup, size: Size): Shape[] {
  const area = { w: size.width - AFTER_SCALE - MARGIN, h: size.height - AFTER_SCALE - MARGIN };
  const code = Math.min(MAX_CODE, area.w, area.h);
  const boxes: object[] = [];
  const place = { x: AFTER_SCALE, y: AFTER_SCALE };
  if (code >= MIN_CODE) boxes.push({ type: 'qr', x: place.x + area.w - code, y: place.y, w: code, h: code });
  const besides = area.w - (code >= MIN_CODE ? code : 0) - MARGIN;
  const lines = linesFor(setup, size);
  for (const [index, text] of lines.entries()) {
    const y = place.y + index * ROW;
    if (y + ROW <= size.height - MARGIN && besides > 0)
      boxes.push({ type: 'text', x: place.x, y, w: besides, h: ROW, text, size: 7, floor: 3 });
  }
  const below = place.y + Math.max(code, lines.length * ROW) + MARGIN;
  const free = size.height - MARGIN - below;
  if (free >= 4) boxes.push({ type: 'code128', x: place.x, y: below, w: area.w, h: Math.min(10, free) });
  if (boxes.length === 0) return [];
  const template = parseTemplate('test', JSON.stringify({ media: size, boxes }));
  return template.boxes.flatMap((box) => {
    try {
      return layOutBox(template, box, TEST_DATA, setup.dpi);
    } catch (error) {
      if (isCode(error, 'label-too-large')) return [];
      throw error;
    }
  });
}

function linesFor(
  { name, dpi, loaded, rotation = 0, offsetX = 0, offsetY = 0 }: Setup,
  { width, height }: Size,
): string[] {
  const literal = (text: string): string => text.replace(/[{}]/g, '$&$&');
  return [
    `TEST ${literal(name)}`,
    `${width} × ${height} mm${loaded === undefined ? ' (assumed)' : ''}`,
    `${dpi} dpi`,
    ...(rotation === 0 ? [] : [`${rotation}°`]),
    ...(offsetX === 0 && offsetY === 0 ? [] : [`${offsetX} / ${offsetY} mm`]),
  ];
}

import type { Rotation } from '../model/printing/setup.ts';
import { barsBitmap, imageBitmap, matrixBitmap, textBitmap } from './bitmap.ts';
import { blank, isBlack, set, stamp, type Bitmap } from './bits.ts';
import type { Shape } from './layout.ts';
import { isSideways } from './turn.ts';

/* Draws shapes as dots, for printers that print only black. */

export function dots(mm: number, dpi: number): number {
  return Math.round((mm * dpi) / 25.4);
}

/** A line is at least one dot wide. */
export function thick(mm: number, dpi: number): number {
  return Math.max(1, dots(mm, dpi));
}

interface Placed {
  bitmap: Bitmap;
  x: number;
  y: number;
}

/** Draws shapes on an area of this size in mm. */
export async function shapesBitmap(shapes: Shape[], width: number, height: number, dpi: number): Promise<Bitmap> {
  const area = blank(dots(width, dpi), dots(height, dpi));
  for (const shape of shapes) {
    const { bitmap, x, y } = await shapeBitmap(shape, dpi);
    stamp(area, bitmap, x, y);
  }
  return area;
}

/** Draws one shape, and returns the position of its upper left corner. */
export async function shapeBitmap(shape: Shape, dpi: number): Promise<Placed> {
  if (shape.kind === 'text') return textBitmap(shape, dpi);
  if (shape.kind === 'line') return lineBitmap(shape, dpi);
  const [x, y] = [dots(shape.x, dpi), dots(shape.y, dpi)];
  switch (shape.kind) {
    case 'image':
      return { bitmap: await imageBitmap(shape, dpi), x, y };
    case 'matrix':
      return { bitmap: matrixBitmap(shape.matrix, shape.dots), x, y };
    case 'bars':
      return { bitmap: barsBitmap(shape.bars.widths, shape.dots, dots(shape.height, dpi)), x, y };
    case 'frame':
      return { bitmap: frameBitmap(dots(shape.w, dpi), dots(shape.h, dpi), thick(shape.width, dpi)), x, y };
    case 'triangle':
      return { bitmap: triangleBitmap(dots(shape.side, dpi)), x, y };
    case 'turned': {
      const [w, h] = isSideways(shape.rotation) ? [shape.h, shape.w] : [shape.w, shape.h];
      return { bitmap: turnBitmap(await shapesBitmap(shape.shapes, w, h, dpi), shape.rotation), x, y };
    }
  }
}

function frameBitmap(columns: number, rows: number, thickness: number): Bitmap {
  const bitmap = blank(columns, rows);
  const isEdge = (at: number, size: number): boolean => at < thickness || at >= size - thickness;
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) if (isEdge(x, columns) || isEdge(y, rows)) set(bitmap, x, y);
  return bitmap;
}

/**
 * A dot is black if at least half of it is inside the triangle. So the first row has one black dot, and each further
 * row has one more.
 */
function triangleBitmap(side: number): Bitmap {
  const bitmap = blank(side, side);
  for (let y = 0; y < side; y++) for (let x = side - 1 - y; x < side; x++) set(bitmap, x, y);
  return bitmap;
}

/** A dot belongs to a line if the dot's centre is at most half the line's width away from it. */
function lineBitmap(shape: Shape & { kind: 'line' }, dpi: number): Placed {
  const thickness = thick(shape.width, dpi);
  const [left, right] = [Math.min(shape.x, shape.x2), Math.max(shape.x, shape.x2)].map((mm) => dots(mm, dpi));
  const [top, bottom] = [Math.min(shape.y, shape.y2), Math.max(shape.y, shape.y2)].map((mm) => dots(mm, dpi));
  const [w, h] = [(right ?? 0) - (left ?? 0), (bottom ?? 0) - (top ?? 0)];
  // As with ^GB, a vertical or horizontal line is not centred on its end points: it extends from them to the right or
  // down by its thickness.
  const bitmap = blank(Math.max(w, thickness), Math.max(h, thickness));
  const length = Math.hypot(w, h);
  const isDown = shape.x2 > shape.x === shape.y2 > shape.y;
  for (let y = 0; y < bitmap.rows; y++) {
    for (let x = 0; x < bitmap.columns; x++) {
      const [u, v] = [x + 0.5, isDown ? y + 0.5 : h - y - 0.5];
      if (w === 0 || h === 0 || Math.abs(u * h - v * w) / length <= thickness / 2) set(bitmap, x, y);
    }
  }
  return { bitmap, x: left ?? 0, y: top ?? 0 };
}

/** Turns a bitmap clockwise. */
export function turnBitmap(from: Bitmap, rotation: Rotation): Bitmap {
  if (rotation === 0) return from;
  const { columns, rows } = from;
  const bitmap = isSideways(rotation) ? blank(rows, columns) : blank(columns, rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      if (!isBlack(from, x, y)) continue;
      if (rotation === 90) set(bitmap, rows - 1 - y, x);
      else if (rotation === 180) set(bitmap, columns - 1 - x, rows - 1 - y);
      else set(bitmap, y, columns - 1 - x);
    }
  }
  return bitmap;
}

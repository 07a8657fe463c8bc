import type { Rotation, Setup } from '../model/printing/setup.ts';
import { mmPerDot, snap, type Layout, type Shape } from './layout.ts';

/*
 * Turns shapes and labels, and places labels side by side. In this way, an upright label is converted to the
 * orientation in which it is printed.
 */

export type TurnedShape = Shape & { kind: 'turned' };

export function isSideways(rotation: Rotation | undefined): boolean {
  return rotation === 90 || rotation === 270;
}

/**
 * Returns the six numbers of a PDF or SVG transformation, with y pointing downwards. The transformation converts from
 * the frame of the inner shapes to the frame of the turned shape.
 */
export function transformOf({ rotation, x, y, w, h }: TurnedShape): [number, number, number, number, number, number] {
  switch (rotation) {
    case 0:
      return [1, 0, 0, 1, x, y];
    case 90:
      return [0, 1, -1, 0, x + w, y];
    case 180:
      return [-1, 0, 0, -1, x + w, y + h];
    case 270:
      return [0, -1, 1, 0, x, y + h];
  }
}

/** An area in mm. */
export interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Converts a rectangle inside a turned shape to its position on the label. */
export function turnedRectangle(turned: TurnedShape, { left, top, right, bottom }: Rectangle): Rectangle {
  const [a, b, c, d, e, f] = transformOf(turned);
  const xs = [a * left + c * top + e, a * right + c * bottom + e];
  const ys = [b * left + d * top + f, b * right + d * bottom + f];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/**
 * Turns a label clockwise. The turned label's frame is a whole number of dots in size, so that codes stay aligned with
 * the printer's dots.
 */
export function turnLayout(layout: Layout, rotation: Rotation | undefined): Layout {
  if (rotation === undefined || rotation === 0) return layout;
  const { width, height, dpi } = layout;
  const dot = mmPerDot(dpi);
  const [w, h] = isSideways(rotation) ? [height, width] : [width, height];
  const turned: Shape = {
    kind: 'turned',
    rotation,
    x: 0,
    y: 0,
    w: snap(w, dot),
    h: snap(h, dot),
    shapes: layout.shapes,
  };
  return { width: w, height: h, dpi, shapes: [turned] };
}

/**
 * Places labels of one size side by side, for a roll that has several labels across. Columns without a label stay
 * empty.
 */
export function inRow(
  labels: (Layout | undefined)[],
  { across = 1, acrossGap = 0 }: Pick<Setup, 'across' | 'acrossGap'>,
): Layout {
  const [first] = labels.flatMap((label) => label ?? []);
  if (first === undefined) throw new Error('a row has at least one label');
  if (across === 1) return first;
  const { width, height, dpi } = first;
  const pitch = width + acrossGap;
  const shapes = labels.flatMap((label, column) => {
    const right = snap(column * pitch, mmPerDot(dpi));
    return (label?.shapes ?? []).map((shape) => moved(shape, right));
  });
  return { width: across * pitch - acrossGap, height, dpi, shapes };
}

/** Moves a shape to the right by this distance, in mm. */
function moved(shape: Shape, right: number): Shape {
  if (right === 0) return shape;
  return shape.kind === 'line'
    ? { ...shape, x: shape.x + right, x2: shape.x2 + right }
    : { ...shape, x: shape.x + right };
}

import type { Rotation } from '../model/printing/setup.ts';
import { isCode } from '../platform/error.ts';
import { CODES } from './barcode.ts';
import { loadFace, MM_PER_POINT } from './fonts.ts';
import { inksOf } from './ink.ts';
import { layOutBox, type Layout, type Shape } from './layout.ts';
import { placeholdersOf, type Box, type Template } from './template.ts';
import { turnedRectangle, type Rectangle } from './turn.ts';

/*
 * Places the station's name at a free edge of a label. If stations share a printer, the name shows people which station
 * a label belongs to. The name is placed outside the template's boxes and the quiet zones of the codes.
 */

/** The possible sizes of the name, in pt. The largest one that fits is used. */
const SIZES = [6, 5.5, 5, 4.5, 4, 3.5, 3];
/** How far, in mm, the name stays from the edge of the label. Positions and cuts of labels are not exact. */
const FROM_EDGE = 0.4;
/** How far, in mm, the name stays from the ends of the edge. Labels have round corners. */
const FROM_CORNER = 1.5;
/** The distance from the boxes of the template, in mm. */
const FROM_BOXES = 0.2;

/** The edges in the order in which they are tried. A name at the right or left edge is turned. */
const EDGES = ['bottom', 'top', 'right', 'left'] as const;
export type Edge = (typeof EDGES)[number];

export interface AtEdge {
  edge: Edge;
  shapes: Shape[];
}

/**
 * Returns the station's name, placed at an edge, or undefined if no edge has room for it. Also returns undefined if the
 * template itself has a place for the name.
 */
export function stationAtEdge(
  template: Template,
  { width, height, dpi, shapes }: Layout,
  name: string,
): AtEdge | undefined {
  if (placeholdersOf(template).includes('station')) return undefined;
  const taken = [...template.boxes.flatMap(areasOf), ...shapes.flatMap(quietOf)];
  const { ascent, descent } = loadFace('sans', template.folder);
  for (const size of SIZES) {
    const thick = (ascent + descent) * size * MM_PER_POINT + 0.01;
    for (const edge of EDGES) {
      const place = freePlace(edge, thick, { width, height }, taken);
      const drawn = place && nameIn(template, place, edge, { name, size, dpi });
      if (drawn !== undefined) return { edge, shapes: drawn };
    }
  }
  return undefined;
}

const TURNED: Record<Edge, Rotation> = { bottom: 0, top: 0, right: 90, left: 270 };

interface Name {
  name: string;
  size: number;
  dpi: number;
}

function nameIn(template: Template, place: Rectangle, edge: Edge, { name, size, dpi }: Name): Shape[] | undefined {
  const { left, top, right, bottom } = place;
  const box: Box = {
    type: 'text',
    x: left,
    y: top,
    w: right - left,
    h: bottom - top,
    text: '{station}',
    font: 'sans',
    size,
    align: 'right',
    valign: 'middle',
    wrap: false,
    rotation: TURNED[edge],
  };
  try {
    return layOutBox(template, box, { uci: '', product: '', qr: '', station: name }, dpi);
  } catch (error) {
    if (isCode(error, 'label-too-large')) return undefined;
    throw error;
  }
}

/** Returns the longest free part of a strip along an edge, or undefined if there is none. */
function freePlace(
  edge: Edge,
  thick: number,
  { width, height }: Pick<Layout, 'width' | 'height'>,
  taken: Rectangle[],
): Rectangle | undefined {
  const isAlong = edge === 'bottom' || edge === 'top';
  const depth = isAlong ? height : width;
  const isFar = edge === 'bottom' || edge === 'right';
  const near = isFar ? depth - FROM_EDGE - thick : FROM_EDGE;
  if (near < FROM_EDGE) return undefined;
  const inStrip = taken.flatMap((area) => {
    const [from, to, low, high] = isAlong
      ? [area.left, area.right, area.top, area.bottom]
      : [area.top, area.bottom, area.left, area.right];
    return high + FROM_BOXES > near && low - FROM_BOXES < near + thick ? [[from - FROM_BOXES, to + FROM_BOXES]] : [];
  });
  const [from, to] = longestGap(inStrip, FROM_CORNER, (isAlong ? width : height) - FROM_CORNER);
  if (to <= from) return undefined;
  return isAlong
    ? { left: from, right: to, top: near, bottom: near + thick }
    : { left: near, right: near + thick, top: from, bottom: to };
}

function longestGap(taken: number[][], start: number, end: number): [from: number, to: number] {
  let longest: [number, number] = [start, start];
  let free = start;
  for (const [from = 0, to = 0] of [...taken.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0)), [end, end]]) {
    const until = Math.min(from, end);
    if (until - free > longest[1] - longest[0]) longest = [free, until];
    free = Math.max(free, to);
  }
  return longest;
}

/**
 * Returns the areas in which a box could print something, even if the box has no value on this label. This puts the
 * station's name in the same place on all labels.
 */
function areasOf(box: Box): Rectangle[] {
  if (box.type === 'line') {
    const { x, y, x2, y2, width } = box;
    return inksOf({ kind: 'line', x, y, x2, y2, width });
  }
  const { x, y, w, h } = box;
  if (box.type === 'box') return inksOf({ kind: 'frame', x, y, w, h, width: box.width });
  return [{ left: x, top: y, right: x + w, bottom: y + h }];
}

/** Returns the area of a shape's code including the required quiet zone, which may extend beyond the box. */
function quietOf(shape: Shape): Rectangle[] {
  if (shape.kind === 'turned') return shape.shapes.flatMap(quietOf).map((inner) => turnedRectangle(shape, inner));
  if (shape.kind !== 'matrix' && shape.kind !== 'bars') return [];
  const quiet = CODES[shape.symbology].quiet * shape.module;
  // Bar codes need a quiet zone only at their ends.
  const above = shape.kind === 'bars' ? 0 : quiet;
  return inksOf(shape).map(({ left, top, right, bottom }) => ({
    left: left - quiet,
    top: top - above,
    right: right + quiet,
    bottom: bottom + above,
  }));
}

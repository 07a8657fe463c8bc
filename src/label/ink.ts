import { MM_PER_POINT } from './fonts.ts';
import type { Shape } from './layout.ts';
import { turnedRectangle, type Rectangle } from './turn.ts';

/** Returns the printed areas of a shape. A frame has four areas, one for each side. Every other shape has one area. */
export function inksOf(shape: Shape): Rectangle[] {
  if (shape.kind === 'turned') return shape.shapes.flatMap(inksOf).map((inner) => turnedRectangle(shape, inner));
  if (shape.kind !== 'frame') return [inkOf(shape)];
  const { x, y, w, h, width } = shape;
  const [right, bottom] = [x + w, y + h];
  return [
    { left: x, top: y, right, bottom: y + width },
    { left: x, top: bottom - width, right, bottom },
    { left: x, top: y, right: x + width, bottom },
    { left: right - width, top: y, right, bottom },
  ];
}

function inkOf(shape: Exclude<Shape, { kind: 'frame' | 'turned' }>): Rectangle {
  switch (shape.kind) {
    case 'text': {
      const em = shape.size * MM_PER_POINT;
      const tall = Math.max(...shape.runs.map(({ face }) => face.ascent)) * em;
      const deep = Math.max(...shape.runs.map(({ face }) => face.descent)) * em;
      return { left: shape.x, top: shape.baseline - tall, right: shape.x + shape.width, bottom: shape.baseline + deep };
    }
    case 'matrix': {
      const { x, y, matrix, module } = shape;
      return { left: x, top: y, right: x + matrix.columns * module, bottom: y + matrix.rows * module };
    }
    case 'bars':
      return {
        left: shape.x,
        top: shape.y,
        right: shape.x + shape.bars.modules * shape.module,
        bottom: shape.y + shape.height,
      };
    case 'triangle':
      return { left: shape.x, top: shape.y, right: shape.x + shape.side, bottom: shape.y + shape.side };
    case 'image':
      return { left: shape.x, top: shape.y, right: shape.x + shape.w, bottom: shape.y + shape.h };
    case 'line': {
      const half = shape.width / 2;
      const [left, right] = [Math.min(shape.x, shape.x2), Math.max(shape.x, shape.x2)];
      const [top, bottom] = [Math.min(shape.y, shape.y2), Math.max(shape.y, shape.y2)];
      return { left: left - half, top: top - half, right: right + half, bottom: bottom + half };
    }
  }
}

// Where the boxes of a label are, in mm, and how they move: one or several at a time.

/** The rectangle of a box. */
export function rectOf({ value }) {
  const number = (one) => (typeof one === 'number' && Number.isFinite(one) ? one : 0);
  const { type, x, y, w, h, x2, y2 } = value;
  const [left, top] = [number(x), number(y)];
  if (type !== 'line') return { x: left, y: top, w: number(w), h: number(h) };
  const [right, bottom] = [number(x2), number(y2)];
  return { x: Math.min(left, right), y: Math.min(top, bottom), w: Math.abs(right - left), h: Math.abs(bottom - top) };
}

/** The properties of a box that is moved to another place. */
export function movedTo(box, x, y) {
  const rect = rectOf(box);
  if (box.value.type !== 'line') return { x, y };
  const [dx, dy] = [x - rect.x, y - rect.y];
  return { x: box.value.x + dx, y: box.value.y + dy, x2: box.value.x2 + dx, y2: box.value.y2 + dy };
}

/** The size of the label. */
export function mediaOf(parts) {
  const { width, height, dpi } = parts?.media.value ?? {};
  const size = (mm, usual) => (typeof mm === 'number' && mm > 0 && mm <= 500 ? mm : usual);
  return { width: size(width, 62), height: size(height, 40), dpi: dpi ?? 203 };
}

/** The smallest rectangle around all of these. */
export function boundsOf(rects) {
  const [x, y] = [Math.min(...rects.map((one) => one.x)), Math.min(...rects.map((one) => one.y))];
  const [right, bottom] = [
    Math.max(...rects.map((one) => one.x + one.w)),
    Math.max(...rects.map((one) => one.y + one.h)),
  ];
  return { x, y, w: right - x, h: bottom - y };
}

/** Where a rectangle begins if it is aligned inside of `around`, with a free `edge`. */
export function alignedIn(rect, around, side, edge = 0) {
  const { x, y } = rect;
  switch (side) {
    case 'left':
      return { x: around.x + edge, y };
    case 'center':
      return { x: around.x + (around.w - rect.w) / 2, y };
    case 'right':
      return { x: around.x + around.w - rect.w - edge, y };
    case 'top':
      return { x, y: around.y + edge };
    case 'middle':
      return { x, y: around.y + (around.h - rect.h) / 2 };
    default:
      return { x, y: around.y + around.h - rect.h - edge };
  }
}

/** Where each rectangle begins if the gaps between them are the same. The first and the last one stay. */
export function distributed(rects, axis) {
  const size = axis === 'x' ? 'w' : 'h';
  const bounds = boundsOf(rects);
  const gap = (bounds[size] - rects.reduce((sum, one) => sum + one[size], 0)) / (rects.length - 1);
  const order = rects.map((_, index) => index).toSorted((a, b) => rects[a][axis] - rects[b][axis]);
  const places = rects.map(({ x, y }) => ({ x, y }));
  let at = bounds[axis];
  for (const index of order) {
    places[index][axis] = at;
    at += rects[index][size] + gap;
  }
  return places;
}

/** The free space on each side of a rectangle: up to the next of `others`, or else to the edge of the label. */
export function gapsOf(rect, others, { width, height }) {
  const meets = (one, from, long) => one[from] < rect[from] + rect[long] && one[from] + one[long] > rect[from];
  const beside = others.filter((one) => meets(one, 'y', 'h'));
  const over = others.filter((one) => meets(one, 'x', 'w'));
  const [right, bottom] = [rect.x + rect.w, rect.y + rect.h];
  const [middle, center] = [rect.y + rect.h / 2, rect.x + rect.w / 2];
  const before = (list, from, long, most) =>
    Math.max(0, ...list.map((one) => one[from] + one[long]).filter((end) => end <= most));
  const after = (list, from, least, edge) =>
    Math.min(edge, ...list.map((one) => one[from]).filter((start) => start >= least));
  return [
    { from: [before(beside, 'x', 'w', rect.x), middle], to: [rect.x, middle] },
    { from: [right, middle], to: [after(beside, 'x', right, width), middle] },
    { from: [center, before(over, 'y', 'h', rect.y)], to: [center, rect.y] },
    { from: [center, bottom], to: [center, after(over, 'y', bottom, height)] },
  ].map((gap) => ({ ...gap, mm: gap.to[0] - gap.from[0] + (gap.to[1] - gap.from[1]) }));
}

const SQUARE = ['qr', 'datamatrix', 'gs1-datamatrix'];

/** A new box of this kind, with a size that fits on the label. */
export function newBox(type, { width, height }) {
  const most = (w, h) => ({ w: Math.min(w, width), h: Math.min(h, height) });
  const side = Math.min(18, width, height);
  switch (type) {
    case 'text':
      return { type, ...most(42, 4), text: '{name}', size: 8, floor: 5 };
    case 'image':
      return { type, ...most(10, 10), file: '{logo}' };
    case 'box':
      return { type, ...most(20, 8), width: 0.25 };
    case 'line':
      return { type, ...most(20, 0), width: 0.25 };
    default:
      return SQUARE.includes(type)
        ? { type, w: side, h: side, text: '{qr}' }
        : { type, ...most(61, 7), text: '{serial}', quiet: 10 };
  }
}

/** The first place, by rows, where a box of this size covers none of `others`. */
export function placeFor({ w, h }, others, { width, height }) {
  const isFree = (x, y) =>
    !others.some((one) => x < one.x + one.w && x + w > one.x && y < one.y + one.h && y + h > one.y);
  const [left, top] = [Math.min(1, (width - w) / 2), Math.min(1, (height - h) / 2)];
  for (let y = top; y + h <= height - top; y++)
    for (let x = left; x + w <= width - left; x++) if (isFree(x, y)) return { x, y };
  return { x: Math.max(0, Math.min(2, width - w)), y: Math.max(0, Math.min(2, height - h)) };
}

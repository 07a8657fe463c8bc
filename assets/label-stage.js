// The picture of the label in the label editor: rulers, grid and boxes, which the pointer selects, moves and resizes. The
// list of boxes does the same by keyboard.

const SVG = 'http://www.w3.org/2000/svg';

/** The sizes of everything around the label, in CSS pixels. */
const RULER = 28;
const EDGE = 22;
const FONT = 11;
const HANDLE = 10;
/** How far a finger or a pointer may miss a handle. */
const REACH = { touch: 26, pen: 16, mouse: 9 };
/** How near a box must come to a guide. */
const NEAR = 6;
/** The highest picture of a label. */
const MOST_HIGH = 560;
/** The smallest side of a box, in mm. */
const LEAST = 0.5;

/** The rectangle of a box, in mm. */
export function rectOf({ value }) {
  const number = (one) => (typeof one === 'number' && Number.isFinite(one) ? one : 0);
  const { type, x, y, w, h, x2, y2 } = value;
  const [left, top] = [number(x), number(y)];
  if (type !== 'line') return { x: left, y: top, w: number(w), h: number(h) };
  const [right, bottom] = [number(x2), number(y2)];
  return { x: Math.min(left, right), y: Math.min(top, bottom), w: Math.abs(right - left), h: Math.abs(bottom - top) };
}

/** The properties of a box that is moved to another place. */
export function movedTo({ value }, rect, x, y) {
  const [dx, dy] = [x - rect.x, y - rect.y];
  if (value.type !== 'line') return { x, y };
  return { x: value.x + dx, y: value.y + dy, x2: value.x2 + dx, y2: value.y2 + dy };
}

/** The size of the label, in mm. */
export function mediaOf(parts) {
  const { width, height, dpi } = parts?.media.value ?? {};
  const size = (mm, usual) => (typeof mm === 'number' && mm > 0 && mm <= 500 ? mm : usual);
  return { width: size(width, 62), height: size(height, 40), dpi: dpi ?? 203 };
}

export function openStage(svg, editor) {
  let scale = 10;
  let drag;
  let guides = [];
  let picture = '';

  const px = (pixels) => pixels / scale;
  const make = (name, attributes, text) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const rect = (kind, { x, y, w, h }, more = {}) => make('rect', { class: kind, x, y, width: w, height: h, ...more });

  const draw = () => {
    const parts = editor.parts();
    const { width, height } = mediaOf(parts);
    const room = Math.max(svg.clientWidth, 200);
    scale = Math.min((room - RULER - EDGE) / width, MOST_HIGH / height, 60);
    // The label is in the middle of the room that is left.
    const free = (room / scale - width - px(RULER)) / 2;
    const view = { x: -free - px(RULER), y: -px(RULER + EDGE), w: room / scale, h: height + px(RULER + 2 * EDGE) };
    svg.setAttribute('viewBox', `${view.x} ${view.y} ${view.w} ${view.h}`);
    svg.setAttribute('aria-label', editor.say('stage', { width, height, count: parts?.boxes.length ?? 0 }));
    svg.replaceChildren(
      grid(),
      rect('st-liner', { x: -px(EDGE / 2), y: view.y, w: width + px(EDGE), h: view.h }),
      rect('st-shade', { x: 0, y: px(2), w: width, h: height }, { rx: px(6) }),
      rect('st-paper', { x: 0, y: 0, w: width, h: height }, { rx: px(6) }),
      make('image', { x: 0, y: 0, width, height, href: picture === '' ? undefined : picture }),
      rect('', { x: 0, y: 0, w: width, h: height }, { fill: 'url(#st-mm)' }),
      rect('', { x: 0, y: 0, w: width, h: height }, { fill: 'url(#st-mm-5)' }),
      ...boxes(parts),
      ...guides.map((d) => make('path', { class: 'st-guide', d })),
      ...picked(parts),
      ...rulers(view, { width, height }, parts),
    );
  };

  const grid = () => {
    const defs = make('defs', {});
    for (const [id, mm, kind] of [
      ['st-mm', 1, 'st-grid'],
      ['st-mm-5', 5, 'st-grid is-five'],
    ]) {
      const pattern = make('pattern', { id, width: mm, height: mm, patternUnits: 'userSpaceOnUse' });
      pattern.append(make('path', { class: kind, d: `M${mm} 0H0v${mm}` }));
      defs.append(pattern);
    }
    return defs;
  };

  const boxes = (parts) =>
    (parts?.boxes ?? []).map((box, index) => {
      const isBad = editor.faultsOf(index).length > 0;
      return rect(`st-box${isBad ? ' is-bad' : ''}`, seen(rectOf(box)), { 'data-box': index });
    });

  /** A line has no height. Its box is as high as a pointer needs. */
  const seen = ({ x, y, w, h }) => {
    const [more, higher] = [Math.max(0, px(8) - w), Math.max(0, px(8) - h)];
    return { x: x - more / 2, y: y - higher / 2, w: w + more, h: h + higher };
  };

  const picked = (parts) => {
    const box = parts?.boxes[editor.state.picked];
    if (box === undefined) return [];
    const { x, y, w, h } = rectOf(box);
    const size = `${shown(w)} × ${shown(h)} mm`;
    const wide = px(size.length * FONT * 0.6 + 10);
    const [middle, below] = [x + w / 2, y + h + px(HANDLE)];
    return [
      rect('st-box is-picked', seen({ x, y, w, h }), { 'data-box': editor.state.picked }),
      rect('st-tag', { x: middle - wide / 2, y: below, w: wide, h: px(18) }, { rx: px(3) }),
      make(
        'text',
        { class: 'st-say', x: middle, y: below + px(13), 'font-size': px(FONT), 'text-anchor': 'middle' },
        size,
      ),
      ...handlesOf(box).map(({ name, x: at, y: down }) =>
        rect(
          'st-handle',
          { x: at - px(HANDLE / 2), y: down - px(HANDLE / 2), w: px(HANDLE), h: px(HANDLE) },
          { 'data-handle': name },
        ),
      ),
    ];
  };

  const handlesOf = (box) => {
    const { type, x, y, x2, y2 } = box.value;
    if (type === 'line') {
      return [
        { name: 'from', x, y },
        { name: 'to', x: x2, y: y2 },
      ];
    }
    const { x: left, y: top, w, h } = rectOf(box);
    return ['nw', 'n', 'ne', 'w', 'e', 'sw', 's', 'se'].map((name) => ({
      name,
      x: left + (name.includes('w') ? 0 : name.includes('e') ? w : w / 2),
      y: top + (name.includes('n') ? 0 : name.includes('s') ? h : h / 2),
    }));
  };

  const rulers = (view, { width, height }, parts) => {
    const box = parts?.boxes[editor.state.picked];
    const deep = px(RULER);
    const drawn = [
      rect('st-ruler', { x: view.x, y: view.y, w: view.w, h: deep }),
      rect('st-ruler', { x: view.x, y: view.y, w: deep, h: view.h }),
    ];
    if (box !== undefined) {
      const { x, y, w, h } = rectOf(box);
      drawn.push(rect('st-span', { x, y: view.y, w, h: deep }), rect('st-span', { x: view.x, y, w: deep, h }));
    }
    const step = [1, 2, 5, 10].find((mm) => mm * scale >= 4) ?? 20;
    const named = [5, 10, 20, 50].find((mm) => mm * scale >= 34) ?? 100;
    let ticks = '';
    for (let mm = 0; mm <= Math.max(width, height); mm += step) {
      const long = px(mm % named === 0 ? 9 : mm % 5 === 0 ? 6 : 3);
      if (mm <= width) ticks += `M${mm} ${view.y + deep}v${-long}`;
      if (mm <= height) ticks += `M${view.x + deep} ${mm}h${-long}`;
      if (mm % named !== 0) continue;
      const text = { class: 'st-mm', 'font-size': px(FONT) };
      if (mm <= width)
        drawn.push(make('text', { ...text, x: mm, y: view.y + px(13), 'text-anchor': 'middle' }, String(mm)));
      if (mm <= height)
        drawn.push(make('text', { ...text, x: view.x + px(17), y: mm + px(4), 'text-anchor': 'end' }, String(mm)));
    }
    drawn.push(make('path', { class: 'st-tick', d: ticks }));
    drawn.push(
      make('text', { class: 'st-mm', 'font-size': px(FONT - 1), x: view.x + px(3), y: view.y + px(13) }, 'mm'),
    );
    return drawn;
  };

  const shown = (mm) => String(Math.round(mm * 10) / 10);

  /* The pointer */

  const pointOf = ({ clientX, clientY }) => {
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
    return { x, y };
  };

  const handleAt = (point, kind) => {
    const box = editor.parts()?.boxes[editor.state.picked];
    if (box === undefined) return undefined;
    const reach = px(REACH[kind] ?? REACH.mouse);
    const far = ({ x, y }) => Math.max(Math.abs(x - point.x), Math.abs(y - point.y));
    return handlesOf(box)
      .filter((handle) => far(handle) <= reach)
      .toSorted((a, b) => far(a) - far(b))[0]?.name;
  };

  /** The smallest box at this point, so that a box inside a frame can be selected. */
  const boxAt = ({ x, y }) => {
    const found = (editor.parts()?.boxes ?? []).flatMap((box, index) => {
      const area = seen(rectOf(box));
      const isInside = x >= area.x && x <= area.x + area.w && y >= area.y && y <= area.y + area.h;
      return isInside ? [{ index, size: area.w * area.h }] : [];
    });
    return found.toSorted((a, b) => a.size - b.size)[0]?.index;
  };

  svg.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || drag !== undefined) return;
    const point = pointOf(event);
    const handle = handleAt(point, event.pointerType);
    const isOnPicked = () => {
      const box = editor.parts()?.boxes[editor.state.picked];
      if (box === undefined) return false;
      const { x, y, w, h } = seen(rectOf(box));
      return point.x >= x && point.x <= x + w && point.y >= y && point.y <= y + h;
    };
    const before = editor.state.picked;
    const index = handle !== undefined ? before : event.pointerType === 'touch' && isOnPicked() ? before : boxAt(point);
    if (index !== before) editor.pick(index);
    if (index === undefined) return;
    // A finger that moves over a box which is not selected scrolls the page.
    if (event.pointerType === 'touch' && index !== before) return;
    event.preventDefault();
    editor.focus(index);
    svg.setPointerCapture(event.pointerId);
    const box = editor.parts().boxes[index];
    drag = { index, handle, point, text: editor.state.text, box, rect: rectOf(box), id: event.pointerId };
  });

  svg.addEventListener('pointermove', (event) => {
    if (drag === undefined || event.pointerId !== drag.id) return;
    const now = pointOf(event);
    const [dx, dy] = [now.x - drag.point.x, now.y - drag.point.y];
    if (!drag.isMoving && Math.hypot(dx, dy) < px(3)) return;
    drag.isMoving = true;
    guides = [];
    const values = drag.handle === undefined ? moved(dx, dy, event.altKey) : resized(dx, dy, event.altKey);
    editor.show(drag.text, drag.index, values);
  });

  const end = (event) => {
    if (drag === undefined || event.pointerId !== drag.id) return;
    const { text, isMoving } = drag;
    drag = undefined;
    guides = [];
    if (isMoving) editor.keep(text);
    else draw();
  };
  svg.addEventListener('pointerup', end);
  svg.addEventListener('pointercancel', end);
  // While a box is dragged, the page must not scroll.
  svg.addEventListener('touchmove', (event) => drag !== undefined && event.preventDefault(), { passive: false });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || drag === undefined) return;
    editor.show(drag.text, drag.index, {});
    drag = undefined;
    guides = [];
    draw();
  });

  const moved = (dx, dy, isFree) => {
    const { width, height } = mediaOf(editor.parts());
    const { x, y, w, h } = drag.rect;
    const left = inside(snap('x', [x + dx, x + dx + w / 2, x + dx + w], isFree), width - w);
    const top = inside(snap('y', [y + dy, y + dy + h / 2, y + dy + h], isFree), height - h);
    return movedTo(drag.box, drag.rect, left, top);
  };

  const inside = (mm, most) => Math.max(0, Math.min(mm, Math.max(0, most)));

  const resized = (dx, dy, isFree) => {
    const { width, height } = mediaOf(editor.parts());
    const { handle, box, rect: before } = drag;
    if (box.value.type === 'line') {
      const isEnd = handle === 'to';
      const [x, y] = isEnd ? [box.value.x2, box.value.y2] : [box.value.x, box.value.y];
      const at = { x: inside(snap('x', [x + dx], isFree), width), y: inside(snap('y', [y + dy], isFree), height) };
      return isEnd ? { x2: at.x, y2: at.y } : at;
    }
    let { x, y, w, h } = before;
    const [right, bottom] = [x + w, y + h];
    if (handle.includes('w')) x = Math.min(inside(snap('x', [x + dx], isFree), width), right - LEAST);
    if (handle.includes('n')) y = Math.min(inside(snap('y', [y + dy], isFree), height), bottom - LEAST);
    const rightmost = handle.includes('e') ? inside(snap('x', [right + dx], isFree), width) : right;
    const lowest = handle.includes('s') ? inside(snap('y', [bottom + dy], isFree), height) : bottom;
    return { x, y, w: Math.max(LEAST, rightmost - x), h: Math.max(LEAST, lowest - y) };
  };

  /**
   * Moves the first of `places` to the grid, or so that one of them is on the edge or middle of another box. With Alt,
   * there is only a grid of 0.1 mm.
   */
  const snap = (axis, places, isFree) => {
    const round = (mm, step) => Math.round(Math.round(mm / step) * step * 100) / 100;
    if (isFree) return round(places[0], 0.1);
    const lines = linesOf(axis);
    let best;
    for (const place of places)
      for (const line of lines)
        if (Math.abs(line - place) < px(NEAR) && !(Math.abs(line - place) >= best?.away))
          best = { away: Math.abs(line - place), by: line - place, line };
    if (best === undefined) return round(places[0], editor.grid());
    const { width, height } = mediaOf(editor.parts());
    guides.push(axis === 'x' ? `M${best.line} 0v${height}` : `M0 ${best.line}h${width}`);
    return Math.round((places[0] + best.by) * 1000) / 1000;
  };

  /** The edges and middles of the label and of the other boxes. */
  const linesOf = (axis) => {
    const parts = editor.parts();
    const { width, height } = mediaOf(parts);
    const size = axis === 'x' ? width : height;
    const others = parts.boxes.filter((_, index) => index !== drag.index).map(rectOf);
    const spans = others.map(({ x, y, w, h }) => (axis === 'x' ? [x, w] : [y, h]));
    return [0, size / 2, size, ...spans.flatMap(([from, long]) => [from, from + long / 2, from + long])];
  };

  // A drawing changes the height of the stage, so only another width needs another drawing.
  let drawnWidth;
  new ResizeObserver(() => {
    if (svg.clientWidth === drawnWidth) return;
    drawnWidth = svg.clientWidth;
    requestAnimationFrame(draw);
  }).observe(svg.parentElement);
  return {
    draw,
    /** Shows another picture of the label. The service draws it. */
    show(image) {
      picture = image;
      draw();
    },
  };
}

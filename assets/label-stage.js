// The picture of the label in the label editor: rulers, grid and boxes, which the pointer selects, moves and resizes. The
// list of boxes does the same by keyboard.

import { boundsOf, gapsOf, mediaOf, movedTo, rectOf } from './label-geometry.js';

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
/** The highest picture of a label, and its share of the window, so that the label and its fields are seen together. */
const MOST_HIGH = 560;
const SHARE = 0.56;
/** The smallest side of a box, in mm. */
const LEAST = 0.5;

export function openStage(svg, editor) {
  let scale = 10;
  let view = { x: 0, y: 0, w: 0, h: 0 };
  let drag;
  let guides = [];
  let picture = '';
  let hovered;

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
    scale = Math.min(
      (room - RULER - EDGE) / width,
      Math.max(160, Math.min(MOST_HIGH, window.innerHeight * SHARE)) / height,
      60,
    );
    // The label is in the middle of the room that is left.
    const free = (room / scale - width - px(RULER)) / 2;
    view = { x: -free - px(RULER), y: -px(RULER + EDGE), w: room / scale, h: height + px(RULER + 2 * EDGE) };
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
      ...chosen(parts),
      ...tags(parts),
      ...band(),
      ...rulers({ width, height }, parts),
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

  /** The selection: its boxes, its size, its handles and, while it moves, its distances. */
  const chosen = (parts) => {
    const { chosen: indices, isMoving } = editor.state;
    if (parts === undefined || indices.length === 0) return [];
    const rects = indices.map((index) => rectOf(parts.boxes[index]));
    const bounds = boundsOf(rects);
    const size = `${shown(bounds.w)} × ${shown(bounds.h)} mm`;
    const handles = indices.length === 1 ? handlesOf(parts.boxes[indices[0]]) : [];
    return [
      ...rects.map((one, at) => rect('st-box is-picked', seen(one), { 'data-box': indices[at] })),
      ...(indices.length > 1 ? [rect('st-around', seen(bounds))] : []),
      ...(isMoving || drag?.isMoving ? distances(bounds, parts) : []),
      ...(isMoving || (drag?.isMoving && drag.handle === undefined)
        ? []
        : tag(size, bounds.x + bounds.w / 2, bounds.y + bounds.h + px(HANDLE), 'middle')),
      ...handles.map(({ name, x: at, y: down }) =>
        rect(
          'st-handle',
          { x: at - px(HANDLE / 2), y: down - px(HANDLE / 2), w: px(HANDLE), h: px(HANDLE) },
          { 'data-handle': name },
        ),
      ),
    ];
  };

  /** Words on a coloured ground. Wide letters, such as Chinese ones, need twice the room. */
  const tag = (words, x, y, anchor, kind = '') => {
    const text = words.length > 28 ? `${words.slice(0, 27)}…` : words;
    const letters = [...text].reduce((sum, one) => sum + (one > '\u2e80' ? 1.05 : 0.6), 0);
    const wide = px(letters * FONT + 10);
    const left = Math.min(anchor === 'middle' ? x - wide / 2 : x, Math.max(x, view.x + view.w - wide));
    return [
      rect(`st-tag${kind}`, { x: left, y, w: wide, h: px(18) }, { rx: px(3) }),
      make(
        'text',
        { class: 'st-say', x: left + wide / 2, y: y + px(13), 'font-size': px(FONT), 'text-anchor': 'middle' },
        text,
      ),
    ];
  };

  /** The names of the selected box and of the box under the pointer. */
  const tags = (parts) => {
    const { chosen: indices } = editor.state;
    const named = indices.length === 1 ? [indices[0]] : [];
    if (hovered !== undefined && !named.includes(hovered) && drag === undefined) named.push(hovered);
    return named.flatMap((index) => {
      const box = parts?.boxes[index];
      if (box === undefined) return [];
      const { x, y } = seen(rectOf(box));
      const kind = editor.faultsOf(index).length > 0 ? ' is-bad' : indices.includes(index) ? '' : ' is-quiet';
      return tag(editor.nameOf(index), x, y - px(18 + HANDLE / 2), 'start', kind);
    });
  };

  /** Lines from the selection to its neighbours, or to the edges of the label. */
  const distances = (bounds, parts) => {
    const others = parts.boxes.filter((_, index) => !editor.state.chosen.includes(index)).map(rectOf);
    return gapsOf(bounds, others, mediaOf(parts)).flatMap(({ from: [x, y], to: [x2, y2], mm }) => {
      if (mm < 0.05) return [];
      const end = px(4);
      const ends =
        x === x2
          ? [`M${x - end} ${y}h${2 * end}`, `M${x - end} ${y2}h${2 * end}`]
          : [`M${x} ${y - end}v${2 * end}`, `M${x2} ${y - end}v${2 * end}`];
      return [
        make('path', { class: 'st-measure', d: `M${x} ${y}L${x2} ${y2}${ends.join('')}` }),
        ...(x === x2
          ? tag(`${shown(mm)} mm`, x + px(HANDLE), (y + y2) / 2 - px(9), 'start')
          : tag(`${shown(mm)} mm`, (x + x2) / 2, y + px(HANDLE), 'middle')),
      ];
    });
  };

  /** The rectangle that a pointer draws around boxes. */
  const band = () => (drag?.band === undefined ? [] : [rect('st-band', drag.band)]);

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

  const rulers = ({ width, height }, parts) => {
    const { chosen: indices } = editor.state;
    const deep = px(RULER);
    const drawn = [
      rect('st-ruler', { x: view.x, y: view.y, w: view.w, h: deep }),
      rect('st-ruler', { x: view.x, y: view.y, w: deep, h: view.h }),
    ];
    if (parts !== undefined && indices.length > 0) {
      const { x, y, w, h } = boundsOf(indices.map((index) => rectOf(parts.boxes[index])));
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
    const { chosen: indices, isSeveral } = editor.state;
    const box = editor.parts()?.boxes[indices[0]];
    if (box === undefined || indices.length > 1 || isSeveral) return undefined;
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
    if (event.button !== 0 || drag !== undefined || editor.parts() === undefined) return;
    const { state } = editor;
    const point = pointOf(event);
    const isTouch = event.pointerType === 'touch';
    const isAdding = state.isSeveral || event.shiftKey || event.ctrlKey || event.metaKey;
    const handle = isAdding ? undefined : handleAt(point, event.pointerType);
    const index = handle !== undefined || (isTouch && !isAdding && isOnChosen(point)) ? state.picked : boxAt(point);
    if (index === undefined) {
      if (!isAdding) editor.pick(undefined);
      // A finger that moves over the paper scrolls the page.
      if (!isTouch || state.isSeveral)
        begin(event, { point, kept: isAdding ? state.chosen : [], band: { ...point, w: 0, h: 0 } });
      return;
    }
    const wasChosen = state.chosen.includes(index);
    // A click on one of several boxes may begin a move, so it selects this box only at its end.
    const after = isAdding ? wasChosen && (() => editor.toggle(index)) : wasChosen && (() => editor.pick(index));
    if (!wasChosen && isAdding) editor.toggle(index);
    else if (!wasChosen) editor.pick(index);
    if (isTouch && !wasChosen) return;
    editor.focus(index);
    const boxes = editor.chosenBoxes();
    const rects = boxes.map(rectOf);
    begin(event, { handle, point, text: state.text, boxes, rects, rect: boundsOf(rects), after });
  });

  const begin = (event, what) => {
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    drag = { ...what, id: event.pointerId };
  };

  const isOnChosen = (point) =>
    editor.chosenBoxes().some((box) => {
      const { x, y, w, h } = seen(rectOf(box));
      return point.x >= x && point.x <= x + w && point.y >= y && point.y <= y + h;
    });

  /** The name of the box under the pointer is shown. */
  const hover = (event) => {
    const index = event.pointerType === 'touch' ? undefined : boxAt(pointOf(event));
    if (index === hovered) return;
    hovered = index;
    draw();
  };
  svg.addEventListener('pointerleave', () => {
    hovered = undefined;
    draw();
  });

  svg.addEventListener('pointermove', (event) => {
    if (drag === undefined) return hover(event);
    if (event.pointerId !== drag.id) return;
    const now = pointOf(event);
    const [dx, dy] = [now.x - drag.point.x, now.y - drag.point.y];
    if (!drag.isMoving && Math.hypot(dx, dy) < px(3)) return;
    drag.isMoving = true;
    guides = [];
    if (drag.band !== undefined) return stretch(now);
    const { chosen: indices } = editor.state;
    if (drag.handle !== undefined) editor.show(drag.text, [[indices[0], resized(dx, dy, event.altKey)]]);
    else
      editor.show(
        drag.text,
        moved(dx, dy, event.altKey).map((values, at) => [indices[at], values]),
      );
  });

  /** Selects the boxes that are completely inside of the band. */
  const stretch = ({ x, y }) => {
    const { point, kept } = drag;
    const rect = {
      x: Math.min(x, point.x),
      y: Math.min(y, point.y),
      w: Math.abs(x - point.x),
      h: Math.abs(y - point.y),
    };
    drag.band = rect;
    const isInside = (box) => {
      const one = rectOf(box);
      return one.x >= rect.x && one.y >= rect.y && one.x + one.w <= rect.x + rect.w && one.y + one.h <= rect.y + rect.h;
    };
    const found = editor.parts().boxes.flatMap((box, index) => (isInside(box) ? [index] : []));
    editor.select([...new Set([...kept, ...found])]);
  };

  const end = (event) => {
    if (drag === undefined || event.pointerId !== drag.id) return;
    const { text, isMoving, band: stretched, after } = drag;
    drag = undefined;
    guides = [];
    if (stretched !== undefined) {
      draw();
      if (editor.state.chosen.length > 0) editor.focus(editor.state.picked);
    } else if (isMoving) editor.keep(text);
    else if (after) after();
    else draw();
  };
  svg.addEventListener('pointerup', end);
  svg.addEventListener('pointercancel', end);
  // While a box is dragged, the page must not scroll.
  svg.addEventListener('touchmove', (event) => drag !== undefined && event.preventDefault(), { passive: false });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || drag === undefined) return;
    if (drag.band === undefined) editor.show(drag.text, []);
    drag = undefined;
    guides = [];
    draw();
  });

  const moved = (dx, dy, isFree) => {
    const { width, height } = mediaOf(editor.parts());
    const { x, y, w, h } = drag.rect;
    const left = inside(snap('x', [x + dx, x + dx + w / 2, x + dx + w], isFree), width - w);
    const top = inside(snap('y', [y + dy, y + dy + h / 2, y + dy + h], isFree), height - h);
    return drag.boxes.map((box, at) => movedTo(box, drag.rects[at].x + left - x, drag.rects[at].y + top - y));
  };

  const inside = (mm, most) => Math.max(0, Math.min(mm, Math.max(0, most)));

  const resized = (dx, dy, isFree) => {
    const { width, height } = mediaOf(editor.parts());
    const { handle, rect: before } = drag;
    const [box] = drag.boxes;
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
    const others = parts.boxes.filter((_, index) => !editor.state.chosen.includes(index)).map(rectOf);
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

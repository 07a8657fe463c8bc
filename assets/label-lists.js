// The list of boxes, the check and the headline of the label editor.
import { mediaOf } from './label-geometry.js';

const part = (id) => document.getElementById(id);

const ICON_OF = { text: 'text', image: 'image', line: 'line', box: 'box', code128: 'code128', 'gs1-128': 'code128' };

function iconOf(type) {
  return document.querySelector(`[data-add="${ICON_OF[type] ?? 'qr'}"] svg`).cloneNode(true);
}

const SHAPES = {
  stop: ['M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5z', 'M8 4.3v4.5M8 11.3v.4'],
  warn: ['M8 1.3 15.4 14.5H.6z', 'M8 6v4M8 12v.4'],
  good: ['M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1z', 'm4.7 8.3 2.3 2.3 4.3-4.8'],
  info: ['M1 1h14v14H1z', 'M8 7.3V12M8 4.3v.4'],
};

function shapeOf(name) {
  const [edge, cut] = SHAPES[name];
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [key, value] of Object.entries({ class: `shape is-${name}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' }))
    shape.setAttribute(key, value);
  for (const [kind, d] of [
    ['', edge],
    ['cut', cut],
  ]) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', d);
    if (kind !== '') path.setAttribute('class', kind);
    shape.append(path);
  }
  return shape;
}

export function openLists(editor) {
  const { state, say, parts } = editor;
  let checked = '';
  let isDrawing = false;

  function row(index, name, icon) {
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.box = index ?? 'label';
    if (index !== undefined) button.setAttribute('aria-describedby', 'bench-keys');
    const isChosen = index === undefined ? state.chosen.length === 0 : state.chosen.includes(index);
    button.setAttribute('aria-pressed', String(isChosen));
    const words = document.createElement('span');
    words.textContent = name;
    button.append(icon, words);
    if (index !== undefined && editor.faultsOf(index).length > 0) {
      const sign = shapeOf('stop');
      sign.removeAttribute('aria-hidden');
      sign.setAttribute('role', 'img');
      sign.setAttribute('aria-label', say('oneFault'));
      button.append(sign);
    }
    button.addEventListener('focus', () => !isDrawing && !isChosen && !state.isSeveral && editor.pick(index));
    // With these keys, a click must not give the focus, because the focus selects a single box.
    button.addEventListener('mousedown', (event) => {
      if (event.shiftKey || event.ctrlKey || event.metaKey) event.preventDefault();
    });
    button.addEventListener('click', (event) => {
      if (index === undefined) editor.pick(undefined);
      else if (event.shiftKey) editor.selectTo(index);
      else if (state.isSeveral || event.ctrlKey || event.metaKey) editor.toggle(index);
      else if (state.chosen.length !== 1 || !isChosen) editor.pick(index);
    });
    const item = document.createElement('li');
    item.append(button);
    return item;
  }

  function drawList() {
    const list = part('boxes');
    const boxes = parts()?.boxes ?? [];
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.box : undefined;
    const { width, height } = mediaOf(parts());
    list.replaceChildren(
      row(undefined, `${say('label')} ${width} × ${height} mm`, iconOf('box')),
      ...boxes.map(({ value }, index) => row(index, editor.nameOf(index), iconOf(value.type))),
    );
    part('box-count').textContent = String(boxes.length);
    // The focus comes back to its row, which selects nothing.
    isDrawing = true;
    if (focused !== undefined) list.querySelector(`[data-box="${focused}"]`)?.focus({ preventScroll: true });
    isDrawing = false;
  }

  function finding(shape, { box, why }) {
    const item = document.createElement('li');
    const words = document.createElement('span');
    if (box !== undefined) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'link';
      button.textContent = editor.nameOf(box);
      button.addEventListener('click', () => {
        editor.pick(box);
        editor.focus(box);
      });
      words.append(button, ': ');
    }
    words.append(why);
    item.append(shapeOf(shape), words);
    return item;
  }

  /** The list is announced to screen readers, so it changes only if its content does. */
  function drawChecks() {
    const { answer } = state;
    if (answer === undefined) return;
    const found = JSON.stringify([answer.problems, answer.warnings, answer.codes, answer.secret]);
    if (found === checked) return;
    checked = found;
    const bad = new Set(answer.problems.map(({ box }) => box));
    const items = answer.problems.map((one) => finding('stop', one));
    items.push(...answer.warnings.map((one) => finding('warn', one)));
    for (const { box, dots, moduleMm, quietModules } of answer.codes) {
      if (dots === undefined || bad.has(box)) continue;
      const values = { box: editor.nameOf(box), dots, mm: moduleMm.toFixed(3), quiet: quietModules.toFixed(1) };
      items.push(finding('good', { why: say('codeFine', values) }));
    }
    const texts = (parts()?.boxes ?? []).flatMap(({ value }, index) => (value.type === 'text' ? [index] : []));
    if (answer.svg !== undefined && texts.length > 0 && !texts.some((index) => bad.has(index)))
      items.push(finding('good', { why: say('textsFine') }));
    if (answer.svg !== undefined) items.push(finding('info', { why: say(answer.secret ? 'secret' : 'open') }));
    part('bench-checks').replaceChildren(...items);
    part('check-dpi').textContent = say('checkDpi', { dpi: mediaOf(parts()).dpi });
  }

  function drawHead() {
    const count = state.answer?.problems.length ?? 0;
    const head = part('bench-head');
    if (parts() === undefined) head.textContent = say('broken');
    else if (parts().boxes.length === 0) head.textContent = say('empty');
    else if (state.answer !== undefined)
      head.textContent = count === 0 ? say('fits') : count === 1 ? say('oneFault') : say('faults', { count });
  }

  return {
    draw() {
      drawList();
      drawChecks();
      drawHead();
    },
  };
}

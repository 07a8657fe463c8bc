// The editor for label templates. The text of the template is the only state: each act changes the text, and everything
// is drawn from it. The service draws and checks the label after each change.
import { addBox, commentsOf, read, removeBox, setAll } from './label-source.js';
import { openLists } from './label-lists.js';
import { openProperties } from './label-properties.js';
import { mediaOf, movedTo, openStage, rectOf } from './label-stage.js';

const part = (id) => document.getElementById(id);
const [bench, source] = [part('bench'), part('source')];
const data = JSON.parse(bench.dataset.bench);
const say = (key, values = {}) =>
  (data.words[key] ?? key).replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));

/** Changes of the same kind within this time are undone in one step. */
const STEP_MS = 1000;
const MOST_STEPS = 500;
/** The time before the service draws the label, so that fast changes cause one drawing. */
const PAUSE_MS = 40;

const state = { text: source.value, picked: undefined, values: 'typical', product: '', sample: {}, answer: undefined };
const [past, future] = [[], []];
let saved = state.text;
let step = { what: undefined, at: 0 };
let parsed = { text: undefined, parts: undefined };

const parts = () => {
  if (parsed.text !== state.text) parsed = { text: state.text, parts: read(state.text) };
  return parsed.parts;
};
const round = (values) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'number' ? Math.round(value * 1000) / 1000 : value,
    ]),
  );

const editor = {
  state,
  data,
  say,
  parts,
  grid: () => Number(part('grid').value),
  faultsOf: (index) => state.answer?.problems.filter(({ box }) => box === index) ?? [],
  nameOf(index) {
    const { name, type, text } = parts()?.boxes[index]?.value ?? {};
    // While the text is wrong, a fault may name a box that is not known.
    if (type === undefined) return String(index + 1);
    return name || [say(type), text].filter(Boolean).join(' ');
  },
  pick(index) {
    state.picked = index;
    draw();
  },
  focus: (index) => part('boxes').querySelector(`[data-box="${index}"]`)?.focus({ preventScroll: true }),
  setBox(values, what) {
    const index = state.picked;
    change(
      setAll(state.text, (now) => now.boxes[index], round(values)),
      what && `${what} ${index}`,
    );
  },
  setMedia: (values) => change(setAll(state.text, (now) => now.media, round(values))),
  setProduct(id) {
    state.product = id;
    ask();
  },
  /** Shows a box with other values while it is dragged. `keep` makes one step of all that. */
  show(text, index, values) {
    state.text = setAll(text, (now) => now.boxes[index], round(values));
    draw();
    ask();
  },
  keep(before) {
    const text = state.text;
    state.text = before;
    change(text);
    tellPlace();
  },
  duplicate() {
    const box = parts()?.boxes[state.picked];
    if (box === undefined) return;
    const { width, height } = mediaOf(parts());
    const rect = rectOf(box);
    const [x, y] = [
      Math.min(rect.x + 2, Math.max(0, width - rect.w)),
      Math.min(rect.y + 2, Math.max(0, height - rect.h)),
    ];
    const name = box.value.name === undefined ? {} : { name: `${box.value.name} 2`.slice(0, 40) };
    add({ ...box.value, ...name, ...round(movedTo(box, rect, x, y)) });
  },
  remove() {
    const index = state.picked;
    if (parts()?.boxes[index] === undefined) return;
    const comments = commentsOf(state.text, index);
    const text = removeBox(state.text, index);
    state.picked = index > 0 ? index - 1 : undefined;
    change(text);
    if (comments.length > 0) note(say('commentsLost', { comments: comments.join('; ') }));
    const next = part('boxes').querySelector(`[data-box="${state.picked ?? 'label'}"]`);
    next?.focus();
  },
};
const stage = openStage(part('stage'), editor);
const lists = openLists(editor);
const properties = openProperties(part('properties'), editor);

/* Steps */

/** Takes a changed text. Changes with the same `what`, one after another, are one step. */
function change(text, what) {
  if (text === state.text) return;
  const isSame = what !== undefined && step.what === what && Date.now() - step.at < STEP_MS;
  if (!isSame) past.push(state.text);
  if (past.length > MOST_STEPS) past.shift();
  step = { what, at: Date.now() };
  future.length = 0;
  note('');
  take(text);
}

function take(text, isForced = false) {
  state.text = text;
  if (source.value !== text) source.value = text;
  if (parts()?.boxes[state.picked] === undefined) state.picked = undefined;
  draw(isForced);
  ask();
}

function undo(from, to) {
  const text = from.pop();
  if (text === undefined) return;
  to.push(state.text);
  step = { what: undefined, at: 0 };
  note('');
  take(text, true);
}

/* Boxes */

const CODES = ['qr', 'datamatrix', 'gs1-datamatrix'];

/** A new box of this kind, with sizes in mm that fit on the label. */
function newBox(type, { width, height }) {
  const most = (w, h) => ({ w: Math.min(w, width), h: Math.min(h, height) });
  const side = Math.min(18, width, height);
  switch (type) {
    case 'text':
      return { type, ...most(30, 4), text: '{name}', size: 8, floor: 5 };
    case 'image':
      return { type, ...most(10, 10), file: '{logo}' };
    case 'box':
      return { type, ...most(20, 8), width: 0.25 };
    case 'line':
      return { type, ...most(20, 0), width: 0.25 };
    default:
      return CODES.includes(type)
        ? { type, w: side, h: side, text: '{qr}' }
        : { type, ...most(60, 7), text: '{serial}', quiet: 10 };
  }
}

/** The first place, by rows, where a box of this size covers no other box. */
function placeFor({ w, h }, { width, height }) {
  const others = parts().boxes.map(rectOf);
  const isFree = (x, y) =>
    !others.some((one) => x < one.x + one.w && x + w > one.x && y < one.y + one.h && y + h > one.y);
  for (let y = 1; y + h <= height - 1; y++) for (let x = 1; x + w <= width - 1; x++) if (isFree(x, y)) return { x, y };
  return { x: Math.max(0, Math.min(2, width - w)), y: Math.max(0, Math.min(2, height - h)) };
}

function add(properties) {
  change(addBox(state.text, properties));
  state.picked = parts().boxes.length - 1;
  draw();
  editor.focus(state.picked);
}

bench.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-add]');
  if (button === null || parts() === undefined) return;
  const media = mediaOf(parts());
  const box = newBox(button.dataset.add, media);
  const { x, y } = placeFor(box, media);
  const { type, w, h, ...rest } = box;
  add(type === 'line' ? { type, x, y, x2: x + w, y2: y, ...rest } : { type, x, y, w, h, ...rest });
});

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Keys on a box of the list. */
part('boxes').addEventListener('keydown', (event) => {
  const { key, altKey, shiftKey } = event;
  if (parts()?.boxes[state.picked] === undefined) return;
  if (key === 'Delete' || key === 'Backspace') editor.remove();
  else if (key.toLowerCase() === 'd' && (event.ctrlKey || event.metaKey)) editor.duplicate();
  else if (key in ARROWS) nudge(ARROWS[key], altKey ? 0.1 : 1, shiftKey);
  else return;
  event.preventDefault();
});

function nudge([dx, dy], mm, isSize) {
  const box = parts().boxes[state.picked];
  const { width, height } = mediaOf(parts());
  const rect = rectOf(box);
  const inside = (value, least, most) => Math.round(Math.max(least, Math.min(value, most)) * 1000) / 1000;
  if (!isSize) {
    const x = inside(rect.x + dx * mm, 0, Math.max(0, width - rect.w));
    const y = inside(rect.y + dy * mm, 0, Math.max(0, height - rect.h));
    editor.setBox(movedTo(box, rect, x, y), 'move');
  } else if (box.value.type === 'line') {
    const { x2, y2 } = box.value;
    editor.setBox({ x2: inside(x2 + dx * mm, 0, width), y2: inside(y2 + dy * mm, 0, height) }, 'resize');
  } else {
    const [w, h] = [inside(rect.w + dx * mm, 0.5, width - rect.x), inside(rect.h + dy * mm, 0.5, height - rect.y)];
    editor.setBox({ w, h }, 'resize');
  }
  tellPlace();
}

let telling;
/** Says where the box is, after the last of several key presses. */
function tellPlace() {
  clearTimeout(telling);
  telling = setTimeout(() => {
    const box = parts()?.boxes[state.picked];
    if (box !== undefined)
      part('bench-said').textContent = say('at', { box: editor.nameOf(state.picked), ...round(rectOf(box)) });
  }, 400);
}

function note(words) {
  part('bench-note').textContent = words;
}

function draw(isForced = false) {
  lists.draw();
  part('undo').setAttribute('aria-disabled', String(past.length === 0));
  part('redo').setAttribute('aria-disabled', String(future.length === 0));
  stage.draw();
  properties.draw({ isForced });
}

/* The service */

const call = (address, more = {}) =>
  fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': bench.dataset.csrf },
    body: JSON.stringify({
      source: state.text,
      values: state.values,
      ...(state.product === '' ? {} : { product: state.product }),
      ...(bench.dataset.name === '' ? {} : { name: bench.dataset.name }),
      ...more,
    }),
  });

let waiting;
let isAsking = false;
let isStale = false;
function ask() {
  clearTimeout(waiting);
  waiting = setTimeout(() => void draft(), PAUSE_MS);
}

/** One request at a time. A change during a request causes one more request after it. */
async function draft() {
  if (isAsking) {
    isStale = true;
    return;
  }
  isAsking = true;
  try {
    // A template needs a box, but a label without boxes is only new and not wrong.
    const answer = parts()?.boxes.length === 0 ? undefined : await call('/v1/label-draft');
    const body = await answer?.json();
    if (answer?.ok === false) note(body.detail);
    else {
      state.answer = body ?? { problems: [], warnings: [], codes: [] };
      state.sample = body?.sample ?? state.sample;
      stage.show(pictureOf(state.answer.svg));
      lists.draw();
    }
  } catch {
    note(say('unreachable'));
  } finally {
    isAsking = false;
    if (isStale) ask();
    isStale = false;
  }
}

/** A data URL, because an SVG that is part of the page could run scripts. */
function pictureOf(svg) {
  return svg === undefined ? '' : `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** The largest file that the service takes. */
const MOST_BYTES = 2 * 1024 * 1024;

/** Uploads a picture and shows it in the selected box. */
async function upload(file) {
  if (file.size > MOST_BYTES) return note(say('tooLarge'));
  const plain = file.name
    .replace(/\.[^.]*$/, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-');
  const name = `${plain.replace(/^[^A-Za-z0-9]+/, '').slice(0, 60) || 'logo'}.png`;
  const url = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result));
    reader.readAsDataURL(file);
  });
  try {
    const answer = await fetch(`/v1/label-logos/${encodeURIComponent(name)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'x-csrf-token': bench.dataset.csrf },
      body: JSON.stringify({ picture: url.slice(url.indexOf(',') + 1) }),
    });
    if (!answer.ok) return note((await answer.json()).detail);
    if (!data.logos.includes(name)) data.logos.push(name);
    editor.setBox({ file: name });
    ask();
  } catch {
    note(say('unreachable'));
  }
}
editor.upload = upload;

async function printTest() {
  const said = part('test-said');
  said.className = '';
  said.textContent = '…';
  try {
    const answer = await call('/v1/label-draft/print', { printer: part('test-printer').value });
    const body = await answer.json();
    const word = body.state === 'failed' && body.mayHaveLeft === false ? 'notReached' : body.state;
    said.textContent = answer.ok ? [say(`test.${word}`), body.reason].filter(Boolean).join(': ') : body.detail;
    said.className = answer.ok && (body.state === 'done' || body.state === 'sent') ? 'good' : 'bad';
  } catch {
    said.textContent = say('unreachable');
  }
}

/* The page */

source.addEventListener('input', () => change(source.value, 'text'));
part('undo').addEventListener('click', () => undo(past, future));
part('redo').addEventListener('click', () => undo(future, past));
part('print-test')?.addEventListener('click', () => void printTest());
for (const radio of bench.querySelectorAll('[name=sample-values]'))
  radio.addEventListener('change', () => {
    state.values = radio.value;
    ask();
  });

document.addEventListener('keydown', (event) => {
  if (event.target === source || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === 'z' && !event.shiftKey) undo(past, future);
  else if (key === 'y' || key === 'z') undo(future, past);
  else return;
  event.preventDefault();
});

// The form says which revision was saved.
document.addEventListener('htmx:afterSwap', ({ target }) => {
  if (target.querySelector?.('[data-revision]')) saved = state.text;
});
let isLeaving = false;
document.addEventListener('htmx:beforeOnLoad', ({ detail }) => {
  if (detail.xhr.getResponseHeader('hx-redirect')) isLeaving = true;
});
window.addEventListener('beforeunload', (event) => {
  if (state.text !== saved && !isLeaving) event.preventDefault();
});

bench.hidden = false;
part('as-text').open = false;
if (part('test-print')) part('test-print').hidden = false;
draw();
ask();
void draft();

// The editor for label templates. The text of the template is the only state: each act changes the text, and everything
// is drawn from it. The service draws and checks the label after each change.
import { addBox, boxesIn, commentsOf, read, removeBox, setAll, setEach, textOf } from './label-source.js';
import { alignedIn, boundsOf, distributed, mediaOf, movedTo, newBox, placeFor, rectOf } from './label-geometry.js';
import { openConflict } from './label-conflict.js';
import { openLists } from './label-lists.js';
import { openProperties } from './label-properties.js';
import { openStage } from './label-stage.js';

const part = (id) => document.getElementById(id);
const bench = part('bench');
/** The text in the form. A refused form is replaced by a new one. */
const source = () => part('source');
const data = JSON.parse(bench.dataset.bench);
const say = (key, values = {}) =>
  (data.words[key] ?? key).replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (place, name, one, many) =>
    many === undefined ? String(values[name] ?? place) : values[name] === 1 ? one : many,
  );

/** Changes of the same kind within this time are undone in one step. */
const STEP_MS = 1000;
const MOST_STEPS = 500;
/** The time before the service draws the label, so that fast changes cause one drawing. */
const PAUSE_MS = 40;

const state = {
  text: source().value,
  /** The selected boxes, in the order in which they were selected. */
  chosen: [],
  /** The box that was selected last. */
  get picked() {
    return state.chosen.at(-1);
  },
  /** Each click adds a box to the selection, or takes it away. For fingers, and for the keyboard. */
  isSeveral: false,
  /** The distances to other boxes are shown while boxes move. */
  isMoving: false,
  values: 'typical',
  product: '',
  sample: {},
  answer: undefined,
};
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

function select(indices) {
  state.chosen = indices;
  state.isMoving = false;
  draw();
}

/** The selected boxes in the order of the list. */
const inOrder = () => state.chosen.toSorted((a, b) => a - b);
const rounded = (entries) => entries.map(([index, values]) => [index, round(values)]);

function setBoxes(entries, what) {
  change(setEach(state.text, rounded(entries)), what && `${what} ${state.chosen.join()}`);
}

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
  /** Selects one box, or none. */
  pick: (index) => select(index === undefined ? [] : [index]),
  /** Adds a box to the selection, or takes it away. */
  toggle: (index) =>
    select(state.chosen.includes(index) ? state.chosen.filter((one) => one !== index) : [...state.chosen, index]),
  select,
  /** Selects the boxes of the list from the last selected one to this one. */
  selectTo(index) {
    const from = state.picked ?? index;
    const [first, last] = [Math.min(from, index), Math.max(from, index)];
    const range = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    select([...new Set([...state.chosen, ...range, from])].toSorted((a, b) => (a === from) - (b === from)));
  },
  chosenBoxes: () => state.chosen.map((index) => parts().boxes[index]),
  focus: (index) => part('boxes').querySelector(`[data-box="${index}"]`)?.focus({ preventScroll: true }),
  setBox: (values, what) => setBoxes([[state.picked, values]], what),
  setBoxes,
  setMedia: (values) => change(setAll(state.text, parts().media, round(values))),
  setProduct(id) {
    state.product = id;
    ask();
  },
  /** Moves each selected box to its place. */
  moveTo(places, what) {
    const boxes = editor.chosenBoxes();
    const moved = boxes.map((box, at) => [state.chosen[at], movedTo(box, places[at].x, places[at].y)]);
    setBoxes(moved, what);
  },
  /** Moves the selection as one. */
  moveBy(dx, dy, what) {
    editor.moveTo(
      editor.chosenBoxes().map((box) => ({ x: rectOf(box).x + dx, y: rectOf(box).y + dy })),
      what,
    );
  },
  /** Places the selection as one on the label. */
  place(side, edge) {
    const { width, height } = mediaOf(parts());
    const bounds = boundsOf(editor.chosenBoxes().map(rectOf));
    const { x, y } = alignedIn(bounds, { x: 0, y: 0, w: width, h: height }, side, edge);
    editor.moveBy(Math.max(0, x) - bounds.x, Math.max(0, y) - bounds.y);
  },
  align(side) {
    const rects = editor.chosenBoxes().map(rectOf);
    editor.moveTo(rects.map((rect) => alignedIn(rect, boundsOf(rects), side)));
  },
  distribute: (axis) => editor.moveTo(distributed(editor.chosenBoxes().map(rectOf), axis)),
  /** Shows boxes with other values while they are dragged. `keep` makes one step of all that. */
  show(text, entries) {
    state.text = setEach(text, rounded(entries));
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
    if (state.chosen.length === 0) return;
    const { width, height } = mediaOf(parts());
    const bounds = boundsOf(editor.chosenBoxes().map(rectOf));
    const dx = Math.min(2, Math.max(0, width - bounds.w - bounds.x));
    const dy = Math.min(2, Math.max(0, height - bounds.h - bounds.y));
    addAll(
      inOrder().map((index) => {
        const box = parts().boxes[index];
        const { x, y } = rectOf(box);
        const name = box.value.name === undefined ? {} : { name: `${box.value.name} 2`.slice(0, 40) };
        return { ...box.value, ...name, ...round(movedTo(box, x + dx, y + dy)) };
      }),
    );
  },
  remove() {
    const chosen = inOrder();
    if (chosen.length === 0) return;
    const comments = chosen.flatMap((index) => commentsOf(state.text, index));
    const text = chosen.toReversed().reduce(removeBox, state.text);
    state.chosen = chosen[0] > 0 ? [chosen[0] - 1] : [];
    change(text);
    if (comments.length > 0) note(say('commentsLost', { comments: comments.join('; ') }));
    const next = part('boxes').querySelector(`[data-box="${state.picked ?? 'label'}"]`);
    next?.focus();
  },
  note,
  /** Takes a text as one step. The text that it replaces comes back with Undo. */
  replace: (text) => change(text),
};
const stage = openStage(part('stage'), editor);
const lists = openLists(editor);
const properties = openProperties(part('properties'), editor);
const conflict = openConflict(editor, bench.dataset.name);

/* Steps */

/** Takes a changed text. Changes with the same `what`, one after another, are one step. */
function change(text, what) {
  if (text === state.text) return;
  const isSame = what !== undefined && step.what === what && Date.now() - step.at < STEP_MS;
  if (!isSame) past.push(state.text);
  if (past.length > MOST_STEPS) past.shift();
  step = { what, at: Date.now() };
  future.length = 0;
  state.isMoving = false;
  note('');
  take(text);
}

function take(text, isForced = false) {
  state.text = text;
  if (source().value !== text) source().value = text;
  state.chosen = state.chosen.filter((index) => parts()?.boxes[index] !== undefined);
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

/** Adds boxes as one step, and selects them. */
function addAll(list) {
  const count = parts().boxes.length;
  change(list.reduce(addBox, state.text));
  select(list.map((_, at) => count + at));
  editor.focus(state.picked);
}

bench.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-add]');
  if (button === null || parts() === undefined) return;
  const media = mediaOf(parts());
  const box = newBox(button.dataset.add, media);
  const { x, y } = placeFor(box, parts().boxes.map(rectOf), media);
  const { type, w, h, ...rest } = box;
  addAll([type === 'line' ? { type, x, y, x2: x + w, y2: y, ...rest } : { type, x, y, w, h, ...rest }]);
});

part('several').addEventListener('click', () => {
  state.isSeveral = !state.isSeveral;
  draw();
});

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Keys on a box of the list. */
part('boxes').addEventListener('keydown', (event) => {
  const { key, altKey, shiftKey } = event;
  const isControl = event.ctrlKey || event.metaKey;
  if (isControl && key.toLowerCase() === 'a') select((parts()?.boxes ?? []).map((_, index) => index));
  else if (state.chosen.length === 0) return;
  else if (key === 'Delete' || key === 'Backspace') editor.remove();
  else if (key.toLowerCase() === 'd' && isControl) editor.duplicate();
  else if (key === 'Escape' && state.chosen.length > 1) editor.pick(state.picked);
  else if (key in ARROWS && !isControl) nudge(ARROWS[key], altKey ? 0.1 : 1, shiftKey && state.chosen.length === 1);
  else return;
  event.preventDefault();
});

/** Boxes are copied as text, so they can be pasted into another template. */
part('boxes').addEventListener('copy', (event) => {
  if (state.chosen.length === 0) return;
  event.clipboardData.setData('text/plain', textOf(inOrder().map((index) => parts().boxes[index].value)));
  event.preventDefault();
});
part('boxes').addEventListener('paste', (event) => {
  const pasted = boxesIn(event.clipboardData.getData('text/plain'));
  event.preventDefault();
  if (parts() === undefined) return;
  if (pasted.length === 0) note(say('notBoxes'));
  else addAll(pasted);
});

function nudge([dx, dy], mm, isSize) {
  const { width, height } = mediaOf(parts());
  const bounds = boundsOf(editor.chosenBoxes().map(rectOf));
  const inside = (value, least, most) => Math.round(Math.max(least, Math.min(value, most)) * 1000) / 1000;
  const box = parts().boxes[state.picked];
  if (!isSize) {
    const x = inside(bounds.x + dx * mm, 0, Math.max(0, width - bounds.w));
    const y = inside(bounds.y + dy * mm, 0, Math.max(0, height - bounds.h));
    editor.moveBy(x - bounds.x, y - bounds.y, 'move');
  } else if (box.value.type === 'line') {
    const { x2, y2 } = box.value;
    editor.setBox({ x2: inside(x2 + dx * mm, 0, width), y2: inside(y2 + dy * mm, 0, height) }, 'resize');
  } else {
    const [w, h] = [
      inside(bounds.w + dx * mm, 0.5, width - bounds.x),
      inside(bounds.h + dy * mm, 0.5, height - bounds.y),
    ];
    editor.setBox({ w, h }, 'resize');
  }
  state.isMoving = true;
  stage.draw();
  tellPlace();
}

let telling;
/** Says where the box is, after the last of several key presses. */
function tellPlace() {
  clearTimeout(telling);
  telling = setTimeout(() => {
    if (state.chosen.length === 0) return;
    const { length } = state.chosen;
    const box = length === 1 ? editor.nameOf(state.picked) : say('several', { count: length });
    part('bench-said').textContent = say('at', { box, ...round(boundsOf(editor.chosenBoxes().map(rectOf))) });
  }, 400);
}

function note(words) {
  part('bench-note').textContent = words;
}

function draw(isForced = false) {
  lists.draw();
  part('undo').setAttribute('aria-disabled', String(past.length === 0));
  part('redo').setAttribute('aria-disabled', String(future.length === 0));
  const isSaved = state.text === saved && bench.dataset.name !== '';
  part('bench-state').textContent = isSaved
    ? say('revision', { revision: part('base-revision').value })
    : say('notSaved');
  part('several').setAttribute('aria-pressed', String(state.isSeveral));
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
      properties.showSample();
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

document.addEventListener('input', ({ target }) => {
  if (target === source()) change(target.value, 'text');
});
part('undo').addEventListener('click', () => undo(past, future));
part('redo').addEventListener('click', () => undo(future, past));
document.addEventListener('click', ({ target }) => {
  if (target.closest('#print-test') !== null) void printTest();
});
for (const radio of bench.querySelectorAll('[name=sample-values]'))
  radio.addEventListener('change', () => {
    state.values = radio.value;
    ask();
  });

document.addEventListener('keydown', (event) => {
  if (event.target === source() || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === 'z' && !event.shiftKey) undo(past, future);
  else if (key === 'y' || key === 'z') undo(future, past);
  else return;
  event.preventDefault();
});

// The form says which revision was saved. What was typed during the request is not saved yet.
let sent;
document.addEventListener('htmx:configRequest', ({ detail }) => {
  if (detail.parameters.source !== undefined) sent = state.text;
});
document.addEventListener('htmx:afterSwap', ({ target }) => {
  for (const button of target.querySelectorAll?.('[data-take]') ?? []) button.hidden = false;
  if (target.id === 'revision') target.querySelector('h2').focus();
  if (!target.querySelector?.('[data-revision]')) return;
  saved = sent ?? state.text;
  // The note is about the saved revision only.
  const noted = source().form.elements.namedItem('note');
  if (noted !== null) noted.value = '';
  conflict.clear();
  draw();
});
document.addEventListener('htmx:afterRequest', ({ detail }) => {
  if (detail.xhr.status === 409 && detail.target?.id === 'saved' && bench.dataset.name !== '') conflict.show();
});
document.addEventListener('click', ({ target }) => {
  const taken = target.closest('[data-take]');
  if (taken === null) return;
  editor.replace(taken.dataset.take);
  bench.scrollIntoView();
});
let isLeaving = false;
document.addEventListener('htmx:beforeOnLoad', ({ detail }) => {
  if (detail.xhr.getResponseHeader('hx-redirect')) isLeaving = true;
});
window.addEventListener('beforeunload', (event) => {
  if (state.text !== saved && !isLeaving) event.preventDefault();
});

/** Prepares the form, also a refused form that came back. What was drawn during its request is in `state`. */
function dress() {
  dressed = source();
  if (dressed.value !== state.text) dressed.value = state.text;
  part('as-text').open = false;
  if (part('test-print')) part('test-print').hidden = false;
}
let dressed;
document.addEventListener('htmx:afterSwap', () => {
  if (source() !== dressed) dress();
});

bench.hidden = false;
dress();
draw();
ask();
void draft();

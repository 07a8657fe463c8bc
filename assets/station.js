import { readScans } from './scanner.js';
import { sound } from './sound.js';

// The screen at a station: it follows the station's events, and accepts scans wherever the focus is.

const part = (id) => document.getElementById(id);
const screen = part('station');
const [form, hint, verdict, list, ask, told, toast] = ['scan', 'hint', 'verdict', 'list', 'ask', 'told', 'toast'].map(
  part,
);
const { name, csrf, stations, worker } = screen.dataset;
const here = `/stations/${name}`;
const nests = stations.split(' ');
const isMulti = nests.length > 1;

/** The parts of the page that follow the state of the station. */
const PARTS = ['orders', 'who', 'say', 'nest', 'note', 'acts'];

/** ms that a message stays. */
const TOAST_MS = 2000;

/** ms that a PASS stays in the place of the headline, if no scan takes the place before. */
const TOLD_MS = 5000;

/** ms that a scan or a pressed button waits for a badge. */
const BADGE_MS = 60000;

/** ms that a scanned label waits for the other labels of its unit. */
const HELD_MS = 60000;

/** ms between two looks at the clock, and the gap after which the computer has slept. */
const TICK_MS = 1000;
const SLEPT_MS = 5000;

let connected = false;
let intent = 'verify';
let at;
let device;

/** The codes of a unit whose other labels are not scanned yet, its station, and the timer that forgets them. */
let held = { codes: [], station: '', timer: undefined };
let waiting;
let busy = false;

/** The code that waits for its answer. */
let sending;
let drawing = false;
let again = false;

/** The station of the nest that the function keys act on, on a screen of several nests. Without it, they do nothing. */
let selected;

/* Live */

const drawn = new Map();

/** Unchanged parts stay: an open menu stays open, a pressed button keeps the focus, the label is not fetched again. */
function show(html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html');
  const focused = document.activeElement?.dataset?.key;
  for (const id of PARTS) {
    const next = fresh.getElementById(id);
    if (!next || next.innerHTML === drawn.get(id)) continue;
    drawn.set(id, next.innerHTML);
    const isOpen = part(id).querySelector('details')?.open;
    part(id).replaceChildren(...next.childNodes);
    if (isOpen) part(id).querySelector('details')?.setAttribute('open', '');
    if (id === 'acts' && focused) part(id).querySelector(`[data-key="${focused}"]`)?.focus();
  }
}

async function draw() {
  if (document.hidden) return;
  again = drawing;
  if (drawing) return;
  drawing = true;
  try {
    const query = selected === undefined ? '' : `?selected=${encodeURIComponent(selected)}`;
    const answer = await fetch(`${here}/now${query}`);
    if (answer.status === 401) return end();
    if (answer.ok) show(await answer.text());
  } catch {
    lose();
  } finally {
    drawing = false;
    if (again) void draw();
  }
}

function heard({ station, lost }) {
  if (lost) return lose();
  if (!part('expired').hidden) return;
  if (!connected || station) void draw();
  connected = true;
  screen.dataset.live = '';
  part('lost').hidden = true;
}

function lose() {
  if (!part('expired').hidden) return;
  connected = false;
  part('lost').hidden = false;
  // An event source gives no reason for a failure; a request does.
  void fetch(`${here}/now`).then(
    ({ status }) => status === 401 && end(),
    () => {},
  );
}

function end() {
  connected = false;
  part('lost').hidden = true;
  verdict.hidden = true;
  part('expired').hidden = false;
}

/** Tabs share one stream. Where the browser cannot share, each tab has its own. */
async function follow() {
  if ('SharedWorker' in globalThis) {
    const { port } = new SharedWorker(worker, { type: 'module', name: 'claimstamp' });
    port.addEventListener('message', ({ data }) => heard(data));
    port.start();
    port.postMessage({ stations: nests });
    addEventListener('pagehide', () => port.postMessage({}));
    return () => port.postMessage({ check: true });
  }
  const { openStream } = await import('./stream.js');
  const stream = openStream();
  stream.add(heard, nests);
  return () => stream.check();
}

/* Messages */

let fading;
let telling;

/** A short message that goes by itself and lets touches through. */
function say(html) {
  toast.innerHTML = html;
  toast.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => (toast.hidden = true), TOAST_MS);
}

/** A message about an earlier scan must not stand beside the answer to a later one. */
function hush() {
  clearTimeout(fading);
  toast.hidden = true;
}

/** A PASS of one of several nests, in the place of the headline. */
function tell(html) {
  hush();
  clearTimeout(telling);
  telling = setTimeout(() => (told.hidden = true), TOLD_MS);
  told.innerHTML = html;
  told.hidden = html === '';
}

/** Tells the operator and drops the scan: a scan is never sent later. */
function reject(text) {
  verdict.innerHTML =
    '<section class="verdict is-fail"><div class="edge"></div><div class="verdict-body"><p class="why"></p></div></section>';
  verdict.querySelector('p').textContent = text;
  verdict.hidden = false;
  sound('fail');
}

function answered(html, path, fields) {
  const said = new DOMParser().parseFromString(html, 'text/html').querySelector('[data-result]');
  // A scan of a prefix or suffix alone has no answer.
  if (said === null) return;
  const kind = said.dataset.result;
  sound(kind);
  if (kind === 'both' && said.dataset.held !== undefined) return hold(said.dataset.held, fields, said.textContent);
  if (kind === 'both') return expect('verify', fields.code, said.textContent);
  if (kind === 'badge') return holdForBadge(said.textContent, path, fields);
  if (kind === 'done') return say(html);
  if (kind === 'note') return note(said);
  if (said.dataset.brief !== undefined) return tell(html);
  hush();
  verdict.innerHTML = html;
  verdict.hidden = false;
}

async function send(path, fields) {
  if (!part('expired').hidden) return sound('fail');
  if (!connected) return reject(verdict.dataset.rejected);
  // A label that is read twice has its answer soon.
  if (sending !== undefined && fields.code === sending) return;
  if (busy) return reject(verdict.dataset.busy);
  busy = true;
  sending = fields.code;
  try {
    const body = new URLSearchParams({ csrf, ...fields });
    const answer = await fetch(`${here}/${path}`, { method: 'POST', body, signal: AbortSignal.timeout(10000) });
    if (answer.status === 401 || answer.status === 403) {
      sound('fail');
      return end();
    }
    // A throttled scan says how long to wait.
    if (!answer.ok && answer.status !== 429) return reject(verdict.dataset.rejected);
    answered(await answer.text(), path, fields);
    void draw();
  } catch {
    reject(verdict.dataset.rejected);
    lose();
  } finally {
    busy = false;
    sending = undefined;
  }
}

/* What the next scan means */

/** `code` is the first of two codes, and `said` the text that asks for the second. */
function expect(next, code, said) {
  intent = next;
  device = code;
  clearTimeout(held.timer);
  held = { codes: [], station: '', timer: undefined };
  waiting = undefined;
  const key = code === undefined ? next : 'device';
  ask.hidden = hint.dataset[key] === undefined;
  asks(code === undefined ? hint.dataset[key] : said.trim(), code === undefined ? '' : hint.dataset.device);
}

/** The unit needs another label. Its codes are sent again with the next scan, until Esc or a minute without a scan. */
function hold(station, { code, heldAt, held: before = '' }, said) {
  expect('verify');
  const earlier = heldAt === station ? before.split('\n').filter((one) => one !== '' && one !== code) : [];
  held = { codes: [...earlier, code], station, timer: setTimeout(release, HELD_MS) };
  ask.hidden = false;
  asks(said.trim(), hint.dataset.device);
}

function release() {
  expect('verify');
}

function asks(text, line = '') {
  ask.querySelector('h2').textContent = text;
  ask.querySelector('p').textContent = line;
}

/** The answer to a scan that concerns no unit. It stays until the next scan, Esc or its button. */
function note(said) {
  expect('verify');
  ask.hidden = false;
  for (const tag of ['h2', 'p']) ask.querySelector(tag).replaceChildren(...said.querySelector(tag).childNodes);
}

/** A scan or a pressed button is applied as soon as a badge says who did it. */
function holdForBadge(text, path, fields) {
  expect('verify');
  waiting = { path, fields, until: Date.now() + BADGE_MS };
  ask.hidden = false;
  asks(text.trim());
}

async function scanned(code, double) {
  const badged = waiting && Date.now() < waiting.until ? waiting : undefined;
  const fields = {
    code,
    intent,
    ...(at && { station: at }),
    ...(device !== undefined && { device }),
    ...(held.codes.length > 0 && { held: held.codes.join('\n'), heldAt: held.station }),
    ...(double && { double: '' }),
  };
  expect('verify');
  tell('');
  if (badged) fields.intent = 'verify';
  await send('scan', fields);
  if (badged && toast.querySelector('[data-badge]') && !toast.hidden) await send(badged.path, badged.fields);
}

/* Lists */

async function showList(what, station = name) {
  try {
    const answer = await fetch(`/stations/${station}/${what}`);
    if (answer.status === 401) return end();
    if (!answer.ok) return;
    list.innerHTML = await answer.text();
    list.hidden = false;
    list.focus();
  } catch {
    lose();
  }
}

/* Keys and buttons */

function close() {
  hush();
  for (const one of [verdict, list, ask]) one.hidden = true;
  for (const menu of screen.querySelectorAll('details[open]')) menu.open = false;
}

/** Esc takes back what is open or half done. If nothing is, it cancels what the station is armed with. */
function escape(scans) {
  const isOpen = [verdict, list, ask].some((one) => !one.hidden) || screen.querySelector('details[open]') !== null;
  const isTyped = form.elements.code.value !== '';
  scans.clear();
  expect('verify');
  close();
  form.elements.code.focus({ preventScroll: true });
  if (!isOpen && !isTyped) buttonOf('Escape')?.click();
}

/** The button of a key. Until the buttons of another nest are drawn, keys of the nest before do nothing. */
function buttonOf(key) {
  const button = screen.querySelector(`#acts button[data-key="${key}"]`);
  return isMulti && button?.dataset.station !== selected ? null : button;
}

/** Function keys act on this nest from now on. */
function select(station) {
  hush();
  selected = station;
  for (const card of screen.querySelectorAll('.nest-card'))
    card.classList.toggle('is-selected', card.dataset.station === selected);
  void draw();
}

/** On a screen of several nests, F1 selects the next nest, and after the last one none. */
function chooses(event) {
  if (!isMulti || !/^F\d+$/.test(event.key)) return false;
  event.preventDefault();
  if (event.key === 'F1') select([...nests, undefined][nests.indexOf(selected) + 1]);
  else if (selected === undefined) say(screen.dataset.choose);
  else return false;
  return true;
}

/** The words of a button, without the name of its key. */
function wordOf(button) {
  return [...button.childNodes].flatMap(({ nodeType, data }) => (nodeType === Node.TEXT_NODE ? data : [])).join('');
}

function press(button) {
  const { intent: next, do: what, list: wanted, go, key: _key, ...fields } = button.dataset;
  close();
  if (next) {
    at = fields.station;
    expect(next);
    if (isMulti) asks(hint.dataset[next], wordOf(button).trim());
  } else if (go) location.assign(`/stations/${fields.station}/${go}`);
  else if (what) void send('do', { what, ...fields });
  else if (wanted) return void showList(wanted, fields.station);
  form.elements.code.focus({ preventScroll: true });
}

if (form) {
  const field = form.elements.code;
  const scans = readScans(field, {
    scan: (code, double) => void scanned(code, double),
    mixed: () => reject(part('again').textContent),
    typed: () => (verdict.hidden = true),
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  screen.addEventListener('click', ({ target }) => {
    const button = target.closest('button');
    if (button) return press(button);
    if (target.closest('#verdict')) verdict.hidden = true;
    const card = target.closest('.nest-card');
    if (card) select(card.dataset.station);
    if (!target.closest('details, #list, a')) close();
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Escape') return escape(scans);
    if (chooses(event)) return;
    const button = buttonOf(event.key);
    if (!button) return;
    event.preventDefault();
    press(button);
  });
  field.focus();
}

document.addEventListener('error', ({ target }) => target.closest?.('.liner')?.remove(), true);
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());

const check = await follow();
let tickedAt = Date.now();

/** After a sleep, the page may show a state of hours ago. */
function wake() {
  check();
  void draw();
}

document.addEventListener('visibilitychange', () => document.hidden || wake());
setInterval(() => {
  const sleptMs = Date.now() - tickedAt;
  tickedAt = Date.now();
  if (sleptMs > SLEPT_MS) wake();
}, TICK_MS);

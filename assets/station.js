import { sound } from './sound.js';

// The screen at a station: it follows the station's events, and accepts scans wherever the focus is.

const screen = document.getElementById('station');
const nest = document.getElementById('nest');
const form = document.getElementById('scan');
const hint = document.getElementById('hint');
const verdict = document.getElementById('verdict');
const lost = document.getElementById('lost');
const expired = document.getElementById('expired');
const list = document.getElementById('list');
const { name, csrf } = screen.dataset;
const here = `/stations/${name}`;

/** ms, longer than two heartbeats of the service. After this silence the connection is lost, whatever the browser says. */
const SILENT_MS = 25000;

/** ms between two attempts to connect: soon enough after a restart, and no load for a service that is down. */
const AGAIN_MS = 2000;

let connected = false;
let intent = 'verify';
let device;
let busy = false;
let drawing = false;
let drawn;
let again = false;

/* Live */

async function draw() {
  again = drawing;
  if (drawing) return;
  drawing = true;
  try {
    const answer = await fetch(`${here}/now`);
    if (answer.status === 401) return end();
    const html = answer.ok ? await answer.text() : drawn;
    // Unchanged parts stay: a pressed button keeps the focus, and the label is not fetched again.
    if (html !== drawn) nest.innerHTML = drawn = html;
  } catch {
    lose();
  } finally {
    drawing = false;
    if (again) void draw();
  }
}

let source;
let silence;

function follow() {
  source?.close();
  source = new EventSource(`/v1/stations/${name}/events`);
  source.addEventListener('state', () => {
    alive();
    void draw();
  });
  source.addEventListener('beat', alive);
  source.addEventListener('error', lose);
}

function alive() {
  screen.dataset.live = '';
  connected = true;
  lost.hidden = true;
  clearTimeout(silence);
  silence = setTimeout(lose, SILENT_MS);
}

function lose() {
  source.close();
  clearTimeout(silence);
  if (!expired.hidden) return;
  connected = false;
  lost.hidden = false;
  silence = setTimeout(() => void retry(), AGAIN_MS);
}

/** An event source gives no reason for a failure; a request does. */
async function retry() {
  try {
    const answer = await fetch(`${here}/now`);
    if (answer.status === 401) return end();
  } catch {
    return lose();
  }
  follow();
}

function end() {
  source.close();
  clearTimeout(silence);
  connected = false;
  lost.hidden = true;
  expired.hidden = false;
}

/* Scans */

function say(html, kind) {
  verdict.innerHTML = html;
  verdict.hidden = false;
  sound(kind);
}

/** Tells the operator and drops the scan: a scan is never sent later. */
function reject() {
  const said = document.createElement('div');
  said.className = 'verdict refused';
  said.textContent = verdict.dataset.rejected;
  say(said.outerHTML, 'fail');
}

async function send(path, fields) {
  if (!connected || busy) return reject();
  busy = true;
  try {
    const body = new URLSearchParams({ csrf, ...fields });
    const answer = await fetch(`${here}/${path}`, { method: 'POST', body, signal: AbortSignal.timeout(10000) });
    if (answer.status === 401 || answer.status === 403) end();
    // A throttled scan says how long to wait.
    if (!answer.ok && answer.status !== 429) return reject();
    const html = await answer.text();
    const kind = /data-result="(\w+)"/.exec(html)?.[1];
    if (kind === 'both') return waitForOther(fields.code, html);
    say(html, kind);
  } catch {
    reject();
    lose();
  } finally {
    busy = false;
  }
}

function expect(next) {
  intent = next;
  device = undefined;
  hint.textContent = hint.dataset[next] ?? hint.dataset.waiting;
  hint.classList.toggle('waits', next !== 'verify');
}

/** One code does not identify the unit: wait for the other one. */
function waitForOther(code, html) {
  const said = document.createElement('div');
  said.innerHTML = html;
  device = code;
  hint.textContent = `${said.querySelector('strong').textContent}. ${hint.dataset.device}`;
  hint.classList.add('waits');
  sound('both');
}

/* The list of exceptions */

async function showList(url) {
  try {
    const answer = await fetch(url);
    if (answer.status === 401) return end();
    if (!answer.ok) return;
    list.innerHTML = await answer.text();
    list.hidden = false;
    list.scrollIntoView();
  } catch {
    lose();
  }
}

function scanned(code) {
  const fields = device === undefined ? { code, intent } : { code, intent, device };
  expect('verify');
  void send('scan', fields);
}

/* Keys */

if (form) {
  const field = form.elements.code;
  hint.dataset.waiting = hint.textContent;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const code = field.value.trim();
    field.value = '';
    if (code !== '') scanned(code);
  });
  screen.addEventListener('click', (event) => {
    const button = event.target.closest('#nest button, #list button');
    if (!button) return;
    const { intent: next, do: what, list: toggles, ...fields } = button.dataset;
    delete fields.key;
    verdict.hidden = true;
    if (next) expect(next);
    else if (what) void send('do', { what, ...fields });
    else if (toggles !== undefined && list.hidden) void showList(`${here}/exceptions`);
    else list.hidden = true;
    field.focus({ preventScroll: true });
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const button = nest.querySelector(`button[data-key="${event.key}"]`);
    if (event.key === 'Escape' && verdict.hidden && !list.hidden) return (list.hidden = true);
    if (event.key === 'Escape' && (!verdict.hidden || intent !== 'verify' || device !== undefined)) {
      verdict.hidden = true;
      return expect('verify');
    }
    if (button) {
      event.preventDefault();
      return button.click();
    }
    // A scanner is a keyboard: its first letter moves the focus, so that the browser enters all letters into the field.
    const typed = event.key.length === 1 && event.key !== ' ';
    if (typed && document.activeElement !== field) field.focus({ preventScroll: true });
    if (typed) verdict.hidden = true;
  });
  verdict.addEventListener('click', () => (verdict.hidden = true));
  field.focus();
}

addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
follow();

import { sound } from './sound.js';

// The test of a scanner: shows each key as it arrives, and asks the service what the scanner adds and changes.

const part = (id) => document.getElementById(id);
const { here, csrf } = part('scanner-test').dataset;

/** ms of silence after which a scan without a suffix has ended. */
const SILENT_MS = 300;

let keys = [];
let ended;

/** Signs for keys that print nothing. */
const SIGNS = { Enter: '⏎', Tab: '⇥', ' ': '␣', '\u001D': '␝', '\u001E': '␞' };

/** Keys with which scanners type separators, and the other control characters that they type with Ctrl. */
const SEPARATORS = { ']': '\u001D', '^': '\u001E' };
const CONTROL = /^[@bcdijm]$/i;

function keyOf({ key, ctrlKey }) {
  if (!ctrlKey) return key;
  return SEPARATORS[key] ?? (CONTROL.test(key) && keys.length > 0 ? `Ctrl+${key.toUpperCase()}` : undefined);
}

function show() {
  const cells = keys.map(({ key, gap }) => {
    const cell = document.createElement('span');
    const letter = document.createElement('kbd');
    letter.textContent = SIGNS[key] ?? key;
    cell.append(letter, gap === undefined ? '' : String(Math.round(gap)));
    return cell;
  });
  part('keys').replaceChildren(...cells);
}

async function finish() {
  const sent = keys
    .filter(({ key }) => key.length === 1)
    .map(({ key }) => key)
    .join('');
  const suffix = keys
    .filter(({ key }) => key.length > 1)
    .map(({ key }) => key)
    .join(' ');
  const gaps = keys.flatMap(({ gap }) => gap ?? []).toSorted((a, b) => a - b);
  const gap = Math.round(gaps[Math.floor(gaps.length / 2)] ?? 0);
  keys = [];
  if (sent === '') return;
  const body = new URLSearchParams({ csrf, sent, suffix, gap });
  const answer = await fetch(`${here}/scanner`, { method: 'POST', body });
  if (answer.ok) part('found').innerHTML = await answer.text();
}

document.addEventListener('keydown', (event) => {
  const { altKey, metaKey, timeStamp } = event;
  const key = keyOf(event);
  if (key === undefined || altKey || metaKey) return;
  const isEnd = (key === 'Enter' || key === 'Tab' || key.startsWith('Ctrl+')) && keys.length > 0;
  if (key.length !== 1 && !isEnd) return;
  event.preventDefault();
  const last = keys.at(-1);
  keys.push({ key, at: timeStamp, ...(last && { gap: timeStamp - last.at }) });
  show();
  clearTimeout(ended);
  ended = setTimeout(() => void finish(), SILENT_MS);
});

async function keepResult(result) {
  const answer = await fetch(`${here}/scanner/keep`, { method: 'POST', body: new URLSearchParams({ csrf, result }) });
  // The refusal of a screen without a badge says what to do.
  if (answer.ok || answer.status === 403) part('kept').innerHTML = await answer.text();
}

document.addEventListener('click', ({ target }) => {
  const { sound: kind, keep } = target.closest('button')?.dataset ?? {};
  if (kind) sound(kind);
  if (keep !== undefined) void keepResult(keep);
});

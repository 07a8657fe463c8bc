// Tells scanned letters from typed letters. A scanner is a keyboard that types fast and ends with Enter or Tab.

/** ms: the longest time between two letters of a scanner. People need more than 50 ms for a letter. */
const FAST_MS = 50;

/** ms: after a pause of this length, a letter begins a new scan. Wireless scanners pause for less within one code. */
const CUT_MS = 300;

/** ms after which scanned letters without an end are forgotten. */
const FORGET_MS = 1000;

/**
 * ms in which no letter may follow the end of a scan. If one follows, two scanners type at once. Slow scanners get the
 * time of five letters, at most LONGEST_HOLD_MS.
 */
const HOLD_MS = 60;
const HOLD_LETTERS = 5;
const LONGEST_HOLD_MS = 250;

/** ms of silence that end the letters of two scanners. */
const QUIET_MS = 150;

/** Shorter codes are typed: no label and no badge of a scanner is shorter. */
const SHORTEST = 6;

/** A code of two scanners has the letters of two codes. */
const LONG = 12;

/** Control characters that are part of a code: GS (FNC1) and RS. Scanners type them with Ctrl. */
const SEPARATORS = { ']': '\u001D', '^': '\u001E' };

/** Keys with Ctrl that end a code: ETX, Tab, LF and CR. */
const ENDS = new Set(['c', 'i', 'j', 'm']);

/** Keys with Ctrl that are around a code: NUL, STX and EOT. */
const AROUND = new Set(['@', 'b', 'd']);

/**
 * Reads the scans of a page into `field`. Calls `scan(code, double)` for each scan; `double` is true if the scan ended
 * twice, so that it may be the letters of two scanners. Calls `mixed()` when two scanners typed at once.
 */
export function readScans(field, { scan, mixed, typed }) {
  let run = [];
  let last = -Infinity;
  let held;
  let quiet;
  let forget;

  /** True if the letter that the field gets next was counted with its key. */
  let isCounted = false;

  const gaps = () =>
    run
      .slice(1)
      .map((time, index) => time - run[index])
      .toSorted((a, b) => a - b);
  const median = () => gaps()[Math.floor((run.length - 1) / 2)] ?? 0;
  const isFast = () => run.length >= SHORTEST && median() < FAST_MS;
  const clear = () => {
    field.value = '';
    run = [];
    clearTimeout(forget);
  };
  const mix = () => {
    clearTimeout(held?.timer);
    held = undefined;
    clear();
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      quiet = undefined;
      clear();
      mixed();
    }, QUIET_MS);
  };
  const finish = () => {
    // Old text in the field never joins a new scan.
    const isScan = isFast();
    const text = isScan ? field.value.slice(-run.length) : field.value;
    const holdMs = isScan ? Math.min(Math.max(HOLD_MS, HOLD_LETTERS * median()), LONGEST_HOLD_MS) : 0;
    clear();
    const code = text.trim();
    if (code === '') return;
    held = { code, double: false };
    held.timer = setTimeout(() => {
      const { double } = held;
      held = undefined;
      scan(code, double && code.length >= LONG);
    }, holdMs);
  };

  function letter(event) {
    typed();
    if (held || quiet) {
      event.preventDefault();
      return mix();
    }
    if (document.activeElement !== field) field.focus({ preventScroll: true });
    count(event.timeStamp);
    isCounted = true;
  }

  function count(time, letters = 1) {
    if (time - last > CUT_MS) run = [];
    for (let n = 0; n < letters; n++) run.push(time);
    last = time;
    clearTimeout(forget);
    forget = setTimeout(() => isFast() && clear(), FORGET_MS);
  }

  /** Only in the keys of a scanner, so that people can still copy. The browser must not take them for its shortcuts. */
  function control(event) {
    const key = event.key.toLowerCase();
    if (SEPARATORS[key] !== undefined) {
      letter(event);
      isCounted = false;
      if (event.defaultPrevented) return;
      event.preventDefault();
      field.value += SEPARATORS[key];
      return;
    }
    const isScanning = held || quiet || (isFast() && event.timeStamp - last < CUT_MS);
    if (!(isScanning && (ENDS.has(key) || AROUND.has(key)))) return;
    event.preventDefault();
    last = event.timeStamp;
    if (ENDS.has(key)) end();
  }

  function end() {
    if (quiet) return;
    if (held) held.double = true;
    finish();
  }

  // Scanners of hand-held computers give a code in one piece, without a key for each letter.
  field.addEventListener('input', ({ data, inputType, timeStamp }) => {
    const letters = ['insertText', 'insertFromPaste'].includes(inputType) ? (data ?? '').length : 0;
    if (letters > 0 && !isCounted) count(timeStamp, letters);
    isCounted = false;
  });

  document.addEventListener('keydown', (event) => {
    const { key, ctrlKey, altKey, metaKey, timeStamp } = event;
    if (ctrlKey && !altKey && !metaKey && document.activeElement === field) return control(event);
    if (ctrlKey || altKey || metaKey) return;
    if (key.length === 1 && (key !== ' ' || document.activeElement === field)) return letter(event);
    const ends =
      key === 'Enter' ? document.activeElement === field : key === 'Tab' && isFast() && timeStamp - last < FAST_MS;
    if (key === 'Enter' && quiet) return event.preventDefault();
    if (!ends) return;
    event.preventDefault();
    end();
  });
  return { clear };
}

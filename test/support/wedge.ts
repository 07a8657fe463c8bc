import type { CDPSession, Page } from 'playwright-core';

/*
 * A keyboard-wedge scanner: it types at the speed of a real one, with a prefix and a suffix, and with the keys of a US
 * keyboard at a computer that may have another layout.
 */

export interface Wedge {
  /** ms between two letters: cable scanners need 2 to 10 ms, wireless ones up to 30 ms. */
  gapMs?: number;
  prefix?: string;
  /** The keys after the code. */
  suffix?: readonly Suffix[];
  layout?: keyof typeof LAYOUTS;
}

/** What a computer with this layout makes of the keys of a US keyboard. Other keys are the same. */
const LAYOUTS: { [layout: string]: { [us: string]: string } } = {
  us: {},
  german: { y: 'z', z: 'y', Y: 'Z', Z: 'Y', '-': 'ß', '/': '-', ':': 'Ö', _: '?' },
  french: { a: 'q', q: 'a', z: 'w', w: 'z', A: 'Q', Q: 'A', Z: 'W', W: 'Z', m: ',', ...digits('à&é"\'(-è_ç') },
};

function digits(signs: string): { [digit: string]: string } {
  return Object.fromEntries(signs.split('').map((sign, digit) => [String(digit), sign]));
}

type Suffix = 'Enter' | 'Tab' | 'Ctrl+C' | 'Ctrl+J';

const CODES = { Enter: 13, Tab: 9 };

/** The keys with which scanners type control characters, such as Ctrl+] for GS. */
function controlKey(letter: string): Key {
  return { key: letter, windowsVirtualKeyCode: letter.toUpperCase().charCodeAt(0), modifiers: CTRL };
}
const CTRL = 2;

export async function openWedge(page: Page): Promise<(code: string, wedge?: Wedge) => Promise<void>> {
  const keyboard = await page.context().newCDPSession(page);
  return async (code, { gapMs = 6, prefix = '', suffix = ['Enter'] as const, layout = 'us' }: Wedge = {}) => {
    // The keys have the times of a real scanner, also where the computer is slow.
    const begin = Date.now();
    let count = 0;
    const next = (key: Key): Promise<void> => press(keyboard, key, gapMs, (begin + gapMs * count++) / 1000);
    const sent = (prefix + code).split('').map((key) => LAYOUTS[layout]?.[key] ?? key);
    for (const key of sent)
      await next(
        key < ' ' ? controlKey(String.fromCharCode(key.charCodeAt(0) + 64).toLowerCase()) : { key, text: key },
      );
    for (const key of suffix) {
      if (key === 'Ctrl+C' || key === 'Ctrl+J') {
        await next(controlKey(key.slice(-1).toLowerCase()));
        continue;
      }
      const text = key === 'Enter' ? { text: '\r' } : {};
      await next({ key, code: key, windowsVirtualKeyCode: CODES[key], ...text });
    }
  };
}

interface Key {
  key: string;
  text?: string;
  code?: string;
  windowsVirtualKeyCode?: number;
  modifiers?: number;
}

/** `timestamp` is in seconds since 1970. */
async function press(keyboard: CDPSession, key: Key, gapMs: number, timestamp: number): Promise<void> {
  const next = new Promise((resolve) => setTimeout(resolve, gapMs));
  await keyboard.send('Input.dispatchKeyEvent', { type: 'keyDown', timestamp, ...key });
  await keyboard.send('Input.dispatchKeyEvent', { type: 'keyUp', timestamp, key: key.key });
  await next;
}

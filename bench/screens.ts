import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { PRODUCT } from '../harness/agent.ts';
import { startServer } from './children.ts';
import { spread, type Figure } from './figure.ts';

/*
 * Measures the time from an agent's request until the agent's unit appears on the screen of the station. All screens
 * are open in real browsers.
 */

const STATIONS = 20;
const ASKED = 100;
/** The time in ms between two devices, across all stations. */
const EVERY_MS = 200;
/** The budget in ms. An operator needs more time than this to look up at the screen. */
const BUDGET_MS = 300;
const LIMIT_MS = 10_000;

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export async function benchScreens(data: string, rounds: number, say: (text: string) => void): Promise<Figure[]> {
  const executablePath = BROWSERS.find((place) => existsSync(place));
  if (executablePath === undefined) throw new Error('the screens figure needs a browser: apt-get install chromium');
  const server = await startServer('claimstamp', data);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const screens = await openScreens(browser, server.url, data);
    const p95: number[] = [];
    for (let round = 0; round < rounds; round++) {
      say(`screens: ${ASKED} devices at ${STATIONS} stations, ${round + 1} of ${rounds}`);
      p95.push(await p95Of(screens));
    }
    const what = `agent request to unit on the screen, p95, ${STATIONS} stations open`;
    return [{ what, unit: 'ms', value: spread(p95), budget: { of: 'value', bound: BUDGET_MS } }];
  } finally {
    await browser.close();
    await server.stop();
  }
}

interface Screen {
  /** The URL that the devices of this station call. */
  url: string;
  page: Page;
}

async function openScreens(browser: Browser, url: string, data: string): Promise<Screen[]> {
  // Requests use the local token, which the service has written to its data folder.
  const token = tokenIn(data);
  const ask = async <T>(method: string, path: string, body: object = {}): Promise<T> => {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const screens: Screen[] = [];
  for (let n = 1; n <= STATIONS; n++) {
    const station = `/v1/stations/line-${n}`;
    await ask('PUT', station);
    const { key } = await ask<{ key: string }>('POST', `${station}/key`);
    const { link } = await ask<{ link: string }>('POST', `${station}/kiosk`);
    // Each screen has a separate browser, as at a real station.
    const page = await (await browser.newContext()).newPage();
    await page.goto(link);
    await page.locator('form button').click();
    await page.locator('#station[data-live]').waitFor({ timeout: LIMIT_MS });
    screens.push({ url: `${url}/ioto/serialize/${key}`, page });
  }
  return screens;
}

function tokenIn(data: string): string {
  return (JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { token: string }).token;
}

async function p95Of(screens: Screen[]): Promise<number> {
  const taken: Promise<number>[] = [];
  for (let n = 0; n < ASKED; n++) {
    taken.push(timeOne(screens[n % screens.length] as Screen));
    await pause(EVERY_MS);
  }
  const sorted = (await Promise.all(taken)).toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] as number;
}

/** Everything runs on this machine, so both times come from the same clock and can be compared. */
async function timeOne({ url, page }: Screen): Promise<number> {
  const shown = page.evaluate<number>(`new Promise((resolve) => {
    const nest = document.getElementById('nest');
    const before = nest.querySelector('.uci')?.textContent;
    const look = () => nest.querySelector('.uci')?.textContent !== before &&
      requestAnimationFrame(() => { watch.disconnect(); resolve(Date.now()); });
    const watch = new MutationObserver(look);
    watch.observe(nest, { childList: true, subtree: true });
  })`);
  const begun = Date.now();
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ product: PRODUCT }) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await shown) - begun;
}

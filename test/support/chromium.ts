import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { atFileEnd } from './file-end.ts';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { api, tempFolder, type Service } from './service.ts';
import { PASSWORD } from './form-client.ts';

/** A real browser on the pages of a real service: one for each test file, with a profile of its own. */

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let context: BrowserContext | undefined;
const complaints: string[] = [];

atFileEnd(async () => {
  await context?.close();
  context = undefined;
  forgetComplaints();
});

/** A new page. Whatever it says on its console, and whatever it asks of anyone but this service, `expectQuietPage` finds. */
export async function openPage(service: Service, width = 1024, height = 600): Promise<Page> {
  context ??= await launch();
  const page = await context.newPage();
  await page.setViewportSize({ width, height });
  await page.route('**/*', (route) => {
    const { origin } = new URL(route.request().url());
    if (origin === service.url || origin === 'null') return route.continue();
    complaints.push(`asks ${origin}`);
    return route.abort();
  });
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return page;
}

function launch(): Promise<BrowserContext> {
  const executablePath = PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) throw new Error('no browser to test with: apt-get install chromium');
  return chromium.launchPersistentContext(tempFolder(), { executablePath, args: FLAGS, locale: 'en-US' });
}

/** How long a test waits for what a page shows. It must come at last, on a slow machine too. */
export const PATIENCE = { timeout: 60_000 };

export function expectQuietPage(): void {
  expect(complaints.splice(0)).toEqual([]);
}

/** What a test made happen on purpose, such as a service that was gone. */
export function forgetComplaints(): void {
  complaints.length = 0;
}

/** Opens a page, and waits until it is complete. */
export async function openAt(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('main h1').first().waitFor(PATIENCE);
  await whole(page);
}

/** Waits until a page that takes time to make has fetched its body. */
async function whole(page: Page): Promise<void> {
  await page.locator('.later').waitFor({ state: 'detached', ...PATIENCE });
}

/** WCAG 2.2 AA, as far as a program can tell. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  await whole(page);
  // While a colour changes, its contrast is neither the one before nor the one after.
  await page.evaluate(`Promise.all(document.getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().endTime < Infinity)
    .map(({ finished }) => finished.catch(() => undefined)))`);
  const found = await page.evaluate(`${AXE}; axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })
    .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`);
  expect(found).toEqual([]);
}

/** What reaches beyond the right edge of the page, unless a part of the page scrolls with it. */
const WIDE = `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.outerHTML.slice(0, 300))`;

/** Each page in three languages, in light and dark, at 100 % and 200 % text on a phone: readable, and nothing is cut off. */
export async function expectForEveryone(page: Page, { url }: Service, paths: string[]): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of paths) {
    const heads = new Set<string>();
    for (const language of ['es', 'zh', 'en']) {
      await page.goto(`${url}/language/${language}?back=${encodeURIComponent(path)}`);
      expect(await page.locator('html').getAttribute('lang'), path).toBe(language);
      await whole(page);
      heads.add(await page.locator('main').innerText());
    }
    expect(heads.size, path).toBe(3);
    for (const size of ['100%', '200%']) {
      await page.evaluate(`document.documentElement.style.fontSize = '${size}'`);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect({ path, size, overflow, wide: await page.evaluate(WIDE) }).toEqual({ path, size, overflow: 0, wide: [] });
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: 'light' });
  }
}

/** Somebody new, with a password of their own, on this page. */
export async function comeIn(page: Page, service: Service, name: string, role: string): Promise<void> {
  await api(service, 'PUT', `/v1/people/${name}`, { role });
  const { link } = (await api<{ link: string }>(service, 'POST', `/v1/people/${name}/link`)).body;
  await page.goto(link);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.locator('[name=again]').fill(PASSWORD);
  await page.locator('form button').click();
  await page.waitForURL(({ pathname }) => ['/now', '/stations', '/set-up'].includes(pathname));
}

/** Answers the question before an act that cannot be undone. */
export async function goAhead(page: Page): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: 'Yes, go ahead' }).click();
}

/** As a scanner does it: fast, wherever the focus is, and Enter. */
export async function scan(page: Page, code: string): Promise<void> {
  await page.keyboard.type(code);
  await page.keyboard.press('Enter');
}

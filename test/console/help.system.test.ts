import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { LANGUAGES } from '../../words/sentence.ts';
import { openHelp } from '../../src/console/help/help-pages.tsx';
import { built } from '../../src/platform/package-root.ts';
import { expectAccessible, expectQuietPage, openPage } from '../support/chromium.ts';
import { startService, tempFolder, type Service } from '../support/service.ts';

/* The help as people see it: the card for the wall on paper, pages on a phone, and the static pages without a server. */

let service: Service;
let page: Page;
const site = tempFolder();

beforeAll(async () => {
  service = await startService(tempFolder());
  page = await openPage(service, 390, 844);
  execFileSync(process.execPath, [built('console/help/site.js'), site]);
});

test.each(Object.keys(LANGUAGES))(
  'the card for the wall in %s is one A4 page, from the service and as a file',
  async (language) => {
    for (const address of [`${service.url}/help/card/${language}`, `file://${site}/card/${language}.html`]) {
      await page.goto(address);
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
      expect(pdf.match(/\/Type\s*\/Page\b/g), address).toHaveLength(1);
      expect(pdf).toMatch(/\/MediaBox\s*\[0 0 59[45][\d.]* 84[12][\d.]*\]/);
    }
    expectQuietPage();
  },
);

test('no document is wider than a phone, and a page is readable for everyone', async () => {
  for (const { slug } of openHelp().documents.filter(({ path }) => !/decisions|problems/.test(path))) {
    await page.goto(`${service.url}/help/${slug}`);
    expect([slug, await page.evaluate('document.documentElement.scrollWidth - innerWidth')]).toEqual([slug, 0]);
  }
  for (const path of ['/help', '/help/start', '/help/search?find=print', '/help/problems/invalid', '/help/card/en']) {
    await page.goto(service.url + path);
    await expectAccessible(page);
  }
  expectQuietPage();
});

test('the static pages find what a reader types, and lead there', async () => {
  await page.goto(`file://${join(site, 'index.html')}`);
  await page.locator('[name=find]').fill('restore backup');
  const found = page.locator('.help-found a');
  await found.first().waitFor();
  expect(await found.first().getAttribute('href')).toContain('backup.html#');
  await found.first().click();
  await page.waitForURL(/backup\.html#/);
  await page.locator('[name=find]').fill('xyzzyq');
  await page.getByText('Nothing found for “xyzzyq”').waitFor();
  expectQuietPage();
});

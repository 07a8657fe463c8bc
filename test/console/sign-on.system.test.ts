import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { expectAccessible, openPage, PATIENCE } from '../support/chromium.ts';
import { freePort } from '../support/free-port.ts';
import { openIssuer, type TestIssuer } from '../support/issuer.ts';
import { startService, tempFolder, type Service } from '../support/service.ts';

/*
 * What only a real browser shows: which cookies it sends after it comes back from another site, and where it lets a form
 * lead. `localhost` and `127.0.0.1` are two sites.
 */

let service: Service;
let issuer: TestIssuer;
let page: Page;
let publicUrl: string;
beforeAll(async () => {
  const port = await freePort();
  publicUrl = `http://localhost:${port}`;
  issuer = await openIssuer({ publicUrl });
  issuer.people.set('sub-lin', { preferred_username: 'lin', groups: ['claimstamp-admins'] });
  service = await startService(tempFolder(), issuer.env({ PORT: String(port), CLAIMSTAMP_SIGN_ON_NAME: 'Works' }));
  // Pages of `openPage` may ask only the service.
  page = await (await openPage(service)).context().newPage();
});
afterAll(() => service.end('SIGTERM'));

test('a person goes to the issuer and comes back signed in, to the page of before', async () => {
  await page.goto(`${publicUrl}/sign-in?back=%2Fpeople`);
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Sign in with Works' }).click();
  await page.waitForURL(`${publicUrl}/people`, PATIENCE);
  await page
    .getByText(`with ${new URL(issuer.url).host}`)
    .first()
    .waitFor(PATIENCE);
  // The way back in the browser does not end in an error.
  await page.goto(`${publicUrl}/account`);
  await page.getByText('Signed in as admin').waitFor(PATIENCE);
  await expectAccessible(page);
});

test('a dangerous operation leads to the issuer, and back', async () => {
  await page.goto(`${publicUrl}/account/confirm?back=%2Fpeople`);
  await page.getByRole('link', { name: 'Type your password at Works' }).click();
  await page.waitForURL(`${publicUrl}/people`, PATIENCE);
});

test('signing out leads to the issuer, and from there to the sign-in page', async () => {
  await page.goto(`${publicUrl}/account`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL((url) => url.href.startsWith(`${issuer.url}/session/end`), PATIENCE);
  await page.getByRole('button', { name: /yes/i }).click();
  await page.waitForURL((url) => url.href.startsWith(`${publicUrl}/sign-in`), PATIENCE);
  expect((await page.goto(`${publicUrl}/account`))?.url()).toContain('/sign-in');
});

import { ClaimstampError } from '../../platform/error.ts';

/** Uses the link of the first admin as a browser does: opens its page, then sends the form. */
export async function signUp(link: string, name: string, password: string): Promise<void> {
  const page = await fetch(link, { headers: HEADERS });
  const csrf = /name="csrf" value="([^"]*)"/.exec(await page.text())?.[1] ?? '';
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const answer = await fetch(link, {
    method: 'POST',
    headers: { ...HEADERS, cookie },
    body: new URLSearchParams({ csrf, name, password, again: password }),
    redirect: 'manual',
  });
  if (answer.status !== SEE_OTHER)
    throw new ClaimstampError('ledger-unavailable', `the first admin cannot sign in: HTTP ${answer.status}`);
}

const SEE_OTHER = 303;
const HEADERS = { accept: 'text/html' };

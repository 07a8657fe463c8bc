import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { cameOverTls } from '../http/headers.ts';

/*
 * After a change, the browser opens another page, which says that the change is saved. A cookie tells that page to do
 * so. The cookie contains only the page's address.
 */

const COOKIE = 'claimstamp-saved';

/** For how long after a change, in seconds, a page says that the change is saved. */
const SAVED_S = 60;

export function keepSaved(c: Context, address: string): void {
  write(c, encodeURIComponent(address), SAVED_S);
}

/** Returns true if the page at `address` is opened after a change. Removes the cookie. */
export function takeSaved(c: Context, address: string): boolean {
  const kept = getCookie(c, COOKIE);
  if (kept === undefined || kept !== encodeURIComponent(address)) return false;
  write(c, '', 0);
  return true;
}

function write(c: Context, value: string, maxAge: number): void {
  setCookie(c, COOKIE, value, { path: '/', maxAge, sameSite: 'Lax', httpOnly: true, secure: cameOverTls(c) });
}

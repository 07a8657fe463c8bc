import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { Credential } from '../model/credential.ts';
import { refusal } from '../platform/error.ts';
import { cameOverTls } from './headers.ts';

/*
 * Sessions of people and kiosks: a cookie with a random secret, signed, of which the ledger keeps the hash. Every change
 * that comes with a cookie must carry the session's own form token too, so that no other site can send it (CSRF).
 */

/** A screen that nobody has touched for as long is signed out (people; a kiosk stands where it stands). ms */
export const IDLE_MS = 60 * 60 * 1000;

/** A shift and its handing over; then everybody signs in again. ms */
export const PERSON_SESSION_MS = 12 * 60 * 60 * 1000;

/** A kiosk must be there at six in the morning, for years; it ends when it is closed. ms */
export const KIOSK_SESSION_MS = 366 * 24 * 60 * 60 * 1000;

const COOKIE = 'claimstamp';

/** Of forms that are filled in before there is a session. */
export const FORM_COOKIE = 'claimstamp-form';

/** Where forms and scripts put the form token. */
export const CSRF_HEADER = 'x-csrf-token';
export const CSRF_FIELD = 'csrf';

export function isIdle({ kiosk, at, usedAt }: Credential, now: number): boolean {
  return kiosk === undefined && now - (usedAt ?? at) >= IDLE_MS;
}

/** The cookie's content, the session's secret, where its signature is ours. */
export async function readCookie(c: Context, key: string, name = COOKIE): Promise<string | undefined> {
  const cookie = await getSignedCookie(c, key, name, prefixOf(c));
  return cookie === false ? undefined : cookie;
}

export async function writeCookie(
  c: Context,
  key: string,
  secret: string,
  ageMs: number,
  name = COOKIE,
): Promise<void> {
  const secure = cameOverTls(c);
  await setSignedCookie(c, name, secret, key, {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
    maxAge: Math.floor(ageMs / 1000),
    secure,
    ...prefixed(secure),
  });
}

export function dropCookie(c: Context): void {
  const secure = cameOverTls(c);
  deleteCookie(c, COOKIE, { path: '/', secure, ...prefixed(secure) });
}

/** Over TLS the name says that no other host and no plain connection can have set it (RFC 6265bis, `__Host-`). */
function prefixed(secure: boolean): { prefix?: 'host' } {
  return secure ? { prefix: 'host' } : {};
}
function prefixOf(c: Context): 'host' | undefined {
  return cameOverTls(c) ? 'host' : undefined;
}

/** What the session's pages put into their forms. It follows from the session, so nothing has to be kept. */
export function csrfToken(key: string, secret: string): string {
  return createHmac('sha256', key).update(`form:${secret}`).digest('base64url');
}

/** Throws `forbidden` for a change that does not show the session's form token. Reading needs none. */
export function refuseForgery(c: Context, key: string, secret: string, shown = c.req.header(CSRF_HEADER) ?? ''): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return;
  const expected = Buffer.from(csrfToken(key, secret));
  const given = Buffer.from(shown);
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw refusal('form-token', 'reload', { header: CSRF_HEADER });
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { Credential } from '../model/credential.ts';
import { refusal } from '../platform/error.ts';
import { cameOverTls } from './headers.ts';

/*
 * A session of a person or kiosk is a signed cookie with a random secret, whose hash the ledger keeps. Against CSRF, a
 * request with this cookie that changes something must also have the session's form token.
 */

/** People are signed out after this time without activity; kiosks are not. */
export const IDLE_MS = 60 * 60 * 1000;

/** Long enough for a shift and its handover. Then people sign in again. */
export const PERSON_SESSION_MS = 12 * 60 * 60 * 1000;

/** A kiosk works until it is closed. */
export const KIOSK_SESSION_MS = 366 * 24 * 60 * 60 * 1000;

const COOKIE = 'claimstamp';

/** The cookie for forms before sign-in. */
export const FORM_COOKIE = 'claimstamp-form';

/** The names under which scripts (as a header) and forms (as a field) send the form token. */
export const CSRF_HEADER = 'x-csrf-token';
export const CSRF_FIELD = 'csrf';

export function isIdle({ kiosk, at, usedAt }: Credential, now: number): boolean {
  return kiosk === undefined && now - (usedAt ?? at) >= IDLE_MS;
}

/** The session's secret from the cookie, if the signature is valid. */
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

/** The prefix `__Host-` prevents other hosts and plain connections from setting the cookie (RFC 6265bis). */
function prefixed(secure: boolean): { prefix?: 'host' } {
  return secure ? { prefix: 'host' } : {};
}
function prefixOf(c: Context): 'host' | undefined {
  return cameOverTls(c) ? 'host' : undefined;
}

/** The form token. It is derived from the session's secret, so it is not stored. */
export function csrfToken(key: string, secret: string): string {
  return createHmac('sha256', key).update(`form:${secret}`).digest('base64url');
}

/** Throws `form-token` if a request that changes something lacks the session's form token. */
export function refuseForgery(c: Context, key: string, secret: string, shown = c.req.header(CSRF_HEADER) ?? ''): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return;
  const expected = Buffer.from(csrfToken(key, secret));
  const given = Buffer.from(shown);
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw refusal('form-token', 'reload', { header: CSRF_HEADER });
}

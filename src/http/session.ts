import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { Credential } from '../model/credential.ts';
import { refusal } from '../platform/error.ts';
import { cameOverTls } from './headers.ts';

/*
 * Sessions of people and kiosks: a signed cookie with a random secret, whose hash the ledger keeps. Every change by cookie
 * must carry the session's form token as well, against CSRF.
 */

/** People are signed out after this time without activity; kiosks are not. */
export const IDLE_MS = 60 * 60 * 1000;

/** A shift and its handover; then people sign in again. */
export const PERSON_SESSION_MS = 12 * 60 * 60 * 1000;

/** A kiosk works until it is closed. */
export const KIOSK_SESSION_MS = 366 * 24 * 60 * 60 * 1000;

const COOKIE = 'claimstamp';

/** For forms before sign-in. */
export const FORM_COOKIE = 'claimstamp-form';

/** The form token's field in forms, and header in scripts. */
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

/** The prefix `__Host-` keeps other hosts and plain connections from setting it (RFC 6265bis). */
function prefixed(secure: boolean): { prefix?: 'host' } {
  return secure ? { prefix: 'host' } : {};
}
function prefixOf(c: Context): 'host' | undefined {
  return cameOverTls(c) ? 'host' : undefined;
}

/** The form token, derived from the session and so not stored. */
export function csrfToken(key: string, secret: string): string {
  return createHmac('sha256', key).update(`form:${secret}`).digest('base64url');
}

/** Throws `form-token` for a change without the session's form token. */
export function refuseForgery(c: Context, key: string, secret: string, shown = c.req.header(CSRF_HEADER) ?? ''): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return;
  const expected = Buffer.from(csrfToken(key, secret));
  const given = Buffer.from(shown);
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw refusal('form-token', 'reload', { header: CSRF_HEADER });
}

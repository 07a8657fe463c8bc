import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import type { Credential } from '../model/credential.ts';
import { refusal } from '../platform/error.ts';
import { cameOverTls } from './headers.ts';

/*
 * A person's or kiosk's session is a signed cookie with a random secret. The ledger stores only the hash of the secret.
 * To prevent CSRF, a request that has this cookie and changes something must also have the session's form token.
 */

/** How long, in ms, people may be inactive before they are signed out. Kiosks are not signed out for inactivity. */
export const IDLE_MS = 60 * 60 * 1000;

/**
 * How long, in ms, people may stay signed in before they must sign in again. This time is long enough for a shift and
 * the hand-over to the next shift.
 */
export const PERSON_SESSION_MS = 12 * 60 * 60 * 1000;

/** A kiosk stays signed in for a year, unless a person ends its access earlier. */
export const KIOSK_SESSION_MS = 366 * 24 * 60 * 60 * 1000;

/** After a person has entered the password, dangerous operations do not ask for it again for this long (ms). */
export const CONFIRMED_MS = 5 * 60 * 1000;

const COOKIE = 'claimstamp';

/** The cookie for forms before sign-in. */
export const FORM_COOKIE = 'claimstamp-form';

/** Scripts send the form token in this header, and forms send it in this field. */
export const CSRF_HEADER = 'x-csrf-token';
export const CSRF_FIELD = 'csrf';

export function isIdle({ kiosk, at, usedAt }: Credential, now: number): boolean {
  return kiosk === undefined && now - (usedAt ?? at) >= IDLE_MS;
}

/** Returns true if the person has recently entered the password in this session. */
export function isConfirmed({ confirmedAt }: Credential, now: number): boolean {
  return confirmedAt !== undefined && Math.abs(now - confirmedAt) < CONFIRMED_MS;
}

/**
 * Returns the name that lists show for a session. The name reveals nothing about the session's secret or its stored
 * hash.
 */
export function sessionId(hash: Uint8Array): string {
  return createHash('sha256').update('session ').update(hash).digest('hex').slice(0, 16);
}

/** Returns the session's secret from the cookie, if the signature is valid. */
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
  sameSite: 'Strict' | 'Lax' = 'Strict',
): Promise<void> {
  const secure = cameOverTls(c);
  await setSignedCookie(c, name, secret, key, {
    httpOnly: true,
    sameSite,
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

/** The prefix `__Host-` prevents other hosts and unencrypted connections from setting the cookie (RFC 6265bis). */
function prefixed(secure: boolean): { prefix?: 'host' } {
  return secure ? { prefix: 'host' } : {};
}
function prefixOf(c: Context): 'host' | undefined {
  return cameOverTls(c) ? 'host' : undefined;
}

/** Returns the form token. The form token is computed from the session's secret, so it is not stored. */
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

import type { Context } from 'hono';
import { refusal } from '../platform/error.ts';
import type { Services } from './services.ts';
import { readBytes } from './read-body.ts';
import { drawSecret } from './secret.ts';
import { CSRF_FIELD, csrfToken, FORM_COOKIE, readCookie, refuseForgery, writeCookie } from './session.ts';

/*
 * A form of this service contains the session's form token or, before sign-in, a token from a separate cookie.
 * Without a form token, a form on another site could sign in this browser as another person.
 */

/** Large enough for a name, a token, and two passwords of 128 characters (4 bytes each, tripled by the encoding). */
const MAX_FORM_BYTES = 8 * 1024;

/** How long, in ms, a person may take to fill in a form. */
const FORM_MS = 60 * 60 * 1000;

export type Fields = ReadonlyMap<string, string>;

/** Returns the fields of the form. If a field occurs several times, its first value is used. */
export async function readForm(c: Context, limit = MAX_FORM_BYTES): Promise<Fields> {
  const type = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') throw refusal('wrong-format', 'form');
  const bytes = await readBytes(c, limit);
  const pairs = [...new URLSearchParams(new TextDecoder().decode(bytes))];
  return new Map(pairs.toReversed());
}

/** Returns the fields and the files of a form that uploads files (RFC 7578). */
export async function readUpload(c: Context, limit: number): Promise<{ fields: Fields; files: Files }> {
  const type = c.req.header('content-type') ?? '';
  if (!/^multipart\/form-data;/i.test(type)) throw refusal('wrong-format', 'form');
  const bytes = await readBytes(c, limit);
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData().catch(() => {
    throw refusal('request-broken', 'sendAgain');
  });
  const fields = new Map<string, string>();
  const files = new Map<string, File>();
  for (const [name, value] of form) {
    if (typeof value === 'string') fields.set(name, fields.get(name) ?? value);
    else files.set(name, value);
  }
  return { fields, files };
}

export type Files = ReadonlyMap<string, File>;

/**
 * Returns the token for a form before sign-in. All pages in a browser use the same token, so that a person can use
 * several tabs. Each page only renews the token's cookie.
 */
export async function formToken(c: Context, services: Pick<Services, 'sessionKey' | 'now'>): Promise<string> {
  const random = (await formCookie(c, services)) ?? drawSecret();
  await writeCookie(c, services.sessionKey, `${random}.${services.now()}`, FORM_MS, FORM_COOKIE);
  return csrfToken(services.sessionKey, random);
}

/** Throws `forbidden` unless a page of this service showed the form to this browser within the last hour. */
export async function refuseForeignForm(
  c: Context,
  services: Pick<Services, 'sessionKey' | 'now'>,
  fields: Fields,
): Promise<void> {
  const random = await formCookie(c, services);
  if (random === undefined) throw refusal('form-token', 'cookies');
  refuseForgery(c, services.sessionKey, random, fields.get(CSRF_FIELD) ?? '');
}

async function formCookie(
  c: Context,
  { sessionKey, now }: Pick<Services, 'sessionKey' | 'now'>,
): Promise<string | undefined> {
  const [random, at] = (await readCookie(c, sessionKey, FORM_COOKIE))?.split('.') ?? [];
  return random !== undefined && Math.abs(now() - Number(at)) < FORM_MS ? random : undefined;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSignedCookie } from 'hono/cookie';
import { PERMISSIONS, type Permission, type PersonRole, type TokenRole } from '../../src/model/role.ts';
import { drawSecret, secretHash } from '../../src/http/secret.ts';
import { CSRF_HEADER, csrfToken } from '../../src/http/session.ts';
import type { Desk } from './service.ts';

/*
 * Everybody who may ask: tokens, people and kiosks, each as the headers that it sends. Their rows are made by the ledger's own
 * commands, so that no page is needed to be somebody.
 */

export type Headers = Record<string, string>;

export const SCOPES = Object.keys(PERMISSIONS) as Permission[];

const HOUR_MS = 60 * 60 * 1000;

/** Longer than a person may be idle, and longer than the tests move the clock. */
const SESSION_MS = 48 * HOUR_MS;
const PASSWORD = 'the encoded hash of a password';

const bearer = (secret: string): Headers => ({ authorization: `Bearer ${secret}` });

export async function token({ house }: Desk, name: string, role: TokenRole, scopes?: Permission[]): Promise<Headers> {
  const secret = drawSecret();
  const made = { kind: 'create-token', name, role, hash: secretHash(secret), actor: 'test' } as const;
  await house.ledger.record(scopes === undefined ? made : { ...made, scopes });
  return bearer(secret);
}

/** An admin's, that would open everything a moment ago. */
export async function expiredToken({ house }: Desk, name: string): Promise<Headers> {
  const secret = drawSecret();
  const made = { kind: 'create-token', name, role: 'admin', hash: secretHash(secret), actor: 'test' } as const;
  await house.ledger.record({ ...made, expiresAt: Date.now() + 300 });
  // A token that is made expired is refused: it has to expire.
  await sleep(350);
  return bearer(secret);
}

export async function revokedToken(desk: Desk, name: string): Promise<Headers> {
  const headers = await token(desk, name, 'admin');
  await desk.house.ledger.record({ kind: 'revoke-token', name, actor: 'test' });
  return headers;
}

/** A screen that came in by its station's link. */
export async function kiosk(desk: Desk, station: string): Promise<Headers> {
  const link = drawSecret();
  const invited = { hash: secretHash(link), expiresAt: Date.now() + HOUR_MS, actor: 'test' };
  await desk.house.ledger.record({ kind: 'invite', name: station, kiosk: true, ...invited });
  return session(desk, link, {});
}

/** A person who came in by a link and chose a password. */
export async function person(desk: Desk, name: string, role: PersonRole): Promise<Headers> {
  await desk.house.ledger.record({ kind: 'set-person', name, role, actor: 'test' });
  return enter(desk, name);
}

/** An auditor of these products, who may look until a day that these tests do not reach. */
export async function auditor(desk: Desk, name: string, products: string[], ends = '2099-12-31'): Promise<Headers> {
  await desk.house.ledger.record({ kind: 'set-person', name, role: 'auditor', ends, products, actor: 'test' });
  return enter(desk, name);
}

async function enter(desk: Desk, name: string): Promise<Headers> {
  const link = drawSecret();
  const invited = { hash: secretHash(link), expiresAt: Date.now() + HOUR_MS, actor: 'test' };
  await desk.house.ledger.record({ kind: 'invite', name, ...invited });
  return session(desk, link, { password: PASSWORD });
}

/** One more session of a person, at another place. */
export async function signIn(desk: Desk, name: string): Promise<Headers> {
  const { secret, opened } = newSession();
  await desk.house.ledger.record({ kind: 'sign-in', name, password: PASSWORD, session: opened });
  return cookieOf(desk, secret);
}

async function session(desk: Desk, link: string, chosen: { password?: string }): Promise<Headers> {
  const { secret, opened } = newSession();
  await desk.house.ledger.record({ kind: 'use-link', hash: secretHash(link), session: opened, ...chosen });
  return cookieOf(desk, secret);
}

function newSession() {
  const secret = drawSecret();
  return { secret, opened: { hash: secretHash(secret), expiresAt: Date.now() + SESSION_MS } };
}

async function cookieOf({ data }: Desk, secret: string): Promise<Headers> {
  const key = readFileSync(join(data, 'session.key'), 'utf8');
  const cookie = await generateSignedCookie('claimstamp', secret, key, { path: '/' });
  return { cookie: cookie.split(';')[0] as string, [CSRF_HEADER]: csrfToken(key, secret) };
}

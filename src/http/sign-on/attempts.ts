import { createHmac } from 'node:crypto';
import type { Context } from 'hono';
import { z } from 'zod';
import { drawSecret } from '../secret.ts';
import { readCookie, writeCookie } from '../session.ts';
import type { Services } from '../services.ts';
import type { Secrets } from './issuer.ts';

/*
 * While a person is at the issuer, the browser keeps the attempt in a signed cookie. So each process that shares the
 * ledger can finish the attempt, and an answer that belongs to another browser is refused. With `Lax`, the browser
 * sends the cookie even when it comes from the issuer's site, but only to pages that it opens.
 */

const ON_COOKIE = 'claimstamp-on';

/** How long, in ms, a person may take at the issuer, for example to set up a second factor. */
const ATTEMPT_MS = 15 * 60 * 1000;

/** A person may have the sign-in page open in several tabs. More attempts would not fit into a cookie. */
const MAX_ATTEMPTS = 4;

/**
 * The maximum length of the page's address. A longer address is dropped, because the cookie with all attempts may have
 * only 4096 bytes.
 */
const MAX_BACK = 400;

const Attempt = z.object({
  secret: z.string(),
  at: z.number(),
  /** The page that the person came from. */
  back: z.string().optional(),
  /** The hash (hexadecimal) of the session whose owner retypes the password. */
  confirms: z.string().optional(),
});
const Attempts = z.array(Attempt);
export type Attempt = z.infer<typeof Attempt>;

type Kept = Pick<Services, 'sessionKey' | 'now'>;

/** Remembers a new attempt in the browser, and forgets the oldest one if there are too many. */
export async function beginAttempt(
  c: Context,
  services: Kept,
  { back, confirms }: { back?: string | undefined; confirms?: string | undefined },
): Promise<Secrets> {
  const attempt: Attempt = {
    secret: drawSecret(),
    at: services.now(),
    ...(back === undefined || back.length > MAX_BACK ? {} : { back }),
    ...(confirms === undefined ? {} : { confirms }),
  };
  await keep(c, services, [...(await attempts(c, services)), attempt].slice(-MAX_ATTEMPTS));
  return secretsOf(attempt);
}

/** Returns the attempt with this `state`, and forgets it: an answer counts once. */
export async function takeAttempt(c: Context, services: Kept, state: string): Promise<Attempt | undefined> {
  const kept = await attempts(c, services);
  const found = kept.find((one) => secretsOf(one).state === state);
  if (found === undefined) return undefined;
  await keep(
    c,
    services,
    kept.filter((one) => one !== found),
  );
  return found;
}

/**
 * Computes the three secrets of an attempt from one stored secret, so that the cookie stays short. None of the three
 * reveals another one.
 */
export function secretsOf({ secret }: Attempt): Secrets {
  const of = (name: string): string => createHmac('sha256', secret).update(name).digest('base64url');
  return { state: of('state'), nonce: of('nonce'), verifier: of('verifier') };
}

async function attempts(c: Context, { sessionKey, now }: Kept): Promise<Attempt[]> {
  const text = await readCookie(c, sessionKey, ON_COOKIE);
  if (text === undefined) return [];
  // The signature proves that this service wrote the cookie, but another version of it may have done so.
  const kept = Attempts.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data ?? [];
  return kept.filter(({ at }) => Math.abs(now() - at) < ATTEMPT_MS);
}

function keep(c: Context, { sessionKey }: Kept, kept: Attempt[]): Promise<void> {
  const text = Buffer.from(JSON.stringify(kept)).toString('base64url');
  return writeCookie(c, sessionKey, text, kept.length === 0 ? 0 : ATTEMPT_MS, ON_COOKIE, 'Lax');
}

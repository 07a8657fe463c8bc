import { createHash, timingSafeEqual } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import { ClaimstampError } from '../error.ts';

/** Who asks, for the ledger's `actor`. */
export type Actor = { Variables: { actor: string } };

/**
 * Lets in who shows one of the tokens as an RFC 6750 bearer, and says who that is. Every token is compared, each in
 * constant time, by its hash: neither length nor first letters show in how long it takes.
 */
export function bearer(tokens: Record<string, string | undefined>) {
  const known = Object.entries(tokens).flatMap(([actor, token]) => (token ? [{ actor, hash: sha256(token) }] : []));
  return createMiddleware<Actor>(async (c, next) => {
    const shown = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    const hash = sha256(shown);
    const actor = known.filter((token) => timingSafeEqual(token.hash, hash))[0]?.actor;
    if (actor === undefined) {
      throw new ClaimstampError(
        'unauthorized',
        'send the admin token as "Authorization: Bearer …"; it is set by CLAIMSTAMP_ADMIN_TOKEN',
      );
    }
    c.set('actor', actor);
    await next();
  });
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

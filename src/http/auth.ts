import { timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from 'hono';
import { isLive, tokenActor, type Credential } from '../model/credential.ts';
import { permissionsOf, type Permission } from '../model/role.ts';
import { personActor } from '../model/person.ts';
import { badgeActor, operatorOf } from '../decide/badge.ts';
import { ClaimstampError, isCode, refusal } from '../platform/error.ts';
import { openBuckets } from './buckets.ts';
import { openLastUse, type LastUse } from './last-use.ts';
import type { Services } from './services.ts';
import { secretHash } from './secret.ts';
import { isIdle, readCookie, refuseForgery } from './session.ts';
import { networkOf } from './source.ts';

/** Who asks, and what they may. */
export interface Principal {
  /** For the ledger: `token:<name>`, `person:<name>`, `kiosk:<station>`, `kiosk:<station>/<operator>`, `admin` or `local`. */
  actor: string;
  may: ReadonlySet<Permission>;
  /** The one station of a kiosk, and whose badge was scanned there. */
  kiosk?: string;
  operator?: string;
  /** When what they showed ends, of a token that does. ms since 1970 */
  until?: number;
  /** Of who came with a cookie: the session's row. */
  session?: Credential;
}

const MINUTE_MS = 60_000;

/**
 * Refusals that one network gets at once in a minute; further ones wait, so that who floods with what is refused takes little of the
 * time that agents need. Screens whose sessions ended ask seldom, and nobody there minds the wait.
 */
const REFUSED_AT_ONCE = 60;
const REFUSED_WAIT_MS = 250;

export interface Auth {
  /** Who this request comes from. Throws `unauthorized`; a browser's change without its form's token is `forbidden`. */
  principal: (c: Context) => Promise<Principal>;
  /** Who signed in on this screen, for pages: `csrf` is what the form showed. Undefined where nobody did. */
  visitor: (c: Context, csrf?: string) => Promise<Principal | undefined>;
}

/** A bearer token (RFC 6750) or a session's cookie. */
export function openAuth(
  services: Pick<Services, 'ledger' | 'config' | 'localToken' | 'sessionKey' | 'source' | 'now'>,
): Auth {
  const { ledger, config, now } = services;
  const lastUse = openLastUse(ledger, now);
  const byToken = checksTokens(services, lastUse);
  const refused = openBuckets(REFUSED_AT_ONCE, () => performance.now());

  async function bySession(c: Context, cookie: string, csrf?: string): Promise<Principal> {
    const session = await ledger.credential(secretHash(cookie));
    if (session?.kind !== 'session' || !isLive(session, now())) throw unauthorized();
    if (isIdle(session, now()) && isIdle(lastUse.latest(session), now())) throw unauthorized();
    lastUse.remember(session);
    refuseForgery(c, services.sessionKey, cookie, csrf);
    lastUse.touch(session);
    if (session.kiosk) {
      const operator = await operatorAt(session);
      // Only requests other than GET count as activity: screens poll by themselves.
      if (operator !== undefined && c.req.method !== 'GET') lastUse.touch(session, true);
      const who = { actor: badgeActor(session.name, operator), may: permissionsOf('operator'), session };
      return { ...who, kiosk: session.name, ...(operator === undefined ? {} : { operator }) };
    }
    const person = await ledger.person(session.name);
    if (person === undefined || person.removedAt !== undefined) throw unauthorized();
    return { actor: personActor(person.name), may: permissionsOf(person.role), session };
  }

  async function operatorAt(session: Credential): Promise<string | undefined> {
    const operator = operatorOf(session, now(), config.badgeIdle * MINUTE_MS);
    const person = operator === undefined ? undefined : await ledger.person(operator);
    return person === undefined || person.removedAt !== undefined ? undefined : operator;
  }

  async function shown(c: Context): Promise<Principal> {
    const header = c.req.header('authorization');
    if (header !== undefined) return byToken(/^Bearer +(\S+)$/i.exec(header)?.[1] ?? '');
    const cookie = await readCookie(c, services.sessionKey);
    if (cookie === undefined) throw unauthorized();
    return bySession(c, cookie);
  }

  return {
    async principal(c) {
      try {
        return await shown(c);
      } catch (error) {
        if (isCode(error, 'unauthorized') && refused.take(networkOf(services.source.address(c))) > 0)
          await pause(REFUSED_WAIT_MS);
        throw error;
      }
    },
    async visitor(c, csrf) {
      const cookie = await readCookie(c, services.sessionKey);
      if (cookie === undefined) return undefined;
      return bySession(c, cookie, csrf).catch((error: unknown) => {
        if (isCode(error, 'unauthorized')) return undefined;
        throw error;
      });
    },
  };
}

/**
 * The two tokens that are in no table are compared in constant time, all others are found by their hash, so that neither
 * length nor first letters of a guess show in how long it takes.
 */
function checksTokens(
  { ledger, config, localToken, now }: Pick<Services, 'ledger' | 'config' | 'localToken' | 'now'>,
  lastUse: LastUse,
): (shown: string) => Promise<Principal> {
  const fixed = Object.entries({ admin: config.adminToken, local: localToken }).flatMap(([actor, token]) =>
    token === undefined ? [] : [{ actor, hash: secretHash(token) }],
  );
  const everything = permissionsOf('admin');
  return async (shown) => {
    const hash = secretHash(shown);
    const actor = fixed.filter((token) => timingSafeEqual(token.hash, hash))[0]?.actor;
    if (actor !== undefined) return { actor, may: everything };
    const token = await ledger.credential(hash);
    if (token?.kind !== 'token' || token.role === undefined || !isLive(token, now())) throw unauthorized();
    lastUse.touch(token);
    const who = { actor: tokenActor(token.name), may: permissionsOf(token.role, token.scopes) };
    return token.expiresAt === undefined ? who : { ...who, until: token.expiresAt };
  };
}

/** The same for no token, a wrong, an expired and a revoked one: who guesses learns nothing. */
function unauthorized(): ClaimstampError {
  return refusal('unauthorized', 'token');
}

/** Whether this principal may do this at all. Which units and stations a kiosk sees is asked elsewhere. */
export function refuseWithout({ may, actor }: Principal, permission: Permission): void {
  if (may.has(permission)) return;
  throw refusal('forbidden', 'permission', { actor, permission });
}

/** Nobody hands out more than they may themselves: else `access:write` alone would be everything. */
export function refuseMore({ may, actor }: Principal, given: Iterable<Permission>): void {
  const more = [...given].filter((permission) => !may.has(permission));
  if (more.length === 0) return;
  throw refusal('beyond-own-rights', 'permissions', { actor, permissions: more.join(', ') });
}

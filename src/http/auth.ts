import { timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from 'hono';
import { isLive, kioskActor, printAgentActor, tokenActor, type Credential } from '../model/credential.ts';
import { PERSON_ROLES, permissionsOf, type Permission, type PersonRole } from '../model/role.ts';
import { hasAccess, isOver, personActor, type Person } from '../model/person.ts';
import type { Maker } from '../decide/access.ts';
import { badgeActor, operatorOf } from '../decide/badge.ts';
import { ClaimstampError, isCode, refusal } from '../platform/error.ts';
import { openBuckets } from './buckets.ts';
import { openLastUse, type LastUse } from './last-use.ts';
import type { Services } from './services.ts';
import { secretHash } from './secret.ts';
import { isIdle, readCookie, refuseForgery } from './session.ts';
import { networkOf } from '../model/station.ts';
import { bindingsOf } from './source.ts';

/** The caller and their permissions. */
export interface Principal {
  /**
   * The caller's name in the ledger: `token:<name>`, `person:<name>`, `kiosk:<station>[/<operator>]`,
   * `printer:<name>`, `admin` or `local`.
   */
  actor: string;
  may: ReadonlySet<Permission>;
  /** The kiosk's station, and the person whose badge was scanned there. */
  kiosk?: string;
  /** The stations on the kiosk's screen. The kiosk's own station comes first. */
  nests?: readonly string[];
  operator?: string;
  /** The printer, if the caller is a print agent. */
  printer?: string;
  /**
   * `auditor` is set if the caller is an auditor. An auditor sees only units of `products`, and only masked Claim IDs.
   */
  auditor?: { products: readonly string[] };
  /** The time when the token expires, in ms since 1970. Absent if the token never expires. */
  until?: number;
  /** The stored session. Present only if the caller sent a session cookie. */
  session?: Credential;
  /** A text that identifies the session or the token. Two sessions of the same person have different names. */
  credential: string;
  /**
   * Repeats the identification of the caller, with the same checks as for a new request. The repetition does not count
   * as activity by the caller. Throws `unauthorized` if the caller's access has ended since the request began.
   */
  again: () => Promise<Principal>;
}

/**
 * Returns the name of the caller's person, token or station. Unlike the actor, this name does not change when a badge
 * is scanned.
 */
export function nameOf({ actor, kiosk }: Pick<Principal, 'actor' | 'kiosk'>): string {
  return kiosk === undefined ? actor : kioskActor(kiosk);
}

/** A badge adds only the permission for a change-over of the station, because anyone who finds a badge can use it. */
function permissionsAt(role: PersonRole = 'operator'): ReadonlySet<Permission> {
  const may = permissionsOf('operator');
  return permissionsOf(role).has('stations:changeover') ? new Set([...may, 'stations:changeover']) : may;
}

const MINUTE_MS = 60_000;

/**
 * The number of refusals per minute that one network gets without delay. Further refusals are delayed, so that a flood
 * of refused requests does not slow down the agents.
 */
const REFUSED_AT_ONCE = 60;
const REFUSED_WAIT_MS = 250;

export interface Auth {
  /** Returns the caller. Throws `unauthorized`, or `forbidden` if a browser sends a change without the form token. */
  principal: (c: Context) => Promise<Principal>;
  /**
   * For pages: returns the person or kiosk that is signed in. Returns undefined if no one is signed in. `csrf` is the
   * form token.
   */
  visitor: (c: Context, csrf?: string) => Promise<Principal | undefined>;
}

/** Identifies the caller by a bearer token (RFC 6750) or a session cookie. */
export function openAuth(
  services: Pick<Services, 'ledger' | 'config' | 'localToken' | 'sessionKey' | 'source' | 'now'>,
): Auth {
  const { ledger, config, now } = services;
  const lastUse = openLastUse(ledger, now);
  const byToken = checksTokens(services, lastUse);
  const refused = openBuckets(REFUSED_AT_ONCE, () => performance.now());

  async function bySession(c: Context, cookie: string, csrf?: string): Promise<Principal> {
    const who = await holderOf(cookie);
    refuseForgery(c, services.sessionKey, cookie, csrf);
    if (who.session === undefined || isUnattended(c)) return who;
    lastUse.remember(who.session);
    // Only requests other than GET count as activity by an operator.
    lastUse.touch(who.session, who.operator !== undefined && c.req.method !== 'GET');
    return who;
  }

  /** Returns the person or kiosk that a session cookie belongs to. Throws `unauthorized` if that session has ended. */
  async function holderOf(cookie: string): Promise<Principal> {
    const session = await ledger.credential(secretHash(cookie));
    if (session?.kind !== 'session') throw unauthorized();
    refuseOver(ledger, session, lastUse, now());
    const same = { session, credential: hex(session.hash), again: () => holderOf(cookie) };
    if (session.kiosk) {
      const operator = await operatorAt(session);
      const who = { ...same, actor: badgeActor(session.name, operator?.name), may: permissionsAt(operator?.role) };
      const nests = [session.name, ...((await ledger.station(session.name))?.screen ?? [])];
      return { ...who, kiosk: session.name, nests, ...(operator === undefined ? {} : { operator: operator.name }) };
    }
    const person = await ledger.person(session.name);
    if (!mayBeIn(person, config.signOnIssuer)) throw unauthorized();
    if (isOver(person, now())) throw ended(ledger, session, 'expired');
    return { ...same, actor: personActor(person.name), may: permissionsOf(person.role), ...auditorIn(person) };
  }

  async function operatorAt(session: Credential): Promise<Person | undefined> {
    const operator = operatorOf(session, now(), config.badgeIdle * MINUTE_MS);
    const person = operator === undefined ? undefined : await ledger.person(operator);
    return person !== undefined && hasAccess(person, now()) ? person : undefined;
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
 * Marks requests that a page sends automatically, even if no one is at the screen. Examples are streams and updates
 * of page parts. Marked requests do not count as activity. So a session can end even though its page stays open.
 */
const UNATTENDED = Symbol('unattended');

/**
 * Marks this request, and the internal requests that this process makes in order to answer it. A request header cannot
 * set this mark.
 */
export function unattended(c: Context): void {
  c.env = { ...bindingsOf(c), [UNATTENDED]: true };
}

function isUnattended(c: Context): boolean {
  return UNATTENDED in bindingsOf(c);
}

/**
 * The admin token and the local token are compared in constant time. All other tokens are looked up by their hash. So
 * the response time reveals nothing to a caller that guesses tokens.
 */
function checksTokens(
  { ledger, config, localToken, now }: Pick<Services, 'ledger' | 'config' | 'localToken' | 'now'>,
  lastUse: LastUse,
): (shown: string) => Promise<Principal> {
  const fixed = Object.entries({ admin: config.adminToken, local: localToken }).flatMap(([actor, token]) =>
    token === undefined ? [] : [{ actor, hash: secretHash(token) }],
  );
  const everything = permissionsOf('admin');
  const holderOf = async (shown: string): Promise<Principal & { token?: Credential }> => {
    const hash = secretHash(shown);
    const again = () => holderOf(shown);
    const actor = fixed.filter((token) => timingSafeEqual(token.hash, hash))[0]?.actor;
    if (actor !== undefined) return { actor, may: everything, credential: actor, again };
    const token = await ledger.credential(hash);
    if (token?.kind === 'printer-token' && isLive(token, now())) return printAgent(token, again);
    if (token?.kind !== 'token' || token.role === undefined || !isLive(token, now())) throw unauthorized();
    const who = { actor: tokenActor(token.name), may: permissionsOf(token.role, token.scopes) };
    const until = token.expiresAt === undefined ? {} : { until: token.expiresAt };
    return { ...who, ...until, token, credential: hex(hash), again };
  };
  return async (shown) => {
    const { token, ...who } = await holderOf(shown);
    if (token !== undefined) lastUse.touch(token);
    return who;
  };
}

/** A print agent has no permissions. Only the operations for print agents accept a print agent. */
function printAgent(token: Credential, again: Principal['again']): Principal & { token: Credential } {
  const actor = printAgentActor(token.name);
  return { actor, may: new Set(), printer: token.name, token, credential: hex(token.hash), again };
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}

/** Returns the fields of a command that name the maker of a new credential. */
export function makerOf({ actor, until }: Principal): Maker {
  return until === undefined ? { actor } : { actor, until };
}

/** If a session has expired or has been idle for too long, refuses it and records its end in the ledger. */
function refuseOver(ledger: Services['ledger'], session: Credential, lastUse: LastUse, now: number): void {
  const isUnused = isIdle(session, now) && isIdle(lastUse.latest(session), now);
  const why = !isLive(session, now) ? 'expired' : isUnused ? 'idle' : undefined;
  if (why === undefined) return;
  throw ended(ledger, session, why);
}

/** Records the end of a session in the ledger. Returns the error for the caller to throw. */
function ended(ledger: Services['ledger'], { hash }: Credential, why: 'expired' | 'idle'): ClaimstampError {
  // The request does not wait for this write. If the write fails, the next request with the same cookie tries it again.
  void ledger.record({ kind: 'end-session', hash, actor: 'system', why }).catch(() => null);
  return unauthorized();
}

/** The people of an issuer that is no longer in the settings are signed out. */
function mayBeIn(person: Person | undefined, issuer: string | undefined): person is Person {
  if (person === undefined || person.removedAt !== undefined) return false;
  return person.issuer === undefined || person.issuer === issuer;
}

/**
 * An auditor's row lacks products only if someone edited the database file. In that case, the auditor sees no products.
 */
function auditorIn({ role, products = [] }: Person): Pick<Principal, 'auditor'> {
  return role === 'auditor' ? { auditor: { products } } : {};
}

/** Missing, wrong, expired and revoked tokens cause the same error, so that guesses reveal nothing. */
function unauthorized(): ClaimstampError {
  return refusal('unauthorized', 'token');
}

/**
 * Throws `forbidden` if the caller lacks the permission. Other code checks whether a kiosk may use a unit or a station.
 */
export function refuseWithout({ may, actor }: Principal, permission: Permission): void {
  if (may.has(permission)) return;
  throw refusal('forbidden', 'permission', { actor, permission });
}

/**
 * Throws `not-for-auditors` if an auditor requests an operation or page that is not declared for auditors. So auditors
 * cannot use a new operation or page until it is declared for auditors.
 */
export function refuseAuditor({ auditor, actor }: Principal, declared: unknown): void {
  if (auditor !== undefined && declared === undefined) throw refusal('not-for-auditors', 'here', { actor });
}

/**
 * Throws `unauthorized` if the caller has become an auditor, or if the products that an auditor may see have changed.
 * Without this check, an answer that is still being made or sent would use the old products and the old mask.
 */
export function refuseOtherMask(before: Principal, later: Principal): void {
  if (JSON.stringify(before.auditor) !== JSON.stringify(later.auditor)) throw unauthorized();
}

/** Throws `forbidden` if the caller is not a person who is signed in. */
export function refuseOtherThanPerson({ session, kiosk, actor }: Principal): void {
  if (session !== undefined && kiosk === undefined) return;
  throw refusal('forbidden', 'person', { actor });
}

/** Throws `forbidden` if the caller is not the print agent of a printer. */
export function refuseOtherThanPrintAgent({ printer, actor }: Principal): void {
  if (printer === undefined) throw refusal('forbidden', 'printAgent', { actor });
}

/**
 * Callers may grant only their own permissions. Otherwise, a caller with `access:write` could grant itself every
 * permission.
 */
export function refuseMore({ may, actor }: Principal, given: Iterable<Permission>): void {
  const more = [...given].filter((permission) => !may.has(permission));
  if (more.length === 0) return;
  throw refusal('beyond-own-rights', 'permissions', { actor, permissions: more.join(', ') });
}

/**
 * The caller may change people who have one of the returned roles. No returned role has more rights than the caller.
 */
export function managedRoles({ may }: Principal): PersonRole[] {
  if (!may.has('access:write')) return ['operator'];
  return PERSON_ROLES.filter((role) => [...permissionsOf(role)].every((permission) => may.has(permission)));
}

/** Returns true if the caller is not a kiosk, or if the station is on the kiosk's screen. */
export function isAtStation({ kiosk, nests = [] }: Principal, station: string | undefined): boolean {
  return kiosk === undefined || (station !== undefined && nests.includes(station));
}

/** Refuses a kiosk that asks for a station that is not on its screen. */
export function refuseOtherStation(who: Principal, station: string | undefined): void {
  if (!isAtStation(who, station)) throw refusal('kiosk-station', 'signIn', { station: who.kiosk ?? '' });
}

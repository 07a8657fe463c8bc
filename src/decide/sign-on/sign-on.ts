import { createHash } from 'node:crypto';
import type { Credential } from '../../model/credential.ts';
import { isOver, type Person } from '../../model/person.ts';
import type { SignOnRole } from '../../model/role.ts';
import { refusal } from '../../platform/error.ts';
import { ended, sessionRow, signedIn, stale, type NewSession, type SignedIn } from '../sessions.ts';
import { dayBefore } from '../../platform/day.ts';
import type { Decision, Kept, Seen } from '../seen.ts';

/*
 * Commands for people who sign on with an issuer (OpenID Connect). The issuer and the subject identify a person. The
 * name of a person is made from the claims once, at the first sign-on, and never identifies the person.
 */

export interface Identity {
  issuer: string;
  /** The issuer's own ID of the person (`sub`). An issuer never gives this ID to another person. */
  subject: string;
}

/** Opens the session of a person whom the issuer has identified, and makes the person at the first sign-on. */
export interface SignOn extends Identity {
  kind: 'sign-on';
  /** The role that the person's groups give. It replaces the former role. */
  role: SignOnRole;
  /** Names for a new person, from the issuer's claims, the best first. */
  names: string[];
  session: NewSession;
  /** The time when the person typed a password at the issuer, in ms since 1970. Absent if the issuer does not say. */
  confirmedAt?: number;
}

export function signOn(seen: Seen, command: SignOn, now: number): Decision<SignedIn> {
  const { issuer, subject, role, session, confirmedAt } = command;
  const known = personOf(seen, command);
  if (known?.removedAt !== undefined) throw refusal('person-removed', 'addBack', { name: known.name });
  const name = known?.name ?? freeName(seen, command);
  const set: Change =
    known === undefined
      ? {
          events: [{ type: 'person-set', actor: 'system', data: { name, role, issuer, subject } }],
          kept: [{ table: 'person', person: { name, at: now, role, issuer, subject } }],
        }
      : withRole(known, role);
  const former = stale(seen, name, now);
  return {
    events: [...former.events, ...set.events, signedIn(name, session, 'sign-on')],
    answer: { name },
    kept: [...former.kept, ...set.kept, confirmed(sessionRow(name, session, now), confirmedAt)],
  };
}

type Change = Required<Pick<Decision<null>, 'events' | 'kept'>>;

/**
 * Gives a person the role that the groups give now. If an earlier sign-on took all rights from the person
 * (`RefuseSignOn`), the person has rights again.
 */
function withRole({ ends, ...person }: Person, role: SignOnRole): Change {
  if (ends === undefined && person.role === role) return { events: [], kept: [] };
  return {
    events: [{ type: 'person-set', actor: 'system', data: { name: person.name, role } }],
    kept: [{ table: 'person', person: { ...person, role } }],
  };
}

/** A person may have typed the password long before this sign-on, so the issuer's time is stored. */
function confirmed(row: Kept, confirmedAt: number | undefined): Kept {
  if (row.table !== 'credential') return row;
  const { confirmedAt: _now, ...credential } = row.credential;
  return { ...row, credential: confirmedAt === undefined ? credential : { ...credential, confirmedAt } };
}

function personOf(seen: Seen, { issuer, subject }: Identity): Person | undefined {
  return seen.people().find((one) => one.issuer === issuer && one.subject === subject);
}

/** The maximum length of a name, minus the characters that a number at its end needs. */
const NAME_LETTERS = 58;

/**
 * Returns a name that no person has, or ever had. The names of removed people are not free, because events contain
 * them.
 */
function freeName(seen: Seen, { issuer, subject, names }: SignOn): string {
  const usable = names.map(asName).find((name) => name !== '');
  const base = usable ?? `person-${createHash('sha256').update(`${issuer} ${subject}`).digest('hex').slice(0, 8)}`;
  const taken = new Set(seen.people().map(({ name }) => name.toLowerCase()));
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}

/** Replaces the characters that a name must not have. Accents are removed: `José Núñez` becomes `Jose-Nunez`. */
function asName(text: string): string {
  return text
    .split('@', 1)
    .join()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, NAME_LETTERS)
    .replace(/[^A-Za-z0-9]+$/, '');
}

/** Records that the owner of a session typed the password at the issuer again. */
export interface ConfirmSignOn extends Identity {
  kind: 'confirm-sign-on';
  /** The role that the person's groups give now. The session has the rights of this role at once. */
  role: SignOnRole;
  /** The hash of the session. */
  hash: Uint8Array;
  confirmedAt: number;
}

export function confirmSignOn(seen: Seen, command: ConfirmSignOn): Decision<null> {
  const { hash, role, confirmedAt } = command;
  const session = seen.credential(hash);
  const person = personOf(seen, command);
  if (session?.kind !== 'session' || session.kiosk || person === undefined || person.name !== session.name)
    throw refusal('sign-on-failed', 'otherPerson');
  const set = withRole(person, role);
  return {
    events: set.events,
    answer: null,
    kept: [...set.kept, { table: 'credential', credential: { ...session, confirmedAt } }],
  };
}

/**
 * Takes all rights, including those at stations, from a person whose groups give no role any more. The person keeps the
 * badge, which works again after the groups give a role at a later sign-on.
 */
export interface RefuseSignOn extends Identity {
  kind: 'refuse-sign-on';
}

export function refuseSignOn(seen: Seen, command: RefuseSignOn, now: number): Decision<{ ended: number }> {
  const person = personOf(seen, command);
  if (person === undefined || person.removedAt !== undefined) return { events: [], answer: { ended: 0 } };
  const { name, role } = person;
  const sessions = seen.credentials('session', name).filter((one) => one.kiosk === undefined);
  const ends = dayBefore(now);
  const set: Change = isOver(person, now)
    ? { events: [], kept: [] }
    : {
        events: [{ type: 'person-set', actor: 'system', data: { name, role, ends, why: 'groups' } }],
        kept: [{ table: 'person', person: { ...person, ends } }],
      };
  const over = endedByIssuer(sessions);
  return { ...over, events: [...set.events, ...over.events], kept: [...set.kept, ...over.kept] };
}

/** Ends sessions because the issuer ended its session. */
export interface EndSignOn {
  kind: 'end-sign-on';
  issuer: string;
  /** If absent, the sessions of all people who signed on with the issuer are checked. */
  subject?: string;
  /** If present, ends only the sessions that were opened from this session of the issuer. */
  issuerSession?: string;
  /** Ends only sessions that began before this time. So if an old message is sent again, newer sessions stay open. */
  before: number;
}

export function endSignOn(seen: Seen, command: EndSignOn): Decision<{ ended: number }> {
  const { issuer, subject, issuerSession, before } = command;
  const people = seen
    .people()
    .filter((one) => one.issuer === issuer && (subject === undefined || one.subject === subject));
  const sessions = people
    .flatMap(({ name }) => seen.credentials('session', name))
    .filter((one) => one.kiosk === undefined && one.at < before)
    // If `subject` is given, a session without `issuerSession` ends too, because it may come from the issuer's ended
    // session.
    .filter((one) => issuerSession === undefined || isFrom(one, issuerSession, subject));
  return endedByIssuer(sessions);
}

function endedByIssuer(
  sessions: Credential[],
): Required<Pick<Decision<{ ended: number }>, 'events' | 'answer' | 'kept'>> {
  return {
    events: sessions.map((session) => ended(session, 'system', { why: 'issuer' })),
    answer: { ended: sessions.length },
    kept: sessions.map(({ hash }) => ({ table: 'dropped-credential', hash })),
  };
}

function isFrom(session: { issuerSession?: string }, issuerSession: string, subject: string | undefined): boolean {
  if (session.issuerSession === undefined) return subject !== undefined;
  return session.issuerSession === issuerSession;
}

import { isLive, kioskActor, type Credential } from '../model/credential.ts';
import { endOf, isOver, personActor, type Person } from '../model/person.ts';
import type { Happening } from '../model/event.ts';
import { refusal } from '../platform/error.ts';
import type { Decision, Kept, Seen } from './seen.ts';

/*
 * Commands for sessions of people and kiosks. The ledger records when each session began and ended, and from which
 * addresses.
 */

/** A new session. `source` is the address from which the session is opened. */
export interface NewSession {
  hash: Uint8Array;
  expiresAt: number;
  source?: string;
  /** The issuer's own ID of the session. */
  issuerSession?: string;
}

export type SignedIn = { name: string; kiosk?: true };

/** Signs in a person whose password has been checked. `password` is the stored hash that the typed password matched. */
export interface SignIn {
  kind: 'sign-in';
  name: string;
  password: string;
  session: NewSession;
}

export function signIn(seen: Seen, command: SignIn, now: number): Decision<SignedIn> {
  const { name, password, session } = command;
  // The password may have been changed since the caller checked it. A removed person has no password.
  const person = seen.person(name);
  if (person?.password !== password) throw refusal('password-changed', 'signIn');
  refuseOver(person, now);
  const former = stale(seen, name, now);
  return {
    events: [...former.events, signedIn(name, session)],
    answer: { name },
    kept: [...former.kept, sessionRow(name, within(person, session), now)],
  };
}

/** Refuses an auditor whose last day has passed. */
export function refuseOver(person: Person, now: number): void {
  if (isOver(person, now)) throw refusal('access-ended', 'lastDay', { name: person.name, ends: person.ends ?? '?' });
}

/**
 * An auditor's session expires at the end of the last day at the latest, even if an admin later chooses a later day.
 */
export function within(person: Person, session: NewSession): NewSession {
  return { ...session, expiresAt: Math.min(session.expiresAt, endOf(person) ?? Infinity) };
}

/** Returns the event that records a sign-in. `by` is set if the person signed in without a password. */
export function signedIn(name: string, { source }: NewSession, by?: 'link' | 'sign-on'): Happening<'signed-in'> {
  return { type: 'signed-in', actor: personActor(name), data: { ...from(source), ...(by ? { by } : {}) } };
}

/**
 * Returns the row of a new session. A new session counts as confirmed, because its owner has just typed or chosen a
 * password. A kiosk's session has no password.
 */
export function sessionRow(name: string, session: NewSession, now: number, kiosk?: true): Kept {
  const row: Credential = { ...session, kind: 'session', name, at: now, usedAt: now };
  return { table: 'credential', credential: kiosk ? { ...row, kiosk } : { ...row, confirmedAt: now } };
}

/** Ends the expired sessions of a person or kiosk. The service does this when the same owner's next session begins. */
export function stale(
  seen: Seen,
  name: string,
  now: number,
  kiosk?: true,
): Required<Pick<Decision<null>, 'events' | 'kept'>> {
  const old = seen.credentials('session', name).filter((one) => one.kiosk === kiosk && !isLive(one, now));
  return {
    events: old.map((session) => ended(session, 'system', { why: 'expired' })),
    kept: old.map(({ hash }) => ({ table: 'dropped-credential', hash })),
  };
}

export interface SignOut {
  kind: 'sign-out';
  hash: Uint8Array;
  source?: string;
}

export function signOut(seen: Seen, { hash, source }: SignOut): Decision<null> {
  const session = seen.credential(hash);
  // Instead of a session cookie, a caller may send a token or a key. Signing out must not remove the token or key.
  if (session?.kind !== 'session') return { events: [], answer: null };
  const { name, kiosk } = session;
  const happening: Happening<'signed-out'> = kiosk
    ? { type: 'signed-out', actor: kioskActor(name), station: name, data: from(source) }
    : { type: 'signed-out', actor: personActor(name), data: from(source) };
  return { events: [happening], answer: null, kept: [{ table: 'dropped-credential', hash }] };
}

/**
 * Ends a session at the request of another session. If the service itself ends an idle or expired session, the command
 * contains a reason (`why`).
 */
export interface EndSession {
  kind: 'end-session';
  hash: Uint8Array;
  actor: string;
  source?: string;
  why?: 'idle' | 'expired';
}

export function endSession(seen: Seen, command: EndSession): Decision<SignedIn | null> {
  const { hash, actor, source, why } = command;
  const session = seen.credential(hash);
  if (session?.kind !== 'session') {
    // Several requests may find the same idle session. If the session is missing, an earlier request has already ended
    // it.
    if (why !== undefined) return { events: [], answer: null };
    throw refusal('not-found', 'session');
  }
  const { name, kiosk } = session;
  return {
    events: [ended(session, actor, { ...from(source), ...(why ? { why } : {}) })],
    answer: kiosk ? { name, kiosk } : { name },
    kept: [{ table: 'dropped-credential', hash }],
  };
}

export function ended(
  { name, kiosk, at, source }: Credential,
  actor: string,
  data: { source?: string; why?: 'idle' | 'expired' | 'issuer' },
): Happening<'session-ended'> {
  const session = { since: new Date(at).toISOString(), ...(source === undefined ? {} : { from: source }) };
  return kiosk
    ? { type: 'session-ended', actor, station: name, data: { ...session, ...data } }
    : { type: 'session-ended', actor, data: { name, ...session, ...data } };
}

/**
 * Records that the owner of a session retyped the password. `password` is the stored hash that the typed password
 * matched.
 */
export interface ConfirmSession {
  kind: 'confirm-session';
  hash: Uint8Array;
  password: string;
  /** The time when the password was checked, in ms since 1970. */
  confirmedAt: number;
}

export function confirmSession(seen: Seen, { hash, password, confirmedAt }: ConfirmSession): Decision<null> {
  const session = seen.credential(hash);
  if (session?.kind !== 'session' || session.kiosk || seen.person(session.name)?.password !== password)
    throw refusal('password-changed', 'signIn');
  return {
    events: [],
    answer: null,
    kept: [{ table: 'credential', credential: { ...session, confirmedAt } }],
  };
}

/** The failed sign-ins from one source in one hour. */
export interface FailedSignIns {
  source: string;
  /** The beginning of the hour, in RFC 3339. */
  from: string;
  failed: number;
  /** How many sign-in attempts were refused without a check because they came during a waiting time. */
  throttled: number;
  /**
   * The names that were tried and that belong to existing people. Unknown names are left out, because someone may have
   * typed a password into the name field.
   */
  names: string[];
}

/**
 * Records failed sign-ins. The service counts failed sign-ins first and records only the counts. So a large number of
 * attempts does not make the ledger grow.
 */
export interface NoteFailedSignIns {
  kind: 'note-failed-sign-ins';
  /** The failed sign-ins of a past hour. */
  failures?: FailedSignIns[];
  /** A source address that must wait before its next attempt to sign in. */
  locked?: { source: string; name?: string };
}

export function noteFailedSignIns(_seen: Seen, { failures = [], locked }: NoteFailedSignIns): Decision<null> {
  const lockOut: Happening[] = locked ? [{ type: 'sign-in-locked', actor: 'system', data: locked }] : [];
  const counted = failures.map((data): Happening => ({ type: 'sign-ins-failed', actor: 'system', data }));
  return { events: [...lockOut, ...counted], answer: null };
}

function from(source: string | undefined): { source?: string } {
  return source === undefined ? {} : { source };
}

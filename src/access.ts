import type { KeptCheckpoint } from './checkpoint.ts';
import { ClaimstampError } from './error.ts';
import type { Happening } from './event.ts';
import type { Decision, Seen } from './seen.ts';

/*
 * Who may do what. A secret (a station's key, a token, a session's cookie, a one-time link) is known here by its SHA-256
 * only; it is made, and shown once, where it is asked for. Credentials and people are ordinary rows: the ledger's events
 * say that they changed and who did it, never a secret or its hash.
 */

/** What can be allowed, and what it is for. A service token's scopes are these. */
export const PERMISSIONS = {
  'stations:read': 'see stations, what is open there, their print jobs and which agents were refused',
  'stations:operate': 'arm, cancel, Next, Same device, verify',
  'labels:print': 'print, reprint with a reason, cancel print jobs, draw label files',
  'units:read': 'look up one unit, its history and its label',
  'units:list': 'read many units at once',
  'units:make': 'issue, reserve and import units',
  'units:end': 'void and scrap units',
  'orders:close': 'close work orders, and open them again',
  'ledger:export': 'export units and events to files',
  'ledger:backup': 'take a copy of the whole ledger',
  'catalog:read': 'see products, work orders, printers and label templates',
  'catalog:write': 'set products, stations, work orders and printers',
  'access:read': 'see which tokens and people there are',
  'access:write': 'make and withdraw tokens, people, station keys and kiosks',
  'ledger:read': 'read checkpoints, the public key and proofs',
  'ledger:accept': 'go on with a ledger that was put back to an older state',
  'metrics:read': 'read the numbers for monitoring',
} as const;
export type Permission = keyof typeof PERMISSIONS;

export const ROLES = ['operator', 'qa', 'admin', 'service'] as const;
export type Role = (typeof ROLES)[number];
export type PersonRole = Exclude<Role, 'service'>;

const OPERATOR: Permission[] = ['stations:read', 'stations:operate', 'labels:print', 'units:read', 'catalog:read'];
const QA: Permission[] = [
  'stations:read',
  'units:read',
  'units:list',
  'units:end',
  'orders:close',
  'ledger:export',
  'catalog:read',
  'access:read',
  'ledger:read',
  'metrics:read',
];

/** What a role may do; a service may do what its scopes say. */
export function permissionsOf(role: Role, scopes: readonly Permission[] = []): ReadonlySet<Permission> {
  if (role === 'admin') return new Set(Object.keys(PERMISSIONS) as Permission[]);
  if (role === 'service') return new Set(scopes);
  return new Set(role === 'qa' ? QA : OPERATOR);
}

/** A secret that stands for somebody. Times in ms since 1970. */
export interface Credential {
  /** SHA-256 of the secret. */
  hash: Uint8Array;
  kind: 'station-key' | 'token' | 'session' | 'link';
  /** A key's or a kiosk's station; a token's own name; the person of a session or link, empty for the very first one. */
  name: string;
  /** Of tokens, and of links that make a person. A person's session has the person's role as it is now. */
  role?: Role;
  scopes?: Permission[];
  /** A kiosk's session or link: for the screen at the station of this name, and nothing else. */
  kiosk?: true;
  at: number;
  expiresAt?: number;
  /** About when it was last shown. */
  usedAt?: number;
  revokedAt?: number;
}

export interface Person {
  name: string;
  role: PersonRole;
  /** Salted hash with its parameters, as `http/password.ts` writes it; without it only a link signs in. */
  password?: string;
  at: number;
  removedAt?: number;
}

/** Rows beside the events, saved in the same transaction. */
export type Kept =
  | { table: 'credential'; credential: Credential }
  | { table: 'dropped-credential'; hash: Uint8Array }
  | { table: 'person'; person: Person }
  | { table: 'checkpoint'; checkpoint: KeptCheckpoint }
  | { table: 'dropped-checkpoint'; size: number };

export function isLive({ expiresAt, revokedAt }: Credential, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
}

/* Station keys */

export interface SetStationKey {
  kind: 'set-station-key';
  station: string;
  /** SHA-256 of the key; without it the station has none any more. */
  hash?: Uint8Array;
  /** How long devices may still show the former keys. ms */
  overlapMs?: number;
  actor: string;
}

/** `formerUntil`: when the last of the former keys ends (ms since 1970); absent where none is taken any more. */
export type StationKeySet = { station: string; formerUntil?: number };

export function setStationKey(seen: Seen, command: SetStationKey, now: number): Decision<StationKeySet> {
  const { station, hash, overlapMs = 0, actor } = command;
  if (!seen.station(station))
    throw new ClaimstampError('not-found', `there is no station ${station}: claimstamp station set ${station}`);
  const keys = seen.credentials('station-key', station);
  const events: Happening[] = hash === undefined ? [] : takenElsewhere(seen, station, hash, actor, now);
  if (hash !== undefined) events.push({ type: 'station-key-set', actor, station, data: {} });
  else if (keys.length > 0) events.push({ type: 'station-key-set', actor, station, data: { withdrawn: true } });
  const former = keys.map((key): Kept => {
    const expiresAt = Math.min(key.expiresAt ?? Infinity, now + overlapMs);
    if (hash === undefined || expiresAt <= now) return { table: 'dropped-credential', hash: key.hash };
    return { table: 'credential', credential: { ...key, expiresAt } };
  });
  const own: Kept[] =
    hash === undefined
      ? []
      : [{ table: 'credential', credential: { hash, kind: 'station-key', name: station, at: now } }];
  const ends = former.flatMap((row) => (row.table === 'credential' ? (row.credential.expiresAt ?? []) : []));
  const answer = ends.length === 0 ? { station } : { station, formerUntil: Math.max(...ends) };
  return { events, answer, kept: [...former, ...own] };
}

/** The configuration file may give a station the key that another one has: that one's devices are this one's from now on. */
function takenElsewhere(seen: Seen, station: string, hash: Uint8Array, actor: string, now: number): Happening[] {
  const held = seen.credential(hash);
  if (held === undefined || (held.kind === 'station-key' && held.name === station)) return [];
  // Overwritten, a token would be gone and its name free again.
  if (held.kind !== 'station-key')
    throw new ClaimstampError('duplicate', `the key for station ${station} is a ${held.kind} already: take another`);
  if (!isLive(held, now)) return [];
  return [{ type: 'station-key-set', actor, station: held.name, data: { movedTo: station } }];
}

/* Tokens */

export interface CreateToken {
  kind: 'create-token';
  name: string;
  role: Role;
  scopes?: Permission[];
  hash: Uint8Array;
  /** ms since 1970 */
  expiresAt?: number;
  actor: string;
}

export function createToken(seen: Seen, command: CreateToken, now: number): Decision<{ name: string }> {
  const { name, role, scopes = [], hash, expiresAt, actor } = command;
  if (seen.credentials('token', name).length > 0) {
    throw new ClaimstampError(
      'duplicate',
      `there is, or was, a token ${name}: the ledger tells tokens by name, take another`,
    );
  }
  if ((role === 'service') !== scopes.length > 0)
    throw new ClaimstampError('invalid', 'a service token needs scopes, and only a service token has them');
  if (expiresAt !== undefined && expiresAt <= now)
    throw new ClaimstampError('invalid', 'the token would have expired already: give a time to come');
  const token = { name, role, ...(scopes.length > 0 ? { scopes } : {}) };
  const data = { ...token, ...(expiresAt === undefined ? {} : { expires: new Date(expiresAt).toISOString() }) };
  const ends = expiresAt === undefined ? {} : { expiresAt };
  return {
    events: [{ type: 'token-set', actor, data }],
    answer: { name },
    kept: [{ table: 'credential', credential: { ...token, ...ends, kind: 'token', hash, at: now } }],
  };
}

export interface RevokeToken {
  kind: 'revoke-token';
  name: string;
  actor: string;
}

export function revokeToken(seen: Seen, { name, actor }: RevokeToken, now: number): Decision<{ name: string }> {
  const [token] = seen.credentials('token', name);
  if (token === undefined) throw new ClaimstampError('not-found', `there is no token ${name}: claimstamp token list`);
  if (token.revokedAt !== undefined) return { events: [], answer: { name } };
  return {
    events: [{ type: 'token-revoked', actor, data: { name } }],
    answer: { name },
    kept: [{ table: 'credential', credential: { ...token, revokedAt: now } }],
  };
}

/** A credential was shown: a row, no event. Asked at most once a minute for each. */
export interface Touch {
  kind: 'touch';
  hash: Uint8Array;
}

export function touch(seen: Seen, { hash }: Touch, now: number): Decision<null> {
  const credential = seen.credential(hash);
  if (credential === undefined) return { events: [], answer: null };
  return { events: [], answer: null, kept: [{ table: 'credential', credential: { ...credential, usedAt: now } }] };
}

/* People, and the links with which they come in */

export interface SetPerson {
  kind: 'set-person';
  name: string;
  role: PersonRole;
  actor: string;
}

export function setPerson(seen: Seen, { name, role, actor }: SetPerson, now: number): Decision<{ name: string }> {
  const { removedAt, ...before } = seen.person(name) ?? { at: now };
  if ('role' in before && before.role === role && removedAt === undefined) return { events: [], answer: { name } };
  // Who comes back after having been removed does not come back with the old password.
  const person: Person = removedAt === undefined ? { ...before, name, role } : { name, role, at: now };
  return {
    events: [{ type: 'person-set', actor, data: { name, role } }],
    answer: { name },
    // Who made a link for an operator must not hold one for an admin because of it.
    kept: [{ table: 'person', person }, ...dropped(seen, name, ['link'])],
  };
}

export interface RemovePerson {
  kind: 'remove-person';
  name: string;
  actor: string;
}

export function removePerson(seen: Seen, { name, actor }: RemovePerson, now: number): Decision<{ name: string }> {
  const person = livePerson(seen, name);
  const { password: _password, ...rest } = person;
  return {
    events: [{ type: 'person-removed', actor, data: { name } }],
    answer: { name },
    kept: [{ table: 'person', person: { ...rest, removedAt: now } }, ...dropped(seen, name, ['session', 'link'])],
  };
}

/** A one-time link: for a person to choose a password, or for the screen at a station. A new one replaces the former. */
export interface Invite {
  kind: 'invite';
  /** A person; a station for a kiosk; empty for who comes first. */
  name: string;
  kiosk?: true;
  hash: Uint8Array;
  expiresAt: number;
  actor: string;
}

export function invite(seen: Seen, command: Invite, now: number): Decision<{ name: string }> {
  const { name, kiosk, hash, expiresAt, actor } = command;
  const link: Credential = { hash, kind: 'link', name, at: now, expiresAt, ...(kiosk ? { kiosk } : {}) };
  const kept: Kept[] = [...dropped(seen, name, ['link'], kiosk), { table: 'credential', credential: link }];
  if (kiosk && !seen.station(name)) throw new ClaimstampError('not-found', `there is no station ${name}`);
  // Each start makes one as long as no admin can sign in: that is no news.
  if (name === '') {
    if (hasAdmin(seen.people()))
      throw new ClaimstampError('forbidden', 'an admin can sign in: claimstamp person link NAME makes a link');
    return { events: [], answer: { name }, kept };
  }
  if (!kiosk) livePerson(seen, name);
  return { events: [{ type: 'invited', actor, data: kiosk ? { station: name } : { name } }], answer: { name }, kept };
}

/** Opens a session with a one-time link: a kiosk's, or that of a person who thereby chooses a password. */
export interface UseLink {
  kind: 'use-link';
  hash: Uint8Array;
  session: { hash: Uint8Array; expiresAt: number };
  /** The name that the first person chooses. */
  name?: string;
  /** The encoded hash of the chosen password; kiosks have none. */
  password?: string;
}

export type SignedIn = { name: string; kiosk?: true };

export function useLink(seen: Seen, command: UseLink, now: number): Decision<SignedIn> {
  const link = seen.credential(command.hash);
  if (link === undefined || link.kind !== 'link' || !isLive(link, now)) {
    throw new ClaimstampError(
      'forbidden',
      'this link was used, replaced by a newer one (each start does that to the first), or is too old: ask for a new one',
    );
  }
  const used: Kept = { table: 'dropped-credential', hash: link.hash };
  if (link.kiosk) return openKiosk(seen, link.name, command, now, used);
  const name = link.name === '' ? command.name : link.name;
  if (name === undefined || command.password === undefined)
    throw new ClaimstampError('invalid', 'choose a name and a password');
  const first = link.name === '';
  if (first) refuseFirst(seen, name);
  const person: Person = first
    ? { name, role: 'admin', password: command.password, at: now }
    : { ...livePerson(seen, name), password: command.password };
  const data = { name, role: person.role, password: true };
  return {
    events: [{ type: 'person-set', actor: personActor(name), data }],
    answer: { name },
    // A password that was forgotten may be known to others: their sessions end.
    kept: [
      used,
      ...dropped(seen, name, ['session']),
      ...(person.role === 'admin' ? dropped(seen, '', ['link']) : []),
      { table: 'person', person },
      session(name, command.session, now),
    ],
  };
}

/** Whether somebody can sign in who may let others in. Until then the owner of the data folder is given a link at each start. */
export function hasAdmin(people: Person[]): boolean {
  return people.some((one) => one.role === 'admin' && one.password !== undefined && one.removedAt === undefined);
}

/** Who comes first takes nobody's name. */
function refuseFirst(seen: Seen, name: string): void {
  if (hasAdmin(seen.people())) throw new ClaimstampError('forbidden', 'an admin was faster: sign in');
  const named = seen.person(name);
  if (named !== undefined && named.removedAt === undefined && (named.role !== 'admin' || named.password !== undefined))
    throw new ClaimstampError('duplicate', `there is somebody named ${name} already: choose another name`);
}

function openKiosk(seen: Seen, station: string, command: UseLink, now: number, used: Kept): Decision<SignedIn> {
  const row = session(station, command.session, now, true);
  return {
    events: [{ type: 'kiosk-set', actor: kioskActor(station), station, data: {} }],
    answer: { name: station, kiosk: true },
    kept: [used, ...stale(seen, station, now, true), row],
  };
}

/** After the password was found right: `password` is the encoded hash that it was checked against. */
export interface SignIn {
  kind: 'sign-in';
  name: string;
  password: string;
  session: { hash: Uint8Array; expiresAt: number };
}

export function signIn(seen: Seen, command: SignIn, now: number): Decision<SignedIn> {
  const { name } = command;
  // Who was removed meanwhile has no password any more.
  if (seen.person(name)?.password !== command.password)
    throw new ClaimstampError('unauthorized', 'the password was changed meanwhile: sign in with the new one');
  return { events: [], answer: { name }, kept: [...stale(seen, name, now), session(name, command.session, now)] };
}

export interface SignOut {
  kind: 'sign-out';
  hash: Uint8Array;
}

export function signOut(seen: Seen, { hash }: SignOut): Decision<null> {
  // Whoever shows a token or a key as a cookie must not thereby remove it.
  const isSession = seen.credential(hash)?.kind === 'session';
  return { events: [], answer: null, kept: isSession ? [{ table: 'dropped-credential', hash }] : [] };
}

/** Every kiosk of the station goes dark; a link that was not used stops working. */
export interface CloseKiosk {
  kind: 'close-kiosk';
  station: string;
  actor: string;
}

export function closeKiosk(seen: Seen, { station, actor }: CloseKiosk): Decision<{ station: string }> {
  if (!seen.station(station)) throw new ClaimstampError('not-found', `there is no station ${station}`);
  const kept = dropped(seen, station, ['session', 'link'], true);
  if (kept.length === 0) return { events: [], answer: { station } };
  return {
    events: [{ type: 'kiosk-set', actor, station, data: { withdrawn: true } }],
    answer: { station },
    kept,
  };
}

/** Many Claim IDs left at once: to whom, which, how many. */
export interface NoteBulkRead {
  kind: 'note-bulk-read';
  /** What was read: `units`, `labels`, `print-jobs`, `export`. */
  what: string;
  filter: { [name: string]: string | number | boolean };
  count: number;
  /** Of an export: how long the ledger was, and the SHA-256 of the file that left. */
  treeSize?: number;
  sha256?: string;
  actor: string;
}

export function noteBulkRead({ what, filter, count, treeSize, sha256, actor }: NoteBulkRead): Decision<null> {
  const file = treeSize === undefined || sha256 === undefined ? {} : { treeSize, sha256 };
  return { events: [{ type: 'bulk-read', actor, data: { what, filter, count, ...file } }], answer: null };
}

/* Names in the ledger's `actor` */

export function personActor(name: string): string {
  return `person:${name}`;
}

export function tokenActor(name: string): string {
  return `token:${name}`;
}

export function kioskActor(station: string): string {
  return `kiosk:${station}`;
}

function livePerson(seen: Seen, name: string): Person {
  const person = seen.person(name);
  if (person === undefined || person.removedAt !== undefined)
    throw new ClaimstampError('not-found', `there is nobody named ${name}: claimstamp person list`);
  return person;
}

function session(name: string, { hash, expiresAt }: UseLink['session'], now: number, kiosk?: true): Kept {
  const credential: Credential = { hash, kind: 'session', name, at: now, expiresAt, usedAt: now };
  return { table: 'credential', credential: kiosk ? { ...credential, kiosk } : credential };
}

/** Sessions that ended by themselves go when the next one begins. */
function stale(seen: Seen, name: string, now: number, kiosk?: true): Kept[] {
  return seen
    .credentials('session', name)
    .filter((one) => one.kiosk === kiosk && !isLive(one, now))
    .map(({ hash }) => ({ table: 'dropped-credential', hash }));
}

/** A person and a station may have the same name: `kiosk` says whose rows are meant. */
function dropped(seen: Seen, name: string, kinds: Credential['kind'][], kiosk?: true): Kept[] {
  return kinds
    .flatMap((kind) => seen.credentials(kind, name))
    .filter((one) => one.kiosk === kiosk)
    .map(({ hash }) => ({ table: 'dropped-credential', hash }));
}

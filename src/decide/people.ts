import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { isLive, kioskActor, type Credential } from '../model/credential.ts';
import { isOver, personActor, PersonSettings, type Person } from '../model/person.ts';
import type { Kept, Decision, Seen } from './seen.ts';
import type { PersonRole } from '../model/role.ts';
import { mergePatch, type PatchOf } from '../model/settings.ts';
import { refuseLonger, type Maker } from './access.ts';
import { refuseBadge } from './badge.ts';
import { refuseOver, sessionRow, signedIn, stale, within, type NewSession, type SignedIn } from './sessions.ts';
import { refusal } from '../platform/error.ts';
import { check } from '../platform/validation-words.ts';

/*
 * Commands for people, and for one-time links. A one-time link opens the session of a person or of a kiosk (the screen
 * of a station).
 */

interface Managed {
  /**
   * The roles that the caller may manage. The person's role must be one of these roles before and after the change. If
   * `roles` is absent, the caller may manage every role.
   */
  roles?: readonly PersonRole[];
}

/** A merge patch (RFC 7396). A setting that is absent does not change. The value `null` removes a setting. */
export interface SetPerson extends PatchOf<typeof PersonSettings.shape>, Managed {
  kind: 'set-person';
  name: string;
  actor: string;
}

export function setPerson(seen: Seen, command: SetPerson, now: number): Decision<{ name: string; role: PersonRole }> {
  const { name, actor, role: newRole, badge: newBadge, ends, products } = command;
  const known = seen.person(name);
  // If a person is removed and later added back, the former settings and password are not restored.
  const before = known?.removedAt === undefined ? known : undefined;
  const held = heldSettings(before);
  // When a person stops being an auditor, the settings `ends` and `products` are removed.
  const { ends: _ends, products: _products, ...others } = held;
  const kept = newRole === undefined || newRole === 'auditor' ? held : others;
  const settings = check(PersonSettings, mergePatch(kept, { role: newRole, badge: newBadge, ends, products }));
  const { role, badge } = settings;
  // The check also considers the role that a removed person had. Otherwise, a caller who must not manage admins could
  // bring back a former admin.
  refuseOthers(command, known?.role, role);
  refuseGroupsRole(known, role);
  refuseUnfit(seen, name, settings, held, now);
  const answer = { name, role };
  if (isDeepStrictEqual(settings, held)) return { events: [], answer };
  if (before !== undefined && role !== held.role) refuseLosing(seen, actor, before, 'role');
  if (badge !== undefined && badge !== held.badge) refuseBadge(seen, name, badge);
  const worn = badge === held.badge ? {} : { badge: badge !== undefined };
  const limits = limitsOf(settings);
  const { password, at } = before ?? { at: now };
  return {
    events: [{ type: 'person-set', actor, data: { name, role, ...worn, ...limits } }],
    answer,
    kept: [
      {
        table: 'person',
        person: { name, at, ...(password === undefined ? {} : { password }), ...identityOf(known), ...settings },
      },
      // A link that was made for an operator must not become an admin's link.
      ...(role === held.role ? [] : dropped(seen, name, ['link'])),
    ],
  };
}

type Settings = z.infer<typeof PersonSettings>;

function limitsOf({ ends, products }: Settings): { ends?: string; products?: string[] } {
  return ends === undefined || products === undefined ? {} : { ends, products };
}

function heldSettings(person: Person | undefined): Partial<Settings> {
  if (person === undefined) return {};
  const { name: _name, password: _password, issuer, subject: _subject, ...rest } = person;
  const { at: _at, removedAt: _removed, ...settings } = rest;
  if (issuer === undefined) return settings;
  // The groups decide when the access of such a person ends (`identityOf`), so `ends` is not a setting.
  const { ends: _ends, ...others } = settings;
  return others;
}

/**
 * A person who was removed and is added back can sign on with the issuer again. If the groups gave no role at the last
 * sign-on, a change by hand does not give the rights back.
 */
function identityOf({ issuer, subject, ends }: Partial<Person> = {}): Pick<Person, 'issuer' | 'subject' | 'ends'> {
  if (issuer === undefined || subject === undefined) return {};
  return { issuer, subject, ...(ends === undefined ? {} : { ends }) };
}

/** If a person signs on with an issuer, the person's groups there decide the role, at each sign-on. */
function refuseGroupsRole(known: Person | undefined, role: PersonRole): void {
  if (known?.issuer === undefined) return;
  if (role !== 'auditor' && (role === known.role || known.removedAt !== undefined)) return;
  throw refusal('role-from-groups', 'groups', { name: known.name, issuer: known.issuer });
}

/**
 * Throws if the settings do not fit the role. An auditor needs the settings `ends` and `products`, and has no badge,
 * because badges work at stations. People with other roles have neither `ends` nor `products`.
 */
function refuseUnfit(seen: Seen, name: string, settings: Settings, held: Partial<Settings>, now: number): void {
  const { role, badge, ends, products } = settings;
  if (role !== 'auditor') {
    if (ends !== undefined || products !== undefined) throw refusal('invalid', 'onlyAuditors', { name });
    return;
  }
  if (ends === undefined || products === undefined) throw refusal('invalid', 'auditorNeeds', { name });
  if (badge !== undefined) throw refusal('invalid', 'auditorBadge', { name });
  if (ends !== held.ends && isOver(settings, now)) throw refusal('invalid', 'endsPast', { ends });
  const strange = products.find((id) => !held.products?.includes(id) && seen.product(id) === undefined);
  if (strange !== undefined) throw refusal('product-unknown', 'missing', { product: strange });
}

/**
 * Refuses a person if the caller must not manage the person's role. The caller has already checked the role, but the
 * role may have changed in the meantime.
 */
function refuseOthers(
  { roles, name, actor }: Managed & { name: string; actor: string },
  ...held: (PersonRole | undefined)[]
) {
  const other = held.find((role) => role !== undefined && roles !== undefined && !roles.includes(role));
  if (other !== undefined)
    throw refusal('beyond-own-rights', 'people', { actor, name, role: other, roles: roles?.join(', ') ?? '' });
}

export interface RemovePerson extends Managed {
  kind: 'remove-person';
  name: string;
  actor: string;
}

export function removePerson(seen: Seen, command: RemovePerson, now: number): Decision<{ name: string }> {
  const { name, actor } = command;
  const person = livePerson(seen, name);
  refuseOthers(command, person.role);
  refuseLosing(seen, actor, person, 'remove');
  const { password: _password, badge: _badge, ...rest } = person;
  return {
    events: [{ type: 'person-removed', actor, data: { name } }],
    answer: { name },
    kept: [{ table: 'person', person: { ...rest, removedAt: now } }, ...dropped(seen, name, ['session', 'link'])],
  };
}

/**
 * Makes a one-time link. A person uses the link to choose a password. The link of a kiosk opens the kiosk's session. A
 * new link replaces the former link.
 */
export interface Invite extends Managed, Maker {
  kind: 'invite';
  /** The name of the person, or of the kiosk's station. Empty for the first admin. */
  name: string;
  kiosk?: true;
  hash: Uint8Array;
  expiresAt: number;
  /** For a kiosk, the time at which its session expires at the latest, in ms since 1970. */
  sessionUntil?: number;
  /** The address from which the link was requested. */
  source?: string;
}

export function invite(seen: Seen, command: Invite, now: number): Decision<{ name: string }> {
  const { name, kiosk, hash, expiresAt, sessionUntil, actor, source } = command;
  refuseLonger(command, expiresAt, now);
  if (kiosk) refuseLonger(command, sessionUntil, now);
  const ends = sessionUntil === undefined ? { expiresAt } : { expiresAt, sessionUntil };
  const link: Credential = { hash, kind: 'link', name, at: now, ...ends, ...(kiosk ? { kiosk } : {}) };
  const kept: Kept[] = [...dropped(seen, name, ['link'], kiosk), { table: 'credential', credential: link }];
  if (kiosk && !seen.station(name)) throw refusal('not-found', 'station', { station: name });
  // The link for the first admin adds no event, because the service makes such a link at every start until an admin can
  // sign in.
  if (name === '') {
    if (hasAdmin(seen.people())) throw refusal('admin-exists', 'makeLink');
    return { events: [], answer: { name }, kept };
  }
  if (!kiosk) refuseOthers(command, livePerson(seen, name).role);
  if (!kiosk) refuseSignOn(livePerson(seen, name));
  if (!kiosk) refuseOver(livePerson(seen, name), now);
  const from = source === undefined ? {} : { source };
  const data = kiosk ? { station: name, ...from } : { name, ...from };
  return { events: [{ type: 'invited', actor, data }], answer: { name }, kept };
}

/** Refuses a person who signs on with an issuer: a password would still work after the issuer withdraws the account. */
function refuseSignOn({ name, issuer }: Person): void {
  if (issuer !== undefined) throw refusal('signs-on', 'noPassword', { name, issuer });
}

/**
 * Opens a session by means of a one-time link. The session belongs to a kiosk, or to a person who uses the link to
 * choose a password.
 */
export interface UseLink {
  kind: 'use-link';
  hash: Uint8Array;
  session: NewSession;
  /** The name that the first admin chooses. */
  name?: string;
  /** The encoded hash of the chosen password. Kiosks have no password. */
  password?: string;
}

export function useLink(seen: Seen, command: UseLink, now: number): Decision<SignedIn> {
  const link = seen.credential(command.hash);
  if (link === undefined || link.kind !== 'link' || !isLive(link, now)) {
    throw refusal('link-ended', 'askNew');
  }
  if (link.kiosk) return openKiosk(seen, link, command, now);
  const name = link.name === '' ? command.name : link.name;
  if (name === undefined || command.password === undefined) throw refusal('invalid', 'namePassword');
  const first = link.name === '';
  if (first) refuseFirst(seen, name);
  const person: Person = first
    ? { name, role: 'admin', password: command.password, at: now }
    : { ...livePerson(seen, name), password: command.password };
  const { events, ...rest } = chosen(seen, person, command.session, now);
  return { events: [...events, signedIn(name, command.session, 'link')], ...rest };
}

/**
 * Sets a new password. Other people may know the old password, so all of the person's sessions and links become
 * invalid. When an admin gets a password, the link for the first admin also becomes invalid.
 */
function chosen(seen: Seen, person: Person, opened: NewSession, now: number): Decision<SignedIn> {
  const { name, role } = person;
  refuseOver(person, now);
  const from = opened.source === undefined ? {} : { source: opened.source };
  return {
    events: [{ type: 'person-set', actor: personActor(name), data: { name, role, password: true, ...from } }],
    answer: { name },
    kept: [
      ...dropped(seen, name, ['session', 'link']),
      ...(role === 'admin' ? dropped(seen, '', ['link']) : []),
      { table: 'person', person },
      sessionRow(name, within(person, opened), now),
    ],
  };
}

/**
 * A person must not remove or demote the last admin or their own account, because that is usually an accident. A
 * program, or a command on the service's own machine, is allowed to do this, so that every account can be removed.
 */
function refuseLosing(seen: Seen, actor: string, { name, role }: Person, how: 'remove' | 'role'): void {
  if (!actor.startsWith(personActor(''))) return;
  const others = seen.people().filter((one) => one.name !== name);
  if (role === 'admin' && !hasAdmin(others)) throw refusal('last-admin', 'person', { name });
  if (actor === personActor(name)) throw refusal('own-account', how, { name });
}

/**
 * True if an admin exists who can sign in. While no admin can sign in, the service makes a link for the owner of the
 * data folder at each start.
 */
export function hasAdmin(people: Person[]): boolean {
  return people.some((one) => one.role === 'admin' && one.password !== undefined && one.removedAt === undefined);
}

/** The first admin must not take the name of an existing person. */
function refuseFirst(seen: Seen, name: string): void {
  if (hasAdmin(seen.people())) throw refusal('admin-exists', 'signIn');
  const named = seen.person(name);
  if (named !== undefined && named.removedAt === undefined && (named.role !== 'admin' || named.password !== undefined))
    throw refusal('name-taken', 'person', { name });
}

function openKiosk(seen: Seen, link: Credential, command: UseLink, now: number): Decision<SignedIn> {
  const station = link.name;
  const { source } = command.session;
  const data = source === undefined ? {} : { source };
  const used: Kept = { table: 'dropped-credential', hash: command.hash };
  const expiresAt = Math.min(command.session.expiresAt, link.sessionUntil ?? Infinity);
  if (expiresAt <= now) throw refusal('link-ended', 'askNew');
  const former = stale(seen, station, now, true);
  return {
    events: [...former.events, { type: 'kiosk-set', actor: kioskActor(station), station, data }],
    answer: { name: station, kiosk: true },
    kept: [used, ...former.kept, sessionRow(station, { ...command.session, expiresAt }, now, true)],
  };
}

/** Changes the password of a signed-in person. `former` is the stored hash that the current password matched. */
export interface ChangePassword {
  kind: 'change-password';
  name: string;
  former: string;
  password: string;
  session: NewSession;
}

export function changePassword(seen: Seen, command: ChangePassword, now: number): Decision<SignedIn> {
  const { name, former, password } = command;
  const person = seen.person(name);
  if (person === undefined || person.password !== former) throw refusal('password-changed', 'signIn');
  return chosen(seen, { ...person, password }, command.session, now);
}

/** Signs out all kiosks of the station and cancels the unused link. */
export interface CloseKiosk {
  kind: 'close-kiosk';
  station: string;
  actor: string;
}

export function closeKiosk(seen: Seen, { station, actor }: CloseKiosk): Decision<{ station: string }> {
  if (!seen.station(station)) throw refusal('not-found', 'station', { station });
  const kept = dropped(seen, station, ['session', 'link'], true);
  if (kept.length === 0) return { events: [], answer: { station } };
  return {
    events: [{ type: 'kiosk-set', actor, station, data: { withdrawn: true } }],
    answer: { station },
    kept,
  };
}

function livePerson(seen: Seen, name: string): Person {
  const person = seen.person(name);
  if (person === undefined || person.removedAt !== undefined) throw refusal('not-found', 'person', { name });
  return person;
}

/**
 * Removes a person's credentials. If `kiosk` is set, removes the credentials of a station's kiosks instead. This
 * parameter is needed because a person and a station may have the same name.
 */
function dropped(seen: Seen, name: string, kinds: Credential['kind'][], kiosk?: true): Kept[] {
  return kinds
    .flatMap((kind) => seen.credentials(kind, name))
    .filter((one) => one.kiosk === kiosk)
    .map(({ hash }) => ({ table: 'dropped-credential', hash }));
}

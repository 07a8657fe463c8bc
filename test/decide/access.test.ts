import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isLive, kioskActor, tokenActor, type Credential } from '../../src/model/credential.ts';
import { PERMISSIONS, PERSON_ROLES, permissionsOf, type Permission, type Role } from '../../src/model/role.ts';
import { personActor } from '../../src/model/person.ts';
import { NOON, openLine, rebuild, refusal, station, type MapLedger } from '../support/map-ledger.ts';

const actor = 'admin';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const hashOf = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();

/** One station called nest, and people and programs that name a secret instead of its hash. */
function openOffice() {
  const line = openLine();
  line.record({ kind: 'set-station', station: station({ name: 'nest' }), actor });
  line.record({ kind: 'set-station', station: station({ name: 'bench' }), actor });
  const find = (secret: string): Credential | undefined => line.seen.credential(hashOf(secret));
  const session = (secret: string, forMs = 8 * HOUR) => ({ hash: hashOf(secret), expiresAt: line.clock() + forMs });
  const office = {
    line,
    find,
    /** True where the secret still opens something. */
    works: (secret: string): boolean => {
      const found = find(secret);
      return found !== undefined && isLive(found, line.clock());
    },
    later: (ms: number) => line.setClock(line.clock() + ms),
    rotate: (secret: string, overlapMs?: number, at = 'nest') =>
      line.record({
        kind: 'set-station-key',
        station: at,
        hash: hashOf(secret),
        ...(overlapMs === undefined ? {} : { overlapMs }),
        actor,
      }),
    withdraw: (at = 'nest') => line.record({ kind: 'set-station-key', station: at, actor }),
    token: (
      name: string,
      rest: { role?: 'qa' | 'admin' | 'service'; scopes?: Permission[]; expiresAt?: number } = {},
    ) => line.record({ kind: 'create-token', name, role: 'qa', hash: hashOf(`token ${name}`), actor, ...rest }),
    revoke: (name: string) => line.record({ kind: 'revoke-token', name, actor }),
    person: (name: string, role: 'operator' | 'qa' | 'admin' = 'operator') =>
      line.record({ kind: 'set-person', name, role, actor }),
    remove: (name: string) => line.record({ kind: 'remove-person', name, actor }),
    invite: (name: string, secret: string, forMs = HOUR) =>
      line.record({ kind: 'invite', name, hash: hashOf(secret), expiresAt: line.clock() + forMs, actor }),
    inviteKiosk: (at: string, secret: string, forMs = HOUR) =>
      line.record({
        kind: 'invite',
        name: at,
        kiosk: true,
        hash: hashOf(secret),
        expiresAt: line.clock() + forMs,
        actor,
      }),
    useLink: (link: string, cookie: string, chosen: { name?: string; password?: string } = {}) =>
      line.record({ kind: 'use-link', hash: hashOf(link), session: session(cookie), ...chosen }),
    signIn: (name: string, password: string, cookie: string, forMs?: number) =>
      line.record({ kind: 'sign-in', name, password, session: session(cookie, forMs) }),
    changePassword: (name: string, former: string, password: string, cookie: string) =>
      line.record({ kind: 'change-password', name, former, password, session: session(cookie) }),
    signOut: (cookie: string) => line.record({ kind: 'sign-out', hash: hashOf(cookie) }),
    closeKiosk: (at = 'nest') => line.record({ kind: 'close-kiosk', station: at, actor }),
    touch: (secret: string) => line.record({ kind: 'touch', hash: hashOf(secret) }),
  };
  return office;
}

/** A person who came in with a link and chose this password. */
function withPerson(
  office: ReturnType<typeof openOffice>,
  name: string,
  password = `hash of ${name}'s password`,
): void {
  office.person(name);
  office.invite(name, `link of ${name}`);
  office.useLink(`link of ${name}`, `cookie of ${name}`, { password });
}

/** What the last `act` added to the ledger, the commitments aside (commit-access.test.ts). */
function written(line: MapLedger, act: () => unknown) {
  const before = line.events.length;
  act();
  const added = line.events.slice(before).filter(({ type }) => !type.startsWith('access-'));
  return added.map(({ type, actor, station, data }) => ({
    type,
    actor,
    ...(station === undefined ? {} : { station }),
    data,
  }));
}

describe('what a role may do', () => {
  // In full, so that nobody gains or loses a right unnoticed.
  test.each<[Role, Permission[], Permission[]]>([
    [
      'operator',
      [],
      ['stations:read', 'stations:operate', 'labels:print', 'units:read', 'catalog:read', 'orders:read'],
    ],
    [
      'lead',
      [],
      [
        'stations:read',
        'stations:operate',
        'stations:changeover',
        'labels:print',
        'units:read',
        'units:void',
        'catalog:read',
        'orders:read',
        'access:read',
        'access:operators',
        'ledger:resume',
        'forecasts:handle',
        'shipping:manage',
        'drills:record',
        'units:return',
      ],
    ],
    [
      'qa',
      [],
      [
        'units:void',
        'stations:read',
        'units:read',
        'units:list',
        'units:end',
        'ledger:export',
        'ledger:read',
        'orders:close',
        'catalog:read',
        'orders:read',
        'access:read',
        'events:read',
        'metrics:read',
        'forecasts:handle',
        'shipping:manage',
        'drills:record',
        'units:return',
        'labels:approve',
      ],
    ],
    ['auditor', [], ['units:read', 'units:list', 'ledger:export', 'catalog:read', 'orders:read', 'ledger:read']],
    [
      'admin',
      [],
      [
        'units:void',
        'stations:changeover',
        'access:operators',
        'ledger:resume',
        'stations:read',
        'stations:operate',
        'labels:print',
        'units:read',
        'units:list',
        'units:make',
        'units:end',
        'ledger:export',
        'ledger:read',
        'ledger:backup',
        'ledger:accept',
        'orders:close',
        'catalog:read',
        'orders:read',
        'orders:plan',
        'catalog:write',
        'access:read',
        'access:write',
        'events:read',
        'metrics:read',
        'forecasts:handle',
        'shipping:manage',
        'drills:record',
        'settings:read',
        'units:return',
        'tests:report',
        'labels:approve',
      ],
    ],
    ['service', [], []],
    // A wide permission has the narrow one in it.
    ['service', ['units:end', 'access:write'], ['units:end', 'units:void', 'access:write', 'access:operators']],
    // An ERP needs no more than its own scope, and a token with the wide scope can still send work orders.
    ['service', ['orders:plan'], ['orders:plan', 'orders:read']],
    ['service', ['catalog:write'], ['catalog:write', 'stations:changeover', 'orders:plan']],
    ['service', ['units:make', 'metrics:read'], ['units:make', 'metrics:read']],
    // Scopes are a service's only: they neither add to a person's role nor take from it.
    [
      'operator',
      ['access:write'],
      ['stations:read', 'stations:operate', 'labels:print', 'units:read', 'catalog:read', 'orders:read'],
    ],
  ])('%s with scopes %j', (role, scopes, may) => {
    expect([...permissionsOf(role, scopes)].toSorted()).toEqual(may.toSorted());
  });

  test('there is no permission that the admin lacks, and no role beside these', () => {
    expect([...permissionsOf('admin')].toSorted()).toEqual(Object.keys(PERMISSIONS).toSorted());
    expect(PERSON_ROLES).toEqual(['operator', 'lead', 'qa', 'auditor', 'admin']);
  });

  test('nobody can widen the set of a role for the next one who asks', () => {
    (permissionsOf('operator') as Set<Permission>).add('access:write');
    expect(permissionsOf('operator').has('access:write')).toBe(false);
  });
});

describe('a credential is live', () => {
  test.each<[string, Partial<Credential>, boolean]>([
    ['without an end', {}, true],
    ['until the ms before its end', { expiresAt: NOON + 1 }, true],
    ['not at its end', { expiresAt: NOON }, false],
    ['not once it was revoked, whatever its end', { expiresAt: NOON + HOUR, revokedAt: NOON - 1 }, false],
  ])('%s', (_when, rest, live) => {
    expect(isLive({ hash: hashOf('x'), kind: 'token', name: 'ci', at: NOON, ...rest }, NOON)).toBe(live);
  });
});

describe('a station key', () => {
  test('takes the place of the former one, which ends at once where no overlap was asked for', () => {
    const office = openOffice();
    office.rotate('first');
    office.rotate('second');
    expect(office.find('first')).toBeUndefined();
    expect(office.works('second')).toBe(true);
    office.rotate('third', 0);
    expect(office.find('second')).toBeUndefined();
  });

  test('works beside the new one for as long as the overlap says, and not a moment longer', () => {
    const office = openOffice();
    office.rotate('first');
    office.later(HOUR);
    office.rotate('second', 10 * MINUTE);
    expect(office.find('first')).toMatchObject({ at: NOON, expiresAt: NOON + HOUR + 10 * MINUTE });
    office.later(10 * MINUTE - 1);
    expect([office.works('first'), office.works('second')]).toEqual([true, true]);
    office.later(1);
    expect([office.works('first'), office.works('second')]).toEqual([false, true]);
  });

  test('rotated several times in a row ends when it first should: no rotation prolongs it', () => {
    const office = openOffice();
    office.rotate('first');
    office.rotate('second', 10 * MINUTE);
    office.rotate('third', HOUR);
    expect(office.find('first')?.expiresAt).toBe(NOON + 10 * MINUTE);
    expect(office.find('second')?.expiresAt).toBe(NOON + HOUR);
    office.later(MINUTE);
    office.rotate('fourth', 5 * MINUTE);
    expect(office.find('first')?.expiresAt).toBe(NOON + 6 * MINUTE);
    expect(office.find('second')?.expiresAt).toBe(NOON + 6 * MINUTE);
    expect(office.find('third')?.expiresAt).toBe(NOON + 6 * MINUTE);
    expect(office.find('fourth')?.expiresAt).toBeUndefined();
    office.later(6 * MINUTE);
    office.rotate('fifth', HOUR);
    expect(office.find('first')).toBeUndefined();
    expect(office.line.seen.credentials('station-key', 'nest')).toHaveLength(2);
  });

  test('that was rotated away may be given again, then without an end', () => {
    const office = openOffice();
    office.rotate('first');
    office.rotate('second', HOUR);
    office.rotate('first', MINUTE);
    expect(office.find('first')?.expiresAt).toBeUndefined();
    expect(office.find('second')?.expiresAt).toBe(NOON + MINUTE);
  });

  test('that is withdrawn is gone with all former ones; withdrawn where there is none it is no event', () => {
    const office = openOffice();
    office.rotate('first');
    office.rotate('second', HOUR);
    const events = written(office.line, () => office.withdraw());
    expect(events).toEqual([{ type: 'station-key-set', actor, station: 'nest', data: { withdrawn: true } }]);
    expect(office.line.seen.credentials('station-key', 'nest')).toEqual([]);
    expect(written(office.line, () => office.withdraw())).toEqual([]);
  });

  test('of one station is not touched by what happens to those of another', () => {
    const office = openOffice();
    office.rotate('nest key');
    office.rotate('bench key', 0, 'bench');
    office.rotate('new nest key', HOUR);
    office.withdraw('nest');
    expect(office.find('bench key')).toEqual({
      hash: hashOf('bench key'),
      kind: 'station-key',
      name: 'bench',
      at: NOON,
    });
  });

  test('that moves from another station is that one’s no more, and the ledger says so of both', () => {
    const office = openOffice();
    office.rotate('key');
    const events = written(office.line, () => office.rotate('key', 0, 'bench'));
    expect(events).toEqual([
      { type: 'station-key-set', actor, station: 'nest', data: { movedTo: 'bench' } },
      { type: 'station-key-set', actor, station: 'bench', data: {} },
    ]);
    expect(office.line.seen.credentials('station-key', 'nest')).toEqual([]);
    expect(office.find('key')).toMatchObject({ name: 'bench' });
  });

  test('that ended at another station before it moves is no news there', () => {
    const office = openOffice();
    office.rotate('key');
    office.rotate('next key', MINUTE);
    office.later(MINUTE);
    const events = written(office.line, () => office.rotate('key', 0, 'bench'));
    expect(events).toEqual([{ type: 'station-key-set', actor, station: 'bench', data: {} }]);
    expect([office.works('key'), office.works('next key')]).toEqual([true, true]);
  });

  test('that two stations change in one go ends where the file says', () => {
    const office = openOffice();
    office.rotate('a');
    office.rotate('b', 0, 'bench');
    office.rotate('b');
    office.rotate('a', 0, 'bench');
    expect([office.find('a')?.name, office.find('b')?.name]).toEqual(['bench', 'nest']);
  });

  test('that is somebody’s token is refused: the token would be gone and its name free', () => {
    const office = openOffice();
    office.token('ci');
    expect(refusal(() => office.rotate('token ci'))).toBe('key-taken');
    expect(office.find('token ci')).toMatchObject({ kind: 'token', name: 'ci' });
  });

  test('needs a station', () => {
    const office = openOffice();
    expect(refusal(() => office.rotate('key', 0, 'nowhere'))).toBe('not-found');
    expect(refusal(() => office.withdraw('nowhere'))).toBe('not-found');
  });
});

describe('a token', () => {
  test('has a name that is its own for ever, also once it was revoked or ran out', () => {
    const office = openOffice();
    office.token('ci');
    expect(refusal(() => office.token('ci'))).toBe('name-taken');
    office.revoke('ci');
    expect(refusal(() => office.token('ci'))).toBe('name-taken');
    office.token('short', { expiresAt: NOON + 1 });
    office.later(HOUR);
    expect(refusal(() => office.token('short'))).toBe('name-taken');
  });

  test.each<[string, { role: 'qa' | 'admin' | 'service'; scopes?: Permission[] }, string | undefined]>([
    ['a service with scopes', { role: 'service', scopes: ['units:make'] }, undefined],
    ['a service without scopes', { role: 'service' }, 'invalid'],
    ['a service with no scope at all', { role: 'service', scopes: [] }, 'invalid'],
    ['a role with scopes', { role: 'qa', scopes: ['units:make'] }, 'invalid'],
    ['a role with none', { role: 'admin', scopes: [] }, undefined],
  ])('of %s', (_what, settings, code) => {
    expect(refusal(() => openOffice().token('ci', settings))).toBe(code);
  });

  test('that would have expired already is refused', () => {
    const office = openOffice();
    expect(refusal(() => office.token('ci', { expiresAt: NOON - 1 }))).toBe('invalid');
    expect(refusal(() => office.token('ci', { expiresAt: NOON }))).toBe('invalid');
    expect(refusal(() => office.token('ci', { expiresAt: NOON + 1 }))).toBeUndefined();
  });

  test('is kept with what it may do and nothing else, even when it came with an Idempotency-Key', () => {
    const office = openOffice();
    const once = { key: hashOf('key'), fingerprint: hashOf('request') };
    const may = { role: 'service', scopes: ['units:make'] } as const;
    const command = {
      kind: 'create-token',
      name: 'erp',
      hash: hashOf('secret'),
      expiresAt: NOON + HOUR,
      actor,
    } as const;
    office.line.record({ ...command, role: may.role, scopes: [...may.scopes], once });
    expect(office.find('secret')).toEqual({
      kind: 'token',
      name: 'erp',
      hash: hashOf('secret'),
      ...may,
      at: NOON,
      expiresAt: NOON + HOUR,
    });
  });

  test('revoked works no more; revoked twice keeps the first time and is one event', () => {
    const office = openOffice();
    office.token('ci');
    office.later(MINUTE);
    expect(written(office.line, () => office.revoke('ci'))).toEqual([
      { type: 'token-revoked', actor, data: { name: 'ci' } },
    ]);
    expect(office.works('token ci')).toBe(false);
    office.later(MINUTE);
    expect(written(office.line, () => office.revoke('ci'))).toEqual([]);
    expect(office.find('token ci')?.revokedAt).toBe(NOON + MINUTE);
    expect(refusal(() => office.revoke('nobody'))).toBe('not-found');
  });

  test('shown is noted without an event; shown after it was dropped is nothing', () => {
    const office = openOffice();
    office.token('ci', { expiresAt: NOON + HOUR });
    office.later(MINUTE);
    expect(written(office.line, () => office.touch('token ci'))).toEqual([]);
    expect(office.find('token ci')).toMatchObject({ at: NOON, usedAt: NOON + MINUTE, expiresAt: NOON + HOUR });
    expect(written(office.line, () => office.touch('no such secret'))).toEqual([]);
    expect(office.find('no such secret')).toBeUndefined();
  });

  test('shown while it is being revoked stays revoked', () => {
    const office = openOffice();
    office.token('ci');
    office.revoke('ci');
    office.touch('token ci');
    expect(office.works('token ci')).toBe(false);
  });
});

describe('a person', () => {
  test('set as they are already is no event, and keeps the password', () => {
    const office = openOffice();
    withPerson(office, 'ann');
    const before = office.line.seen.person('ann');
    expect(written(office.line, () => office.person('ann'))).toEqual([]);
    expect(office.line.seen.person('ann')).toEqual(before);
  });

  test('with another role keeps the password and the sessions: they have the new role at once', () => {
    const office = openOffice();
    withPerson(office, 'ann', 'right');
    expect(written(office.line, () => office.person('ann', 'qa'))).toEqual([
      { type: 'person-set', actor, data: { name: 'ann', role: 'qa' } },
    ]);
    expect(office.line.seen.person('ann')).toEqual({ name: 'ann', role: 'qa', password: 'right', at: NOON });
    expect(office.find('cookie of ann')).not.toHaveProperty('role');
    expect(office.works('cookie of ann')).toBe(true);
  });

  test('with another role needs a new link: who made one for an operator holds none for an admin', () => {
    const office = openOffice();
    office.person('ann', 'operator');
    office.invite('ann', 'link');
    office.person('ann', 'operator');
    expect(office.works('link')).toBe(true);
    office.person('ann', 'admin');
    expect(office.find('link')).toBeUndefined();
  });

  test('changes the password of who has it: other sessions and links end, and a change meanwhile wins', () => {
    const office = openOffice();
    withPerson(office, 'ann', 'first');
    office.signIn('ann', 'first', 'second cookie');
    office.invite('ann', 'link');
    expect(written(office.line, () => office.changePassword('ann', 'first', 'second', 'third cookie'))).toEqual([
      { type: 'person-set', actor: 'person:ann', data: { name: 'ann', role: 'operator', password: true } },
    ]);
    for (const secret of ['cookie of ann', 'second cookie', 'link']) expect(office.find(secret)).toBeUndefined();
    expect(office.works('third cookie')).toBe(true);
    // Who was found right while it changed.
    expect(refusal(() => office.changePassword('ann', 'first', 'third', 'cookie'))).toBe('password-changed');
    office.remove('ann');
    expect(refusal(() => office.changePassword('ann', 'second', 'third', 'cookie'))).toBe('password-changed');
    expect(refusal(() => office.changePassword('nobody', 'second', 'third', 'cookie'))).toBe('password-changed');
  });

  test('removed loses sessions, links and password, and cannot sign in with the right one', () => {
    const office = openOffice();
    withPerson(office, 'ann', 'right');
    office.signIn('ann', 'right', 'second cookie');
    office.invite('ann', 'second link');
    expect(written(office.line, () => office.remove('ann'))).toEqual([
      { type: 'person-removed', actor, data: { name: 'ann' } },
    ]);
    for (const secret of ['cookie of ann', 'second cookie', 'second link']) expect(office.find(secret)).toBeUndefined();
    expect(office.line.seen.person('ann')).toEqual({ name: 'ann', role: 'operator', at: NOON, removedAt: NOON });
    expect(refusal(() => office.signIn('ann', 'right', 'cookie'))).toBe('password-changed');
    expect(refusal(() => office.invite('ann', 'link'))).toBe('not-found');
    expect(refusal(() => office.remove('ann'))).toBe('not-found');
    expect(refusal(() => office.remove('nobody'))).toBe('not-found');
  });

  test('who comes back does not come back with the old password, session or link', () => {
    const office = openOffice();
    withPerson(office, 'ann', 'right');
    office.remove('ann');
    office.later(HOUR);
    expect(written(office.line, () => office.person('ann'))).toEqual([
      { type: 'person-set', actor, data: { name: 'ann', role: 'operator' } },
    ]);
    expect(office.line.seen.person('ann')).toEqual({ name: 'ann', role: 'operator', at: NOON + HOUR });
    expect(refusal(() => office.signIn('ann', 'right', 'cookie'))).toBe('password-changed');
    expect(refusal(() => office.useLink('link of ann', 'cookie', { password: 'x' }))).toBe('link-ended');
    expect(office.works('cookie of ann')).toBe(false);
    office.invite('ann', 'new link');
    office.useLink('new link', 'new cookie', { password: 'new' });
    expect(office.works('new cookie')).toBe(true);
  });
});

describe('a one-time link', () => {
  test('lets a person choose a password and is used up', () => {
    const office = openOffice();
    office.person('ann', 'qa');
    const invited = written(office.line, () => office.invite('ann', 'link'));
    expect(invited).toEqual([{ type: 'invited', actor, data: { name: 'ann' } }]);
    office.later(MINUTE);
    const used = written(office.line, () =>
      expect(office.useLink('link', 'cookie', { password: 'chosen' })).toEqual({ name: 'ann' }),
    );
    expect(used).toEqual([
      { type: 'person-set', actor: 'person:ann', data: { name: 'ann', role: 'qa', password: true } },
      { type: 'signed-in', actor: 'person:ann', data: { by: 'link' } },
    ]);
    expect(office.find('link')).toBeUndefined();
    expect(office.find('cookie')).toEqual({
      hash: hashOf('cookie'),
      kind: 'session',
      name: 'ann',
      at: NOON + MINUTE,
      usedAt: NOON + MINUTE,
      confirmedAt: NOON + MINUTE,
      expiresAt: NOON + MINUTE + 8 * HOUR,
    });
    expect(office.line.seen.person('ann')?.password).toBe('chosen');
  });

  test('is used by the first of two who come at once; the other gets neither session nor password', () => {
    const office = openOffice();
    office.person('ann');
    office.invite('ann', 'link');
    office.useLink('link', 'first cookie', { password: 'first' });
    expect(refusal(() => office.useLink('link', 'second cookie', { password: 'second' }))).toBe('link-ended');
    expect(office.find('second cookie')).toBeUndefined();
    expect(office.line.seen.person('ann')?.password).toBe('first');
  });

  test('works until the ms before it ends', () => {
    const office = openOffice();
    office.person('ann');
    office.invite('ann', 'link', HOUR);
    office.later(HOUR);
    expect(refusal(() => office.useLink('link', 'cookie', { password: 'x' }))).toBe('link-ended');
    office.later(-1);
    expect(refusal(() => office.useLink('link', 'cookie', { password: 'x' }))).toBeUndefined();
  });

  test('takes the place of the former one', () => {
    const office = openOffice();
    office.person('ann');
    office.invite('ann', 'former');
    office.invite('ann', 'latter');
    expect(office.find('former')).toBeUndefined();
    expect(office.works('latter')).toBe(true);
  });

  test('for a forgotten password ends the sessions that the old one opened', () => {
    const office = openOffice();
    withPerson(office, 'ann', 'old');
    office.signIn('ann', 'old', 'the thief’s cookie');
    office.invite('ann', 'link');
    expect(office.works('the thief’s cookie')).toBe(true);
    office.useLink('link', 'new cookie', { password: 'new' });
    expect(office.works('the thief’s cookie')).toBe(false);
    expect(office.works('cookie of ann')).toBe(false);
    expect(office.works('new cookie')).toBe(true);
    expect(refusal(() => office.signIn('ann', 'old', 'cookie'))).toBe('password-changed');
  });

  test('without a password chosen is not used up', () => {
    const office = openOffice();
    office.person('ann');
    office.invite('ann', 'link');
    expect(refusal(() => office.useLink('link', 'cookie'))).toBe('invalid');
    expect(office.works('link')).toBe(true);
  });

  test('gives the name it was made for, whatever name is chosen', () => {
    const office = openOffice();
    office.person('ann');
    office.person('boss', 'admin');
    office.invite('ann', 'link');
    expect(office.useLink('link', 'cookie', { name: 'boss', password: 'x' })).toEqual({ name: 'ann' });
    expect(office.find('cookie')?.name).toBe('ann');
    expect(office.line.seen.person('boss')?.password).toBeUndefined();
  });

  test.each(['token', 'session', 'station key'])('is nothing else: a %s opens no session as a link', (what) => {
    const office = openOffice();
    withPerson(office, 'ann');
    office.token('ci');
    office.rotate('key');
    const secret = { token: 'token ci', session: 'cookie of ann', 'station key': 'key' }[what] as string;
    expect(refusal(() => office.useLink(secret, 'cookie', { name: 'eve', password: 'x' }))).toBe('link-ended');
    expect(office.works(secret)).toBe(true);
  });
});

describe('the first link', () => {
  test('makes an admin of who comes first, and is no event but its commitments', () => {
    const office = openOffice();
    expect(written(office.line, () => office.invite('', 'first'))).toEqual([]);
    const came = written(office.line, () => office.useLink('first', 'cookie', { name: 'ann', password: 'chosen' }));
    expect(came).toEqual([
      { type: 'person-set', actor: 'person:ann', data: { name: 'ann', role: 'admin', password: true } },
      { type: 'signed-in', actor: 'person:ann', data: { by: 'link' } },
    ]);
    expect(office.line.seen.person('ann')).toEqual({ name: 'ann', role: 'admin', password: 'chosen', at: NOON });
  });

  test('of each start takes the place of the former one', () => {
    const office = openOffice();
    office.invite('', 'first start');
    office.invite('', 'second start');
    expect(office.find('first start')).toBeUndefined();
    expect(office.works('second start')).toBe(true);
  });

  test.each<[string, { name?: string; password?: string }]>([
    ['a name', { password: 'x' }],
    ['a password', { name: 'ann' }],
    ['anything', {}],
  ])('without %s is not used up', (_what, chosen) => {
    const office = openOffice();
    office.invite('', 'first');
    expect(refusal(() => office.useLink('first', 'cookie', chosen))).toBe('invalid');
    expect(office.works('first')).toBe(true);
    expect(office.line.seen.people()).toEqual([]);
  });

  test('opens as long as no admin has a password, and again when the last one was removed', () => {
    const office = openOffice();
    office.invite('', 'early');
    office.person('ann');
    expect(office.works('early')).toBe(true);
    expect(refusal(() => office.useLink('early', 'cookie', { name: 'ann', password: 'x' }))).toBe('name-taken');
    office.useLink('early', 'cookie', { name: 'eve', password: 'x' });
    expect(office.line.seen.person('eve')?.role).toBe('admin');
    expect(refusal(() => office.invite('', 'late'))).toBe('admin-exists');
    office.remove('eve');
    office.invite('', 'again');
    office.useLink('again', 'another cookie', { name: 'eve', password: 'y' });
    expect(office.works('another cookie')).toBe(true);
  });

  test('the last admin and the own account are neither removed nor demoted by a person', () => {
    const office = openOffice();
    office.invite('', 'first');
    office.useLink('first', 'cookie', { name: 'eve', password: 'x' });
    const by = (who: string) => ({
      remove: (name: string) => () => office.line.record({ kind: 'remove-person', name, actor: personActor(who) }),
      demote: (name: string) => () =>
        office.line.record({ kind: 'set-person', name, role: 'qa', actor: personActor(who) }),
    });
    for (const change of [by('eve').remove, by('eve').demote]) expect(refusal(change('eve'))).toBe('last-admin');
    // An admin without a password cannot sign in yet.
    office.person('ann', 'admin');
    for (const change of [by('ann').remove, by('ann').demote]) expect(refusal(change('eve'))).toBe('last-admin');
    office.invite('ann', 'second');
    office.useLink('second', 'another cookie', { password: 'y' });
    for (const change of [by('eve').remove, by('eve').demote]) expect(refusal(change('eve'))).toBe('own-account');
    by('ann').demote('eve')();
    expect(office.line.seen.person('eve')?.role).toBe('qa');
    // The command line on the machine may remove every account.
    office.remove('ann');
    expect(office.line.seen.person('ann')?.removedAt).toBeDefined();
  });

  test('is worth nothing once an admin chose a password by a link of their own', () => {
    const office = openOffice();
    office.invite('', 'first');
    office.line.record({ kind: 'set-person', name: 'ada', role: 'admin', actor: 'test' });
    office.invite('ada', 'own');
    office.useLink('own', 'cookie', { password: 'x' });
    expect(office.works('first')).toBe(false);
    expect(refusal(() => office.useLink('first', 'another', { name: 'eve', password: 'x' }))).toBe('link-ended');
  });

  test('makes no kiosk', () => {
    const office = openOffice();
    expect(refusal(() => office.inviteKiosk('', 'link'))).toBe('not-found');
  });
});

describe('signing in', () => {
  test('opens a session beside the others and is an event', () => {
    const office = openOffice();
    withPerson(office, 'ann', 'right');
    const events = written(office.line, () => expect(office.signIn('ann', 'right', 'second')).toEqual({ name: 'ann' }));
    expect(events).toEqual([{ type: 'signed-in', actor: 'person:ann', data: {} }]);
    expect([office.works('cookie of ann'), office.works('second')]).toEqual([true, true]);
  });

  test('is refused where the password was changed between its check and this', () => {
    const office = openOffice();
    withPerson(office, 'ann', 'old');
    office.invite('ann', 'link');
    office.useLink('link', 'cookie', { password: 'new' });
    expect(refusal(() => office.signIn('ann', 'old', 'late cookie'))).toBe('password-changed');
    expect(office.find('late cookie')).toBeUndefined();
  });

  test('is refused alike to who never was, was removed, or has chosen no password yet', () => {
    const office = openOffice();
    office.person('new');
    withPerson(office, 'gone', 'right');
    office.remove('gone');
    const why = ['nobody', 'new', 'gone'].map((name) => {
      try {
        return office.signIn(name, 'right', 'cookie');
      } catch (error) {
        return String(error);
      }
    });
    expect(new Set(why)).toEqual(new Set(['ClaimstampError: the password has been changed: sign in with the new one']));
  });

  test('drops the sessions that ended by themselves, and nobody else’s', () => {
    const office = openOffice();
    withPerson(office, 'ann', 'right');
    withPerson(office, 'bob', 'right');
    office.signIn('ann', 'right', 'short', MINUTE);
    office.signIn('bob', 'right', 'bob’s short', MINUTE);
    office.later(MINUTE);
    office.signIn('ann', 'right', 'next');
    expect(office.find('short')).toBeUndefined();
    expect(office.works('cookie of ann')).toBe(true);
    expect(office.find('bob’s short')).toBeDefined();
  });

  test('out ends that one session and is an event, and again is nothing', () => {
    const office = openOffice();
    withPerson(office, 'ann', 'right');
    office.signIn('ann', 'right', 'second');
    const events = written(office.line, () => {
      office.signOut('second');
      office.signOut('second');
    });
    expect(events).toEqual([{ type: 'signed-out', actor: 'person:ann', data: {} }]);
    expect([office.works('cookie of ann'), office.works('second')]).toEqual([true, false]);
  });

  test('out with anything but a session removes nothing', () => {
    const office = openOffice();
    office.person('ann');
    office.invite('ann', 'link');
    office.token('ci');
    office.rotate('key');
    for (const secret of ['link', 'token ci', 'key']) {
      office.signOut(secret);
      expect(office.works(secret)).toBe(true);
    }
    expect(refusal(() => office.token('ci'))).toBe('name-taken');
  });
});

describe('an auditor', () => {
  const DAY = 24 * HOUR;

  /** An auditor until the end of this day, with a session and an unused link. */
  function openAudit() {
    const office = openOffice();
    const { line, invite, useLink, later } = office;
    const product = line.seen.products()[0]?.id ?? '';
    const ends = new Date(line.clock());
    const day = [ends.getFullYear(), ends.getMonth() + 1, ends.getDate()]
      .map((part) => String(part).padStart(2, '0'))
      .join('-');
    const set = (last: string) =>
      line.record({ kind: 'set-person', name: 'aud', role: 'auditor', ends: last, products: [product], actor });
    set(day);
    invite('aud', 'first');
    useLink('first', 'cookie', { password: 'scrypt$aud' });
    invite('aud', 'second', 2 * DAY);
    const midnight = new Date(ends.getFullYear(), ends.getMonth(), ends.getDate() + 1).getTime();
    return { ...office, set, day, midnight, tomorrow: () => later(midnight - line.clock()) };
  }

  test('has no session that outlives the last day', () => {
    const { signIn, find, midnight } = openAudit();
    signIn('aud', 'scrypt$aud', 'next', 2 * DAY);
    expect(find('next')?.expiresAt).toBe(midnight);
  });

  test('neither signs in, nor uses a link, nor is invited after the last day', () => {
    const { signIn, invite, useLink, tomorrow } = openAudit();
    tomorrow();
    for (const act of [
      () => signIn('aud', 'scrypt$aud', 'late'),
      () => useLink('second', 'late', { password: 'scrypt$new' }),
      () => invite('aud', 'third'),
    ])
      expect(refusal(act)).toBe('access-ended');
  });

  test('signs in again when an admin sets a later day', () => {
    const { signIn, set, works, tomorrow } = openAudit();
    tomorrow();
    set('2099-12-31');
    signIn('aud', 'scrypt$aud', 'again');
    expect([works('cookie'), works('again')]).toEqual([false, true]);
  });

  test('is in the ledger with the last day and the products', () => {
    const { line, day } = openAudit();
    const [product] = line.seen.products();
    expect(line.events.find(({ type }) => type === 'person-set')?.data).toEqual({
      name: 'aud',
      role: 'auditor',
      ends: day,
      products: [product?.id],
    });
  });
});

describe('a kiosk', () => {
  test('is opened by a link of its station, and says so in the ledger', () => {
    const office = openOffice();
    const invited = written(office.line, () => office.inviteKiosk('nest', 'link'));
    expect(invited).toEqual([{ type: 'invited', actor, data: { station: 'nest' } }]);
    const opened = written(office.line, () =>
      expect(office.useLink('link', 'screen')).toEqual({ name: 'nest', kiosk: true }),
    );
    expect(opened).toEqual([{ type: 'kiosk-set', actor: 'kiosk:nest', station: 'nest', data: {} }]);
    expect(office.find('screen')).toMatchObject({ kind: 'session', name: 'nest', kiosk: true });
    expect(refusal(() => office.useLink('link', 'another screen'))).toBe('link-ended');
  });

  test('makes no person of who opens it, whatever name and password come with the link', () => {
    const office = openOffice();
    office.inviteKiosk('nest', 'link');
    office.useLink('link', 'screen', { name: 'eve', password: 'x' });
    expect(office.line.seen.people()).toEqual([]);
    expect(office.find('screen')).toMatchObject({ name: 'nest', kiosk: true });
  });

  test('needs a station', () => {
    const office = openOffice();
    office.person('ann');
    expect(refusal(() => office.inviteKiosk('ann', 'link'))).toBe('not-found');
    expect(refusal(() => office.closeKiosk('ann'))).toBe('not-found');
  });

  test('may have several screens; closing ends all of them and the link that was not used', () => {
    const office = openOffice();
    for (const screen of ['left', 'right']) {
      office.inviteKiosk('nest', `link ${screen}`);
      office.useLink(`link ${screen}`, screen);
    }
    office.inviteKiosk('bench', 'bench link');
    office.useLink('bench link', 'bench screen');
    office.inviteKiosk('nest', 'spare link');
    const closed = written(office.line, () => office.closeKiosk());
    expect(closed).toEqual([{ type: 'kiosk-set', actor, station: 'nest', data: { withdrawn: true } }]);
    for (const secret of ['left', 'right', 'spare link']) expect(office.find(secret)).toBeUndefined();
    expect(office.works('bench screen')).toBe(true);
    expect(written(office.line, () => office.closeKiosk())).toEqual([]);
  });

  test('opened anew drops the screens whose time is over', () => {
    const office = openOffice();
    office.inviteKiosk('nest', 'first link');
    office.useLink('first link', 'first screen');
    office.later(8 * HOUR);
    office.inviteKiosk('nest', 'second link');
    office.useLink('second link', 'second screen');
    expect(office.find('first screen')).toBeUndefined();
    expect(office.works('second screen')).toBe(true);
  });
});

describe('a person and a station of the same name', () => {
  /** Both have a link that waits and a session that is open. */
  function namesakes() {
    const office = openOffice();
    withPerson(office, 'nest', 'right');
    office.inviteKiosk('nest', 'kiosk link');
    office.useLink('kiosk link', 'screen');
    office.invite('nest', 'her next link');
    office.inviteKiosk('nest', 'its next link');
    return office;
  }
  const all = ['cookie of nest', 'her next link', 'screen', 'its next link'];

  test.each<[string, (office: ReturnType<typeof openOffice>) => unknown, string[]]>([
    ['nothing', () => undefined, []],
    ['the person is removed', (office) => office.remove('nest'), ['cookie of nest', 'her next link']],
    ['the kiosk is closed', (office) => office.closeKiosk('nest'), ['screen', 'its next link']],
    ['the person is invited again', (office) => office.invite('nest', 'x'), ['her next link']],
    ['the kiosk is invited again', (office) => office.inviteKiosk('nest', 'x'), ['its next link']],
    [
      'the person uses the link',
      (office) => office.useLink('her next link', 'x', { password: 'new' }),
      ['cookie of nest', 'her next link'],
    ],
    ['the kiosk uses the link', (office) => office.useLink('its next link', 'x'), ['its next link']],
    [
      'the person signs in when both sessions are over',
      (office) => {
        office.later(8 * HOUR);
        office.signIn('nest', 'right', 'x');
      },
      ['cookie of nest'],
    ],
    [
      'a key of the station is withdrawn',
      (office) => {
        office.rotate('key');
        office.withdraw();
      },
      [],
    ],
  ])('do not touch each other’s rows when %s', (_what, act, gone) => {
    const office = namesakes();
    act(office);
    expect(all.filter((secret) => office.find(secret) === undefined)).toEqual(gone);
  });

  test('have actors of their own in the ledger', () => {
    expect([personActor('nest'), tokenActor('nest'), kioskActor('nest')]).toEqual([
      'person:nest',
      'token:nest',
      'kiosk:nest',
    ]);
  });
});

describe('the ledger', () => {
  /** Everything that can happen to credentials and people, once. */
  function everything() {
    const office = openOffice();
    const { line } = office;
    office.invite('', 'secret first link');
    office.useLink('secret first link', 'secret first cookie', { name: 'boss', password: 'scrypt$first$secret' });
    office.rotate('secret key');
    office.rotate('secret new key', HOUR);
    office.rotate('secret new key', 0, 'bench');
    office.withdraw('bench');
    office.token('ci', { role: 'service', scopes: ['units:make', 'units:read'], expiresAt: NOON + HOUR });
    office.touch('token ci');
    office.revoke('ci');
    withPerson(office, 'ann', 'scrypt$ann$secret');
    office.person('ann', 'qa');
    office.signIn('ann', 'scrypt$ann$secret', 'secret cookie');
    office.signOut('secret cookie');
    office.invite('ann', 'secret link');
    office.remove('ann');
    office.inviteKiosk('nest', 'secret kiosk link');
    office.useLink('secret kiosk link', 'secret kiosk cookie');
    office.closeKiosk();
    line.record({ kind: 'note-bulk-read', what: 'units', filter: { product: 'P', printed: false }, count: 7, actor });
    return office;
  }

  test('says of each change who did it and to what, and nothing besides', () => {
    const { line } = everything();
    const told = line.events.filter(({ type }) => !/^(product-set|station-set|access-)/.test(type));
    expect(told.map(({ type, actor, station, data }) => [type, actor, station, data])).toEqual([
      ['person-set', 'person:boss', undefined, { name: 'boss', role: 'admin', password: true }],
      ['signed-in', 'person:boss', undefined, { by: 'link' }],
      ['station-key-set', actor, 'nest', {}],
      ['station-key-set', actor, 'nest', {}],
      ['station-key-set', actor, 'nest', { movedTo: 'bench' }],
      ['station-key-set', actor, 'bench', {}],
      ['station-key-set', actor, 'bench', { withdrawn: true }],
      [
        'token-set',
        actor,
        undefined,
        { name: 'ci', role: 'service', scopes: ['units:make', 'units:read'], expires: '2026-11-25T13:00:00.000Z' },
      ],
      ['token-revoked', actor, undefined, { name: 'ci' }],
      ['person-set', actor, undefined, { name: 'ann', role: 'operator' }],
      ['invited', actor, undefined, { name: 'ann' }],
      ['person-set', 'person:ann', undefined, { name: 'ann', role: 'operator', password: true }],
      ['signed-in', 'person:ann', undefined, { by: 'link' }],
      ['person-set', actor, undefined, { name: 'ann', role: 'qa' }],
      ['signed-in', 'person:ann', undefined, {}],
      ['signed-out', 'person:ann', undefined, {}],
      ['invited', actor, undefined, { name: 'ann' }],
      ['person-removed', actor, undefined, { name: 'ann' }],
      ['invited', actor, undefined, { station: 'nest' }],
      ['kiosk-set', 'kiosk:nest', 'nest', {}],
      ['kiosk-set', actor, 'nest', { withdrawn: true }],
      ['bulk-read', actor, undefined, { what: 'units', filter: { product: 'P', printed: false }, count: 7 }],
    ]);
  });

  test('holds no secret, no hash of one in any spelling, and no password', () => {
    const { line } = everything();
    const text = line.lines.join('\n');
    const secrets = ['secret key', 'secret new key', 'token ci', 'secret cookie', 'secret link', 'secret kiosk cookie'];
    for (const secret of [...secrets, 'secret first link', 'link of ann', 'cookie of ann', 'secret kiosk link']) {
      const hash = Buffer.from(hashOf(secret));
      for (const spelling of [
        secret,
        hash.toString('hex'),
        hash.toString('base64'),
        hash.toString('base64url'),
        JSON.stringify([...hash]).slice(1, 30),
        JSON.stringify(Object.fromEntries(hash.entries())).slice(1, 30),
      ]) {
        expect(text.includes(spelling), `${secret} as ${spelling}`).toBe(false);
      }
    }
    expect(text).not.toMatch(/scrypt|secret/);
  });

  test('rebuilt from its lines has neither credentials nor people: they are no events', () => {
    const { line } = everything();
    const rebuilt = rebuild(line.lines);
    expect(rebuilt).toEqual({ ...line.tables, credentials: new Map(), people: new Map(), nonces: new Map() });
    expect(line.tables.people.size).toBe(2);
  });
});

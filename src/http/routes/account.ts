import { z } from 'zod';
import { ACCESS_EVENTS, type AccessEventType } from '../../model/event-data.ts';
import type { Credential } from '../../model/credential.ts';
import { isLive } from '../../model/credential.ts';
import { personActor } from '../../model/person.ts';
import { parseLine } from '../../model/event.ts';
import { isCode, refusal } from '../../platform/error.ts';
import type { Principal } from '../auth.ts';
import type { Declarations, On } from '../operation.ts';
import type { Proofs } from '../prove-password.ts';
import { present } from '../read-body.ts';
import { Before, EventAnswer, Limit, Next, shownTime, Time } from '../schemas.ts';
import type { Services } from '../services.ts';
import { CONFIRMED_MS, isIdle, sessionId } from '../session.ts';

const SessionAnswer = z
  .object({
    id: z.string(),
    name: z.string().meta({ description: 'The person, or the station of a kiosk' }),
    kiosk: z.literal(true).optional(),
    operator: z.string().optional().meta({ description: 'At a kiosk: the owner of the badge that was last scanned' }),
    since: Time,
    lastUsedAt: Time,
    source: z.string().optional().meta({ description: 'The address from which the session was opened' }),
    current: z.literal(true).optional().meta({ description: 'True for the session of this request' }),
  })
  .meta({ id: 'Session' });
export type SessionAnswer = z.infer<typeof SessionAnswer>;

const SignInAnswer = z.object({ at: Time, source: z.string().optional() });

const SessionParams = z.object({
  id: z.string().meta({ description: 'The `id` of a session', examples: ['9f86d081884c7d65'] }),
});
const Ended = z.object({ name: z.string(), kiosk: z.literal(true).optional() });
const Confirmed = z.object({ confirmedUntil: Time });
const own = { tag: 'access', may: 'person', auditor: 'as-made' } as const;

export const accountOperations = {
  'GET /v1/account': {
    ...own,
    summary: 'The signed-in person, with the last sign-in before this session',
    answer: z.object({
      name: z.string(),
      role: z.string(),
      lastSignIn: SignInAnswer.optional(),
      confirmedUntil: Time.optional().meta({
        description: 'Until this time, operations that require password confirmation do not ask for the password again',
      }),
    }),
  },
  'GET /v1/account/sessions': {
    ...own,
    summary: 'Your own open sessions',
    answer: z.object({ sessions: z.array(SessionAnswer) }),
  },
  'DELETE /v1/account/sessions/{id}': {
    ...own,
    summary: 'End one of your sessions immediately',
    params: SessionParams,
    answer: Ended,
    refusals: ['not-found'],
  },
  'POST /v1/account/confirm': {
    ...own,
    summary: 'Confirm the password, for operations that answer `confirm-password`',
    description: 'The confirmation belongs to this session and is valid for five minutes. Tokens need none.',
    body: z.strictObject({ password: z.string().max(1024) }),
    example: { password: 'four words are enough' },
    answer: Confirmed,
    refusals: ['sign-in-failed', 'sign-in-throttled', 'password-changed', 'signs-on', 'busy'],
  },
  'GET /v1/sessions': {
    tag: 'access',
    may: 'access:read',
    summary: 'All open sessions of people and kiosks',
    answer: z.object({ sessions: z.array(SessionAnswer) }),
  },
  'DELETE /v1/sessions/{id}': {
    tag: 'access',
    may: 'access:write',
    summary: 'End the session of a person or kiosk immediately',
    params: SessionParams,
    answer: Ended,
    refusals: ['not-found'],
  },
  'GET /v1/access-events': {
    tag: 'access',
    may: 'access:read',
    summary: 'Events about sign-ins, sessions, people, tokens, station keys and kiosks, newest first',
    description:
      'Wrong passwords are recorded at the end of each hour, as one event for each source. To get a file, use `GET /v1/ledger.csv?of=events&type=access`.',
    query: z.strictObject({
      before: Before,
      limit: Limit.default(100),
      type: z.enum(ACCESS_EVENTS).optional(),
      actor: z.string().max(200).optional().meta({ description: 'For example `person:lin`' }),
    }),
    answer: z.object({
      events: z.array(EventAnswer),
      next: Next.meta({ description: '`before` of the next page; null after the last' }),
    }),
  },
} satisfies Declarations;

export function accountRoutes(on: On, services: Services, proofs: Proofs): void {
  const { ledger, source, now } = services;
  on(accountOperations, 'GET /v1/account', async ({ who }) => accountOf(services, ownSession(who)));
  on(accountOperations, 'GET /v1/account/sessions', async ({ who }) => ({
    sessions: await sessionsOf(services, ownSession(who)),
  }));
  on(accountOperations, 'DELETE /v1/account/sessions/{id}', async ({ c, params: { id }, who }) => {
    const { name } = ownSession(who);
    return end(services, await find(services, id, (one) => one.name === name && !one.kiosk), who, source.address(c));
  });
  on(accountOperations, 'POST /v1/account/confirm', async ({ c, body: { password }, who }) => {
    const { name, hash } = ownSession(who);
    const issuer = (await ledger.person(name))?.issuer;
    if (issuer !== undefined) throw refusal('signs-on', 'confirm', { name, issuer });
    const encoded = await proofs.prove(c, name, password).catch((error: unknown) => {
      throw isCode(error, 'sign-in-failed') ? refusal('sign-in-failed', 'former') : error;
    });
    const confirmedAt = now();
    await ledger.record({ kind: 'confirm-session', hash, password: encoded, confirmedAt });
    return { confirmedUntil: shownTime(confirmedAt + CONFIRMED_MS) };
  });
  on(accountOperations, 'GET /v1/sessions', async ({ who }) => ({
    sessions: await sessionsShown(services, who.session),
  }));
  on(accountOperations, 'DELETE /v1/sessions/{id}', async ({ c, params: { id }, who }) =>
    end(services, await find(services, id), who, source.address(c)),
  );
  on(accountOperations, 'GET /v1/access-events', async ({ query }) => accessEvents(services, query));
}

/** Operations with `may: 'person'` accept only signed-in people, so the caller of such an operation has a session. */
function ownSession({ session }: Principal): Credential {
  if (session === undefined) throw new Error('the caller has no session');
  return session;
}

/** Returns the owner of the session, and the last time that the owner signed in before this session. */
export async function accountOf({ ledger }: Pick<Services, 'ledger'>, { name, at, confirmedAt }: Credential) {
  const lines = await ledger.accessEvents({ ...NEWEST, type: 'signed-in', actor: personActor(name) });
  const before = lines.map(parseLine).find((event) => event.at < at);
  const role = (await ledger.person(name))?.role ?? '';
  const source = before?.data['source'];
  return present({
    name,
    role,
    lastSignIn:
      before && present({ at: shownTime(before.at), source: typeof source === 'string' ? source : undefined }),
    confirmedUntil: confirmedAt === undefined ? undefined : shownTime(confirmedAt + CONFIRMED_MS),
  });
}

/**
 * The answer needs the latest sign-in that is older than the sign-in of this session. Several sign-ins may have the
 * same time, so more than one event is read.
 */
const NEWEST = { before: Number.MAX_SAFE_INTEGER, limit: 20 };

export async function sessionsOf(
  services: Pick<Services, 'ledger' | 'now'>,
  own: Credential,
): Promise<SessionAnswer[]> {
  return (await sessionsShown(services, own)).filter(({ name, kiosk }) => name === own.name && kiosk === undefined);
}

async function sessionsShown(
  { ledger, now }: Pick<Services, 'ledger' | 'now'>,
  current: Credential | undefined,
): Promise<SessionAnswer[]> {
  const currentId = current && sessionId(current.hash);
  return (await ledger.credentials('session'))
    .filter((one) => isLive(one, now()) && !isIdle(one, now()))
    .map(({ hash, name, kiosk, operator, at, usedAt = at, source }) => {
      const id = sessionId(hash);
      const isCurrent = id === currentId ? true : undefined;
      const times = { since: shownTime(at), lastUsedAt: shownTime(usedAt) };
      return present({ id, name, kiosk, operator, ...times, source, current: isCurrent });
    });
}

async function find(
  { ledger }: Pick<Services, 'ledger'>,
  id: string,
  fits: (one: Credential) => boolean = () => true,
): Promise<Uint8Array> {
  const session = (await ledger.credentials('session')).find((one) => sessionId(one.hash) === id && fits(one));
  if (session === undefined) throw refusal('not-found', 'session');
  return session.hash;
}

async function end({ ledger }: Pick<Services, 'ledger'>, hash: Uint8Array, { actor }: Principal, source: string) {
  const ended = await ledger.record({ kind: 'end-session', hash, actor, source });
  if (ended === null) throw refusal('not-found', 'session');
  return ended;
}

/** Ends one of the caller's sessions. The caller's account page uses this function. */
export async function endOwn(services: Services, who: Principal, id: string, source: string): Promise<void> {
  const { name } = ownSession(who);
  await end(services, await find(services, id, (one) => one.name === name && !one.kiosk), who, source);
}

async function accessEvents(
  { ledger }: Services,
  {
    before,
    limit,
    type,
    actor,
  }: { before: number; limit: number; type?: AccessEventType | undefined; actor?: string | undefined },
) {
  const lines = await ledger.accessEvents(present({ before, limit: limit + 1, type, actor }));
  const events = lines.slice(0, limit).map((line) => EventAnswer.parse(JSON.parse(line)));
  return { events, next: lines.length > limit ? (events.at(-1)?.seq ?? null) : null };
}

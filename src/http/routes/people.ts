import { z } from 'zod';
import { isLive, type Credential } from '../../model/credential.ts';
import { permissionsOf } from '../../model/role.ts';
import type { Person } from '../../model/person.ts';
import { BADGE } from '../../decide/badge.ts';
import { refusal } from '../../platform/error.ts';
import { refuseMore, type Principal } from '../auth.ts';
import { publicAddress } from './station-keys.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { PersonAnswer, PersonParams, PersonRoles, shownTime, Time } from '../schemas.ts';
import { drawSecret, secretHash } from '../secret.ts';

/** Until the next shift of who is invited has begun. ms */
const LINK_MS = 24 * 60 * 60 * 1000;

const LinkAnswer = z.object({ name: z.string(), link: z.string(), expiresAt: Time });

const PersonBody = z.strictObject({
  role: PersonRoles,
  badge: z.string().regex(BADGE, 'must be 4 to 64 letters, digits or signs without spaces').nullable().optional().meta({
    description: "What the barcode of the person's badge says, for the screens of stations. null takes it away",
  }),
});

const one = { tag: 'access', may: 'access:write', params: PersonParams } as const;

export const peopleOperations = {
  'GET /v1/people': {
    tag: 'access',
    may: 'access:read',
    summary: 'People, the removed ones too',
    answer: z.object({ people: z.array(PersonAnswer) }),
  },
  'PUT /v1/people/{name}': {
    ...one,
    summary: 'A new person, or another role for one; it counts from their next request on',
    body: PersonBody,
    example: { role: 'operator', badge: 'OP-4711' },
    answer: z.object({ name: z.string(), role: PersonRoles }),
  },
  'DELETE /v1/people/{name}': {
    ...one,
    summary: 'Remove a person: signed out everywhere, at once',
    answer: z.object({ name: z.string() }),
  },
  'POST /v1/people/{name}/link': {
    ...one,
    summary: 'A one-time link with which the person chooses a password',
    description:
      'For who is new, and for who lost their password. Works for 24 hours, once; a new link replaces the former.',
    status: 201,
    answer: LinkAnswer,
  },
} satisfies Declarations;

/** Who may sign in, as what; and the links with which they choose a password. */
export function peopleRoutes(on: On, services: Services): void {
  const { ledger } = services;
  on(peopleOperations, 'GET /v1/people', async () => ({ people: await peopleShown(services) }));
  on(peopleOperations, 'PUT /v1/people/{name}', async ({ params: { name }, body: { role, badge }, who }) => {
    refuseMore(who, permissionsOf(role));
    // Else an admin could be made an operator, and then be invited. The removed count as well: their name is known.
    const before = await ledger.person(name);
    if (before !== undefined) refuseMore(who, permissionsOf(before.role));
    await ledger.record({ kind: 'set-person', name, role, ...present({ badge }), actor: who.actor });
    return { name, role };
  });
  on(peopleOperations, 'DELETE /v1/people/{name}', async ({ params, who }) =>
    ledger.record({ kind: 'remove-person', ...params, actor: who.actor }),
  );
  linkRoute(on, services);
}

function linkRoute(on: On, services: Services): void {
  on(peopleOperations, 'POST /v1/people/{name}/link', async ({ c, params: { name }, who }) => {
    await refuseOver(services, who, name);
    const secret = drawSecret();
    const expiresAt = services.now() + LINK_MS;
    await services.ledger.record({ kind: 'invite', name, hash: secretHash(secret), expiresAt, actor: who.actor });
    const link = `${publicAddress(c, services)}/sign-in/${secret}`;
    return { name, link, expiresAt: shownTime(expiresAt) };
  });
}

/** A link is as good as the person: nobody makes one for who may more. */
async function refuseOver({ ledger }: Services, who: Principal, name: string): Promise<void> {
  const person = await ledger.person(name);
  if (person === undefined || person.removedAt !== undefined) throw refusal('not-found', 'person', { name });
  refuseMore(who, permissionsOf(person.role));
}

async function peopleShown({ ledger, now }: Services): Promise<z.input<typeof PersonAnswer>[]> {
  const links = (await ledger.credentials('link')).filter((link) => !link.kiosk && isLive(link, now()));
  return (await ledger.people()).map((person) =>
    personShown(
      person,
      links.find(({ name }) => name === person.name),
    ),
  );
}

function personShown(
  { name, role, at, password, badge, removedAt }: Person,
  link: Credential | undefined,
): z.input<typeof PersonAnswer> {
  const createdAt = shownTime(at);
  const hasPassword = password !== undefined;
  return present({
    name,
    role,
    createdAt,
    hasPassword,
    hasBadge: badge !== undefined,
    linkUntil: shownTime(link?.expiresAt),
    removedAt: shownTime(removedAt),
  });
}

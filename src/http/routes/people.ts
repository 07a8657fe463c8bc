import { z } from 'zod';
import { isLive, type Credential } from '../../model/credential.ts';
import { permissionsOf } from '../../model/role.ts';
import { PersonSettings, type Person } from '../../model/person.ts';
import { refusal } from '../../platform/error.ts';
import { makerOf, managedRoles, refuseMore, type Principal } from '../auth.ts';
import { publicAddress } from './station-keys.ts';
import type { Services } from '../services.ts';
import type { Declaration, Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { Name } from '../../model/product.ts';
import { PersonAnswer, PersonParams, PersonPatch, PrintTestAnswer, shownTime, Time } from '../schemas.ts';
import { drawSecret, secretHash } from '../secret.ts';

/** How long, in ms, the link works. The invited person can still use the link at the start of the next shift. */
const LINK_MS = 24 * 60 * 60 * 1000;

const LinkAnswer = z.object({ name: z.string(), link: z.string(), expiresAt: Time });

const one = { tag: 'access', may: 'access:operators', confirmed: true, params: PersonParams } as const;
const person = {
  ...one,
  example: { role: 'operator', badge: 'OP-4711' },
  answer: z.object({ name: z.string(), role: PersonSettings.shape.role }),
  refusals: ['badge-taken', 'beyond-own-rights', 'product-unknown', 'role-from-groups'],
} satisfies Partial<Declaration>;

export const peopleOperations = {
  'GET /v1/people': {
    tag: 'access',
    may: 'access:read',
    summary: 'All people, including removed ones',
    answer: z.object({ people: z.array(PersonAnswer) }),
  },
  'PUT /v1/people/{name}': {
    ...person,
    summary: "Add a person, or change a person's role. A changed role applies from the person's next request",
    body: PersonPatch.extend({ role: PersonSettings.shape.role }),
  },
  'PATCH /v1/people/{name}': {
    ...person,
    summary: 'Add a person, or change a role or badge',
    description:
      'A merge (RFC 7396): omitted settings stay unchanged, null removes the badge. For a new person, the body must contain a role. The role auditor requires `ends` and `products`. Other roles cannot have these settings.',
    body: PersonPatch,
  },
  'DELETE /v1/people/{name}': {
    ...one,
    summary: "Remove a person, and end all of the person's sessions immediately",
    answer: z.object({ name: z.string() }),
    refusals: ['beyond-own-rights'],
  },
  'POST /v1/people/{name}/link': {
    ...one,
    summary: 'Make a one-time link for a person to choose a password',
    description:
      'The link is for a new person, or for a person who has lost the password. The link works once, within 24 hours. A new link replaces the previous one.',
    status: 201,
    answer: LinkAnswer,
    refusals: ['beyond-own-rights', 'access-ended', 'signs-on'],
  },
  'GET /v1/people/{name}/badge.svg': {
    tag: 'access',
    may: 'access:operators',
    params: PersonParams,
    summary: "A person's badge: the name, and the badge as a QR code",
    file: { types: ['image/svg+xml'], description: 'The badge, 62 × 40 mm' },
    refusals: ['not-found', 'label-unprintable', 'label-too-large', 'labels-differ', 'busy'],
  },
  'POST /v1/people/{name}/badge': {
    tag: 'access',
    may: 'access:operators',
    params: PersonParams,
    summary: "Print a person's badge on a label printer. No event is recorded in the ledger",
    body: z.strictObject({ printer: Name }),
    example: { printer: 'zebra-1' },
    answer: PrintTestAnswer,
    refusals: ['not-found', 'label-unprintable', 'label-too-large', 'busy'],
  },
} satisfies Declarations;

/** Adds the operations for people, for their roles, and for the links that they open to choose a password. */
export function peopleRoutes(on: On, services: Services): void {
  const { ledger } = services;
  on(peopleOperations, 'GET /v1/people', async () => ({ people: await peopleShown(services) }));
  const set = async (name: string, patch: z.infer<typeof PersonPatch>, who: Principal) => {
    if (patch.role) refuseMore(who, permissionsOf(patch.role));
    // Without this check, a caller could demote an admin, and then make a password link for the same person. The roles
    // of removed people are checked as well.
    const before = await ledger.person(name);
    if (before !== undefined) refuseMore(who, permissionsOf(before.role));
    return ledger.record({ kind: 'set-person', name, ...patch, roles: managedRoles(who), actor: who.actor });
  };
  on(peopleOperations, 'PUT /v1/people/{name}', ({ params, body, who }) => set(params.name, body, who));
  on(peopleOperations, 'PATCH /v1/people/{name}', ({ params, body, who }) => set(params.name, body, who));
  on(peopleOperations, 'DELETE /v1/people/{name}', async ({ params, who }) => {
    // A caller with `access:write` can remove anyone, so that a stolen account can be blocked without delay.
    const roles = who.may.has('access:write') ? {} : { roles: managedRoles(who) };
    return ledger.record({ kind: 'remove-person', ...params, ...roles, actor: who.actor });
  });
  linkRoute(on, services);
  badgeRoutes(on, services);
}

/**
 * A badge only identifies a person, and does not protect anything. So any caller that may set badges may also see and
 * print them.
 */
function badgeRoutes(on: On, { ledger, labels, printing }: Services): void {
  const wearer = async (name: string): Promise<{ name: string; badge: string }> => {
    const person = await ledger.person(name);
    if (person?.badge === undefined || person.removedAt !== undefined) throw refusal('not-found', 'badge', { name });
    return { name, badge: person.badge };
  };
  on(peopleOperations, 'GET /v1/people/{name}/badge.svg', async ({ c, params: { name } }) => {
    const svg = await labels.badge(await wearer(name), 'svg');
    return c.body(new Uint8Array(svg), 200, { 'content-type': 'image/svg+xml' });
  });
  on(peopleOperations, 'POST /v1/people/{name}/badge', async ({ params: { name }, body }) =>
    printing.badge(body.printer, await wearer(name)),
  );
}

function linkRoute(on: On, services: Services): void {
  on(peopleOperations, 'POST /v1/people/{name}/link', async ({ c, params: { name }, who }) => {
    await refuseOver(services, who, name);
    const secret = drawSecret();
    const expiresAt = Math.min(services.now() + LINK_MS, who.until ?? Infinity);
    const invited = { kind: 'invite', name, roles: managedRoles(who), hash: secretHash(secret), expiresAt } as const;
    await services.ledger.record({ ...invited, ...makerOf(who), source: services.source.address(c) });
    const link = `${publicAddress(c, services)}/sign-in/${secret}`;
    return { name, link, expiresAt: shownTime(expiresAt) };
  });
}

/**
 * Anyone who uses a person's password link gets this person's permissions. So a caller must not make a link for a
 * person who has permissions that the caller lacks.
 */
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
  { name, role, ends, products, at, password, badge, issuer, subject, removedAt }: Person,
  link: Credential | undefined,
): z.input<typeof PersonAnswer> {
  const createdAt = shownTime(at);
  const hasPassword = password !== undefined;
  return present({
    name,
    role,
    ends,
    products,
    createdAt,
    hasPassword,
    hasBadge: badge !== undefined,
    issuer,
    subject,
    linkUntil: shownTime(link?.expiresAt),
    removedAt: shownTime(removedAt),
  });
}

import { z } from 'zod';
import { permissionsOf, TOKEN_ROLES } from '../../model/role.ts';
import type { Credential } from '../../model/credential.ts';
import { refusal } from '../../platform/error.ts';
import { Name } from '../../model/product.ts';
import { makerOf, refuseMore, type Principal } from '../auth.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { Scope, shownTime, TokenAnswer, TokenParams } from '../schemas.ts';
import { drawSecret, secretHash } from '../secret.ts';

/** The prefix lets people and programs recognize a token in a repository or a log. */
const PREFIX = 'cst_';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A quarter of a year is longer than any holiday, but short enough to limit the damage from a lost token. */
const DEFAULT_DAYS = 90;

/** Ten years. A caller that needs more time can choose `never`. */
const MAX_DAYS = 3660;

const NewToken = z.strictObject({
  name: Name.meta({ description: 'The name in the ledger, as in `token:ci`' }),
  role: z.enum(TOKEN_ROLES),
  scopes: z
    .array(Scope)
    .min(1)
    .optional()
    .meta({ description: 'Required for the role `service`; not allowed for other roles' }),
  expiresAt: z
    .union([z.iso.datetime({ offset: true }), z.literal('never')])
    .optional()
    .meta({ description: `RFC 3339, or \`never\`; default: ${DEFAULT_DAYS} days from now` }),
  expiresInDays: z.int().min(1).max(MAX_DAYS).optional(),
});

export const tokenOperations = {
  'GET /v1/tokens': {
    tag: 'access',
    may: 'access:read',
    summary: 'All tokens, including revoked and expired tokens',
    answer: z.object({ tokens: z.array(TokenAnswer) }),
  },
  'DELETE /v1/tokens/{name}': {
    tag: 'access',
    may: 'access:write',
    summary: 'Revoke a token immediately',
    params: TokenParams,
    answer: z.object({ name: z.string() }),
  },
  'POST /v1/tokens': {
    tag: 'access',
    may: 'access:write',
    confirmed: true,
    summary: 'Make a token. The token is shown only once',
    description:
      'Callers can grant only permissions that they have themselves. A name is never reused: it identifies the token in the ledger.',
    body: NewToken,
    example: { name: 'ci', role: 'service', scopes: ['units:read', 'units:make'], expiresInDays: 90 },
    status: 201,
    answer: TokenAnswer.extend({ token: z.string() }).meta({ id: 'NewToken' }),
    refusals: ['name-taken', 'beyond-own-rights'],
  },
} satisfies Declarations;

/** Operations for the bearer tokens of programs. */
export function tokenRoutes(on: On, services: Services): void {
  const { ledger } = services;
  on(tokenOperations, 'GET /v1/tokens', async () => ({ tokens: (await ledger.credentials('token')).map(tokenShown) }));
  on(tokenOperations, 'DELETE /v1/tokens/{name}', async ({ params, who }) =>
    ledger.record({ kind: 'revoke-token', ...params, actor: who.actor }),
  );
  createRoute(on, services);
}

function createRoute(on: On, { ledger, now }: Services): void {
  on(tokenOperations, 'POST /v1/tokens', async ({ body, who }) => {
    const at = now();
    const { name, role, scopes } = body;
    refuseMore(who, permissionsOf(role, scopes));
    const secret = PREFIX + drawSecret();
    const token = present({ name, role, scopes, expiresAt: endOf(body, at, who) });
    await ledger.record({ kind: 'create-token', ...token, hash: secretHash(secret), ...makerOf(who) });
    return { ...tokenShown({ ...token, at }), token: secret };
  });
}

/** Returns the time when the token expires, in ms since 1970. Returns undefined if the token never expires. */
function endOf(asked: z.infer<typeof NewToken>, at: number, who: Principal): number | undefined {
  const end = askedEnd(asked, at);
  if (end === 'as usual') return Math.min(at + DEFAULT_DAYS * DAY_MS, who.until ?? Infinity);
  return end;
}

function askedEnd({ expiresAt, expiresInDays }: z.infer<typeof NewToken>, at: number): number | 'as usual' | undefined {
  if (expiresAt === undefined) return expiresInDays === undefined ? 'as usual' : at + expiresInDays * DAY_MS;
  if (expiresInDays !== undefined) throw refusal('invalid', 'twoEnds');
  if (expiresAt === 'never') return undefined;
  const end = Date.parse(expiresAt);
  if (end > at + MAX_DAYS * DAY_MS) throw refusal('invalid', 'farEnd', { max: MAX_DAYS });
  return end;
}

/** Returns the token without its hash. */
function tokenShown(token: Omit<Credential, 'hash' | 'kind'>): z.input<typeof TokenAnswer> {
  return present({
    name: token.name,
    role: token.role ?? 'service',
    scopes: token.scopes,
    createdAt: shownTime(token.at),
    expiresAt: shownTime(token.expiresAt),
    lastUsedAt: shownTime(token.usedAt),
    revokedAt: shownTime(token.revokedAt),
  });
}

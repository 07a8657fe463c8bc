import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Credential } from '../../model/credential.ts';
import { generate, parse } from '../../model/claim-id.ts';
import { Name } from '../../model/product.ts';
import { makerOf } from '../auth.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { shownTime, Time } from '../schemas.ts';
import { secretHash } from '../secret.ts';

/**
 * A hold code has 80 bits, in characters that are hard to confuse on paper. The service slows down guesses of hold
 * codes in the same way as it slows down look-ups of Claim IDs.
 */
const LETTERS = 16;
const GROUP = /.{4}(?=.)/g;

const DAY_MS = 24 * 60 * 60 * 1000;

/** A code is valid for a year, so that the envelope that holds it can be replaced at the yearly audit. */
const DEFAULT_DAYS = 365;

const HoldCodeParams = z.object({ name: Name.meta({ description: 'A hold code', examples: ['envelope-1'] }) });

const HoldCodeAnswer = z
  .object({
    name: z.string(),
    createdAt: Time,
    expiresAt: Time,
    usedAt: Time.optional(),
    withdrawnAt: Time.optional(),
  })
  .meta({ id: 'HoldCode' });

const making = { tag: 'access', may: 'ledger:accept', confirmed: true } as const;

export const holdCodeOperations = {
  'GET /v1/hold-codes': {
    tag: 'access',
    may: 'access:read',
    summary: 'All hold codes, including used, withdrawn and expired codes',
    answer: z.object({ holdCodes: z.array(HoldCodeAnswer) }),
  },
  'POST /v1/hold-codes': {
    ...making,
    summary: 'Make a hold code. The code is shown only once',
    description:
      'For a sealed envelope. A caller that has only the permission `ledger:resume` needs the code to accept a ledger that was restored to an older state. A code works once. The code is stored in the ledger, so a ledger that is older than the code does not accept it.',
    body: z.strictObject({
      name: Name.meta({ description: 'Name in the ledger. The name of a hold code is never reused' }),
      expiresInDays: z
        .int()
        .min(1)
        .max(3660)
        .optional()
        .meta({ description: `Default: ${DEFAULT_DAYS}` }),
    }),
    example: { name: 'envelope-1', expiresInDays: DEFAULT_DAYS },
    status: 201,
    answer: HoldCodeAnswer.extend({ code: z.string() }).meta({ id: 'NewHoldCode' }),
    refusals: ['name-taken', 'beyond-own-rights'],
  },
  'DELETE /v1/hold-codes/{name}': {
    ...making,
    summary: 'Withdraw a hold code immediately',
    params: HoldCodeParams,
    answer: z.object({ name: z.string() }),
  },
} satisfies Declarations;

export function holdCodeRoutes(on: On, { ledger, now }: Services): void {
  on(holdCodeOperations, 'GET /v1/hold-codes', async () => ({
    holdCodes: (await ledger.credentials('hold-code')).map(holdCodeShown),
  }));
  on(holdCodeOperations, 'POST /v1/hold-codes', async ({ body: { name, expiresInDays }, who }) => {
    const at = now();
    const expiresAt = at + (expiresInDays ?? DEFAULT_DAYS) * DAY_MS;
    const ends = expiresInDays === undefined ? Math.min(expiresAt, who.until ?? Infinity) : expiresAt;
    const code = generate(LETTERS, randomBytes);
    const made = { kind: 'make-hold-code', name, hash: secretHash(code), expiresAt: ends } as const;
    await ledger.record({ ...made, ...makerOf(who) });
    return { ...holdCodeShown({ name, at, expiresAt: ends }), code: code.replace(GROUP, '$&-') };
  });
  on(holdCodeOperations, 'DELETE /v1/hold-codes/{name}', ({ params, who }) =>
    ledger.record({ kind: 'withdraw-hold-code', ...params, actor: who.actor }),
  );
}

/**
 * Returns the hash of a code as a person typed it. The letters may be uppercase or lowercase, hyphens may be missing,
 * and O may stand for 0.
 */
export function holdCodeHash(typed: string): Uint8Array {
  return secretHash(parse(typed) ?? typed);
}

function holdCodeShown({
  name,
  at,
  expiresAt = at,
  usedAt,
  revokedAt,
}: Pick<Credential, 'name' | 'at' | 'expiresAt' | 'usedAt' | 'revokedAt'>): z.input<typeof HoldCodeAnswer> {
  // The ledger marks both withdrawn and used codes as withdrawn. For a used code, the answer leaves out this time,
  // because no one withdrew the code.
  const withdrawnAt = usedAt === undefined ? shownTime(revokedAt) : undefined;
  const times = { createdAt: shownTime(at), expiresAt: shownTime(expiresAt), usedAt: shownTime(usedAt), withdrawnAt };
  return present({ name, ...times });
}

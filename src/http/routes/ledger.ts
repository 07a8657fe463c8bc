import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import type { CheckState } from '../../contract/ledger-check.ts';
import { parseCheckpoint, verifierKey, type KeptCheckpoint } from '../../proof/checkpoint.ts';
import { ClaimstampError, isCode, refusal } from '../../platform/error.ts';
import { parseLine } from '../../model/event.ts';
import { leafHash } from '../../proof/tree.ts';
import { findUnit } from '../find-unit.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { holdCodeHash } from './hold-codes.ts';
import { After, Limit, Next, shownTime, Time, UnitParams } from '../schemas.ts';

const Size = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const Hash = z.string().meta({ description: 'SHA-256, hexadecimal', examples: ['6e340b9c…'] });

const Tree = z.object({ size: z.int().meta({ description: 'Events' }), root: Hash });

const Proof = z.array(Hash).meta({ description: 'The hashes in the order of RFC 6962, section 2.1' });

/** To make a proof, the thread that answers agents reads and hashes a block of 1,000 leaves. This takes about 3 ms. */
const MAX_PROOFS = 10;

export const Check = z
  .object({
    running: z
      .object({ done: z.int(), total: z.int() })
      .optional()
      .meta({ description: 'How many events are checked, and how many there are. Absent if no check is running' }),
    last: z
      .object({
        at: Time,
        ok: z.boolean(),
        size: z.int().optional().meta({ description: 'Events' }),
        root: z.string().optional(),
        findings: z.array(z.string()).meta({ description: 'Problems found, or why nothing could be checked' }),
        proven: z.array(z.string()),
        unproven: z.array(z.string()),
      })
      .optional()
      .meta({ description: 'Result of the last check since the service started' }),
  })
  .meta({ id: 'LedgerCheck' });

const checking = { tag: 'ledger', may: 'ledger:read', answer: Check } as const;

export const ledgerOperations = {
  'GET /v1/ledger/checkpoint': {
    tag: 'ledger',
    summary: 'A signed checkpoint: the number of events and the root of the tree',
    description:
      'A new checkpoint or, with `size`, a stored one. One checkpoint per hour is stored. Keep a copy elsewhere: it shows later whether the ledger was changed, cut or restored to an older state.',
    may: 'ledger:read',
    query: z.strictObject({ size: Size.optional() }),
    file: { types: ['text/plain'], description: 'C2SP tlog-checkpoint, signed with Ed25519 (signed-note)' },
    refusals: ['disk-full'],
  },
  'GET /v1/ledger/key': {
    tag: 'ledger',
    summary: 'The public key that checkpoints are signed with',
    description: 'Keep the key elsewhere: a key that comes together with the signed data proves nothing.',
    may: 'ledger:read',
    answer: z
      .object({
        origin: z.string().meta({ description: "The log's name" }),
        verifierKey: z.string().meta({ description: 'signed-note: name+id+key' }),
        publicKey: z.string().meta({ description: 'The same key in PEM, for openssl' }),
      })
      .meta({ id: 'LedgerKey' }),
  },
  'GET /v1/ledger/proof/{uci}': {
    tag: 'ledger',
    summary: 'Proof that each event of a unit is in the ledger that a checkpoint covers',
    description: 'The checkpoint is a new one or, with `size`, a stored one. Events after the checkpoint are omitted.',
    may: 'ledger:read',
    lookup: true,
    params: UnitParams,
    query: z.strictObject({ size: Size.optional(), after: After, limit: Limit.max(MAX_PROOFS).default(MAX_PROOFS) }),
    answer: Tree.extend({
      checkpoint: z.string().meta({ description: 'The signed note' }),
      events: z.array(
        z.object({
          seq: z.int().meta({ description: 'Counted from 1; leaf number `seq` - 1 of the tree' }),
          line: z.string().meta({ description: 'The event byte for byte, as it was hashed' }),
          leaf: Hash.meta({ description: 'SHA-256 of a zero byte and the line' }),
          proof: Proof,
        }),
      ),
      next: Next,
    }).meta({ id: 'UnitProof' }),
    refusals: ['not-found', 'disk-full'],
  },
  'GET /v1/ledger/consistency': {
    tag: 'ledger',
    summary: 'Proof that the ledger of `to` events begins with the ledger of `from` events',
    may: 'ledger:read',
    query: z.strictObject({
      from: Size.default(0),
      to: Size.optional().meta({ description: 'Default: all events' }),
    }),
    answer: z.object({ from: Tree, to: Tree, proof: Proof }).meta({ id: 'ConsistencyProof' }),
    refusals: ['disk-full'],
  },
  'POST /v1/ledger/accept': {
    tag: 'ledger',
    summary: 'Accept a ledger that was restored to an older state',
    description:
      'A ledger that ends before a checkpoint made here, or contradicts it, issues no Claim IDs until it is accepted. If the newer ledger still exists, restore that ledger instead: it has Claim IDs and S/Ns that this one lacks. The ledger records the checkpoint and who accepted the ledger.',
    may: 'ledger:resume',
    lookup: true,
    body: z.strictObject({
      size: Size.meta({ description: 'Events of the checkpoint that /readyz names' }),
      code: z.string().trim().min(1).max(64).optional().meta({
        description: 'A hold code. Required for a caller without `ledger:accept`; it is used up',
      }),
    }),
    example: { size: 10_961 },
    answer: z.object({ checkpoint: z.string().meta({ description: 'The first checkpoint of the accepted ledger' }) }),
    refusals: ['hold-code-wrong'],
  },
  'POST /v1/ledger/check': {
    ...checking,
    summary: 'Check the ledger during production: every hash, the tree, and the data derived from the events',
    description:
      'Answers at once; GET shows the progress and the result. The check finds accidental damage. Against a person with access to this machine, `claimstamp verify` on another machine, with a checkpoint that is kept there, proves more.',
    status: 202,
  },
  'GET /v1/ledger/check': {
    ...checking,
    summary: 'Progress of the check of the ledger, and the result of the last one',
  },
} satisfies Declarations;

/** Operations for auditors: checkpoints, proofs and checks (docs/verify.md). */
export function ledgerRoutes(on: On, services: Services): void {
  checkpointRoutes(on, services);
  proofRoute(on, services);
  consistencyRoute(on, services);
  acceptRoute(on, services);
  checkRoutes(on, services);
}

function checkpointRoutes(on: On, services: Services): void {
  const { signer } = services;
  on(ledgerOperations, 'GET /v1/ledger/checkpoint', async ({ c, query: { size } }) => {
    const { note } = await checkpointOf(services, size);
    return c.text(note, 200, { 'cache-control': 'no-store' });
  });
  on(ledgerOperations, 'GET /v1/ledger/key', async () => ({
    origin: signer.origin,
    verifierKey: verifierKey(signer),
    publicKey: createPublicKey(signer.privateKey).export({ type: 'spki', format: 'pem' }) as string,
  }));
}

function proofRoute(on: On, services: Services): void {
  const { ledger } = services;
  on(ledgerOperations, 'GET /v1/ledger/proof/{uci}', async ({ params, query: { size, after, limit }, who }) => {
    const { lines } = await findUnit(services, who, params.uci);
    const { note: checkpoint, size: treeSize } = await checkpointOf(services, size);
    const events = lines
      .map((text) => ({ seq: parseLine(text).seq, line: text, leaf: hex(leafHash(text)) }))
      .filter(({ seq }) => seq > after && seq <= treeSize);
    const page = events.slice(0, limit);
    const proofs = await ledger.inclusion(
      page.map(({ seq }) => seq),
      treeSize,
    );
    return {
      size: treeSize,
      root: hex(parseCheckpoint(checkpoint).root),
      checkpoint,
      events: page.map((event, i) => ({ ...event, proof: (proofs[i] as Uint8Array[]).map(hex) })),
      next: events.length > page.length ? (page.at(-1)?.seq ?? null) : null,
    };
  });
}

function consistencyRoute(on: On, { ledger, checkpoints }: Services): void {
  on(ledgerOperations, 'GET /v1/ledger/consistency', async ({ query }) => {
    const { from } = query;
    const to = query.to ?? (await checkpoints.make()).size;
    const [before, after] = [await ledger.rootAt(from), await ledger.rootAt(to)];
    if (before === undefined || after === undefined || from > to)
      throw new ClaimstampError(
        'invalid',
        `from: ${from} events, to: ${to}: the ledger has ${(await ledger.head()).size}`,
      );
    const proof = await ledger.consistency(from, to);
    return {
      from: { size: from, root: hex(before) },
      to: { size: to, root: hex(after) },
      proof: proof.map(hex),
    };
  });
}

function acceptRoute(on: On, { guard, checkpoints }: Services): void {
  on(ledgerOperations, 'POST /v1/ledger/accept', async ({ body: { size, code }, who, missed }) => {
    // A caller that may accept without a code uses no code up.
    const isFree = who.may.has('ledger:accept');
    if (!isFree && code === undefined) throw refusal('hold-code-wrong', 'missing', { actor: who.actor });
    const hash = isFree || code === undefined ? undefined : holdCodeHash(code);
    await guard.accept(size, who.actor, hash).catch((error: unknown) => {
      if (isCode(error, 'hold-code-wrong')) missed();
      throw error;
    });
    return { checkpoint: (await checkpoints.make()).note };
  });
}

function checkRoutes(on: On, { checking }: Services): void {
  on(ledgerOperations, 'POST /v1/ledger/check', async () => {
    checking.start();
    return checkJson(checking.state());
  });
  on(ledgerOperations, 'GET /v1/ledger/check', async () => checkJson(checking.state()));
}

function checkJson({ running, last }: CheckState): z.input<typeof Check> {
  if (last === undefined) return present({ running });
  const at = shownTime(last.at);
  if ('failed' in last)
    return { ...present({ running }), last: { at, ok: false, findings: [last.failed], proven: [], unproven: [] } };
  const { ok, size, root, findings, proven, unproven } = last.verification;
  const what = findings.map((finding) => finding.what);
  return { ...present({ running }), last: { at, ok, size, ...present({ root }), findings: what, proven, unproven } };
}

/** Returns a stored checkpoint, or makes a new one. */
async function checkpointOf({ ledger, checkpoints }: Services, size: number | undefined): Promise<KeptCheckpoint> {
  const kept = size === undefined ? await checkpoints.make() : await ledger.checkpoint(size);
  if (kept !== undefined) return kept;
  throw new ClaimstampError('invalid', `size: no checkpoint of ${size} events is stored; omit it for a new one`);
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}

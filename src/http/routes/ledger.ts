import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import type { CheckState } from '../../contract/ledger-check.ts';
import { parseCheckpoint, verifierKey, type KeptCheckpoint } from '../../proof/checkpoint.ts';
import { ClaimstampError, isCode, refusal } from '../../platform/error.ts';
import { parseLine } from '../../model/event.ts';
import { writeTlogProof } from '../../proof/tlog-proof.ts';
import { leafHash } from '../../proof/tree.ts';
import { findUnit } from '../find-unit.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import type { Principal } from '../auth.ts';
import { present } from '../read-body.ts';
import { holdCodeHash } from './hold-codes.ts';
import { After, Limit, Next, shownTime, Time, UnitParams } from '../schemas.ts';
import { defined } from '../../platform/own.ts';

const Size = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const Hash = z.string().meta({ description: 'SHA-256, hexadecimal', examples: ['6e340b9c…'] });

const Tree = z.object({ size: z.int().meta({ description: 'Events' }), root: Hash });

const Proof = z.array(Hash).meta({ description: 'The hashes in the order of RFC 6962, section 2.1' });

/**
 * For each proof, the thread that answers agents reads and hashes a block of 1,000 leaves. Making a proof takes about 3
 * ms.
 */
const MAX_PROOFS = 10;

export const Check = z
  .object({
    running: z.object({ done: z.int(), total: z.int() }).optional().meta({
      description: 'How many events have been checked, and how many there are to check. Absent if no check is running',
    }),
    last: z
      .object({
        at: Time,
        ok: z.boolean(),
        size: z.int().optional().meta({ description: 'Events' }),
        root: z.string().optional(),
        findings: z
          .array(z.string())
          .meta({ description: 'The problems that were found, or why nothing could be checked' }),
        proven: z.array(z.string()),
        unproven: z.array(z.string()),
      })
      .optional()
      .meta({ description: 'Result of the last check since the service started' }),
  })
  .meta({ id: 'LedgerCheck' });

const checking = { tag: 'ledger', may: 'ledger:read', answer: Check } as const;

const HoldCode = z.string().trim().min(1).max(64).optional().meta({
  description: 'A hold code. Required for a caller without the permission `ledger:accept`. A hold code works only once',
});

export const ledgerOperations = {
  'GET /v1/ledger/checkpoint': {
    tag: 'ledger',
    summary: 'A signed checkpoint: the number of events and the root of the tree',
    description:
      'A new checkpoint or, with `size`, a stored one. One checkpoint per hour is stored. Witnesses sign a checkpoint shortly after it is made. With `cosigned`, the answer is the newest checkpoint that witnesses have signed. Keep a copy of the checkpoint elsewhere: the copy later shows whether the ledger was changed, shortened or restored to an older state.',
    may: 'ledger:read',
    query: z
      .strictObject({
        size: Size.optional(),
        cosigned: z.literal('true').optional().meta({ description: 'A checkpoint with cosignatures of witnesses' }),
      })
      .refine(
        ({ size, cosigned }) => size === undefined || cosigned === undefined,
        'give "size" or "cosigned", not both',
      ),
    file: {
      types: ['text/plain'],
      description: 'C2SP tlog-checkpoint, signed with Ed25519 (signed-note); may contain cosignatures of witnesses',
    },
    refusals: ['disk-full', 'not-found'],
  },
  'GET /v1/ledger/key': {
    tag: 'ledger',
    auditor: 'as-made',
    summary: 'The public key that verifies checkpoints',
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
    summary: 'Proof that a checkpoint covers each event of a unit',
    description:
      'With `size`, the proof uses the stored checkpoint of this size. Without `size`, the proof uses a new checkpoint. Events after the checkpoint are omitted.',
    may: 'ledger:read',
    lookup: true,
    params: UnitParams,
    query: z.strictObject({ size: Size.optional(), after: After, limit: Limit.max(MAX_PROOFS).default(MAX_PROOFS) }),
    answer: Tree.extend({
      checkpoint: z.string().meta({ description: 'The signed note' }),
      events: z.array(
        z.object({
          seq: z.int().meta({ description: 'Event number, counted from 1; its leaf in the tree has number `seq` - 1' }),
          line: z.string().meta({ description: 'The event byte for byte, as it was hashed' }),
          leaf: Hash.meta({ description: 'SHA-256 of a zero byte followed by the line' }),
          proof: Proof,
        }),
      ),
      next: Next,
    }).meta({ id: 'UnitProof' }),
    refusals: ['not-found', 'disk-full'],
  },
  'GET /v1/ledger/tlog-proof/{uci}': {
    tag: 'ledger',
    summary: 'Proof of one event of a unit, as a file that can be checked offline',
    description:
      'The file contains the event, the hashes up to the root, and a checkpoint. If witnesses have signed a checkpoint that covers the event, the file contains that checkpoint. Otherwise, the file contains a new checkpoint. `claimstamp verify` checks the file.',
    may: 'ledger:read',
    lookup: true,
    params: UnitParams,
    query: z.strictObject({
      seq: Size.optional().meta({ description: 'The number of the event. Default: the first event of the unit' }),
    }),
    file: { types: ['text/plain'], description: 'C2SP tlog-proof, with the event as extra data' },
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
    summary: 'Accept a ledger that does not continue from its last checkpoint',
    description:
      'The service compares the ledger with the last checkpoint, which is stored outside the ledger. The ledger is held if it ends before this checkpoint or contradicts it, if the checkpoint is missing, or if a restored backup had events that no signature covers. While the ledger is held, the service issues no Claim IDs and signs no checkpoints. If the newer ledger still exists, restore that one instead: it has Claim IDs and S/Ns that this ledger lacks. The ledger records the checkpoint and the person who accepted the ledger. The counters of S/Ns and pools skip the numbers that devices of lost events may have.',
    may: 'ledger:resume',
    confirmed: true,
    lookup: true,
    body: z.strictObject({
      size: Size.meta({ description: 'The number of events that /readyz shows' }),
      code: HoldCode,
    }),
    example: { size: 10_961 },
    answer: z.object({
      checkpoint: z.string().optional().meta({
        description:
          'The first checkpoint after the ledger was accepted. If the ledger was not held, only callers with the permission `ledger:read` get a checkpoint',
      }),
    }),
    refusals: ['hold-code-wrong'],
  },
  'POST /v1/clock/accept': {
    tag: 'ledger',
    summary: 'Confirm that the clock of the service is right; the service then makes dated S/Ns again',
    description:
      'The service makes no dated S/Ns if its clock is before the release of this version, more than a day before the last events, or more than five years after the last events. /readyz gives the reason. If the clock is more than 14 days past the last day on which it was right, the service still makes dated S/Ns, and an alarm asks you to check the clock. If the clock is wrong, correct it instead. The ledger records the person who accepted the clock.',
    may: 'ledger:resume',
    confirmed: true,
    lookup: true,
    body: z.strictObject({
      date: z.iso.date().meta({ description: 'The date that the clock of the service shows (UTC)' }),
      code: HoldCode,
    }),
    example: { date: '2026-11-25' },
    answer: z.object({ date: z.string() }),
    refusals: ['hold-code-wrong'],
  },
  'POST /v1/ledger/check': {
    ...checking,
    summary: 'Check the ledger during production: every hash, the tree, and the data derived from the events',
    description:
      'The service answers immediately. GET shows the progress and the result. This check finds accidental damage. To find changes by someone with access to this machine, run `claimstamp verify` on another machine, with a checkpoint kept there.',
    status: 202,
  },
  'GET /v1/ledger/check': {
    ...checking,
    summary: 'Progress of the check of the ledger, and the result of the last check',
  },
} satisfies Declarations;

/**
 * Checkpoints, proofs and checks (docs/qa.md). These operations refuse people with the role `auditor`. An auditor sees
 * the events with masked Claim IDs. With the hashes of the events, the auditor could find out the masked characters
 * offline.
 */
export function ledgerRoutes(on: On, services: Services): void {
  checkpointRoutes(on, services);
  proofRoute(on, services);
  tlogProofRoute(on, services);
  consistencyRoute(on, services);
  acceptRoutes(on, services);
  checkRoutes(on, services);
}

function checkpointRoutes(on: On, services: Services): void {
  const { signer } = services;
  on(ledgerOperations, 'GET /v1/ledger/checkpoint', async ({ c, query: { size, cosigned } }) => {
    const { note } = cosigned === undefined ? await checkpointOf(services, size) : cosignedOf(services);
    return c.text(note, 200, { 'cache-control': 'no-store' });
  });
  on(ledgerOperations, 'GET /v1/ledger/key', async () => ({
    origin: signer.origin,
    verifierKey: verifierKey(signer),
    publicKey: createPublicKey(signer.privateKey).export({ type: 'spki', format: 'pem' }).toString(),
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
      events: page.map((event, i) => ({ ...event, proof: defined(proofs[i]).map(hex) })),
      next: events.length > page.length ? (page.at(-1)?.seq ?? null) : null,
    };
  });
}

function tlogProofRoute(on: On, services: Services): void {
  const { ledger, checkpoints } = services;
  on(ledgerOperations, 'GET /v1/ledger/tlog-proof/{uci}', async ({ c, params, query, who }) => {
    const { lines } = await findUnit(services, who, params.uci);
    const events = lines.map((line) => ({ line, seq: parseLine(line).seq }));
    const [event] = query.seq === undefined ? events : events.filter(({ seq }) => seq === query.seq);
    if (event === undefined)
      throw new ClaimstampError('not-found', `seq: event ${query.seq} does not belong to this unit`);
    const { line, seq } = event;
    const { note: checkpoint, size } = checkpoints.cosigned(seq) ?? (await checkpoints.make());
    const [hashes = []] = await ledger.inclusion([seq], size);
    const file = writeTlogProof({ line, index: seq - 1, hashes, checkpoint });
    return c.text(file, 200, { 'cache-control': 'no-store' });
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
        `from is ${from} and to is ${to}: from must be at most to, and to at most ${(await ledger.head()).size}, the size of the ledger`,
      );
    const proof = await ledger.consistency(from, to);
    return {
      from: { size: from, root: hex(before) },
      to: { size: to, root: hex(after) },
      proof: proof.map(hex),
    };
  });
}

function acceptRoutes(on: On, { ledger, guard, checkpoints }: Services): void {
  on(ledgerOperations, 'POST /v1/ledger/accept', async ({ body: { size, code }, who, missed }) => {
    const isAccepted = await withCode(who, code, missed, (hash) => guard.accept(size, who.actor, hash));
    return isAccepted || who.may.has('ledger:read') ? { checkpoint: (await checkpoints.make()).note } : {};
  });
  on(ledgerOperations, 'POST /v1/clock/accept', async ({ body: { date, code }, who, missed }) =>
    withCode(who, code, missed, (hash) =>
      ledger.record({ kind: 'accept-clock', date, actor: who.actor, ...present({ code: hash }) }),
    ),
  );
}

/**
 * Calls `act` with the hash of the hold code. If the caller has permission to accept the ledger without a hold code, no
 * code is used up.
 */
async function withCode<T>(
  { may, actor }: Principal,
  code: string | undefined,
  missed: () => void,
  act: (hash: Uint8Array | undefined) => Promise<T>,
): Promise<T> {
  const isFree = may.has('ledger:accept');
  if (!isFree && code === undefined) throw refusal('hold-code-wrong', 'missing', { actor });
  try {
    return await act(isFree || code === undefined ? undefined : holdCodeHash(code));
  } catch (error) {
    if (isCode(error, 'hold-code-wrong')) missed();
    throw error;
  }
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

function cosignedOf({ checkpoints, config }: Services): KeptCheckpoint {
  const found = checkpoints.cosigned();
  if (found !== undefined) return found;
  const why = config.witnesses.length === 0 ? 'CLAIMSTAMP_WITNESSES names no witness' : 'no witness has answered yet';
  throw new ClaimstampError('not-found', `cosigned: no checkpoint has a cosignature, because ${why}`);
}

/** Returns a stored checkpoint, or makes a new checkpoint. */
async function checkpointOf({ ledger, checkpoints }: Services, size: number | undefined): Promise<KeptCheckpoint> {
  const kept = size === undefined ? await checkpoints.make() : await ledger.checkpoint(size);
  if (kept !== undefined) return kept;
  throw new ClaimstampError(
    'invalid',
    `size: no checkpoint of ${size} events is stored; omit size to get a new checkpoint`,
  );
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}

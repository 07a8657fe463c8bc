import {
  commitmentOf,
  committed,
  credentialKey,
  fieldsOf,
  isFirstLink,
  keyOf,
  NONCE_BYTES,
  type AccessRow,
} from '../model/access.ts';
import type { Random } from '../model/claim-id.ts';
import type { Happening } from '../model/event.ts';
import type { Decision, Kept, Seen } from './seen.ts';

/*
 * If a decision changes credentials or people, adds an event with commitments to the changed rows. The event with the
 * commitments comes before the other events of the decision. So if a ledger's first event about access contains no
 * commitments, it was written by a version without commitments.
 */

export function commitAccess<Answer>(seen: Seen, decision: Decision<Answer>, random: Random): Decision<Answer> {
  const { kept = [], covers } = decision;
  if (kept.length === 0 && !covers) return decision;
  const changes = changesOf(seen, kept);
  const changed = [...changes.values()].filter(isChanged);
  const by = { actor: decision.events[0]?.actor ?? 'system', random };
  if (covers || (changed.length > 0 && seen.accessCovered() === undefined))
    return coverAll(seen, decision, changes, by);
  if (changed.length === 0) return { ...decision, kept: withNonces(kept, changes) };
  // A row that has no commitment does not get one when the row changes. Someone may have added the row directly in the
  // database file. With a commitment, such a row would count as genuine.
  const known = changed.filter(
    ({ before }) => before === undefined || isFirstLink(before) || committedAt(seen, before) !== undefined,
  );
  for (const change of known) if (change.after) change.after = fresh(change.after, random);
  const made = known.flatMap(({ after }) => (after && committed(after)) ?? []);
  const ended = known.flatMap(({ before }) => (before && committed(before)) ?? []);
  if (made.length + ended.length === 0) return { ...decision, kept: withNonces(kept, changes) };
  const event: Happening = { type: 'access-committed', actor: by.actor, data: { made, ended } };
  return { ...decision, events: [event, ...decision.events], kept: withNonces(kept, changes) };
}

/**
 * A row before and after a decision. `before` is absent if the decision adds the row. `after` is absent if the decision
 * removes the row.
 */
interface Change {
  before: AccessRow | undefined;
  after: AccessRow | undefined;
}
type Changes = Map<string, Change>;

function changesOf(seen: Seen, kept: Kept[]): Changes {
  const changes: Changes = new Map();
  for (const row of kept) {
    if (!isAccess(row)) continue;
    const key = row.table === 'dropped-credential' ? credentialKey(row.hash) : keyOf(row);
    const before = changes.has(key) ? changes.get(key)?.before : stored(seen, row);
    // A row that does not change keeps its nonce.
    const after = row.table === 'dropped-credential' ? undefined : { ...row, ...nonceOf(before) };
    changes.set(key, { before, after });
  }
  return changes;
}

type AccessKept = AccessRow | Extract<Kept, { table: 'dropped-credential' }>;

function isAccess(row: Kept): row is AccessKept {
  return row.table === 'credential' || row.table === 'dropped-credential' || row.table === 'person';
}

function stored(seen: Seen, row: AccessKept): AccessRow | undefined {
  if (row.table === 'person') {
    const person = seen.person(row.person.name);
    return person && withNonce(seen, { table: 'person', person });
  }
  const credential = seen.credential(row.table === 'credential' ? row.credential.hash : row.hash);
  return credential && withNonce(seen, { table: 'credential', credential });
}

function withNonce(seen: Seen, row: AccessRow): AccessRow {
  const nonce = seen.nonce(row);
  return nonce === undefined ? row : { ...row, nonce };
}

function nonceOf(row: AccessRow | undefined): { nonce?: string } {
  return row?.nonce === undefined ? {} : { nonce: row.nonce };
}

function isChanged({ before, after }: Change): boolean {
  const [former, now] = [before, after].map((row) => (row === undefined || isFirstLink(row) ? '' : fieldsOf(row)));
  return former !== now;
}

/** The link for the first admin gets no nonce, so no event contains a commitment to this link. */
function fresh(row: AccessRow, random: Random): AccessRow {
  return isFirstLink(row) ? row : { ...row, nonce: Buffer.from(random(NONCE_BYTES)).toString('hex') };
}

function withNonces(kept: Kept[], changes: Changes): Kept[] {
  return kept.map((row) => {
    if (row.table !== 'credential' && row.table !== 'person') return row;
    return { ...row, ...nonceOf(changes.get(keyOf(row))?.after) };
  });
}

/** Adds an event with commitments to all rows that exist after the decision. */
function coverAll<Answer>(
  seen: Seen,
  decision: Decision<Answer>,
  changes: Changes,
  { actor, random }: { actor: string; random: Random },
): Decision<Answer> {
  const others = seen.access().filter((row) => !changes.has(keyOf(row)) && !isFirstLink(row));
  const rest = others.map((row) => fresh(row, random));
  for (const change of changes.values()) if (change.after) change.after = fresh(change.after, random);
  const after = [...changes.values()].flatMap((change) => change.after ?? []);
  const made = [...rest, ...after].flatMap((row) => committed(row) ?? []);
  const event: Happening = { type: 'access-covered', actor, data: { made } };
  const kept = [...rest, ...withNonces(decision.kept ?? [], changes)];
  return { ...decision, events: [event, ...decision.events], kept };
}

/**
 * Returns the number of the event that contains the commitment to this row. Returns undefined if there is no such
 * event.
 */
export function committedAt(seen: Seen, row: AccessRow): number | undefined {
  const commitment = commitmentOf(row);
  return commitment === undefined ? undefined : seen.committedAt(commitment);
}

import { createPublicKey, type KeyObject } from 'node:crypto';
import { openCheckpoint, parseCheckpoint, readVerifierKey, type Checkpoint } from './checkpoint.ts';
import type { Policy } from './policy.ts';
import type { Findings } from './verification.ts';
import { messageOf } from '../platform/error.ts';

/*
 * Says what checkpoints and keys prove about a ledger. Checkpoints and keys that are stored with the ledger prove only
 * that the ledger is consistent, because someone with access could replace them together with the ledger. Checkpoints
 * and keys that were kept elsewhere also prove that the ledger was not cut, rolled back or rebuilt.
 */

/** A public key. A key in the verifier-key format contains the name of its log. A key in PEM contains no name. */
export interface OutsideKey {
  name?: string;
  publicKey: KeyObject;
}

/** The checkpoints and keys that were kept elsewhere. */
export interface Outside {
  /** The checkpoints, as signed notes. */
  checkpoints: string[];
  keys: OutsideKey[];
  /**
   * The policy says which witnesses must have signed a checkpoint. The policy also contains keys of logs. These keys
   * count as keys that were kept elsewhere.
   */
  policy?: Policy;
}

/** The ledger, bundle or proof to check. */
export interface Built {
  of: 'ledger' | 'bundle' | 'proof';
  size: number;
  /**
   * Returns the root at this size. Returns undefined if the tree never had this size or the root cannot be computed.
   */
  rootAt: (size: number) => string | undefined;
  /**
   * Checkpoints that are stored with the ledger. `what` is the name of the checkpoint in messages. `size` is the size
   * in the table row of the checkpoint.
   */
  notes: { what: string; note: string; size?: number }[];
  /**
   * Keys that are stored with the ledger. The stored keys are used only if the caller gives no key that was kept
   * elsewhere.
   */
  keys: OutsideKey[];
}

export interface Verdict {
  proven: string[];
  unproven: string[];
}

/**
 * Reads an Ed25519 public key in PEM, or a verifier key. Throws if the text is neither a PEM key nor a verifier key.
 */
export function readOutsideKey(text: string): OutsideKey {
  if (!text.includes('-----BEGIN')) return readVerifierKey(text);
  // A private key contains the public key, but a private key is refused, because auditors must not have it.
  if (!text.includes('-----BEGIN PUBLIC KEY-----')) throw new Error('is not a public key in PEM');
  let publicKey: KeyObject | undefined;
  try {
    publicKey = createPublicKey(text);
  } catch {
    // Ignore this error, because the error below says what is wrong.
  }
  if (publicKey?.asymmetricKeyType !== 'ed25519') throw new Error('is not an Ed25519 public key');
  return { publicKey };
}

/** Throws if one of the checkpoints in `outside` cannot be read. */
export function assess(built: Built, outside: Outside, findings: Findings): Verdict {
  const outsideKeys = [...outside.keys, ...(outside.policy?.logs ?? [])];
  const notes = [...built.notes, ...outside.checkpoints.map((note) => ({ what: 'the checkpoint given', note }))];
  const keys = outsideKeys.length > 0 ? outsideKeys : built.keys;
  const bad: number[] = [];
  const good: number[] = [];
  const sound: string[] = [];
  for (const { note, what, ...kept } of notes) {
    const checkpoint = readNote(note, what, keys, findings);
    if (checkpoint === undefined) continue;
    if ('size' in kept && checkpoint.size !== kept.size)
      findings.add({ what: `${what} says ${checkpoint.size}`, table: 'checkpoint', column: 'size' });
    const problem = against(checkpoint, built, what);
    if (problem !== undefined) findings.add({ what: problem });
    if (checkpoint.size <= built.size) (problem === undefined ? good : bad).push(checkpoint.size);
    if (problem === undefined) sound.push(note);
  }
  addPlace(good, bad, findings);
  if (outsideKeys.length > 0 && notes.length === 0)
    findings.add({ what: 'there is no checkpoint to check with the given key' });
  const { proven, unproven } = verdict(built, { ...outside, keys: outsideKeys });
  if (outside.policy === undefined) return { proven, unproven };
  const witnessed = witnessedBy(built, sound, outside.policy, findings);
  return { proven: [...proven, ...witnessed.proven], unproven: [...unproven, ...witnessed.unproven] };
}

function readNote(note: string, what: string, keys: OutsideKey[], findings: Findings): Checkpoint | undefined {
  try {
    const checkpoint = parseCheckpoint(note);
    if (keys.length > 0 && !keys.some((key) => isSignedBy(note, key, checkpoint.origin))) {
      findings.add({ what: `${what} is not signed by the key: the checkpoint was changed, or another key signed it` });
    }
    return checkpoint;
  } catch (error) {
    findings.add({ what: `${what} ${messageOf(error)}` });
    return undefined;
  }
}

/** A key in PEM contains no log name, so the log name in the note is used. */
export function isSignedBy(note: string, { name, publicKey }: OutsideKey, origin: string): boolean {
  try {
    openCheckpoint(note, { name: name ?? origin, publicKey });
    return true;
  } catch {
    return false;
  }
}

function against({ size, root }: Checkpoint, built: Built, what: string): string | undefined {
  if (size > built.size)
    return `${what} covers ${size} events, but there are ${built.size}: the end was cut off, or an older copy was restored (if this copy is from before that checkpoint, check it with an older checkpoint)`;
  const here = built.rootAt(size);
  if (here === Buffer.from(root).toString('hex')) return undefined;
  if (here === undefined) return `${what} cannot be compared: events are missing`;
  return `${what} contradicts the events: it covers ${size} events, and the first ${size} events are different`;
}

/** Finds the newest checkpoint that satisfies the policy. Checkpoints that contradict the events do not count. */
function witnessedBy({ of, size }: Built, notes: string[], policy: Policy, findings: Findings): Verdict {
  const newestFirst = notes
    .map((note) => ({ at: parseCheckpoint(note).size, ...policy.judge(note) }))
    .toSorted((a, b) => b.at - a.at);
  const found = newestFirst.find(({ holds }) => holds);
  if (found === undefined) {
    const [newest] = newestFirst;
    const said =
      newest === undefined
        ? 'there is none'
        : `the newest, of ${newest.at} events, is ${newest.isOfLog ? 'signed by' : 'not signed by a log of the policy, but by'} ${newest.by.length === 0 ? 'no witness of the policy' : newest.by.join(', ')}`;
    findings.add({ what: `no checkpoint satisfies the policy: ${said}` });
    return { proven: [], unproven: [] };
  }
  const { at, by } = found;
  return {
    proven: [
      `the checkpoint of ${at} events satisfies the policy: ${by.length === 0 ? 'it asks for no witness' : `it is signed by ${by.join(', ')}`}`,
    ],
    unproven:
      of === 'ledger' && at < size
        ? [`events ${at + 1} to ${size} are newer than the checkpoint that satisfies the policy`]
        : [],
  };
}

/**
 * Adds a finding that says where the ledger was changed. The change is after the last checkpoint that matches the
 * ledger. The change is at or before the first checkpoint that does not match.
 */
function addPlace(good: number[], bad: number[], findings: Findings): void {
  const first = Math.min(...bad);
  if (first === Infinity) return;
  const last = Math.max(0, ...good.filter((size) => size < first));
  const where = last + 1 === first ? `event ${first}` : `events ${last + 1} to ${first}`;
  findings.add({ what: `the change is in ${where}`, seq: first });
}

function verdict({ of, size }: Built, { checkpoints, keys }: Outside): Verdict {
  const newest = Math.max(0, ...checkpoints.map((note) => parseCheckpoint(note).size));
  const given = checkpoints.length > 0;
  const signed = keys.length > 0;
  const proven: string[] = [];
  const unproven: string[] = [];
  if (given && signed)
    proven.push(
      `the given checkpoint signs the first ${newest} events, and none of these was changed, removed or added since`,
    );
  else if (given) {
    proven.push(`the first ${newest} events are the events of the given checkpoint`);
    unproven.push(
      "whether the given checkpoint is from this log: to check this, also give the log's public key (--key)",
    );
  } else if (of === 'ledger')
    unproven.push(
      'whether the end was cut off or an older copy was restored: to check this, give a checkpoint that was kept elsewhere (--checkpoint)',
    );
  if (signed && of !== 'ledger')
    proven.push(`the given key signed the checkpoint in the file, which covers ${size} events`);
  else if (signed && !given) proven.push('the given key signed every checkpoint in the ledger');
  if (!signed && (!given || of !== 'ledger'))
    unproven.push(
      'whether someone rebuilt the ledger with a new key: to check this, give the public key that was kept elsewhere (--key)',
    );
  if (given && newest < size && of === 'ledger')
    unproven.push(
      `events ${newest + 1} to ${size} are newer than the checkpoint given: give a newer one (--checkpoint)`,
    );
  return { proven, unproven };
}

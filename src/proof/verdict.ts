import { createPublicKey, type KeyObject } from 'node:crypto';
import { openCheckpoint, parseCheckpoint, readVerifierKey, type Checkpoint } from './checkpoint.ts';
import type { Findings } from './verification.ts';

/*
 * What checkpoints and keys prove about a ledger. Those stored with it show that it is consistent; only those kept
 * elsewhere show that it was not cut, rolled back or made anew by someone who had everything stored with it.
 */

/** A public key: from PEM, or from a verifier key, which names its log too. */
export interface OutsideKey {
  name?: string;
  publicKey: KeyObject;
}

/** Checkpoints and keys that were kept elsewhere. */
export interface Outside {
  /** Signed notes. */
  checkpoints: string[];
  keys: OutsideKey[];
}

/** The ledger or bundle that is checked: its tree, as far as it could be computed, and the notes and keys stored with it. */
export interface Built {
  of: 'ledger' | 'bundle';
  size: number;
  /** The root that the tree had when it was of this size; undefined where it never was, or cannot be computed. */
  rootAt: (size: number) => string | undefined;
  /** Checkpoints stored with it. `what` names each in a sentence; `size` where a table says it too. */
  notes: { what: string; note: string; size?: number }[];
  /** Keys stored with it, used where none was kept elsewhere. */
  keys: OutsideKey[];
}

export interface Verdict {
  proven: string[];
  unproven: string[];
}

/** PEM of an Ed25519 public key, or a verifier key (`name+id+key`). Throws a sentence where it is neither. */
export function readOutsideKey(text: string): OutsideKey {
  if (!text.includes('-----BEGIN')) return readVerifierKey(text);
  // A private key contains the public one, but an auditor must not need it and must not have it.
  if (!text.includes('-----BEGIN PUBLIC KEY-----')) throw new Error('is no public key in PEM');
  let publicKey: KeyObject | undefined;
  try {
    publicKey = createPublicKey(text);
  } catch {
    // The error below says what is wrong.
  }
  if (publicKey?.asymmetricKeyType !== 'ed25519') throw new Error('is no Ed25519 public key');
  return { publicKey };
}

/** Throws where a text given as a checkpoint is not one. */
export function assess(built: Built, outside: Outside, findings: Findings): Verdict {
  const notes = [...built.notes, ...outside.checkpoints.map((note) => ({ what: 'the checkpoint given', note }))];
  const keys = outside.keys.length > 0 ? outside.keys : built.keys;
  const bad: number[] = [];
  const good: number[] = [];
  for (const { note, what, ...kept } of notes) {
    const checkpoint = readNote(note, what, keys, findings);
    if (checkpoint === undefined) continue;
    if ('size' in kept && checkpoint.size !== kept.size)
      findings.add({ what: `${what} says ${checkpoint.size}`, table: 'checkpoint', column: 'size' });
    const problem = against(checkpoint, built, what);
    if (problem !== undefined) findings.add({ what: problem });
    if (checkpoint.size <= built.size) (problem === undefined ? good : bad).push(checkpoint.size);
  }
  addPlace(good, bad, findings);
  if (outside.keys.length > 0 && notes.length === 0)
    findings.add({ what: 'there is no checkpoint that the key given could have signed' });
  return verdict(built, outside);
}

function readNote(note: string, what: string, keys: OutsideKey[], findings: Findings): Checkpoint | undefined {
  try {
    const checkpoint = parseCheckpoint(note);
    if (keys.length > 0 && !keys.some((key) => isSignedBy(note, key, checkpoint.origin))) {
      findings.add({ what: `${what} is not signed by the key: it was changed, or another key signed it` });
    }
    return checkpoint;
  } catch (error) {
    findings.add({ what: `${what} ${(error as Error).message}` });
    return undefined;
  }
}

/** A key in PEM names no log: the note's own name is taken. */
function isSignedBy(note: string, { name, publicKey }: OutsideKey, origin: string): boolean {
  try {
    openCheckpoint(note, { name: name ?? origin, publicKey });
    return true;
  } catch {
    return false;
  }
}

function against({ size, root }: Checkpoint, built: Built, what: string): string | undefined {
  if (size > built.size)
    return `${what} is of ${size} events, and there are ${built.size}: the end was cut off, or an older state was put back (a copy made before that checkpoint needs an older one)`;
  const here = built.rootAt(size);
  if (here === Buffer.from(root).toString('hex')) return undefined;
  if (here === undefined) return `${what} cannot be compared: events are missing`;
  return `${what} does not fit: the first ${size} events are not those that it was made of`;
}

/** Between the last checkpoint that fits and the first that does not. */
function addPlace(good: number[], bad: number[], findings: Findings): void {
  const first = Math.min(...bad);
  if (first === Infinity) return;
  const last = Math.max(0, ...good.filter((size) => size < first));
  const where = last + 1 === first ? `event ${first}` : `events ${last + 1} to ${first}`;
  findings.add({ what: `what does not fit is in ${where}`, seq: first });
}

function verdict({ of, size }: Built, { checkpoints, keys }: Outside): Verdict {
  const newest = Math.max(0, ...checkpoints.map((note) => parseCheckpoint(note).size));
  const given = checkpoints.length > 0;
  const signed = keys.length > 0;
  const proven: string[] = [];
  const unproven: string[] = [];
  if (given && signed)
    proven.push(
      `the first ${newest} events are those that were signed in the checkpoint given: none was changed, removed or added since`,
    );
  else if (given) {
    proven.push(`the first ${newest} events are those of the checkpoint given`);
    unproven.push("whether the checkpoint given is this log's own: give its public key as well (--key)");
  } else if (of === 'ledger')
    unproven.push(
      'whether the end was cut off or an older state put back: give a checkpoint that was kept elsewhere (--checkpoint)',
    );
  if (signed && of === 'bundle') proven.push(`the checkpoint in it, of ${size} events, is signed by the key given`);
  else if (signed && !given) proven.push('every checkpoint in it is signed by the key given');
  if (!signed && (!given || of === 'bundle'))
    unproven.push('whether all of it was made anew, key included: give the public key that was kept elsewhere (--key)');
  if (given && newest < size && of === 'ledger')
    unproven.push(
      `events ${newest + 1} to ${size} are newer than the checkpoint given: a newer one would vouch for them`,
    );
  return { proven, unproven };
}

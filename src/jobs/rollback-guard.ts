import { readFileSync } from 'node:fs';
import { createPublicKey } from 'node:crypto';
import { parseCheckpoint, type Checkpoint, type Signer } from '../proof/checkpoint.ts';
import type { Answer, Command } from '../decide/command.ts';
import { ClaimstampError, errorCode, messageOf } from '../platform/error.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Log } from '../platform/log.ts';
import { checkContinuity, discontinuityText, isOwn, type Discontinuity, type Guard } from '../proof/rollback.ts';
import { checkpointFile } from './checkpoints.ts';

/*
 * After an older copy of the ledger was restored, the service issues nothing until an admin accepts that copy. The copy
 * has old S/N counters, so the next devices would get S/Ns already in use. The copy also lacks some Claim IDs that
 * devices have. Everything else works, so people can look up and import the lost units.
 */

export interface GuardedLedger extends Guard {
  /** The ledger. It gives out no Claim ID or S/N until an admin has accepted the restored copy. */
  ledger: Ledger;
}

const GIVES_OUT: Command['kind'][] = ['issue', 'make'];

export async function guardLedger(ledger: Ledger, signer: Signer, data: string, log: Log): Promise<GuardedLedger> {
  let found = await compareWithCheckpoint(ledger, signer, data, log);
  const record = <C extends Command>(command: C): Promise<Answer<C>> => {
    if (found === undefined || !GIVES_OUT.includes(command.kind)) return ledger.record(command);
    return Promise.reject(new ClaimstampError('ledger-unavailable', `${discontinuityText(found)}. ${whatToDo(found)}`));
  };
  return {
    ledger: {
      ...ledger,
      record,
      problems: async () => [...(found === undefined ? [] : [discontinuityText(found)]), ...(await ledger.problems())],
    },
    discontinuity: () => found,
    async accept(size, actor, code) {
      // Someone has accepted the ledger already.
      if (found === undefined) return;
      if (found.seen.size !== size)
        throw new ClaimstampError(
          'invalid',
          `size: the checkpoint that contradicts this ledger covers ${found.seen.size} events`,
        );
      const root = Buffer.from(found.seen.root).toString('hex');
      const used = code === undefined ? {} : { code };
      await ledger.record({ kind: 'accept-ledger', seen: { size, root }, ...used, actor });
      found = undefined;
    },
  };
}

function whatToDo({ seen }: Discontinuity): string {
  return `Nothing is issued until the newer ledger is restored, or this one is accepted by an admin, or by a lead with a hold code: claimstamp checkpoint accept ${seen.size}`;
}

async function compareWithCheckpoint(
  ledger: Ledger,
  signer: Signer,
  data: string,
  log: Log,
): Promise<Discontinuity | undefined> {
  const file = checkpointFile(data);
  const note = readNote(file);
  const seen = note === undefined ? undefined : readCheckpoint(note, file, log);
  if (note === undefined || seen === undefined) return undefined;
  if (!isOwn(note, { name: signer.origin, publicKey: createPublicKey(signer.privateKey) }))
    log.warn(
      { file },
      'the last checkpoint was signed with another key or log name: auditors need the new key for later checkpoints',
    );
  const continuity = await checkContinuity(ledger, seen);
  if (continuity.is === 'continuous') return undefined;
  const about = { is: continuity.is, events: continuity.size, checkpointEvents: seen.size, file };
  log.error(about, `${discontinuityText(continuity)}. ${whatToDo(continuity)}`);
  return continuity;
}

/** Returns undefined if the file cannot be read, because such a file proves nothing and must not stop production. */
function readCheckpoint(note: string, file: string, log: Log): Checkpoint | undefined {
  try {
    return parseCheckpoint(note);
  } catch (error) {
    log.error(
      { file, detail: messageOf(error) },
      'the file of the last checkpoint cannot be used: a restored older ledger would not be noticed',
    );
    return undefined;
  }
}

function readNote(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

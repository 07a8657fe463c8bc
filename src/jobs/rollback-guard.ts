import { readFileSync } from 'node:fs';
import { createPublicKey } from 'node:crypto';
import { parseCheckpoint, type Checkpoint, type Signer } from '../proof/checkpoint.ts';
import type { Answer, Command } from '../decide/command.ts';
import { ClaimstampError } from '../platform/error.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Log } from '../platform/log.ts';
import { checkContinuity, discontinuityText, isOwn, type Discontinuity, type Guard } from '../proof/rollback.ts';
import { checkpointFile } from './checkpoints.ts';

/*
 * A ledger that was put back to an older state gives out nothing new until an admin accepts it: its S/N counters are
 * back as well, so the next devices would get S/Ns that others have already. Claim IDs are random, but which ones are on
 * devices is no longer known. Everything else works, so that lost units can be looked up and imported.
 */

export interface GuardedLedger extends Guard {
  /** The ledger. It gives out no Claim ID or S/N until a discontinuity has been accepted. */
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
    async accept(size, actor) {
      // A second call finds nothing to accept.
      if (found === undefined) return;
      if (found.seen.size !== size)
        throw new ClaimstampError(
          'invalid',
          `size: ${found.seen.size} events has the checkpoint that stands against this ledger`,
        );
      const root = Buffer.from(found.seen.root).toString('hex');
      await ledger.record({ kind: 'accept-ledger', seen: { size, root }, actor });
      found = undefined;
    },
  };
}

function whatToDo({ seen }: Discontinuity): string {
  return `Nothing is given out until the newer ledger is put back, or an admin goes on with this one: claimstamp checkpoint accept ${seen.size}`;
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
      'the checkpoint so far was signed by another key or for another name: who keeps that key cannot check the next ones',
    );
  const continuity = await checkContinuity(ledger, seen);
  if (continuity.is === 'continuous') return undefined;
  const about = { is: continuity.is, events: continuity.size, checkpointEvents: seen.size, file };
  log.error(about, `${discontinuityText(continuity)}. ${whatToDo(continuity)}`);
  return continuity;
}

/** A file that nobody can read vouches for nothing, and stops no line. */
function readCheckpoint(note: string, file: string, log: Log): Checkpoint | undefined {
  try {
    return parseCheckpoint(note);
  } catch (error) {
    log.error(
      { file, detail: (error as Error).message },
      'the file of the last checkpoint cannot be used: whether an older ledger was put back is not known',
    );
    return undefined;
  }
}

function readNote(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

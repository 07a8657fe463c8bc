import { readFileSync } from 'node:fs';
import { createPublicKey } from 'node:crypto';
import { parseCheckpoint, type Checkpoint, type Signer } from '../proof/checkpoint.ts';
import type { Answer, Command } from '../decide/command.ts';
import { ClaimstampError } from '../platform/error.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Log } from '../platform/log.ts';
import { isOwn, standingOf, standingText, type Guard, type Unsound } from '../proof/rollback.ts';
import { checkpointFile } from './checkpoints.ts';

/*
 * A ledger that was put back to an older state gives out nothing new until somebody says that it shall: its S/N counters
 * stand where they stood, so the next devices would get S/Ns that others have already. A Claim ID is random and met by
 * chance only, but which ones are out there nobody knows. All else goes on, so that what was lost can be looked up and
 * taken in.
 */

export interface GuardedLedger extends Guard {
  /** The ledger, which refuses what gives out Claim IDs and S/Ns as long as it is held. */
  ledger: Ledger;
}

const GIVES_OUT: Command['kind'][] = ['issue', 'make'];

export async function guardLedger(ledger: Ledger, signer: Signer, data: string, log: Log): Promise<GuardedLedger> {
  let held = await lookBack(ledger, signer, data, log);
  const record = <C extends Command>(command: C): Promise<Answer<C>> => {
    if (held === undefined || !GIVES_OUT.includes(command.kind)) return ledger.record(command);
    return Promise.reject(new ClaimstampError('ledger-unavailable', `${standingText(held)}. ${whatToDo(held)}`));
  };
  return {
    ledger: {
      ...ledger,
      record,
      problems: async () => [...(held === undefined ? [] : [standingText(held)]), ...(await ledger.problems())],
    },
    held: () => held,
    async accept(size, actor) {
      // Twice is once: the second one finds nothing that holds it.
      if (held === undefined) return;
      if (held.seen.size !== size)
        throw new ClaimstampError(
          'invalid',
          `size: ${held.seen.size} events has the checkpoint that stands against this ledger`,
        );
      const root = Buffer.from(held.seen.root).toString('hex');
      await ledger.record({ kind: 'accept-ledger', seen: { size, root }, actor });
      held = undefined;
    },
  };
}

function whatToDo({ seen }: Unsound): string {
  return `Nothing is given out until the newer ledger is put back, or an admin goes on with this one: claimstamp checkpoint accept ${seen.size}`;
}

async function lookBack(ledger: Ledger, signer: Signer, data: string, log: Log): Promise<Unsound | undefined> {
  const file = checkpointFile(data);
  const note = readNote(file);
  const seen = note === undefined ? undefined : readCheckpoint(note, file, log);
  if (note === undefined || seen === undefined) return undefined;
  if (!isOwn(note, { name: signer.origin, publicKey: createPublicKey(signer.privateKey) }))
    log.warn(
      { file },
      'the checkpoint so far was signed by another key or for another name: who keeps that key cannot check the next ones',
    );
  const standing = await standingOf(ledger, seen);
  if (standing.is === 'sound') return undefined;
  const about = { is: standing.is, events: standing.size, checkpointEvents: seen.size, file };
  log.error(about, `${standingText(standing)}. ${whatToDo(standing)}`);
  return standing;
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

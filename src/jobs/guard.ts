import { readFileSync } from 'node:fs';
import { createPublicKey } from 'node:crypto';
import type { Signer } from '../checkpoint.ts';
import type { Answer, Command } from '../command.ts';
import { ClaimstampError } from '../error.ts';
import type { Ledger } from '../ledger.ts';
import type { Log } from '../log.ts';
import { isOwn, standingOf, standingText, type Unsound } from '../standing.ts';
import { checkpointFile } from './checkpoints.ts';

/*
 * A ledger that was put back to an older state gives out nothing new until somebody says that it shall: its S/N counters
 * stand where they stood, so the next devices would get S/Ns that others have already. A Claim ID is random and met by
 * chance only, but which ones are out there nobody knows. All else goes on, so that what was lost can be looked up and
 * taken in.
 */

export interface Guard {
  /** The ledger, which refuses what gives out Claim IDs and S/Ns as long as it is held. */
  ledger: Ledger;
  held: () => Unsound | undefined;
  /** Lets the line go on; the ledger says who did. Throws `invalid` where `size` is not that of the checkpoint that was seen. */
  accept: (size: number, actor: string) => Promise<void>;
}

const GIVES_OUT: Command['kind'][] = ['issue', 'make'];

export async function guardLedger(ledger: Ledger, signer: Signer, data: string, log: Log): Promise<Guard> {
  let held = await lookBack(ledger, signer, data, log);
  const record = <C extends Command>(command: C): Promise<Answer<C>> => {
    if (held === undefined || !GIVES_OUT.includes(command.kind)) return ledger.record(command);
    return Promise.reject(new ClaimstampError('ledger-unavailable', `${standingText(held)}. ${WHAT_TO_DO}`));
  };
  return {
    ledger: {
      ...ledger,
      record,
      problems: async () => [...(held === undefined ? [] : [standingText(held)]), ...(await ledger.problems())],
    },
    held: () => held,
    async accept(size, actor) {
      if (held?.seen.size !== size)
        throw new ClaimstampError('invalid', `no checkpoint of ${size} events stands against this ledger: GET /readyz says what does`);
      const root = Buffer.from(held.seen.root).toString('hex');
      await ledger.record({ kind: 'accept-ledger', seen: { size, root }, actor });
      held = undefined;
    },
  };
}

const WHAT_TO_DO =
  'Nothing is given out until the newer ledger is put back, or an admin goes on with this one: claimstamp checkpoint accept';

async function lookBack(ledger: Ledger, signer: Signer, data: string, log: Log): Promise<Unsound | undefined> {
  const file = checkpointFile(data);
  const note = readNote(file);
  if (note === undefined) return undefined;
  try {
    const standing = await standingOf(ledger, note);
    if (!isOwn(note, { name: signer.origin, publicKey: createPublicKey(signer.privateKey) }))
      log.warn({ file }, 'the checkpoint was signed by another key, or for another name: those who keep the former key cannot check new ones');
    if (standing.is === 'sound') return undefined;
    const { is, seen, size } = standing;
    log.error({ is, events: size, checkpointEvents: seen.size, file }, `${standingText(standing)}; ${WHAT_TO_DO}`);
    return standing;
  } catch (error) {
    // A file that nobody can read vouches for nothing, and stops no line.
    log.error({ file, detail: (error as Error).message }, 'the checkpoint beside the ledger cannot be used');
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

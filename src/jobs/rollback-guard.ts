import { join } from 'node:path';
import { z } from 'zod';
import type { AcceptLedger } from '../decide/accept-ledger.ts';
import type { Answer, Command } from '../decide/command.ts';
import { clockWrong } from '../decide/new-unit.ts';
import { judgeClock } from '../model/clock.ts';
import { writeAtomically } from '../platform/atomic-file.ts';
import { ClaimstampError } from '../platform/error.ts';
import { readIfThere, removeIfThere } from '../platform/file-error.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Log } from '../platform/log.ts';
import { parseCheckpoint, type Checkpoint, type Signer } from '../proof/checkpoint.ts';
import {
  acceptedBy,
  compareWithPlaces,
  heldRefusal,
  isSignedBy,
  publicKeyOf,
  type Discontinuity,
  type Guard,
  type Place,
  type Unproven,
} from '../proof/rollback.ts';

/*
 * If the ledger does not continue the newest checkpoint that is stored elsewhere, the service issues and signs nothing.
 * The service resumes issuing and signing when an admin accepts the ledger. An older copy of the ledger has lower S/N
 * counters, so the next devices would get S/Ns that are already in use. Such a copy also lacks some of the Claim IDs
 * that devices have. If someone has rewritten events, a new signature would hide this change. The other functions of
 * the service continue to work, so that people can look up and import the lost units.
 */

export interface GuardedLedger extends Guard {
  /** The ledger, protected by the guard. Until an admin accepts the ledger, no Claim ID and no S/N is issued. */
  ledger: Ledger;
  /** Holds the ledger because another machine has taken it over. */
  hold: (found: Omit<TakenOver, 'size'>) => Promise<void>;
  /**
   * Ends the hold if its only reason was a damaged mark in the backup folder, which is now removed or repaired. Returns
   * true if a hold ended.
   */
  release: () => boolean;
}

type TakenOver = Discontinuity & { is: 'taken-over' };

export interface GuardOptions {
  signer: Signer;
  places: Place[];
  /** Reads the places again. */
  readPlaces: () => Promise<Place[]>;
  /** Returns the code of the site, which an admin may change while the service runs. */
  site: () => string | undefined;
  isShared: boolean;
  joins: boolean;
  data: string;
  log: Log;
  /** Takes back the ledger from another machine. Throws if the mark that tells the other machine cannot be written. */
  takeBack: () => Promise<void>;
}

const GIVES_OUT: Command['kind'][] = ['issue', 'make'];

export async function guardLedger(ledger: Ledger, options: GuardOptions): Promise<GuardedLedger> {
  let found = await compare(ledger, options);
  /**
   * The reason for which the ledger was already held when another machine took it over, if there was one. After the
   * ledger has been taken back, it is still held for this reason.
   */
  let beneath: Discontinuity | undefined;
  const record = <C extends Command>(command: C): Promise<Answer<C>> => {
    if (found === undefined || !GIVES_OUT.includes(command.kind)) return ledger.record(command);
    return Promise.reject(heldRefusal(found));
  };
  return {
    ledger: {
      ...ledger,
      record,
      async problems() {
        const problems = await ledger.problems();
        return [
          ...(found === undefined ? [] : [heldRefusal(found).message]),
          // If the ledger cannot be read, the clock cannot be compared with its last events.
          ...(problems.length > 0 ? problems : await clockProblems(ledger)),
        ];
      },
    },
    discontinuity: () => found,
    async accept(size, actor, code) {
      // Someone else has already accepted the ledger.
      if (found === undefined) return false;
      if (size !== acceptedBy(found)) throw new ClaimstampError('invalid', `size: ${heldRefusal(found).message}`);
      const differs = found.is === 'taken-over' ? ((await compareAgain(ledger, options)) ?? found) : found;
      if (found.is === 'taken-over') await options.takeBack();
      await acceptLedger(ledger, differs, { actor, skips: true, site: options.site(), ...(code && { code }) });
      if (found.is !== 'taken-over') await markUnproven(options.data, undefined);
      found = found.is === 'taken-over' ? beneath : undefined;
      return true;
    },
    async hold(taken) {
      const held = found?.is === 'taken-over' ? found : undefined;
      if (held !== undefined && held.torn === taken.torn) return;
      const { size } = await ledger.head();
      if (held === undefined) beneath = found;
      found = { ...taken, size };
      options.log.error({ ...found }, heldRefusal(found).message);
    },
    release() {
      if (found?.is !== 'taken-over' || found.torn === undefined) return false;
      options.log.info({ file: found.torn }, 'the damaged mark is gone: the service continues');
      found = beneath;
      return true;
    },
  };
}

async function clockProblems(ledger: Ledger): Promise<string[]> {
  const now = Date.now();
  const clock = judgeClock(now, await ledger.times());
  return 'wrong' in clock ? [clockWrong(clock, now).message] : [];
}

/**
 * Records who accepted the ledger. If the ledger does not continue a checkpoint, also records this checkpoint. Makes
 * the counters skip the numbers that the lost events may have used, unless the caller itself does this.
 */
export async function acceptLedger(
  ledger: Ledger,
  found: Discontinuity,
  accepted: Pick<AcceptLedger, 'actor' | 'code' | 'skips' | 'site'>,
): Promise<void> {
  const { seen } = 'seen' in found ? found : { seen: undefined };
  await ledger.record({
    kind: 'accept-ledger',
    ...(seen === undefined ? {} : { seen: { size: seen.size, root: rootText(seen) } }),
    ...accepted,
  });
}

export function rootText({ root }: Pick<Checkpoint, 'root'>): string {
  return Buffer.from(root).toString('hex');
}

/**
 * Compares the ledger with the newest checkpoint of the machine that has taken over, which shows how many events that
 * machine has. It may have given out numbers. If no checkpoint can be read, returns undefined.
 */
async function compareAgain(
  ledger: Ledger,
  { signer, readPlaces, isShared, joins }: GuardOptions,
): Promise<Discontinuity | undefined> {
  const parts = { isShared, joins, unproven: undefined, key: publicKeyOf(signer) };
  return compareWithPlaces(ledger, await readPlaces(), parts);
}

async function compare(
  ledger: Ledger,
  { signer, places, isShared, joins, data, log }: GuardOptions,
): Promise<Discontinuity | undefined> {
  const key = publicKeyOf(signer);
  for (const { file, note } of places)
    if (note !== undefined && isSignedBy(note, key) && parseCheckpoint(note).origin !== signer.origin)
      log.warn(
        { file },
        'the last checkpoint has a different log name: auditors need the new name for later checkpoints',
      );
  const found = await compareWithPlaces(ledger, places, { isShared, joins, unproven: readUnproven(data), key });
  if (found === undefined) return undefined;
  const { is, size } = found;
  const files = places.map(({ file }) => file);
  log.error({ is, events: size, accept: acceptedBy(found), files }, heldRefusal(found).message);
  return found;
}

/*
 * If the data folder contains the file `unproven`, the ledger was restored with events that no signature covers. The
 * restore writes this file before the ledger gets its final name. The file is removed when an admin accepts the ledger.
 */

const Marked = z.strictObject({ size: z.number().int(), signed: z.number().int() });

/** Throws if the file `unproven` exists but cannot be read, because the ledger must remain held. */
export function readUnproven(data: string): Unproven | undefined {
  const text = readIfThere(fileIn(data));
  if (text === undefined) return undefined;
  try {
    return Marked.parse(JSON.parse(text));
  } catch {
    throw new ClaimstampError(
      'invalid',
      `${fileIn(data)} is damaged, so it is unknown which events have no signature: restore the backup again with claimstamp restore`,
    );
  }
}

export async function markUnproven(data: string, unproven: Unproven | undefined): Promise<void> {
  if (unproven === undefined) removeIfThere(fileIn(data));
  else await writeAtomically(fileIn(data), JSON.stringify(unproven));
}

function fileIn(data: string): string {
  return join(data, 'unproven');
}

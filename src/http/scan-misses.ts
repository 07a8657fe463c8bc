import { isTold } from '../decide/scans/codes.ts';
import { codeIdentity } from './find-unit.ts';
import type { Services } from './services.ts';

/* How many misses scans at a station count as: a caller that guesses codes must wait. */

/**
 * Returns true if the scan contains a Claim ID. S/Ns are predictable, and each S/N leads to its Claim ID. So a look-up
 * by a scanned S/N counts as a guess.
 */
export async function namesId({ ledger, config }: Services, station: string, code: string): Promise<boolean> {
  const scans = await ledger.scanned(code, { station, identity: codeIdentity(config) });
  return scans.every(({ meaning }) => 'claimId' in meaning);
}

/**
 * The fraction of a miss that a code counts as if the answer says what is wrong with the code: it is incomplete, or was
 * typed with another keyboard layout. Such a code is not a guess. A broken or misconfigured scanner sends nothing else,
 * and an operator cannot scan ten times the allowed number of misses. It still counts, because the answer can depend on
 * which codes exist.
 */
const TOLD_MISS = 0.1;

/**
 * Returns the number of misses that these scans count as. If any of the codes may be a guess, they count as one miss.
 */
export async function missesOf({ ledger, config }: Services, station: string, sent: string[]): Promise<number> {
  const at = { station, identity: codeIdentity(config) };
  const scans = (await Promise.all(sent.map((code) => ledger.scanned(code, at)))).flat();
  return scans.every(isTold) ? Math.min(1, TOLD_MISS * scans.length) : 1;
}

export async function isOurs({ ledger, config }: Services, station: string, code: string): Promise<boolean> {
  const scans = await ledger.scanned(code, { station, identity: codeIdentity(config) });
  return scans.every(({ unit }) => unit !== undefined);
}

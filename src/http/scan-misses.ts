import { isTold } from '../decide/scans/codes.ts';
import { codeIdentity } from './find-unit.ts';
import type { Services } from './services.ts';

/* How many misses the scans at a station count for: a caller that guesses codes must wait. */

/**
 * True if the scan names a Claim ID. S/Ns are predictable, and each S/N leads to its Claim ID. So a look-up by a scanned
 * S/N counts as a guess.
 */
export async function namesId({ ledger, config }: Services, station: string, code: string): Promise<boolean> {
  const scans = await ledger.scanned(code, { station, identity: codeIdentity(config) });
  return scans.every(({ meaning }) => 'claimId' in meaning);
}

/**
 * The part of a miss that a code counts for if the answer tells what is wrong with it: a part of a code, or another
 * keyboard layout. Such a code is no guess: a scanner that is broken or set wrongly sends nothing else, and ten times
 * the misses are more than one operator can scan. It is not free, because the answer can still depend on which codes
 * exist.
 */
const TOLD_MISS = 0.1;

/** Returns the number of misses that these scans count for. If one of the codes may be a guess, they are one miss. */
export async function missesOf({ ledger, config }: Services, station: string, sent: string[]): Promise<number> {
  const at = { station, identity: codeIdentity(config) };
  const scans = (await Promise.all(sent.map((code) => ledger.scanned(code, at)))).flat();
  return scans.every(isTold) ? Math.min(1, TOLD_MISS * scans.length) : 1;
}

export async function isOurs({ ledger, config }: Services, station: string, code: string): Promise<boolean> {
  const scans = await ledger.scanned(code, { station, identity: codeIdentity(config) });
  return scans.every(({ unit }) => unit !== undefined);
}

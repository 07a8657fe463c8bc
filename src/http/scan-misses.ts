import { isTold } from '../decide/scans/codes.ts';
import { codeIdentity } from './find-unit.ts';
import type { Services } from './services.ts';

/*
 * Decides whether a scan at a station is counted as a miss or as a fraction of one. A caller with too many misses must
 * wait, so that codes cannot be guessed.
 */

/**
 * Returns true if the scan contains a Claim ID. S/Ns are predictable, and each S/N leads to its Claim ID. So a look-up
 * by a scanned S/N counts as a guess.
 */
export async function namesId({ ledger, config }: Services, station: string, code: string): Promise<boolean> {
  const scans = await ledger.scanned(code, { station, identity: codeIdentity(config) });
  return scans.every(({ meaning }) => 'claimId' in meaning);
}

/**
 * If the answer says that a code is incomplete or was typed with another keyboard layout, the code is counted as this
 * fraction of a miss. Such a code is usually not a guess: a broken or misconfigured scanner sends only such codes. An
 * operator cannot scan so fast that these fractions exceed the allowed number of misses. The code still counts a
 * little, because the answer can depend on which codes exist.
 */
const TOLD_MISS = 0.1;

/** Returns the number of misses for these scans. If any of the codes may be a guess, the scans count as one miss. */
export async function missesOf({ ledger, config }: Services, station: string, sent: string[]): Promise<number> {
  const at = { station, identity: codeIdentity(config) };
  const scans = (await Promise.all(sent.map((code) => ledger.scanned(code, at)))).flat();
  return scans.every(isTold) ? Math.min(1, TOLD_MISS * scans.length) : 1;
}

export async function isOurs({ ledger, config }: Services, station: string, code: string): Promise<boolean> {
  const scans = await ledger.scanned(code, { station, identity: codeIdentity(config) });
  return scans.every(({ unit }) => unit !== undefined);
}

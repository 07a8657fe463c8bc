import { refusal } from '../platform/error.ts';
import type { UnitHistory } from '../contract/ledger.ts';
import { parse } from '../model/claim-id.ts';
import type { Principal } from './auth.ts';
import type { Services } from './services.ts';

/** A Claim ID in a path, as a person typed it. */
export function canonical(typed: string): string {
  const uci = parse(typed);
  if (uci === undefined) throw refusal('not-found', 'notClaimId');
  return uci;
}

/**
 * Returns the unit with this Claim ID. For a unit at another station, a kiosk gets the same answer as for an unknown
 * Claim ID.
 */
export async function findUnit(
  { ledger }: Pick<Services, 'ledger'>,
  who: Principal,
  typed: string,
): Promise<UnitHistory> {
  const history = await ledger.unit(canonical(typed));
  if (!history || (who.kiosk !== undefined && history.unit.station !== who.kiosk))
    throw refusal('not-found', 'claimId');
  return history;
}

import { refusal } from '../platform/error.ts';
import type { UnitHistory } from '../contract/ledger.ts';
import { parse } from '../model/claim-id.ts';
import type { Principal } from './auth.ts';
import type { Services } from './services.ts';

/** The Claim ID that a person typed into a path. */
export function canonical(typed: string): string {
  const uci = parse(typed);
  if (uci === undefined) throw refusal('not-found', 'notClaimId');
  return uci;
}

/**
 * Returns the unit with this Claim ID. A kiosk gets the same answer for a unit at another station as for an unknown ID.
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

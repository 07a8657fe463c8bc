import { refusal } from '../platform/error.ts';
import type { UnitHistory } from '../contract/ledger.ts';
import type { Config } from '../config.ts';
import { notRead, type CodeIdentity } from '../decide/scans/codes.ts';
import { parse } from '../model/claim-id.ts';
import { maskedUnit, numberIn } from '../model/masking.ts';
import type { Unit } from '../model/unit.ts';
import { sees } from './auditor.ts';
import { isAtStation, type Principal } from './auth.ts';
import type { Services } from './services.ts';

/** Returns the standard form of a Claim ID that a person typed into a path. */
function canonical(typed: string): string {
  const uci = parse(typed);
  if (uci === undefined) throw refusal('not-found', 'notClaimId');
  return uci;
}

/**
 * `typed` is the masked Claim ID that an auditor typed. Returns the unit's complete Claim ID, or undefined if there is
 * no such unit.
 */
export async function unmasked({ ledger }: Pick<Services, 'ledger'>, typed: string): Promise<string | undefined> {
  const id = numberIn(typed);
  if (id === undefined) return undefined;
  const [unit] = (await ledger.units({ id, after: 0, limit: 1 })).units;
  return unit !== undefined && maskedUnit(unit) === typed.trim() ? unit.uci : undefined;
}

/** Returns the properties that are used to find a unit when a device's code is scanned. */
export function codeIdentity({
  identityProperties,
  identityMacs,
}: Pick<Config, 'identityProperties' | 'identityMacs'>): CodeIdentity {
  return { properties: identityProperties, macs: identityMacs };
}

/** Returns the Claim ID that a person typed or scanned, for example from the address in a QR code. */
export async function scannedId(
  { ledger, config }: Pick<Services, 'ledger' | 'config'>,
  sent: string,
): Promise<string> {
  const typed = parse(sent);
  if (typed !== undefined) return typed;
  const [scan, ...others] = await ledger.scanned(sent, { identity: codeIdentity(config) });
  if (scan !== undefined && others.length === 0 && 'claimId' in scan.meaning) return scan.meaning.claimId;
  return canonical(sent);
}

/**
 * Returns the Claim ID of the unit that a scanned code names: its Claim ID, S/N or identity. `isNamed` is true if the
 * code is the Claim ID itself.
 */
export async function scannedUnit(
  { ledger, config }: Pick<Services, 'ledger' | 'config'>,
  sent: string,
): Promise<{ uci: string; isNamed: boolean }> {
  const typed = parse(sent);
  if (typed !== undefined && (await ledger.unit(typed)) !== undefined) return { uci: typed, isNamed: true };
  const [scan, ...others] = await ledger.scanned(sent, { identity: codeIdentity(config) });
  if (scan === undefined || others.length > 0) throw refusal('not-found', 'notClaimId');
  if (scan.unit === undefined) throw notRead(scan);
  return { uci: scan.unit.uci, isNamed: 'claimId' in scan.meaning };
}

/**
 * Returns the unit with this Claim ID. If a kiosk asks for another station's unit, the answer is the same as for an
 * unknown Claim ID. The same applies if an auditor asks for a unit of another product.
 */
export async function findUnit(
  services: Pick<Services, 'ledger' | 'config'>,
  who: Principal,
  typed: string,
): Promise<UnitHistory> {
  // Callers may also send a masked Claim ID, because the search suggestions contain masked Claim IDs.
  const known = who.may.has('units:list') ? await unmasked(services, typed) : undefined;
  const uci = known ?? (await scannedId(services, typed));
  const history = await services.ledger.unit(uci);
  if (!history || !isAtStation(who, history.unit.station) || !sees(who, history.unit.product))
    throw refusal('not-found', 'claimId');
  return history;
}

/** The refusals of `unitFor`. */
export const UNIT_REFUSALS = ['not-found', 'serial-ambiguous', 'scan-not-clear'] as const;

/** Returns the unit that a typed or scanned filter names by its Claim ID (masked or complete), S/N or identity. */
export async function unitFor(
  services: Pick<Services, 'ledger' | 'config'>,
  who: Principal,
  sought: string,
): Promise<Unit> {
  const isMasked = who.auditor !== undefined || numberIn(sought) !== undefined;
  const { uci } = isMasked ? { uci: sought } : await scannedUnit(services, sought);
  return (await findUnit(services, who, uci)).unit;
}

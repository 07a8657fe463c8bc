import { identityKey } from '../../model/identity/spelling.ts';
import { DEFAULT_IDENTITY, type IdentityRules } from '../../model/identity/placeholders.ts';
import { labelSetOf } from '../../model/labels/label-set.ts';
import { lengthsOf, qrsOf, type Product } from '../../model/product.ts';
import type { ScanRules } from '../../model/scan/known.ts';
import { readScan, type Meaning } from '../../model/scan/read.ts';
import type { Station } from '../../model/station.ts';
import type { Unit } from '../../model/unit.ts';
import { refusal, type ClaimstampError } from '../../platform/error.ts';
import type { Seen } from '../seen.ts';

/** The meaning of a scanned code in this ledger, and the unit that the code belongs to. */
export interface Scan {
  meaning: Meaning;
  unit?: Unit;
}

/** The settings that say which properties identify devices, and which of these properties are MACs. */
export type CodeIdentity = Pick<IdentityRules, 'properties' | 'macs'>;

/**
 * Reads all codes that a scanner sent. A code can be a Claim ID, an S/N, the content of a product's QR code, or an
 * identity value of a device. No S/N can be read as a Claim ID (promise 9).
 */
export function scansOf(
  seen: Seen,
  sent: string,
  station: Pick<Station, 'scanPrefix'> | undefined,
  identity: CodeIdentity = DEFAULT_IDENTITY,
): Scan[] {
  const meanings = readScan(sent, rulesFor(seen.products(), station), seen.codes(identity));
  return meanings.map((meaning) => {
    const unit = unitOf(seen, meaning);
    return unit === undefined ? { meaning } : { meaning, unit };
  });
}

/**
 * True if the answer tells what is wrong with the code: a part is missing, the text is two codes, or the keyboard
 * layout is wrong.
 */
export function isTold({ meaning }: Scan): boolean {
  return 'told' in meaning && meaning.told !== 'not-ours';
}

/** True if the code is a unit's code that came through a wrong keyboard layout. */
export function isOfLayout({ meaning }: Scan): boolean {
  return 'told' in meaning && meaning.told.startsWith('layout-');
}

function rulesFor(products: Product[], station: Pick<Station, 'scanPrefix'> | undefined): ScanRules {
  return {
    qrs: [...new Set(products.flatMap(qrsOf))],
    roles: [...new Set(products.flatMap(labelSetOf).map(({ role }) => role))],
    claimIdLengths: [...new Set(products.flatMap(lengthsOf))],
    prefix: station?.scanPrefix ?? '',
  };
}

function unitOf(seen: Seen, meaning: Meaning): Unit | undefined {
  if ('claimId' in meaning) return seen.unit(meaning.claimId);
  if ('serial' in meaning) {
    const { serial } = meaning;
    const owners = seen.unitsBySerial(serial).filter((unit) => unit.serial === serial);
    if (owners.length > 1) throw refusal('serial-ambiguous', 'scanId', { serial, count: owners.length });
    return owners[0];
  }
  if (!('identity' in meaning)) return undefined;
  const { property, value } = meaning.identity;
  const key = property === 'serial' || property === 'uid' ? undefined : identityKey(value);
  const owners = seen.unitsByIdentity(undefined, key === undefined ? [property, value] : [property, value, key]);
  if (owners.length > 1) throw refusal('serial-ambiguous', 'identity', { property, count: owners.length });
  return owners[0];
}

/** Returns the refusal for a code that could not be read or belongs to no unit. */
export function notRead({ meaning }: Scan): ClaimstampError {
  const told = 'told' in meaning ? meaning.told : 'not-ours';
  return told === 'not-ours' ? refusal('not-found', 'code') : refusal('scan-not-clear', told);
}

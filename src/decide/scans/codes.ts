import { identityKey, DEFAULT_IDENTITY, type IdentityRules } from '../../model/body.ts';
import { lengthsOf, qrsOf, type Product } from '../../model/product.ts';
import type { ScanRules } from '../../model/scan/known.ts';
import { readScan, type Meaning } from '../../model/scan/read.ts';
import type { Station } from '../../model/station.ts';
import type { Unit } from '../../model/unit.ts';
import { refusal, type ClaimstampError } from '../../platform/error.ts';
import type { Seen } from '../seen.ts';

/** Finds what a scan means in this ledger, and which unit has the code. */
export interface Scan {
  meaning: Meaning;
  unit?: Unit;
}

/** The properties that identify devices, and which of them are MACs (settings of the service). */
export type CodeIdentity = Pick<IdentityRules, 'properties' | 'macs'>;

/**
 * Reads each code that a scanner sent. A code can be a Claim ID, an S/N (no S/N can be read as a Claim ID, promise 9),
 * the content of a product's QR, or an identity value of a device.
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

/** True if the answer says what is wrong with the code: only a part, two codes, or another keyboard layout. */
export function isTold({ meaning }: Scan): boolean {
  return 'told' in meaning && meaning.told !== 'not-ours';
}

/** True if the code is a unit's code, typed with another keyboard layout. */
export function isOfLayout({ meaning }: Scan): boolean {
  return 'told' in meaning && meaning.told.startsWith('layout-');
}

function rulesFor(products: Product[], station: Pick<Station, 'scanPrefix'> | undefined): ScanRules {
  return {
    qrs: [...new Set(products.flatMap(qrsOf))],
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

/** Returns the refusal for a code that belongs to no unit, or that could not be read. */
export function notRead({ meaning }: Scan): ClaimstampError {
  const told = 'told' in meaning ? meaning.told : 'not-ours';
  return told === 'not-ours' ? refusal('not-found', 'code') : refusal('scan-not-clear', told);
}

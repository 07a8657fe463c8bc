import type { ImportedUnit } from './imported-unit.ts';

/** Something that only one unit may have: a Claim ID, an S/N or the value of an identity property. */
export interface Claim {
  /** `uci`, `serial`, or `identity` with the name of the property. */
  what: string;
  /**
   * The product of the S/N or identity. A Claim ID has no product here, because Claim IDs are unique across products.
   */
  product: string;
  value: string;
}

/**
 * An import that is recorded in parts. A ledger has at most one unfinished import. If the importing process has
 * stopped, other processes that share the ledger may complete or drop its import.
 */
export interface Importing {
  id: string;
  /**
   * The name of the importing process (`processOf`). A restarted process uses this name to find its unfinished import,
   * and then completes or drops the import.
   */
  process: string;
  actor: string;
  /** The time of the last part in ms since 1970. */
  at: number;
  /** The number of units of the import. */
  units: number;
  /** The request's Idempotency-Key and its fingerprint, in hexadecimal. */
  once?: { key: string; fingerprint: string };
  /** The number of the event `import-begun`. After this event, the import is always completed. */
  begun?: number;
  /** The products and work orders that the imported units name. Set at the start of the import. */
  products?: string[];
  workOrders?: string[];
  /** The number of the last event. Set when all units are recorded or the claims are dropped. */
  ended?: number;
  /** The first and the last event of the previous import. */
  former?: [begun: number, ended: number];
}

/** Units that an import has claimed but not yet recorded. */
export interface ImportPart {
  part: number;
  /** The units as JSON. The event `import-begun` contains the hash of this text. */
  units: string;
}

/** Returns the values that a unit claims. Until the unit is recorded, no other unit may take these values. */
export function claimsOf({ uci, product, serial, identity }: ImportedUnit): Claim[] {
  return [
    uciClaim(uci),
    ...(serial === undefined ? [] : [serialClaim(product, serial)]),
    ...identity.map((one) => identityClaim(product, one)),
  ];
}

export function uciClaim(value: string): Claim {
  return { what: 'uci', product: '', value };
}

/** S/Ns are compared case-insensitively, so two S/Ns that differ only in case make the same claim. */
export function serialClaim(product: string, serial: string): Claim {
  return { what: 'serial', product, value: serial.toLowerCase() };
}

export function identityClaim(
  product: string,
  [property, value, key = value]: ImportedUnit['identity'][number],
): Claim {
  return { what: `identity ${property}`, product, value: key };
}

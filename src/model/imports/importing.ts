import type { ImportedUnit } from './imported-unit.ts';

/** Something that only one unit may have: a Claim ID, an S/N or the value of an identity property. */
export interface Claim {
  /** `uci`, `serial`, or `identity` with the name of the property. */
  what: string;
  /** The product that the S/N or the identity belongs to. Claim IDs belong to no product. */
  product: string;
  value: string;
}

/**
 * An import in parts. A ledger has at most one unfinished import. If its process was lost, other processes that share
 * the ledger may end it.
 */
export interface Importing {
  id: string;
  /** Names the importing process (`processOf`), so that the process ends its unfinished import when it starts again. */
  process: string;
  actor: string;
  /** The time of the last part in ms since 1970. */
  at: number;
  /** The number of units of the import. */
  units: number;
  /** The request's Idempotency-Key and its fingerprint, in hexadecimal. */
  once?: { key: string; fingerprint: string };
  /** The number of the event `import-begun`. From this event on, the import is always completed. */
  begun?: number;
  /** The products and work orders that the units name. Set when the import begins. */
  products?: string[];
  workOrders?: string[];
  /** The number of the last event. Set when all units are recorded, or when the claims are dropped. */
  ended?: number;
  /** The first and the last event of the previous import. */
  former?: [begun: number, ended: number];
}

/** Stored units of an import that are claimed but not yet recorded. */
export interface ImportPart {
  part: number;
  /** The units as JSON. The event `import-begun` contains the hash of this text. */
  units: string;
}

/** Returns the values that a unit claims. No other unit may take them before the unit is recorded. */
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

/** Two S/Ns that differ only in the case of their letters are one claim. */
export function serialClaim(product: string, serial: string): Claim {
  return { what: 'serial', product, value: serial.toLowerCase() };
}

export function identityClaim(
  product: string,
  [property, value, key = value]: ImportedUnit['identity'][number],
): Claim {
  return { what: `identity ${property}`, product, value: key };
}

/** The settings that the reading of a code depends on. */
export interface ScanRules {
  /** The contents of the products' QR codes, with `{uci}` in place of the Claim ID. */
  qrs: readonly string[];
  /** The lengths of the products' Claim IDs. */
  claimIdLengths: readonly number[];
  /** The text that the scanner adds before each code, or an empty string. */
  prefix: string;
}

/** Look-ups of units' codes. Each look-up uses an index. */
export interface KnownCodes {
  hasClaimId: (uci: string) => boolean;
  /** `begin` is the beginning of a Claim ID in the spelling of the ledger. */
  beginsClaimId: (begin: string) => boolean;
  /** Returns the S/Ns that are equal to this text if case is ignored. */
  serials: (text: string) => string[];
  /** True if an S/N begins with this text if case is ignored. */
  beginsSerial: (begin: string) => boolean;
  /** Returns a few S/Ns as examples: the last one of each recently made product. */
  sampleSerials: () => string[];
  /** Returns the identity properties that have this value, each with the value as the device sent it. */
  identities: (value: string) => IdentityValue[];
  /** True if a MAC or EUI-64 begins with these hexadecimal digits (in lowercase). */
  beginsIdentity: (digits: string) => boolean;
}

export interface IdentityValue {
  property: string;
  value: string;
}

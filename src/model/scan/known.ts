/** The settings that determine how a code is read. */
export interface ScanRules {
  /** The contents of the products' QR codes, with `{uci}` instead of the Claim ID. */
  qrs: readonly string[];
  /** The lengths of the products' Claim IDs. */
  claimIdLengths: readonly number[];
  /** The roles of the products' labels. */
  roles?: readonly string[];
  /** The text that the scanner adds before each code, or an empty string. */
  prefix: string;
}

/** Look-ups of the codes of units. Each look-up uses a database index. */
export interface KnownCodes {
  hasClaimId: (uci: string) => boolean;
  /** `begin` is the beginning of a Claim ID, spelled as in the ledger. */
  beginsClaimId: (begin: string) => boolean;
  /** Returns the S/Ns that equal this text, ignoring case. */
  serials: (text: string) => string[];
  /** True if a unit has an S/N that begins with this text, ignoring case. */
  beginsSerial: (begin: string) => boolean;
  /**
   * Returns a few S/Ns as examples. For each product that was made recently, the list contains the last S/N of the
   * product.
   */
  sampleSerials: () => string[];
  /** Returns the identity properties that have this value, each with the value in the device's spelling. */
  identities: (value: string) => IdentityValue[];
  /** True if a unit has a MAC or EUI-64 that begins with these hexadecimal digits (in lowercase). */
  beginsIdentity: (digits: string) => boolean;
}

export interface IdentityValue {
  property: string;
  value: string;
}

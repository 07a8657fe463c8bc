import type { Permission, TokenRole } from './role.ts';

/** A lead uses a hold code once, to accept a ledger that was restored to an older state. */
export const CREDENTIAL_KINDS = ['station-key', 'token', 'session', 'link', 'hold-code', 'printer-token'] as const;

/** A secret that identifies a person, a program or a screen. Times are in ms since 1970. */
export interface Credential {
  /** The SHA-256 of the secret. */
  hash: Uint8Array;
  kind: (typeof CREDENTIAL_KINDS)[number];
  /**
   * The name of the token or hold code. For other secrets, the name of the owner: a station (key or kiosk), a person
   * (session or link) or a printer (the token of its print agent). The link for the first admin has an empty name.
   */
  name: string;
  /** The role of a token. A person's session has no role here, because the person's current role applies. */
  role?: TokenRole;
  scopes?: Permission[];
  /** `kiosk` is true for a kiosk's session or link. A kiosk can open only the screen of the station `name`. */
  kiosk?: true;
  at: number;
  expiresAt?: number;
  /** The session that this link opens expires at this time at the latest. Only a kiosk's link has this member. */
  sessionUntil?: number;
  /** The approximate time of the last use. */
  usedAt?: number;
  /**
   * The person whose badge was scanned last. Only a kiosk's session has `operator` and `operatorAt`. `operatorAt` is
   * the approximate time at which this person last acted.
   */
  operator?: string;
  operatorAt?: number;
  revokedAt?: number;
  /**
   * The issuer's ID (`sid`) of the session from which this session was opened. Only a session that was opened by
   * sign-on has this member.
   */
  issuerSession?: string;
  /** The address from which the session was opened. Only a session has this member. */
  source?: string;
  /** The time when the person last typed the password in this session. Only a person's session has this member. */
  confirmedAt?: number;
}

export function isLive({ expiresAt, revokedAt }: Credential, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
}

/** Returns the `actor` of events made with a token, or of events made at a kiosk. */
export function tokenActor(name: string): string {
  return `token:${name}`;
}

/**
 * Returns the `actor` of the print agent of this printer. A print agent has no permission to change anything, so no
 * event in the ledger has this actor.
 */
export function printAgentActor(printer: string): string {
  return `printer:${printer}`;
}

export function kioskActor(station: string): string {
  return `kiosk:${station}`;
}

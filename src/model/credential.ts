import type { Permission, Role } from './role.ts';

/** A hold code is for one use: with it, a lead accepts a ledger that was restored to an older state. */
export const CREDENTIAL_KINDS = ['station-key', 'token', 'session', 'link', 'hold-code'] as const;

/** A secret that identifies a person, a program or a screen. Times are in ms since 1970. */
export interface Credential {
  /** The SHA-256 of the secret. */
  hash: Uint8Array;
  kind: (typeof CREDENTIAL_KINDS)[number];
  /** The name of the station (key, kiosk), token, hold code or person (session, link). Empty for the first admin. */
  name: string;
  /** Only tokens, and links that make a person, have a role here. A person's session uses the person's current role. */
  role?: Role;
  scopes?: Permission[];
  /** Set for the session or link of a kiosk. It gives access only to the screen of the station `name`. */
  kiosk?: true;
  at: number;
  expiresAt?: number;
  /** Only for the link of a kiosk: when the session that it opens ends at the latest. */
  sessionUntil?: number;
  /** The approximate time of the last use. */
  usedAt?: number;
  /** Only for a kiosk's session. This is the owner of the last scanned badge, who last acted at about `operatorAt`. */
  operator?: string;
  operatorAt?: number;
  revokedAt?: number;
  /** Only for a session: the address from which it was opened. */
  source?: string;
  /** Only for a person's session: when the person last typed the password in it. */
  confirmedAt?: number;
}

export function isLive({ expiresAt, revokedAt }: Credential, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
}

/** Returns the `actor` of events made with a token, or of events made at a kiosk. */
export function tokenActor(name: string): string {
  return `token:${name}`;
}

export function kioskActor(station: string): string {
  return `kiosk:${station}`;
}

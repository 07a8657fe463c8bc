import type { Permission, Role } from './role.ts';

/** A secret that identifies a person, a program or a screen. Times are in ms since 1970. */
export interface Credential {
  /** SHA-256 of the secret. */
  hash: Uint8Array;
  kind: 'station-key' | 'token' | 'session' | 'link';
  /** The station of a key or kiosk, the token's name, or the person of a session or link. Empty for the first admin. */
  name: string;
  /** Only for tokens, and for links that make a person. A person's session uses the person's current role. */
  role?: Role;
  scopes?: Permission[];
  /** Set for the session or link of a kiosk, which gives access only to the screen of the station `name`. */
  kiosk?: true;
  at: number;
  expiresAt?: number;
  /** Approximate time of the last use. */
  usedAt?: number;
  /** Only for a kiosk's session: the owner of the last scanned badge. `operatorAt` is about when they last acted. */
  operator?: string;
  operatorAt?: number;
  revokedAt?: number;
}

export function isLive({ expiresAt, revokedAt }: Credential, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
}

/** The `actor` of events made with a token, and of events made at a kiosk. */
export function tokenActor(name: string): string {
  return `token:${name}`;
}

export function kioskActor(station: string): string {
  return `kiosk:${station}`;
}

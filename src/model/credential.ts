import type { Permission, Role } from './role.ts';

/** A secret that identifies a person, a program or a screen. Times in ms since 1970. */
export interface Credential {
  /** SHA-256 of the secret. */
  hash: Uint8Array;
  kind: 'station-key' | 'token' | 'session' | 'link';
  /** The station of a key or kiosk; a token's name; the person of a session or link, empty for the first admin's link. */
  name: string;
  /** Tokens, and links that make a person. A person's session uses the person's current role. */
  role?: Role;
  scopes?: Permission[];
  /** A kiosk's session or link: for the screen at the station of this name, and nothing else. */
  kiosk?: true;
  at: number;
  expiresAt?: number;
  /** Approximate time of its last use. */
  usedAt?: number;
  /** A kiosk's session only: the owner of the badge scanned last, and the approximate time of their last action. */
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

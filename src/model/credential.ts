import type { Permission, Role } from './role.ts';

/** A secret that stands for somebody. Times in ms since 1970. */
export interface Credential {
  /** SHA-256 of the secret. */
  hash: Uint8Array;
  kind: 'station-key' | 'token' | 'session' | 'link';
  /** A key's or a kiosk's station; a token's own name; the person of a session or link, empty for the very first one. */
  name: string;
  /** Of tokens, and of links that make a person. A person's session has the person's role as it is now. */
  role?: Role;
  scopes?: Permission[];
  /** A kiosk's session or link: for the screen at the station of this name, and nothing else. */
  kiosk?: true;
  at: number;
  expiresAt?: number;
  /** About when it was last shown. */
  usedAt?: number;
  /** Of a kiosk's session: whose badge was scanned last, and about when they last did something (badge.ts). */
  operator?: string;
  operatorAt?: number;
  revokedAt?: number;
}

export function isLive({ expiresAt, revokedAt }: Credential, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
}

/** How the holder of a token, and the screen of a kiosk, are named as an event's `actor`. */
export function tokenActor(name: string): string {
  return `token:${name}`;
}

export function kioskActor(station: string): string {
  return `kiosk:${station}`;
}

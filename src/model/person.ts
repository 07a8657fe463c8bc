import type { PersonRole } from './role.ts';

export interface Person {
  name: string;
  role: PersonRole;
  /** Salted hash with its parameters, as `http/password.ts` writes it; without it only a link signs in. */
  password?: string;
  /** What the barcode of their badge says. */
  badge?: string;
  at: number;
  removedAt?: number;
}

/** How a person is named as an event's `actor`. */
export function personActor(name: string): string {
  return `person:${name}`;
}

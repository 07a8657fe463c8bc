import { z } from 'zod';
import { PERSON_ROLES } from './role.ts';

export const PersonSettings = z.strictObject({
  role: z.enum(PERSON_ROLES).describe('What the person may do'),
  badge: z
    .string()
    .regex(/^[\x21-\x7e]{4,64}$/, 'must be 4 to 64 letters, digits or signs without spaces')
    .optional()
    .describe("What the barcode of the person's badge says, for the screens of stations"),
});

export type Person = z.infer<typeof PersonSettings> & {
  name: string;
  /** Salted hash with its parameters, as `http/password.ts` writes it; without it only a link signs in. */
  password?: string;
  at: number;
  removedAt?: number;
};

/** How a person is named as an event's `actor`. */
export function personActor(name: string): string {
  return `person:${name}`;
}

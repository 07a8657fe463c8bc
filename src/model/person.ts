import { z } from 'zod';
import { PERSON_ROLES } from './role.ts';

export const PersonSettings = z.strictObject({
  role: z.enum(PERSON_ROLES).describe('Permissions of the person'),
  badge: z
    .string()
    .regex(/^[\x21-\x7e]{4,64}$/, 'must be 4 to 64 letters, digits or signs without spaces')
    .optional()
    .describe("Content of the person's badge barcode, for the screens of stations"),
});

export type Person = z.infer<typeof PersonSettings> & {
  name: string;
  /**
   * The salted hash of the password with its parameters (http/password.ts). A person without a password can sign in
   * only with a link.
   */
  password?: string;
  at: number;
  removedAt?: number;
};

/** The `actor` of a person's events. */
export function personActor(name: string): string {
  return `person:${name}`;
}

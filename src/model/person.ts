import { z } from 'zod';
import { dayBegins } from '../platform/day.ts';
import { ProductId } from './product.ts';
import { PERSON_ROLES } from './role.ts';

/** Auditors with more products than this would see most of the factory. The limit also keeps a person's row small. */
const MAX_PRODUCTS = 50;

const OF_AUDITOR = { 'x-when': { setting: 'role', is: ['auditor'] } };

export const PersonSettings = z.strictObject({
  role: z.enum(PERSON_ROLES).describe('Permissions of the person'),
  badge: z
    .string()
    .regex(/^[\x21-\x7e]{4,64}$/, 'must be 4 to 64 letters, digits or other characters, without spaces')
    .optional()
    .meta({
      description:
        "Text in the code (QR code or barcode) of the person's badge, such as OP-4711, which the person scans at the screens of stations",
      'x-when': { setting: 'role', is: PERSON_ROLES.filter((role) => role !== 'auditor') },
    }),
  ends: z.iso
    .date('must be a day such as 2026-11-25')
    .optional()
    .meta({ description: "Last day of an auditor's access, in the time zone of the service", ...OF_AUDITOR }),
  products: z
    .array(ProductId)
    .min(1)
    .max(MAX_PRODUCTS)
    .optional()
    .meta({ description: 'IDs of the products that an auditor sees, for example VALVE GAUGE', ...OF_AUDITOR }),
});

export type Person = z.infer<typeof PersonSettings> & {
  name: string;
  /**
   * A hash of the password, which contains its salt and parameters (http/password.ts). A person without a password can
   * sign in only with a link.
   */
  password?: string;
  /**
   * The issuer (OpenID Connect) that the person signs on with, and the issuer's own ID of the person. Only these two
   * identify the person: names and mail addresses can be given to someone else. Such a person has no password.
   */
  issuer?: string;
  subject?: string;
  at: number;
  removedAt?: number;
};

/**
 * Returns a badge's code in the form in which codes are compared. Caps Lock or a wrong keyboard layout changes the case
 * and the special characters of a scanned code. So codes that differ only in case or special characters have the same
 * form.
 */
export function badgeKey(badge: string): string {
  const letters = badge.toUpperCase().replace(/[^0-9A-Z]/g, '');
  return letters === '' ? badge : letters;
}

/** Returns the person whose badge has this code. Returns undefined if that person's access has ended. */
export function wearerOf(people: Person[], badge: string, now: number): Person | undefined {
  return holderOf(
    people.filter((person) => hasAccess(person, now)),
    badge,
  );
}

/**
 * Returns the person with this badge. In an older ledger, the codes of two badges may have the same form (`badgeKey`),
 * so an exact match comes first.
 */
export function holderOf(people: Person[], badge: string): Person | undefined {
  const live = people.filter((person) => person.badge !== undefined && person.removedAt === undefined);
  return (
    live.find((person) => person.badge === badge) ??
    live.find((person) => person.badge !== undefined && badgeKey(person.badge) === badgeKey(badge))
  );
}

/** The `actor` of a person's events. */
export function personActor(name: string): string {
  return `person:${name}`;
}

/**
 * Returns the first moment after the last day of access. Returns undefined for a person without a last day. Auditors
 * have a last day. A person who tries to sign on after the issuer's groups stopped giving a role also gets one: the day
 * before this attempt. The person loses it when the groups give a role at a later sign-on.
 */
export function endOf({ ends }: Pick<Person, 'ends'>): number | undefined {
  return ends === undefined ? undefined : dayBegins(ends, 1);
}

/** False if the person was removed, or if the last day of the person's access is over. */
export function hasAccess(person: Person, now: number): boolean {
  return person.removedAt === undefined && !isOver(person, now);
}

/**
 * True if the last day of the person's access is over. An auditor's row always has a last day. If the last day is
 * missing, someone changed the row in the database file, so the last day counts as over.
 */
export function isOver(person: Pick<Person, 'role' | 'ends'>, now: number): boolean {
  return now >= (endOf(person) ?? (person.role === 'auditor' ? 0 : Infinity));
}

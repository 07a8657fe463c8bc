import { z } from 'zod';

/** A day, which stands for all of it, or a moment (RFC 3339). */
export const When = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: 'must be a day such as 2026-11-25 or a time such as 2026-11-25T12:00:00Z (in an address, + is written %2B)',
});

const DAY_MS = 24 * 60 * 60 * 1000;

/** ms since 1970. A day in UTC stands for its `begin` or its `end`. */
export function moment(when: string, of: 'begin' | 'end'): number {
  return Date.parse(when) + (when.includes('T') || of === 'begin' ? 0 : DAY_MS);
}

import { z } from 'zod';
import { dayBegins } from '../platform/day.ts';

/** An entire day, or a point in time (RFC 3339). */
export const When = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: 'must be a day such as 2026-11-25 or a time such as 2026-11-25T12:00:00Z (in an address, + is written %2B)',
});

/**
 * Returns a time in ms since 1970. If `when` is a day, returns the time when that day begins or ends in the time zone
 * TZ.
 */
export function moment(when: string, of: 'begin' | 'end'): number {
  return when.includes('T') ? Date.parse(when) : dayBegins(when, of === 'begin' ? 0 : 1);
}

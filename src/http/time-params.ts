import { z } from 'zod';

/** A complete day, or a point in time (RFC 3339). */
export const When = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: 'must be a day such as 2026-11-25 or a time such as 2026-11-25T12:00:00Z (in an address, + is written %2B)',
});

/**
 * Returns a time in ms since 1970. For a day in the time zone TZ, returns its `begin` or `end`. A day on which the
 * clocks change has 23 or 25 hours.
 */
export function moment(when: string, of: 'begin' | 'end'): number {
  return when.includes('T') ? Date.parse(when) : dayBegins(when, of === 'begin' ? 0 : 1);
}

function dayBegins(day: string, later: number): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).getTime();
}

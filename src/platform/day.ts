/**
 * Returns the beginning of a day such as 2026-11-25, or of the day `later` days after it, in the time zone TZ, in ms
 * since 1970. A day on which the clocks change has 23 or 25 hours.
 */
export function dayBegins(day: string, later = 0): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).getTime();
}

/** When a day such as 2026-11-25, or one so many days later, begins where the service is (TZ). ms since 1970 */
export function dayBegins(day: string, later = 0): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).getTime();
}

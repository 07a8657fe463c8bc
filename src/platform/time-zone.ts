import { existsSync } from 'node:fs';

/**
 * Removes `TZ` if it is empty, as other empty settings count as not set. Otherwise, Node would use UTC. Child processes
 * get the same zone.
 */
export function ignoreEmptyZone(env: NodeJS.ProcessEnv): void {
  if (env['TZ'] === '' || env['TZ'] === ':') delete env['TZ'];
}

/** Node silently uses UTC if it does not know the time zone. */
export function zoneProblems(given = ''): string[] {
  const zone = given.replace(/^:/, '');
  if (zone === '' || isZone(zone) || (zone.startsWith('/') && existsSync(zone))) return [];
  return [
    `TZ=${given}: there is no such time zone, so all dates would be in UTC: set TZ to a name such as Europe/Berlin`,
  ];
}

function isZone(zone: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    // Intl ignores case, but Node does not recognise a zone that is written in the wrong case.
    const sameLetters = timeZone.toLowerCase() === zone.toLowerCase();
    return sameLetters ? timeZone === zone : zone.split('/').every((part) => /^[A-Z]/.test(part));
  } catch {
    return false;
  }
}

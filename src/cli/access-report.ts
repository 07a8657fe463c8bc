import { textOf, type AccessKind } from '../model/access.ts';
import type { AccessRestored, Remaining } from '../decide/restore-access.ts';

const HEADINGS: [AccessKind, string][] = [
  ['person', 'people'],
  ['station-key', 'station keys'],
  ['kiosk', 'kiosks'],
  ['printer-token', 'tokens of printers'],
  ['token', 'tokens'],
  ['hold-code', 'hold codes'],
];

/**
 * Lists the people and credentials that have access after a backup was restored. `signed` is undefined if no signing
 * key is known.
 */
export function accessReport(restored: AccessRestored, signed: number | undefined): string[] {
  const { remaining, ended, passwords, unknown } = restored;
  const unproven = remaining.filter((one) => one.unproven);
  return [
    'People and credentials that have access:',
    ...HEADINGS.map(([kind, heading]) => {
      const named = remaining.filter((one) => one.kind === kind).map(shown);
      return `  ${heading}: ${named.length === 0 ? 'none' : named.join(', ')}`;
    }),
    ...said(
      'Ended, because a restore ends all sessions and links; it also ends all tokens, unless --keep-tokens is given',
      ended,
    ),
    ...said('Removed, because no event proves that they are genuine', unknown),
    ...(signed === undefined
      ? [
          'WARNING: no key and no checkpoint is known, so nothing proves that this file is genuine: someone may have changed its events, or added everything in this list. To check the file, restore it with --key (docs/backup.md).',
        ]
      : []),
    ...said('WARNING: no signed event proves that these people and credentials are genuine', unproven.map(textOf)),
    ...said(
      'These people no longer have a password, because no signed event proves their password. Make links for these people with claimstamp person link',
      passwords,
    ),
  ];
}

function said(what: string, names: string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${summed(names)}`];
}

/** Lists each name once, with its count, because a person may have many sessions with the same name. */
function summed(names: string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name} (${count})`)).join(', ');
}

function shown({ kind, name, role, password, products, expiresAt, unproven }: Remaining): string {
  const about = [
    ...(role === undefined ? [] : [role]),
    ...(kind === 'person' && password === undefined ? ['no password'] : []),
    ...(products === undefined ? [] : [`products ${products.join(' ')}`]),
    ...(expiresAt === undefined ? [] : [`until ${new Date(expiresAt).toISOString()}`]),
    ...(unproven ? ['not proven'] : []),
  ];
  const named = textOf({ kind, name }).replace(/^(person|station key|kiosk|printer token|token|hold code) /, '');
  return about.length === 0 ? named : `${named} (${about.join(', ')})`;
}

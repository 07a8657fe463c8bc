import { isFirstLink, nameOf, textOf, type AccessKind, type AccessRow } from '../model/access.ts';
import { isLive } from '../model/credential.ts';
import { endOf, hasAccess } from '../model/person.ts';
import type { AccessCounts } from '../model/event-data.ts';
import { committedAt } from './commit-access.ts';
import type { Decision, Kept, Seen } from './seen.ts';

/*
 * Credentials and people are read from a file in two situations: when the service starts, and when a backup is
 * restored. In both situations, the commands in this file decide what happens to the rows of credentials and people.
 */

/**
 * Adds an event with commitments (hashes) to all rows of credentials and people. The service sends this command at each
 * start, but only the first one in the life of a ledger adds the event.
 */
export interface CoverAccess {
  kind: 'cover-access';
}

/**
 * `unknown` names the rows for which no event contains a commitment. Someone added or changed these rows in the
 * database file.
 */
export function coverAccess(seen: Seen, _command: CoverAccess): Decision<{ unknown: string[] }> {
  const rows = seen.access();
  // The old link for the first admin is removed from the rows. If the service needs such a link, it makes a new one
  // later during this start.
  const kept = rows.filter(isFirstLink).flatMap(dropped);
  if (seen.accessCovered() === undefined) return { events: [], answer: { unknown: [] }, kept, covers: true };
  const unknown = rows.filter((row) => !isFirstLink(row) && committedAt(seen, row) === undefined);
  return { events: [], answer: { unknown: unknown.map((row) => textOf(nameOf(row))) }, kept };
}

/** Decides which credentials and people keep their access when a backup is restored. */
export interface RestoreAccess {
  kind: 'restore-access';
  /**
   * The number of events that are covered by a checkpoint with the signature of a known key. Undefined if no key is
   * known.
   */
  signed?: number;
  keepTokens?: true;
  /**
   * Keeps passwords for which no signed event contains a commitment. Together with `keepTokens`, also keeps such
   * tokens.
   */
  keepUnproven?: true;
  /** Removes the rows that do not match the events. Afterwards, each remaining row has a commitment in an event. */
  dropUnknown?: true;
  actor: string;
}

/** A credential or person that keeps its access. */
export interface Remaining {
  kind: AccessKind;
  name: string;
  /** The role of a person or token. */
  role?: string;
  /** The products that an auditor may see. */
  products?: string[];
  /** The time when the access expires, in ms since 1970. */
  expiresAt?: number;
  /** True if the person has a password to sign in with. */
  password?: true;
  /** True if no proven event contains a commitment to the row. */
  unproven?: true;
}

export interface AccessRestored {
  remaining: Remaining[];
  /** The names of the credentials that the restore made invalid, such as `token ci`. */
  ended: string[];
  /** The people who lost their password because no proven event contains a commitment to it. */
  passwords: string[];
  /** The rows that were removed because someone had added or changed them in the file. */
  unknown: string[];
}

/**
 * Makes sessions, links and tokens invalid. Keeps people, station keys, kiosks and tokens of printers, because the
 * factory needs them. If no proven event contains a commitment to a row, someone may have put the row into the backup.
 * In that case, a person loses the password, and a token becomes invalid.
 */
export function restoreAccess(seen: Seen, command: RestoreAccess, now: number): Decision<AccessRestored> {
  const { signed = Infinity, keepTokens, keepUnproven, dropUnknown, actor } = command;
  const covered = seen.accessCovered();
  const trustOf = (row: AccessRow): Trust => {
    const seq = committedAt(seen, row);
    if (covered !== undefined && seq === undefined) return 'unknown';
    return seq === undefined || seq > signed ? 'unproven' : 'proven';
  };
  const restored = seen
    .access()
    .map((row) => ({ row, trust: trustOf(row) }))
    .map(({ row, trust }) => ({ row, trust, after: rowAfter(row, trust, { keepTokens, keepUnproven, now }) }));
  const live = restored.filter(({ row }) => isIn(row, now));
  const remaining = live.flatMap(({ after, trust }) => (after && isIn(after, now) ? shown(after, trust) : []));
  const ended = live.filter(({ after }) => after === undefined || !isIn(after, now)).map(({ row }) => row);
  return {
    events: [{ type: 'access-restored', actor, data: { kept: counts(remaining), ended: counts(ended.map(nameOf)) } }],
    answer: {
      remaining,
      ended: ended.map((row) => textOf(nameOf(row))),
      passwords: live.filter(({ row, after }) => lostPassword(row, after)).map(({ row }) => nameOf(row).name),
      unknown: live.filter(({ trust }) => trust === 'unknown').map(({ row }) => textOf(nameOf(row))),
    },
    kept: restored.flatMap(({ row, after }) => (after === undefined ? dropped(row) : [after])),
    ...(dropUnknown || covered === undefined ? { covers: true as const } : {}),
  };
}

/**
 * `unknown`: the ledger has commitments, but none to this row. `unproven`: someone may have put the row, or the event
 * with its commitment, into the backup.
 */
type Trust = 'proven' | 'unproven' | 'unknown';

interface Options {
  keepTokens: true | undefined;
  keepUnproven: true | undefined;
  now: number;
}

/** Returns the row as it is after the restore, or undefined if it is removed. */
function rowAfter(row: AccessRow, trust: Trust, { keepTokens, keepUnproven, now }: Options): AccessRow | undefined {
  const isTrusted = trust === 'proven' || (trust === 'unproven' && keepUnproven === true);
  if (row.table === 'person') {
    const { password: _password, ...person } = row.person;
    if (trust !== 'unknown') return isTrusted ? row : { ...row, person };
    const { badge: _badge, ...rest } = person;
    return { ...row, person: { ...rest, removedAt: rest.removedAt ?? now } };
  }
  const { credential } = row;
  switch (nameOf(row).kind) {
    case 'token':
      // A revoked token is kept, because its name must not be given to another token.
      if (keepTokens && isTrusted) return row;
      return { ...row, credential: { ...credential, revokedAt: credential.revokedAt ?? now } };
    case 'station-key':
    case 'printer-token':
      return trust === 'unknown' ? undefined : row;
    case 'hold-code':
      // Hold codes are kept, because a lead needs one if the service issues nothing after an older ledger was restored.
      return isTrusted ? row : undefined;
    case 'kiosk': {
      const { operator: _operator, operatorAt: _operatorAt, usedAt: _usedAt, ...rest } = credential;
      return trust === 'unknown' ? undefined : { ...row, credential: rest };
    }
    default:
      return undefined;
  }
}

function lostPassword(row: AccessRow, after: AccessRow | undefined): boolean {
  if (row.table !== 'person' || after?.table !== 'person' || after.person.removedAt !== undefined) return false;
  return row.person.password !== undefined && after.person.password === undefined;
}

function isIn(row: AccessRow, now: number): boolean {
  if (row.table === 'credential') return isLive(row.credential, now);
  return hasAccess(row.person, now);
}

function shown(row: AccessRow, trust: Trust): Remaining {
  const about = { ...nameOf(row), ...(trust === 'proven' ? {} : { unproven: true as const }) };
  if (row.table === 'person') {
    const { role, password, products } = row.person;
    const expiresAt = endOf(row.person);
    return {
      ...about,
      role,
      ...(password === undefined ? {} : { password: true }),
      ...(products === undefined ? {} : { products }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
  }
  const { role, expiresAt } = row.credential;
  return { ...about, ...(role ? { role } : {}), ...(expiresAt === undefined ? {} : { expiresAt }) };
}

function counts(names: { kind: AccessKind }[]): AccessCounts {
  const counted: AccessCounts = {};
  for (const { kind } of names) counted[kind] = (counted[kind] ?? 0) + 1;
  return counted;
}

function dropped(row: AccessRow): Kept[] {
  return row.table === 'credential' ? [{ table: 'dropped-credential', hash: row.credential.hash }] : [];
}

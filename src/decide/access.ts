import { refusal } from '../platform/error.ts';
import type { Happening } from '../model/event.ts';
import { isLive } from '../model/credential.ts';
import type { Permission, Role } from '../model/role.ts';
import type { Decision, Kept, Seen } from './seen.ts';

/*
 * Who may do what. A secret (a station's key, a token, a session's cookie, a one-time link) is known here by its SHA-256
 * only; it is made, and shown once, where it is asked for. Credentials and people are ordinary rows: the ledger's events
 * say that they changed and who did it, never a secret or its hash.
 */

/* Station keys */

export interface SetStationKey {
  kind: 'set-station-key';
  station: string;
  /** SHA-256 of the key; without it the station has none any more. */
  hash?: Uint8Array;
  /** How long devices may still show the former keys. ms */
  overlapMs?: number;
  actor: string;
}

/** `formerUntil`: when the last of the former keys ends (ms since 1970); absent where none is taken any more. */
export type StationKeySet = { station: string; formerUntil?: number };

export function setStationKey(seen: Seen, command: SetStationKey, now: number): Decision<StationKeySet> {
  const { station, hash, overlapMs = 0, actor } = command;
  if (!seen.station(station)) throw refusal('not-found', 'stationSet', { station });
  const keys = seen.credentials('station-key', station);
  const events: Happening[] = hash === undefined ? [] : takenElsewhere(seen, station, hash, actor, now);
  if (hash !== undefined) events.push({ type: 'station-key-set', actor, station, data: {} });
  else if (keys.length > 0) events.push({ type: 'station-key-set', actor, station, data: { withdrawn: true } });
  const former = keys.map((key): Kept => {
    const expiresAt = Math.min(key.expiresAt ?? Infinity, now + overlapMs);
    if (hash === undefined || expiresAt <= now) return { table: 'dropped-credential', hash: key.hash };
    return { table: 'credential', credential: { ...key, expiresAt } };
  });
  const own: Kept[] =
    hash === undefined
      ? []
      : [{ table: 'credential', credential: { hash, kind: 'station-key', name: station, at: now } }];
  const ends = former.flatMap((row) => (row.table === 'credential' ? (row.credential.expiresAt ?? []) : []));
  const answer = ends.length === 0 ? { station } : { station, formerUntil: Math.max(...ends) };
  return { events, answer, kept: [...former, ...own] };
}

/** The configuration file may give a station the key that another one has: that one's devices are this one's from now on. */
function takenElsewhere(seen: Seen, station: string, hash: Uint8Array, actor: string, now: number): Happening[] {
  const held = seen.credential(hash);
  if (held === undefined || (held.kind === 'station-key' && held.name === station)) return [];
  // Overwritten, a token would be gone and its name free again.
  if (held.kind !== 'station-key') throw refusal('key-taken', 'key', { station, kind: held.kind });
  if (!isLive(held, now)) return [];
  return [{ type: 'station-key-set', actor, station: held.name, data: { movedTo: station } }];
}

/* Tokens */

export interface CreateToken {
  kind: 'create-token';
  name: string;
  role: Role;
  scopes?: Permission[];
  hash: Uint8Array;
  /** ms since 1970 */
  expiresAt?: number;
  actor: string;
}

export function createToken(seen: Seen, command: CreateToken, now: number): Decision<{ name: string }> {
  const { name, role, scopes = [], hash, expiresAt, actor } = command;
  if (seen.credentials('token', name).length > 0) {
    throw refusal('name-taken', 'token', { name });
  }
  if ((role === 'service') !== scopes.length > 0) throw refusal('invalid', 'scopes');
  if (expiresAt !== undefined && expiresAt <= now) throw refusal('invalid', 'expired');
  const token = { name, role, ...(scopes.length > 0 ? { scopes } : {}) };
  const data = { ...token, ...(expiresAt === undefined ? {} : { expires: new Date(expiresAt).toISOString() }) };
  const ends = expiresAt === undefined ? {} : { expiresAt };
  return {
    events: [{ type: 'token-set', actor, data }],
    answer: { name },
    kept: [{ table: 'credential', credential: { ...token, ...ends, kind: 'token', hash, at: now } }],
  };
}

export interface RevokeToken {
  kind: 'revoke-token';
  name: string;
  actor: string;
}

export function revokeToken(seen: Seen, { name, actor }: RevokeToken, now: number): Decision<{ name: string }> {
  const [token] = seen.credentials('token', name);
  if (token === undefined) throw refusal('not-found', 'token', { name });
  if (token.revokedAt !== undefined) return { events: [], answer: { name } };
  return {
    events: [{ type: 'token-revoked', actor, data: { name } }],
    answer: { name },
    kept: [{ table: 'credential', credential: { ...token, revokedAt: now } }],
  };
}

/** A credential was shown: a row, no event. Asked at most once a minute for each. */
export interface Touch {
  kind: 'touch';
  hash: Uint8Array;
  /** By the operator of a kiosk, who is there as long as they do something. */
  operator?: true;
}

export function touch(seen: Seen, { hash, operator }: Touch, now: number): Decision<null> {
  const before = seen.credential(hash);
  if (before === undefined) return { events: [], answer: null };
  const credential = { ...before, usedAt: now, ...(operator && before.operator ? { operatorAt: now } : {}) };
  return { events: [], answer: null, kept: [{ table: 'credential', credential }] };
}

/** Many Claim IDs left at once: to whom, which, how many. */
export interface NoteBulkRead {
  kind: 'note-bulk-read';
  /** What was read: `units`, `labels`, `print-jobs`, `export`. */
  what: string;
  filter: { [name: string]: string | number | boolean };
  count: number;
  /** Of an export: how long the ledger was, and the SHA-256 of the file that left. */
  treeSize?: number;
  sha256?: string;
  actor: string;
}

export function noteBulkRead(_seen: Seen, command: NoteBulkRead): Decision<null> {
  const { what, filter, count, treeSize, sha256, actor } = command;
  const file = treeSize === undefined || sha256 === undefined ? {} : { treeSize, sha256 };
  return { events: [{ type: 'bulk-read', actor, data: { what, filter, count, ...file } }], answer: null };
}

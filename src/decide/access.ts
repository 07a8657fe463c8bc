import { refusal } from '../platform/error.ts';
import type { Happening } from '../model/event.ts';
import { isLive } from '../model/credential.ts';
import type { Permission, TokenRole } from '../model/role.ts';
import type { Decision, Kept, Seen } from './seen.ts';

/*
 * Commands about credentials. The ledger stores only the SHA-256 of a secret (station key, token, session cookie,
 * one-time link). The caller of a command makes the secret and shows it only once. Credentials and people are stored in
 * ordinary rows, not in rows that are made from events. Each change of such a row is recorded by an event, which names
 * the person who made the change. No event contains a secret or its hash.
 */

/** The fields of every command that makes a credential. */
export interface Maker {
  actor: string;
  /**
   * The time when the caller's own token expires, in ms since 1970. Each credential that the caller makes must expire
   * by then.
   */
  until?: number;
}

/**
 * Refuses access that would expire later than the caller's own token, so that a token cannot extend its own access.
 * `end` is undefined for access that does not expire.
 */
export function refuseLonger({ actor, until }: Maker, end: number | undefined, now: number): void {
  if (end !== undefined && end <= now) throw refusal('invalid', 'expired');
  if (until === undefined || (end !== undefined && end <= until)) return;
  throw refusal('beyond-own-rights', 'lasting', { actor, until: new Date(until).toISOString() });
}

/* Station keys */

export interface SetStationKey extends Maker {
  kind: 'set-station-key';
  station: string;
  /** The SHA-256 of the key. If `hash` is absent, the station's keys are removed. */
  hash?: Uint8Array;
  /** How long the former keys remain valid, in ms. */
  overlapMs?: number;
  /** The time when the new key expires, in ms since 1970. Undefined if the key does not expire. */
  expiresAt?: number;
}

/**
 * `formerUntil` is the time when the last former key expires, in ms since 1970. `formerUntil` is absent if no former
 * key is valid.
 */
export type StationKeySet = { station: string; formerUntil?: number };

export function setStationKey(seen: Seen, command: SetStationKey, now: number): Decision<StationKeySet> {
  const { station, hash, overlapMs = 0, expiresAt, actor } = command;
  if (!seen.station(station)) throw refusal('not-found', 'stationSet', { station });
  if (hash !== undefined) refuseLonger(command, expiresAt, now);
  const keys = seen.credentials('station-key', station);
  const events: Happening[] = hash === undefined ? [] : takenElsewhere(seen, station, hash, actor, now);
  const expires = expiresAt === undefined ? {} : { expires: new Date(expiresAt).toISOString() };
  if (hash !== undefined) events.push({ type: 'station-key-set', actor, station, data: expires });
  else if (keys.length > 0) events.push({ type: 'station-key-set', actor, station, data: { withdrawn: true } });
  const former = keys.map((key): Kept => {
    const expiresAt = Math.min(key.expiresAt ?? Infinity, now + overlapMs);
    if (hash === undefined || expiresAt <= now) return { table: 'dropped-credential', hash: key.hash };
    return { table: 'credential', credential: { ...key, expiresAt } };
  });
  const key = {
    kind: 'station-key' as const,
    name: station,
    at: now,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  const own: Kept[] = hash === undefined ? [] : [{ table: 'credential', credential: { hash, ...key } }];
  const ends = former.flatMap((row) => (row.table === 'credential' ? (row.credential.expiresAt ?? []) : []));
  const answer = ends.length === 0 ? { station } : { station, formerUntil: Math.max(...ends) };
  return { events, answer, kept: [...former, ...own] };
}

/**
 * Returns the events that take the key from another station, because the configuration file may move a key to this
 * station. From then on, devices with this key belong to this station.
 */
function takenElsewhere(seen: Seen, station: string, hash: Uint8Array, actor: string, now: number): Happening[] {
  const held = seen.credential(hash);
  if (held === undefined || (held.kind === 'station-key' && held.name === station)) return [];
  // Refuse a key that equals a token. The key would replace the token's row, and then the token's name could be given
  // to another token.
  if (held.kind !== 'station-key') throw refusal('key-taken', 'key', { station, kind: held.kind });
  if (!isLive(held, now)) return [];
  return [{ type: 'station-key-set', actor, station: held.name, data: { movedTo: station } }];
}

/* Tokens of printers */

export interface SetPrinterToken extends Maker {
  kind: 'set-printer-token';
  printer: string;
  /** The SHA-256 of the token. If `hash` is absent, the printer's token is withdrawn. */
  hash?: Uint8Array;
  /** The time when the token expires, in ms since 1970. Undefined if the token does not expire. */
  expiresAt?: number;
}

/** A new token replaces the former token at once, so a printer never has two agents with different tokens. */
export function setPrinterToken(seen: Seen, command: SetPrinterToken, now: number): Decision<{ printer: string }> {
  const { printer, hash, expiresAt, actor } = command;
  const found = seen.printer(printer);
  if (!found) throw refusal('not-found', 'printer', { printer });
  if (hash !== undefined && found.kind !== 'agent') throw refusal('not-agent-printer', 'kind', { printer });
  if (hash !== undefined) refuseLonger(command, expiresAt, now);
  const former = seen.credentials('printer-token', printer);
  const kept: Kept[] = former.map((token) => ({ table: 'dropped-credential', hash: token.hash }));
  const answer = { printer };
  if (hash === undefined) {
    const data = { printer, withdrawn: true } as const;
    return { events: former.length === 0 ? [] : [{ type: 'printer-token-set', actor, data }], answer, kept };
  }
  const expires = expiresAt === undefined ? {} : { expires: new Date(expiresAt).toISOString() };
  const ends = expiresAt === undefined ? {} : { expiresAt };
  const credential = { kind: 'printer-token' as const, name: printer, hash, at: now, ...ends };
  return {
    events: [{ type: 'printer-token-set', actor, data: { printer, ...expires } }],
    answer,
    kept: [...kept, { table: 'credential', credential }],
  };
}

/* Tokens */

export interface CreateToken extends Maker {
  kind: 'create-token';
  name: string;
  role: TokenRole;
  scopes?: Permission[];
  hash: Uint8Array;
  /** The time when the token expires, in ms since 1970. */
  expiresAt?: number;
}

export function createToken(seen: Seen, command: CreateToken, now: number): Decision<{ name: string }> {
  const { name, role, scopes = [], hash, expiresAt, actor } = command;
  if (seen.credentials('token', name).length > 0) {
    throw refusal('name-taken', 'token', { name });
  }
  if ((role === 'service') !== scopes.length > 0) throw refusal('invalid', 'scopes');
  refuseLonger(command, expiresAt, now);
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

/**
 * Records, at most once a minute, that a credential was used. This command changes only the credential's row, and adds
 * no event.
 */
export interface Touch {
  kind: 'touch';
  hash: Uint8Array;
  /**
   * True if the operator of a kiosk used the kiosk's credential. The badge of the operator stays in effect as long as
   * the operator is active.
   */
  operator?: true;
}

export function touch(seen: Seen, { hash, operator }: Touch, now: number): Decision<null> {
  const before = seen.credential(hash);
  if (before === undefined) return { events: [], answer: null };
  const credential = { ...before, usedAt: now, ...(operator && before.operator ? { operatorAt: now } : {}) };
  return { events: [], answer: null, kept: [{ table: 'credential', credential }] };
}

/**
 * Records that a caller read many Claim IDs at once. The event names the caller, the filter and how many IDs were read.
 */
export interface NoteBulkRead {
  kind: 'note-bulk-read';
  /** The kind of data: `units`, `labels`, `print-jobs` or `export`. */
  what: string;
  filter: { [name: string]: string | number | boolean };
  count: number;
  /** Only exports have `treeSize` (the number of events in the ledger) and `sha256` (the SHA-256 of the file). */
  treeSize?: number;
  sha256?: string;
  actor: string;
}

export function noteBulkRead(_seen: Seen, command: NoteBulkRead): Decision<null> {
  const { what, filter, count, treeSize, sha256, actor } = command;
  const file = treeSize === undefined || sha256 === undefined ? {} : { treeSize, sha256 };
  return { events: [{ type: 'bulk-read', actor, data: { what, filter, count, ...file } }], answer: null };
}

import { createHash } from 'node:crypto';
import type { Credential } from './credential.ts';
import type { Person } from './person.ts';

/*
 * Credentials and people are stored as rows, not as events, because events must not contain secrets or hashes of
 * secrets. Each change to a credential or a person also adds an event that contains a commitment to the changed row.
 * The commitment is the SHA-256 of the row's fields and a random nonce. The event does not contain the nonce, so an
 * event alone reveals nothing about the row. If someone adds or changes a row directly in the database file, no event
 * commits to that row.
 */

/**
 * A row that stores a credential or a person. A row that an earlier version wrote gets its nonce when this version
 * starts for the first time.
 */
export type AccessRow = ({ table: 'credential'; credential: Credential } | { table: 'person'; person: Person }) & {
  /** 32 random bytes in hexadecimal. */
  nonce?: string;
};

const KINDS = [
  'person',
  'station-key',
  'token',
  'session',
  'link',
  'hold-code',
  'printer-token',
  'kiosk',
  'kiosk-link',
] as const;
export type AccessKind = (typeof KINDS)[number];

/** How messages name a row. Several rows may have the same name, for example the sessions of a person. */
export interface AccessName {
  kind: AccessKind;
  name: string;
}

export interface Committed extends AccessName {
  /** SHA-256 in hexadecimal. */
  commitment: string;
}

export const NONCE_BYTES = 32;

export function nameOf(row: AccessRow): AccessName {
  if (row.table === 'person') return { kind: 'person', name: row.person.name };
  const { kind, kiosk, name } = row.credential;
  if (kiosk) return { kind: kind === 'session' ? 'kiosk' : 'kiosk-link', name };
  return { kind, name };
}

/** Identifies a row among all credentials and people. */
export function keyOf(row: AccessRow): string {
  return row.table === 'person' ? `person ${row.person.name}` : credentialKey(row.credential.hash);
}

export function credentialKey(hash: Uint8Array): string {
  return `credential ${Buffer.from(hash).toString('hex')}`;
}

/**
 * True for the link for the first admin, to which no event commits. Until an admin exists, each start of the service
 * replaces this link. Once an admin exists, this link no longer works.
 */
export function isFirstLink(row: AccessRow): boolean {
  if (row.table === 'person') return false;
  const { kind, name, kiosk } = row.credential;
  return kind === 'link' && name === '' && kiosk !== true;
}

/**
 * The fields that change each time a credential is used or a person acts. No one can gain access by changing these
 * fields. A person who changes `confirmedAt` in the database file can only delay the next password prompt.
 */
const OF_USE = ['usedAt', 'operator', 'operatorAt', 'confirmedAt'];

/**
 * Returns the fields of a row as JSON, sorted by name. If a later version of the program adds a field, only the rows
 * that have this field include it in their commitments. So the commitment to a row without the new field remains valid.
 */
export function fieldsOf(row: AccessRow): string {
  const fields =
    row.table === 'person' ? row.person : { ...row.credential, hash: Buffer.from(row.credential.hash).toString('hex') };
  const told = Object.entries(fields).filter(([name, value]) => value !== undefined && !OF_USE.includes(name));
  return JSON.stringify([row.table, ...told.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Returns undefined for a row without a valid nonce, because no event commits to such a row. */
export function commitmentOf(row: AccessRow): string | undefined {
  if (row.nonce === undefined || !/^[0-9a-f]{64}$/.test(row.nonce)) return undefined;
  return createHash('sha256').update(Buffer.from(row.nonce, 'hex')).update(fieldsOf(row)).digest('hex');
}

export function committed(row: AccessRow): Committed | undefined {
  const commitment = commitmentOf(row);
  return commitment === undefined ? undefined : { ...nameOf(row), commitment };
}

export function isCommitted(value: unknown): value is Committed {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, name, commitment }: Record<string, unknown> = { ...value };
  return KINDS.some((one) => one === kind) && typeof name === 'string' && /^[0-9a-f]{64}$/.test(String(commitment));
}

/**
 * Returns the name for messages, such as `token ci`. The name is escaped, because someone may have changed the name in
 * the database file.
 */
export function textOf({ kind, name }: AccessName): string {
  if (kind === 'link' && name === '') return 'the link for the first admin';
  return `${kind.replace('-', ' ')} ${/^[\w.@:/-]+$/.test(name) ? name : JSON.stringify(name)}`;
}

import { createHash } from 'node:crypto';
import type { Credential } from './credential.ts';
import type { Person } from './person.ts';

/*
 * Credentials and people are rows, not events, because events must not contain secrets or hashes of secrets. But each
 * change of such a row adds an event with a commitment to the row: the SHA-256 of a random nonce and the row's fields.
 * The nonce is only in the row. So an event alone reveals nothing, and a row that someone added or changed in the file
 * matches no event.
 */

/** A row with a commitment. Rows that an earlier version wrote have no nonce until the first start of this version. */
export type AccessRow = ({ table: 'credential'; credential: Credential } | { table: 'person'; person: Person }) & {
  /** 32 random bytes in hexadecimal. */
  nonce?: string;
};

const KINDS = ['person', 'station-key', 'token', 'session', 'link', 'hold-code', 'kiosk', 'kiosk-link'] as const;
export type AccessKind = (typeof KINDS)[number];

/** The name of a row in messages. Several rows may have the same name, for example the sessions of a person. */
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
 * The link for the first admin has no commitment. Every start without an admin replaces this link, and it opens nothing
 * when there is an admin.
 */
export function isFirstLink(row: AccessRow): boolean {
  if (row.table === 'person') return false;
  const { kind, name, kiosk } = row.credential;
  return kind === 'link' && name === '' && kiosk !== true;
}

/** Fields that change with use. They open no access: `confirmedAt` only spares a person from typing the password again. */
const OF_USE = ['usedAt', 'operator', 'operatorAt', 'confirmedAt'];

/**
 * The fields of a row as JSON, in the order of their names. A field that a later version adds is included as soon as a
 * row has it. So the commitments to rows without this field remain valid.
 */
export function fieldsOf(row: AccessRow): string {
  const fields =
    row.table === 'person' ? row.person : { ...row.credential, hash: Buffer.from(row.credential.hash).toString('hex') };
  const told = Object.entries(fields).filter(([name, value]) => value !== undefined && !OF_USE.includes(name));
  return JSON.stringify([row.table, ...told.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Returns undefined for a row without a valid nonce. No event commits to such a row. */
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

/** A text for people, such as `token ci`. The name may come from a file that someone changed, so it is escaped. */
export function textOf({ kind, name }: AccessName): string {
  return `${kind.replace('-', ' ')} ${/^[\w.@:/-]+$/.test(name) ? name : JSON.stringify(name)}`;
}

import type Database from 'better-sqlite3';
import type { Once } from '../decide/command.ts';
import type { Kept } from '../decide/seen.ts';
import { openOnce } from './idempotency.ts';
import type { Tables } from './tables.ts';

/*
 * Processes that share a ledger exchange the rows that are not made from events. This file defines the form of these
 * rows. Each of these rows has a subject. If several rows have the same subject, only the newest one is valid.
 */

export type BesideRow =
  | { kept: Kept }
  | { once: Once; answer: unknown; at: number }
  /**
   * `repeat` is the row id of a unit, and `count` is how many times the unit was given out in answers to repeated
   * requests.
   */
  | { repeat: number; count: number; lastAt: number };

export interface SharedRow {
  subject: string;
  /** The row as JSON. Bytes are written as hexadecimal digits, and contents of labels in Base64. */
  row: string;
}

export interface BesideRows {
  /** Returns the earlier answer to a repeated request. */
  answered: (once: Once, now: number) => { answer: unknown } | undefined;
  /** Counts one more repeated answer for a unit. */
  countRepeat: (unit: number, at: number) => BesideRow;
  keep: (row: BesideRow) => void;
  /** Saves a row that came from another process. Saving a row that was already saved does no harm. */
  follow: (row: SharedRow) => void;
}

export function openBesideRows(db: Database.Database, tables: Tables): BesideRows {
  const once = openOnce(db);
  const count = db
    .prepare<[number, number], number>(
      `INSERT INTO repeat (unit, count, last_at) VALUES (?, 1, ?)
       ON CONFLICT (unit) DO UPDATE SET count = count + 1, last_at = excluded.last_at RETURNING count`,
    )
    .pluck();
  const saveRepeat = db.prepare(`INSERT INTO repeat (unit, count, last_at) VALUES (?, ?, ?)
    ON CONFLICT (unit) DO UPDATE SET count = excluded.count, last_at = excluded.last_at`);
  const save = (row: BesideRow): void => {
    if ('kept' in row) tables.keep(row.kept);
    else if ('repeat' in row) saveRepeat.run(row.repeat, row.count, row.lastAt);
    else once.keep(row.once, row.answer, row.at);
  };
  return {
    answered: once.answered,
    countRepeat: (unit, at) => ({ repeat: unit, count: count.get(unit, at) ?? 1, lastAt: at }),
    keep: save,
    follow(shared) {
      const row = fromShared(shared);
      if ('once' in row) once.forget(row.once);
      save(row);
    },
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

export function toShared(row: BesideRow): SharedRow {
  if ('kept' in row) return toSharedKept(row.kept);
  if ('repeat' in row) return shared(`repeat:${row.repeat}`, { count: row.count, lastAt: row.lastAt });
  const { once, answer, at } = row;
  return shared(`once:${hex(once.key)}`, { fingerprint: hex(once.fingerprint), answer, at });
}

function toSharedKept(kept: Kept): SharedRow {
  switch (kept.table) {
    case 'credential': {
      const hash = hex(kept.credential.hash);
      return shared(`credential:${hash}`, { ...kept, credential: { ...kept.credential, hash } });
    }
    case 'dropped-credential': {
      const hash = hex(kept.hash);
      return shared(`credential:${hash}`, { ...kept, hash });
    }
    case 'person':
      return shared(`person:${kept.person.name}`, kept);
    case 'checkpoint':
      return shared(`checkpoint:${kept.checkpoint.size}`, kept);
    case 'dropped-checkpoint':
      return shared(`checkpoint:${kept.size}`, kept);
    case 'introduced':
      return shared(`introduced:${kept.what}`, kept);
    case 'invented':
      return shared(`invented:${kept.source}`, kept);
    case 'sighting':
      return shared(`sighting:${kept.unit}`, kept);
    case 'label-content': {
      const { bytes: content, ...row } = kept;
      return shared(`label-content:${kept.hash}`, { ...row, bytes: Buffer.from(content).toString('base64') });
    }
    case 'snooze':
      return shared(`snooze:${kept.snooze.code} ${kept.snooze.subject}`, kept);
    case 'import':
      return shared('import', kept);
    case 'import-part':
    case 'dropped-import-part':
      return shared(`import-part:${kept.import} ${kept.part}`, kept);
  }
}

function shared(subject: string, row: object): SharedRow {
  return { subject, row: JSON.stringify(row) };
}

/**
 * The JSON that `toShared` wrote, after parsing. The JSON is not checked, because the same version of the program wrote
 * it.
 */
type SharedJson =
  | {
      table: 'credential';
      credential: Omit<Extract<Kept, { table: 'credential' }>['credential'], 'hash'> & { hash: string };
    }
  | { table: 'dropped-credential'; hash: string }
  | { table: 'label-content'; hash: string; bytes: string }
  | Exclude<Kept, { table: 'credential' | 'dropped-credential' | 'label-content' }>;

export function fromShared({ subject, row: text }: SharedRow): BesideRow {
  const [kind = '', name = ''] = subject.split(':');
  if (kind === 'once') {
    const { fingerprint, answer, at }: { fingerprint: string; answer: unknown; at: number } = JSON.parse(text);
    return { once: { key: bytes(name), fingerprint: bytes(fingerprint) }, answer, at };
  }
  if (kind === 'repeat') {
    const { count, lastAt }: { count: number; lastAt: number } = JSON.parse(text);
    return { repeat: Number(name), count, lastAt };
  }
  const row: SharedJson = JSON.parse(text);
  if (row.table === 'credential')
    return { kept: { ...row, credential: { ...row.credential, hash: bytes(row.credential.hash) } } };
  if (row.table === 'label-content') return { kept: { ...row, bytes: Buffer.from(row.bytes, 'base64') } };
  if (row.table === 'dropped-credential') return { kept: { ...row, hash: bytes(row.hash) } };
  return { kept: row };
}

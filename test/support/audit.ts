import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { readEvent } from '../../src/model/event-check.ts';
import { project } from '../../src/decide/project.ts';
import { migrate, migrations } from '../../src/sqlite/open.ts';
import { openTables } from '../../src/sqlite/tables.ts';
import { append, leafHash, packRange, type CompactRange } from '../../src/proof/tree.ts';

/** What a ledger file holds, once everything that must hold of it was checked. */
export interface Audit {
  lines: string[];
  /** Every Claim ID, in the order they were made. */
  ucis: string[];
  /** `property value` → the Claim ID it names. */
  identity: Map<string, string>;
}

const PROJECTIONS = [
  'product',
  'work_order',
  'station',
  'reservation',
  'unit',
  'identity',
  'serial_counter',
  'access_event',
];

/**
 * Reads a data folder's ledger as an auditor would: SQLite finds it sound, the tree over its lines is the stored one,
 * the events have no gap, and the projections are those that the lines alone give.
 */
export function audit(data: string): Audit {
  return auditFile(join(data, 'ledger.db'));
}

/** Reads a ledger, or the copy of a shared ledger. */
export function auditFile(file: string): Audit {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    // One snapshot: the service may be writing.
    return db.transaction(() => auditSnapshot(db)).deferred();
  } finally {
    db.close();
  }
}

function auditSnapshot(db: Database.Database): Audit {
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.pragma('foreign_key_check')).toEqual([]);
  const rebuilt = new Database(':memory:');
  migrate(rebuilt, migrations());
  const { lines, range } = rebuilt.transaction(() => replay(db, rebuilt))();
  const head = db.prepare(`SELECT size, range FROM tree_head`).get() as { size: number; range: Buffer };
  expect(head.size).toBe(lines.length);
  expect(head.range.equals(packRange(range))).toBe(true);
  for (const table of PROJECTIONS) expectSameRows(table, rows(db, table), rows(rebuilt, table));
  rebuilt.close();
  const named = db
    .prepare(`SELECT property || ' ' || value AS name, uci FROM identity JOIN unit ON unit.id = identity.unit`)
    .all() as { name: string; uci: string }[];
  return {
    lines,
    ucis: db.prepare(`SELECT uci FROM unit ORDER BY id`).pluck().all() as string[],
    identity: new Map(named.map(({ name, uci }) => [name, uci])),
  };
}

/** Each line hashed into a tree of its own, and its rows saved into an empty database. */
function replay(db: Database.Database, rebuilt: Database.Database): { lines: string[]; range: CompactRange } {
  const tables = openTables(rebuilt);
  const lines: string[] = [];
  const last = new Map<string, number>();
  let range: CompactRange = { size: 0, hashes: [] };
  const events = db.prepare(`SELECT seq, line, leaf, prev FROM event ORDER BY seq`).all();
  for (const { seq, line, leaf, prev } of events as {
    seq: number;
    line: string;
    leaf: Buffer;
    prev: number | null;
  }[]) {
    const event = readEvent(line);
    const hash = leafHash(line);
    if (seq !== lines.length + 1 || event.seq !== seq) throw new Error(`event ${seq} stands at ${lines.length + 1}`);
    if (!hash.equals(leaf)) throw new Error(`event ${seq} does not match its hash`);
    // What comes next at a station is no happening of the unit that leaves it.
    const uci = event.type === 'next' || event.type === 'same-device' ? undefined : event.uci;
    if (prev !== (last.get(uci ?? '') ?? null)) throw new Error(`event ${seq} names ${prev} as the one before`);
    if (uci !== undefined) last.set(uci, seq);
    for (const row of project(event, tables.seen)) tables.save(row);
    range = append(range, hash);
    lines.push(line);
  }
  return { lines, range };
}

function rows(db: Database.Database, table: string): string[] {
  const all = db.prepare(`SELECT * FROM ${table}`).all();
  return all.map((row) => JSON.stringify(row)).toSorted();
}

function expectSameRows(table: string, stored: string[], fromLines: string[]): void {
  expect(stored.length, table).toBe(fromLines.length);
  const wrong = stored.findIndex((row, i) => row !== fromLines[i]);
  expect(stored[wrong], table).toEqual(fromLines[wrong]);
}

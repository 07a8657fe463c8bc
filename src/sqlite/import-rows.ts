import type Database from 'better-sqlite3';
import { partHash } from '../decide/imports/import-parts.ts';
import { running } from '../decide/imports/claims.ts';
import { claimsOf, type Importing, type ImportPart } from '../model/imports/importing.ts';
import type { ImportedUnit } from '../model/imports/imported-unit.ts';
import type { Kept, Seen } from '../decide/seen.ts';
import { readEvent } from '../model/event-check.ts';

type ImportKept = Extract<Kept, { table: 'import' | 'import-part' | 'dropped-import-part' }>;

/**
 * The unfinished import that arrives in parts: its row, its stored parts, and the values that it has claimed. The rows
 * of an import are not made from events.
 */
export interface ImportRows {
  seen: Pick<Seen, 'importing' | 'importParts' | 'claimed' | 'claimantsOf'>;
  keep: (row: ImportKept) => void;
  all: () => ImportKept[];
  /** Empties the cache after a rollback. */
  forget: () => void;
}

export function openImportRows(db: Database.Database): ImportRows {
  const find = db.prepare<[], string>(`SELECT row FROM import WHERE one = 1`).pluck();
  const save = db.prepare(
    `INSERT INTO import (one, row) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET row = excluded.row`,
  );
  const firstTwo = db.prepare<[], ImportPart>(`SELECT part, units FROM import_part ORDER BY part LIMIT 2`);
  const all = db.prepare<[], ImportPart>(`SELECT part, units FROM import_part`);
  const parts = openParts(db);
  const isClaimed = db
    .prepare<[string, string, string], number>(`SELECT 1 FROM claimed WHERE what = ? AND product = ? AND value = ?`)
    .pluck();
  const claimants = db
    .prepare<[string], string>(`SELECT product FROM claimed WHERE what = 'serial' AND value = ?`)
    .pluck();
  /** Each decision for an agent needs this row. To save time, the row is reread only when it may have changed. */
  let known: { row: Importing | undefined } | undefined;
  const importing = (): Importing | undefined => {
    known ??= { row: importingFrom(find.get()) };
    return known.row;
  };
  return {
    seen: {
      importing,
      importParts() {
        const [first, second] = firstTwo.all();
        return { first, isLast: second === undefined };
      },
      claimed: ({ what, product, value }) =>
        running({ importing }) !== undefined && isClaimed.get(what, product, value) !== undefined,
      claimantsOf: (serial) => (running({ importing }) === undefined ? [] : claimants.all(serial.toLowerCase())),
    },
    keep(row) {
      if (row.table === 'dropped-import-part') return parts.drop(row.part);
      if (row.table === 'import-part') return parts.add(row);
      save.run(JSON.stringify(row.row));
      known = undefined;
    },
    all() {
      const row = importing();
      if (row === undefined) return [];
      const stored = all.all().map((part): ImportKept => ({ table: 'import-part', import: row.id, ...part }));
      return [{ table: 'import', row }, ...stored];
    },
    forget: () => void (known = undefined),
  };
}

export function importingFrom(json: string | undefined): Importing | undefined {
  return json === undefined ? undefined : JSON.parse(json);
}

/**
 * Decides what happens to the import in a restored backup. Units that are not recorded yet are kept if the event
 * `import-begun` proves them. The service then completes the import at its next start. All other rows of the import are
 * removed. The backup or the replayed lines may already contain the events of some parts.
 */
export function settleImport(db: Database.Database, now: number): void {
  const rows = openImportRows(db);
  const stored = rows.all().flatMap((row) => (row.table === 'import-part' ? [row] : []));
  db.exec(`DELETE FROM claimed; DELETE FROM import_part; DELETE FROM import`);
  rows.forget();
  if (stored.length === 0) return;
  const line = db
    .prepare<[], string>(
      `SELECT line FROM event WHERE instr(line, '"import-begun"') > 0 AND line ->> '$.type' = 'import-begun'
       ORDER BY seq DESC LIMIT 1`,
    )
    .pluck()
    .get();
  const event = line === undefined ? undefined : readEvent(line);
  if (event?.type !== 'import-begun') return;
  const isUnit = db.prepare<[string], number>(`SELECT 1 FROM unit WHERE uci = ?`).pluck();
  const left = stored.flatMap((part) => {
    if (!event.data.parts.includes(partHash(part))) return [];
    const units: ImportedUnit[] = JSON.parse(part.units);
    return units.some(({ uci }) => isUnit.get(uci) !== undefined) ? [] : [{ part, units }];
  });
  const [first] = left;
  if (first === undefined) return;
  for (const { part } of left) rows.keep(part);
  const named = left.flatMap(({ units }) => units);
  const { actor, data, seq: begun } = event;
  const row: Importing = {
    id: first.part.import,
    process: 'restored',
    actor,
    at: now,
    units: data.units,
    begun,
    products: [...new Set(named.map(({ product }) => product))],
    workOrders: [...new Set(named.flatMap(({ workOrder }) => workOrder ?? []))],
  };
  rows.keep({ table: 'import', row });
}

/**
 * True if the first `size` events contain some of the import's units, but not all of them. A ledger that has only these
 * events could not complete the import.
 */
export function isAmidImport(db: Database.Database, size: number): boolean {
  const row = openImportRows(db).seen.importing();
  const spans = [[row?.begun ?? Infinity, row?.ended ?? Infinity] as const, row?.former ?? [0, 0]];
  return spans.some(([begun, ended]) => begun <= size && size < ended);
}

function openParts(db: Database.Database): { add: (part: ImportPart) => void; drop: (part: number) => void } {
  const unitsOf = db.prepare<[number], string>(`SELECT units FROM import_part WHERE part = ?`).pluck();
  const addPart = db.prepare(`INSERT INTO import_part (part, units) VALUES (?, ?)`);
  const dropPart = db.prepare(`DELETE FROM import_part WHERE part = ?`);
  // A void unit and a later unit of the same import may have the same S/N. The claim is given to the later part,
  // because that part still needs it.
  const claim = db.prepare(`INSERT INTO claimed (what, product, value, part) VALUES (?, ?, ?, ?)
    ON CONFLICT (what, product, value) DO UPDATE SET part = max(part, excluded.part)`);
  const release = db.prepare(`DELETE FROM claimed WHERE what = ? AND product = ? AND value = ? AND part = ?`);
  const each = (statement: Database.Statement, { part, units }: ImportPart): void => {
    const read: ImportedUnit[] = JSON.parse(units);
    for (const unit of read)
      for (const { what, product, value } of claimsOf(unit)) statement.run(what, product, value, part);
  };
  const drop = (part: number): void => {
    const units = unitsOf.get(part);
    if (units === undefined) return;
    each(release, { part, units });
    dropPart.run(part);
  };
  return {
    drop,
    add(part) {
      // If a process that shares the ledger has fallen behind, it may save the same part a second time.
      drop(part.part);
      addPart.run(part.part, part.units);
      each(claim, part);
    },
  };
}

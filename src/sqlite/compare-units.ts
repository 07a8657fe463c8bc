import { existing } from './existing.ts';
import type Database from 'better-sqlite3';
import type { Unit } from '../model/unit.ts';
import type { Findings } from '../proof/verification.ts';
import { openNames } from './named-rows.ts';
import { SELECT_UNIT, UNIT_COLUMNS, unitFrom, unitValues, type IdsOf, type UnitRow, type Value } from './unit-row.ts';

/** Makes units and their identities from the events, and compares them with their rows. */
export interface UnitCompare {
  /** Reads the rows of those units that the events `begin` + 1 to `end` made. */
  load: (begin: number, end: number) => void;
  get: (uci: string) => Unit | undefined;
  save: (unit: Unit, before: Unit | undefined) => void;
  /** The unit that is changed by the current event. */
  current: () => Unit | undefined;
  /** `bind` adds a value to the identity of the current unit. `free` removes all values of the unit's identity. */
  bind: (property: string, value: string) => void;
  free: () => void;
  /** The caller must call this after each event. A unit that now equals its row is dropped from memory. */
  settle: () => void;
  /** Reports units that have no row, and rows that have no unit. */
  end: () => void;
}

interface Stored {
  values: Value[];
  identity: IdentityRow[];
}

/** The property and value of an identity, and the row id of the product. */
type IdentityRow = [string, string, number];

interface Held {
  unit: Unit;
  identity: Map<string, string> | undefined;
  stored: Stored | undefined;
}

const COLUMNS = UNIT_COLUMNS.split(',').map((name) => name.trim());
const ID = COLUMNS.indexOf('id');
const UCI = COLUMNS.indexOf('uci');
const LAST_SEQ = COLUMNS.indexOf('last_seq');

export function openUnitCompare(db: Database.Database, ids: IdsOf, findings: Findings, seq: () => number): UnitCompare {
  const rows = openRows(db, findings);
  const report = openReport(ids, findings);
  const held = new Map<string, Held>();
  let loaded = new Map<number, Stored>();
  let current: Held | undefined;

  /** Rereads a unit that was dropped from memory because it matched its row. */
  const fetch = (uci: string): Held | undefined => {
    if (loaded.get(seq())?.values[UCI] === uci) return undefined;
    const found = rows.byUci(uci);
    if (found === undefined || found.unit.id >= seq()) return undefined;
    held.set(uci, found);
    return found;
  };
  const make = (unit: Unit): Held => {
    const stored = loaded.get(unit.id);
    if (stored?.values[UCI] !== unit.uci) return { unit, identity: undefined, stored: undefined };
    loaded.delete(unit.id);
    return { unit, identity: undefined, stored };
  };
  const unmade = (): void => {
    for (const [id, { values }] of loaded) {
      findings.add({ what: `unit ${id} has a row, but no event made it`, table: 'unit', uci: String(values[UCI]) });
    }
  };
  return {
    load(begin, end) {
      unmade();
      loaded = rows.block(begin, end);
    },
    get: (uci) => (held.get(uci) ?? fetch(uci))?.unit,
    save(unit, before) {
      // A reservation must get its number as soon as an event names it for the first time. The units of the reservation
      // are compared only later.
      if (unit.reservation !== undefined) ids.reservation(unit.reservation);
      const known = before === undefined ? undefined : held.get(unit.uci);
      current = known ? { ...known, unit } : make(unit);
    },
    current: () => current?.unit,
    bind(property, value) {
      if (current) current.identity = new Map(current.identity).set(property, value);
    },
    free() {
      if (current) current.identity = undefined;
    },
    settle() {
      if (current === undefined) return;
      const { unit, stored } = current;
      // A unit is compared only after its last event, because each event changes `last_seq`.
      if (stored?.values[LAST_SEQ] === unit.lastSeq && isSame(current, ids)) held.delete(unit.uci);
      else held.set(unit.uci, current);
      current = undefined;
    },
    end() {
      unmade();
      for (const one of held.values()) report(one);
    },
  };
}

function isSame({ unit, identity, stored }: Held, ids: IdsOf): boolean {
  if (stored === undefined || stored.identity.length !== (identity?.size ?? 0)) return false;
  const product = ids.product(unit.product);
  return (
    unitValues(unit, ids).every((value, i) => value === stored.values[i]) &&
    stored.identity.every(([property, value, of]) => identity?.get(property) === value && of === product)
  );
}

function openRows(
  db: Database.Database,
  findings: Findings,
): {
  block: (begin: number, end: number) => Map<number, Stored>;
  byUci: (uci: string) => Held | undefined;
} {
  const names = openNames(db);
  const units = openUnitBlocks(db);
  const unitByUci = db.prepare<[string], UnitRow>(`${SELECT_UNIT} WHERE uci = ?`);
  const identities = db
    .prepare<[number, number], [number, ...IdentityRow]>(
      `SELECT unit, property, value, product FROM identity WHERE unit > ? AND unit <= ? ORDER BY unit`,
    )
    .raw();
  const identityOf = (id: number): IdentityRow[] => identities.all(id - 1, id).map(([, ...row]) => row);
  return {
    block(begin, end) {
      const found = new Map<number, Stored>();
      for (const values of units(begin, end)) found.set(Number(values[ID]), { values, identity: [] });
      for (const [unit, ...row] of identities.all(begin, end)) {
        const stored = found.get(unit);
        if (stored) stored.identity.push(row);
        else
          findings.add({
            what: `an identity "${row[0]}" belongs to unit ${unit}, but this unit does not exist`,
            table: 'identity',
          });
      }
      return found;
    },
    byUci(uci) {
      const row = unitByUci.get(uci);
      if (row === undefined) return undefined;
      const identity = identityOf(row.id);
      return {
        unit: unitFrom(row, names),
        identity: new Map(identity.map(([property, value]) => [property, value])),
        stored: { values: Object.values(row), identity },
      };
    },
  };
}

/** Reads rows as a single text. Reading twenty separate values per row would take twice as long. */
function openUnitBlocks(db: Database.Database): (begin: number, end: number) => Value[][] {
  const text = db
    .prepare<[number, number], string>(
      `SELECT '[' || coalesce(group_concat(json_array(${UNIT_COLUMNS})), '') || ']' FROM unit WHERE id > ? AND id <= ?`,
    )
    .pluck();
  const cells = db.prepare<[number, number], Value[]>(`${SELECT_UNIT} WHERE id > ? AND id <= ?`).raw();
  return (begin, end) => {
    try {
      return JSON.parse(existing(text.get(begin, end)));
    } catch {
      // A damaged cell may contain bytes that JSON cannot represent.
      return cells.all(begin, end);
    }
  };
}

/** Reports each column of the unit's row that differs from the unit's events. */
function openReport(ids: IdsOf, findings: Findings): (held: Held) => void {
  return ({ unit, identity = new Map<string, string>(), stored }) => {
    const { id, uci } = unit;
    const add = (table: string, column: string | undefined, what: string): void =>
      findings.add({ what, table, uci, ...(column === undefined ? {} : { column }) });
    if (stored === undefined) return add('unit', undefined, `unit ${id} has events, but no row`);
    for (const [i, value] of unitValues(unit, ids).entries()) {
      if (value === stored.values[i]) continue;
      const column = existing(COLUMNS[i]);
      add('unit', column, `unit ${id}: ${column} differs from its events`);
    }
    const rows = new Map(stored.identity.map(([property, value, product]) => [property, { value, product }]));
    for (const property of new Set([...identity.keys(), ...rows.keys()])) {
      const row = rows.get(property);
      const column = row === undefined ? undefined : row.value === identity.get(property) ? 'product' : 'value';
      if (column === 'product' && row?.product === ids.product(unit.product)) continue;
      add('identity', column, `unit ${id}: its identity "${property}" differs from its events`);
    }
  };
}

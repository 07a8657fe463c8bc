import type Database from 'better-sqlite3';
import type { FoundIdentity, FoundName, NAME_KINDS, Sought } from '../contract/search.ts';
import { isObject, parseLine } from '../model/event.ts';
import { searchText } from '../model/search/text.ts';
import { keysOf } from '../platform/own.ts';
import { existing } from './existing.ts';
import { openForReading } from './open.ts';
import type { SearchRow } from './search-file.ts';

/** The functions with which the search reads the ledger. Each function makes one short read. */
export interface SearchSource {
  size: () => number;
  /** Returns the leaf hash of an event, or undefined if there is no such event. */
  leaf: (seq: number) => Buffer | undefined;
  /** Returns the units with numbers above `after`, up to and including `upto`. */
  units: (after: number, upto: number, limit: number) => SearchRow[];
  /**
   * Returns the units that got an S/N or an identity in the events after `after`. Also returns the number of the last
   * event read.
   */
  changed: (after: number, limit: number) => { rows: SearchRow[]; last: number };
  /** Returns undefined if the unit does not match. `identity` is set if the unit's S/N does not match. */
  hit: (id: number, sought: Sought) => { identity?: FoundIdentity } | undefined;
  names: (text: string, limit: number) => FoundName[];
  close: () => void;
}

interface Row {
  id: number;
  uci: string;
  serial: string | null;
}

/** The types of events that can give a unit an S/N or an identity (`boundIdentity`). */
const BINDING = ['issued', 'reserved', 'identified'];

/** The maximum number of names of each kind that are searched, newest first. */
const MAX_NAMES = 100_000;

export function openSearchSource(file: string): SearchSource {
  const db = openForReading(file);
  const size = db.prepare<[], number>('SELECT size FROM tree_head').pluck();
  const leaf = db.prepare<[number], Buffer>('SELECT leaf FROM event WHERE seq = ?').pluck();
  const between = db.prepare<[number, number, number], Row>(
    'SELECT id, uci, serial FROM unit WHERE id > ? AND id <= ? ORDER BY id LIMIT ?',
  );
  const byUci = db.prepare<[string], Row>('SELECT id, uci, serial FROM unit WHERE uci = ?');
  const byId = db.prepare<[number], Row>('SELECT id, uci, serial FROM unit WHERE id = ?');
  const values = db.prepare<[number], FoundIdentity>('SELECT property, value FROM identity WHERE unit = ?');
  const lines = db.prepare<[number, number], { seq: number; line: string }>(
    'SELECT seq, line FROM event WHERE seq > ? ORDER BY seq LIMIT ?',
  );
  const rowOf = ({ id, uci, serial }: Row): SearchRow => ({
    id,
    uci,
    serial: serial === null ? undefined : searchText(serial),
    identity: values.all(id).map(({ value }) => searchText(value)),
  });
  return {
    size: () => existing(size.get()),
    leaf: (seq) => leaf.get(seq),
    units: db.transaction((after: number, upto: number, limit: number) => between.all(after, upto, limit).map(rowOf)),
    changed: db.transaction((after: number, limit: number) => {
      const read = lines.all(after, limit);
      const bound = read.flatMap(({ line }) => boundBy(line) ?? []);
      const rows = [...new Set(bound)].map((uci) => rowOf(existing(byUci.get(uci))));
      return { rows, last: read.at(-1)?.seq ?? after };
    }),
    hit: (id, sought) => {
      const row = byId.get(id);
      if (row === undefined) return undefined;
      if ('ending' in sought) return row.uci.endsWith(sought.ending) ? {} : undefined;
      const contains = (value: string): boolean => searchText(value).includes(sought.contains);
      if (contains(row.serial ?? '')) return {};
      const identity = values.all(id).find(({ value }) => contains(value));
      return identity && { identity };
    },
    names: openNames(db),
    close: () => db.close(),
  };
}

/** If an event gives a unit an S/N or an identity, returns the unit's Claim ID. */
function boundBy(line: string): string | undefined {
  if (!BINDING.some((type) => line.includes(`"type":"${type}"`))) return undefined;
  const { type, uci } = parseLine(line);
  return BINDING.includes(type) ? uci : undefined;
}

interface NamedRow {
  name: string;
  settings: string | null;
}

/** For each kind of name, the member of the row's settings that is searched in addition to the name. */
const MEMBERS: Record<(typeof NAME_KINDS)[number], { table: string; member?: string }> = {
  'work-order': { table: 'work_order' },
  lot: { table: 'work_order', member: 'lot' },
  product: { table: 'product', member: 'name' },
  station: { table: 'station' },
  roll: { table: 'reservation' },
};

function openNames(db: Database.Database): SearchSource['names'] {
  const kinds = keysOf(MEMBERS).map((kind) => {
    const { table, member } = MEMBERS[kind];
    const settings = member === undefined ? 'NULL' : 'settings';
    const rows = db.prepare<[], NamedRow>(
      `SELECT name, ${settings} AS settings FROM ${table} ORDER BY id DESC LIMIT ${MAX_NAMES}`,
    );
    return { kind, member, rows };
  });
  return (text, limit) => {
    const found: FoundName[] = [];
    for (const { kind, member, rows } of kinds) {
      const [exact, parts]: [FoundName[], FoundName[]] = [[], []];
      for (const { name: id, settings } of rows.iterate()) {
        const name = member === undefined ? undefined : memberOf(settings, member);
        const texts = (kind === 'lot' ? [name] : [id, name]).map((one) => searchText(one ?? ''));
        if (!texts.some((one) => one.includes(text))) continue;
        const isExact = texts.includes(text);
        (isExact ? exact : parts).push({
          kind,
          id,
          ...(name === undefined ? {} : { name }),
          ...(isExact ? { exact: true } : {}),
        });
      }
      found.push(...[...exact, ...parts].slice(0, limit));
    }
    return found;
  };
}

function memberOf(settings: string | null, member: string): string | undefined {
  const read: unknown = settings === null ? undefined : JSON.parse(settings);
  const value: unknown = isObject(read) ? read[member] : undefined;
  return typeof value === 'string' ? value : undefined;
}

import type { Column, Form } from './columns.ts';

/** Units as JSON objects, one per line. Each member has the name of its column. Empty cells are omitted. */
export function unitLines(columns: Column[]): Form {
  const members = columns.map(({ name, kind }) => `coalesce(',"${name}":' || ${value(name, kind)}, '')`);
  // A comma is written before each member. The first column, `seq`, always has a value, so only the comma before `seq`
  // must be removed.
  return { row: `'{' || substr(${members.join(' || ')}, 2) || '}' || char(10)` };
}

/** Each line consists of exactly the bytes that were hashed for the event. */
export const EVENT_LINES: Form = { row: 'line || char(10)' };

/** The leaf hashes in lowercase hexadecimal, one per event. */
export const LEAF_LINES: Form = { row: 'lower(hex(leaf)) || char(10)' };

function value(name: string, kind: Column['kind']): string {
  if (kind === 'int' || kind === 'json') return name;
  if (kind === 'time') return `strftime('"%Y-%m-%dT%H:%M:%fZ"', ${name} / 1000.0, 'unixepoch')`;
  // `json_quote` turns NULL into the text "null", so `nullif` turns this text back into NULL.
  return `nullif(json_quote(${name}), 'null')`;
}

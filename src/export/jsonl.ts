import type { Column, Form } from './columns.ts';

/** Units as JSON objects, one a line: the columns by name, those that are empty left out. */
export function unitLines(columns: Column[]): Form {
  const members = columns.map(({ name, kind }) => `coalesce(',"${name}":' || ${value(name, kind)}, '')`);
  // The first one, `seq`, is never absent: its comma is the only one too many.
  return { row: `'{' || substr(${members.join(' || ')}, 2) || '}' || char(10)` };
}

/** Events as they were hashed, byte for byte. */
export const EVENT_LINES: Form = { row: 'line || char(10)' };

/** Leaf hashes in lower-case hexadecimal: the first line is the first event's. */
export const LEAF_LINES: Form = { row: 'lower(hex(leaf)) || char(10)' };

function value(name: string, kind: Column['kind']): string {
  if (kind === 'int' || kind === 'json') return name;
  if (kind === 'time') return `strftime('"%Y-%m-%dT%H:%M:%fZ"', ${name} / 1000.0, 'unixepoch')`;
  // Of nothing it makes the word null.
  return `nullif(json_quote(${name}), 'null')`;
}

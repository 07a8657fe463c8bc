import type { Column, Form } from './columns.ts';

/** Units as JSON objects, one a line: the columns by name, without empty ones. */
export function unitLines(columns: Column[]): Form {
  const members = columns.map(({ name, kind }) => `coalesce(',"${name}":' || ${value(name, kind)}, '')`);
  // The first column, `seq`, is never absent, so only its comma is removed.
  return { row: `'{' || substr(${members.join(' || ')}, 2) || '}' || char(10)` };
}

/** Events byte for byte as they were hashed. */
export const EVENT_LINES: Form = { row: 'line || char(10)' };

/** Leaf hashes in lower-case hexadecimal, one for each event. */
export const LEAF_LINES: Form = { row: 'lower(hex(leaf)) || char(10)' };

function value(name: string, kind: Column['kind']): string {
  if (kind === 'int' || kind === 'json') return name;
  if (kind === 'time') return `strftime('"%Y-%m-%dT%H:%M:%fZ"', ${name} / 1000.0, 'unixepoch')`;
  // For NULL it would return the word null.
  return `nullif(json_quote(${name}), 'null')`;
}

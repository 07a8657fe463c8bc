import { isObject } from '../model/event.ts';
import { LINE_END } from './text.ts';
import type { Problem, Row, Sheet } from './problem.ts';

/** Reads JSON objects, one per line. Returns them as rows, below a header with the names of all members. */
export function readJsonl(text: string, encoding: string): Sheet {
  const problems: Problem[] = [];
  const objects: { line: number; members: Map<string, string> }[] = [];
  for (const [index, line] of text.split(LINE_END).entries()) {
    if (line.trim() === '') continue;
    const members = membersOf(line);
    if (members !== undefined) objects.push({ line: index + 1, members });
    else problems.push({ line: index + 1, cause: 'not-json', why: 'the line is not one JSON object' });
  }
  const names = [...new Set(objects.flatMap(({ members }) => [...members.keys()]))];
  const rows = objects.map(({ line, members }): Row => ({
    line,
    cells: names.map((name) => ({ text: members.get(name) ?? '' })),
  }));
  const header: Row = { line: 1, cells: names.map((name) => ({ text: name })) };
  return { format: `JSON lines in ${encoding}`, rows: [header, ...rows], problems };
}

function membersOf(line: string): Map<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (!isObject(value)) return undefined;
    const text = (cell: unknown): string => (typeof cell === 'string' ? cell : JSON.stringify(cell));
    return new Map(Object.entries(value).map(([name, cell]) => [name, text(cell)]));
  } catch {
    return undefined;
  }
}

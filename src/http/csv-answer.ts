import type { Context } from 'hono';
import { harmless } from '../platform/formula-marks.ts';

/** The lines of the largest CSV file that the server's own thread makes. It has a few megabytes. */
export const MAX_LINES = 10_000;

/** The headers of a CSV file. A HEAD request gets only them. */
export function csvHeaders(name: string): Record<string, string> {
  return { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="${name}"` };
}

export type Cell = string | number | undefined;

/** Answers with a CSV file (RFC 4180). Spreadsheets do not run its texts as formulas. */
export function csvAnswer(c: Context, name: string, columns: readonly string[], rows: readonly Cell[][]): Response {
  const lines = rows.map((cells) =>
    cells.map((cell) => `"${harmless(String(cell ?? '')).replaceAll('"', '""')}"`).join(','),
  );
  return c.body([columns.join(','), ...lines, ''].join('\r\n'), 200, csvHeaders(name));
}

import type { Context } from 'hono';
import { harmless } from '../platform/formula-marks.ts';

/** The server's own thread makes CSV files only up to this number of lines. Such a file is a few megabytes in size. */
export const MAX_LINES = 10_000;

/** The headers of a CSV file. The answer to a HEAD request consists of these headers only. */
export function csvHeaders(name: string): Record<string, string> {
  return { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="${name}"` };
}

export type Cell = string | number | undefined;

/** Answers with a CSV file (RFC 4180). Cell texts are escaped so that spreadsheets do not run them as formulas. */
export function csvAnswer(c: Context, name: string, columns: readonly string[], rows: readonly Cell[][]): Response {
  const lines = rows.map((cells) =>
    cells.map((cell) => `"${harmless(String(cell ?? '')).replaceAll('"', '""')}"`).join(','),
  );
  return c.body([columns.join(','), ...lines, ''].join('\r\n'), 200, csvHeaders(name));
}

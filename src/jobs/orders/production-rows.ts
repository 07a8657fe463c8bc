/** The production of one work order. All numbers are totals, so a file that is read twice changes nothing. */
export interface ProductionRow {
  reference: string;
  workOrder: string;
  code: string;
  product: string;
  lot: string;
  due: string;
  planned: number;
  issued: number;
  verified: number;
  released: number;
  unaccounted: number;
  scrapped: number;
  void: number;
  state: 'open' | 'closed';
}

const COLUMNS = [
  ['reference', 'reference'],
  ['workOrder', 'work_order'],
  ['code', 'product_code'],
  ['product', 'product'],
  ['lot', 'lot'],
  ['due', 'due'],
  ['planned', 'planned'],
  ['issued', 'issued'],
  ['verified', 'verified'],
  ['released', 'released'],
  ['unaccounted', 'unaccounted'],
  ['scrapped', 'scrapped'],
  ['void', 'void'],
  ['state', 'state'],
] as const satisfies [keyof ProductionRow, string][];

/**
 * As in the exports (RFC 4180), texts are quoted and numbers are not. Unlike in the exports, no apostrophe is put
 * before texts that a spreadsheet would run as formulas, because a program reads this file and must find its references
 * unchanged.
 */
export function productionCsv(rows: ProductionRow[], seq: number, at: number): string {
  const time = new Date(at).toISOString();
  const head = [...COLUMNS.map(([, name]) => name), 'as_of', 'at'].join(',');
  const lines = rows.map((row) => [...COLUMNS.map(([name]) => cell(row[name])), seq, cell(time)].join(','));
  return `${[head, ...lines].join('\r\n')}\r\n`;
}

function cell(value: string | number): string {
  return typeof value === 'number' ? String(value) : value === '' ? '' : `"${value.replaceAll('"', '""')}"`;
}

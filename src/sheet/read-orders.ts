import { PlannedOrder } from '../model/work-order.ts';
import { trimInvisible } from '../platform/invisible.ts';
import { bareName } from './columns.ts';
import { MAX_TITLES } from './csv.ts';
import { NO_RESULT, type Cell, type Problem, type Row } from './problem.ts';
import { readSheet } from './read-units.ts';

/** A work order in a file of an ERP. */
export interface OrderLine {
  line: number;
  order: PlannedOrder;
}

export interface OrderFile {
  format: string;
  orders: OrderLine[];
  problems: Problem[];
}

/** The column names that are known, in the form that `bareName` returns, each with its property. */
const KNOWN: Record<string, keyof PlannedOrder> = {
  reference: 'reference',
  ref: 'reference',
  order: 'reference',
  orderno: 'reference',
  ordernr: 'reference',
  ordernumber: 'reference',
  workorder: 'reference',
  productionorder: 'reference',
  manufacturingorder: 'reference',
  auftrag: 'reference',
  auftragsnr: 'reference',
  auftragsnummer: 'reference',
  fertigungsauftrag: 'reference',
  orden: 'reference',
  ordendetrabajo: 'reference',
  ordendefabricacion: 'reference',
  工单: 'reference',
  工单号: 'reference',
  product: 'product',
  productid: 'product',
  productcode: 'product',
  code: 'product',
  material: 'product',
  item: 'product',
  article: 'product',
  artikel: 'product',
  artikelnummer: 'product',
  producto: 'product',
  codigo: 'product',
  产品: 'product',
  物料: 'product',
  planned: 'planned',
  quantity: 'planned',
  qty: 'planned',
  menge: 'planned',
  cantidad: 'planned',
  数量: 'planned',
  计划数量: 'planned',
  due: 'due',
  duedate: 'due',
  date: 'due',
  termin: 'due',
  fecha: 'due',
  交期: 'due',
  lot: 'lot',
  batch: 'lot',
  charge: 'lot',
  lote: 'lot',
  批次: 'lot',
};

const REQUIRED = ['reference', 'product', 'planned'] as const;

function propertyOf(head: string): keyof PlannedOrder | undefined {
  const bare = bareName(head);
  return Object.hasOwn(KNOWN, bare) ? KNOWN[bare] : undefined;
}

const known = (cells: Cell[]): number => cells.filter(({ text }) => propertyOf(text) !== undefined).length;

/** Reads the work orders of a CSV file or an Excel workbook. Columns with other names are ignored. */
export async function readOrderFile(bytes: Buffer): Promise<OrderFile> {
  const { format, rows, problems } = await readSheet(bytes, known);
  const begin = rows.slice(0, MAX_TITLES + 1).findIndex(({ cells }) => known(cells) >= REQUIRED.length);
  const header = rows[begin];
  if (header === undefined) {
    if (problems.length === 0) problems.push({ line: rows[0]?.line ?? 1, cause: 'no-header', why: NO_HEADER });
    return { format, orders: [], problems };
  }
  const columns = header.cells.map(({ text }) => propertyOf(text));
  problems.push(...headerProblems(header, columns));
  const orders: OrderLine[] = [];
  if (problems.length > 0) return { format, orders, problems };
  for (const row of rows.slice(begin + 1)) {
    const read = readRow(row, columns);
    if ('order' in read) orders.push(read);
    else problems.push(...read.problems);
  }
  return { format, orders, problems };
}

const NO_HEADER = 'no line names the columns: the first line needs reference, product and planned';

function headerProblems({ line, cells }: Row, columns: (keyof PlannedOrder | undefined)[]): Problem[] {
  const missing = REQUIRED.filter((name) => !columns.includes(name)).map((name): Problem => ({
    line,
    cause: 'no-column',
    why: `there is no column "${name}"`,
  }));
  const twice = columns.flatMap((name, at): Problem[] => {
    const before = columns.indexOf(name);
    if (name === undefined || before === at) return [];
    const why = `the columns "${cells[before]?.text}" and "${cells[at]?.text}" have the same meaning: remove one of them`;
    return [{ line, cause: 'duplicate-header', why }];
  });
  return [...missing, ...twice];
}

function readRow(
  { line, cells }: Row,
  columns: (keyof PlannedOrder | undefined)[],
): OrderLine | { problems: Problem[] } {
  const values: { [property: string]: unknown } = {};
  for (const [at, { text, kind }] of cells.entries()) {
    const property = columns[at];
    const bare = trimInvisible(text);
    if (property !== undefined && kind === 'formula')
      return { problems: [{ line, cause: 'formula', why: `${property}: ${NO_RESULT}` }] };
    if (property === undefined || bare === '') continue;
    if (kind === 'lost' || kind === 'error')
      return { problems: [{ line, cause: 'spoiled-number', why: `${property}: format the column as text` }] };
    values[property] = property === 'planned' ? wholeNumber(bare) : property === 'due' ? dayIn(bare, kind) : bare;
  }
  const read = PlannedOrder.safeParse(values);
  if (read.success) return { line, order: read.data };
  return {
    problems: read.error.issues.map(({ path, message }) => ({
      line,
      cause: 'wrong-value',
      why: `${path.join('.')}: ${values[String(path[0])] === undefined ? 'is missing' : message}`,
    })),
  };
}

/** A number such as `1,000` or `500.000` has another meaning in another country, so it is refused. */
function wholeNumber(text: string): number | string {
  return /^\d{1,8}$/.test(text) ? Number(text) : text;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The date that a workbook stores as the number 0 (ECMA-376, part 1, 18.17.4.1). */
const DAY_0 = Date.UTC(1899, 11, 30);

/** SAP writes days as 20261231. A workbook stores a date as the number of days since 1899-12-30. */
function dayIn(text: string, kind: Cell['kind']): string {
  if (kind === 'date' && /^\d{1,6}(\.\d+)?$/.test(text))
    return new Date(DAY_0 + Math.floor(Number(text)) * DAY_MS).toISOString().slice(0, 10);
  return text.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3').replace(/^(\d{4}-\d{2}-\d{2})[T ].*$/, '$1');
}

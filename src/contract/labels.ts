import type { FileHandle } from 'node:fs/promises';
import { isObject } from '../model/event.ts';
import { MAX_LENGTH } from '../model/claim-id.ts';
import type { UnitPage } from './ledger.ts';
import type { Product } from '../model/product.ts';
import { openSerial, renderSerial } from '../model/serial.ts';
import type { Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';

/**
 * The fields of a label, each with the longest value that templates are checked with. A product's name may be too long
 * for any label: the check uses 40 letters, the longest name in catalogues. An S/N may have 32 letters, but most labels
 * are too narrow for so many bars: the check uses 16 letters, and its `capacity` says how many letters fit.
 */
export const LONGEST = {
  uci: 'W'.repeat(MAX_LENGTH),
  product: '01HQ7Z8YV2M4N6P8R0T2V4X6Z8',
  serial: 'W'.repeat(16),
  name: 'Gebäude-Energiemonitor Größe XL 500 Pro™',
  company: 'Österreichische Gerätebau-Gesellschaft mbH',
  model: 'GEM-XL500-PRO/EU-2026-A',
  code: 'WWWWWWWW',
  lot: 'W'.repeat(16),
  workOrder: 'WO-2026-000000-WWWWWWWWW',
  /** The QR code's content: the Claim ID, or the product's address with the Claim ID in it. */
  qr: 'W'.repeat(MAX_LENGTH),
  logo: 'claimstamp.svg',
};

export type LabelField = keyof typeof LONGEST;
export const LABEL_FIELDS = Object.keys(LONGEST) as LabelField[];

/** Fields that always have a value. The box of any other field stays empty when the value is absent. */
type Always = 'uci' | 'product' | 'qr';
type Sometimes = Exclude<LabelField, Always>;

export type LabelData = { [field in Always]: string } & { [field in Sometimes]?: string } & {
  attributes?: { [name: string]: unknown };
};

/** Uses the device's own name, else the product's name. `body` is the agent's body as text. */
export function labelData(
  unit: Unit,
  product: Product,
  workOrder: WorkOrder | undefined,
  body: string | undefined,
): LabelData {
  const attributes: unknown = body === undefined ? undefined : JSON.parse(body);
  const own = isObject(attributes) ? attributes : {};
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  const fields: { [field in Sometimes]: string | undefined } = {
    serial: unit.serial,
    name: text(own['name']) ?? product.name,
    company: product.company,
    model: text(own['model']),
    code: product.code,
    logo: product.logo,
    lot: workOrder?.lot,
    workOrder: unit.workOrder,
  };
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return {
    uci: unit.uci,
    product: unit.product,
    qr: (product.qr ?? '{uci}').replace('{uci}', unit.uci),
    attributes: own,
    ...present,
  };
}

export interface Labelled {
  data: LabelData;
  product: Product;
}

/** The ledger, or the reader that a child process uses instead. */
export interface LabelSource {
  product: (id: string) => MaybeLater<Product | undefined>;
  workOrder: (id: string) => MaybeLater<WorkOrder | undefined>;
  bodies: (units: Unit[]) => MaybeLater<(string | undefined)[]>;
}
type MaybeLater<T> = T | Promise<T>;

/** The labels of these units, in the same order. */
export async function labelsOf(source: LabelSource, units: Unit[]): Promise<Labelled[]> {
  const products = new Map<string, Product>();
  const workOrders = new Map<string, WorkOrder | undefined>();
  for (const { product: id, workOrder } of units) {
    const product = products.get(id) ?? (await source.product(id));
    if (product === undefined) throw new Error(`product ${id} of a unit is not in the ledger`);
    products.set(id, product);
    if (workOrder !== undefined && !workOrders.has(workOrder))
      workOrders.set(workOrder, await source.workOrder(workOrder));
  }
  const bodies = await source.bodies(units);
  return units.flatMap((unit, index) => {
    const product = products.get(unit.product);
    if (product === undefined) return [];
    return [{ product, data: labelData(unit, product, workOrders.get(unit.workOrder ?? ''), bodies[index]) }];
  });
}

export type LabelFormat = 'pdf' | 'zpl' | 'svg' | 'png';

export interface LabelChoice {
  template?: string;
  dpi?: number;
  /** A PDF has one page for each copy. ZPL contains the number, and the printer repeats the label. */
  copies?: number;
}

/** Selects units by a list or by a filter, in the order in which they were made. */
export type LabelSelection = { units: string[] } | { filter: Omit<UnitPage, 'after' | 'limit' | 'identity'> };

export interface LabelJob {
  selection: LabelSelection;
  format: 'pdf' | 'zpl';
  /** The template for all labels; by default each label uses the template of its product. */
  template?: string;
  /** Prints on a sheet with several cells, from cell `start` on (1 is the first); by default one label per page. */
  sheet?: { name: string; start: number };
  copies: number;
  /** The printer's dots per inch, needed for ZPL; by default the value in the template. */
  dpi?: number;
}

/**
 * Draws labels of committed units: `one` in this process, `many` in a child process of low priority (spool.ts). Both
 * throw a ClaimstampError when a label cannot be drawn exactly as its template specifies. Nothing is ever cut off.
 */
export interface Labels {
  templates(): string[];
  /** Checks a template before it is used. Throws `not-found` when the template does not exist. */
  check(template: string): Promise<TemplateCheck>;
  one(data: LabelData, format: LabelFormat, choice: LabelChoice, product: Product): Promise<Uint8Array>;
  many(job: LabelJob, signal?: AbortSignal): Promise<{ file: FileHandle; bytes: number; labels: number }>;
}

export interface TemplateCheck {
  name: string;
  /** True for the default template, which products use that name no template. */
  usual: boolean;
  /** Width and height in mm. */
  width: number;
  height: number;
  /** Dots per inch of the printer that the template is made for. */
  dpi: number;
  /** Sizes of the codes when they contain the longest values; a size is undefined if its code does not fit. */
  codes: { box: string; symbology: string; dots?: number; moduleMm?: number; quietModules?: number }[];
  /** One sentence for each problem, with its file, box and property. Empty when the template is usable. */
  problems: string[];
}

/** Sample data for the preview of a product's label. */
export function sampleData(product: Product): LabelData {
  const uci = 'JT08FFQXWQ'.repeat(2).slice(0, product.claimIdLength);
  const sample = { id: 0, uci, product: product.id, facts: {}, labels: 0, lastSeq: 0 };
  const { serialPattern: pattern, code } = product;
  const slot = pattern === null ? undefined : openSerial(pattern, Date.UTC(2026, 10, 23), { code, lot: 'LOT' });
  return labelData({ ...sample, ...(slot && { serial: renderSerial(slot, 42) }) }, product, undefined, undefined);
}

/** The task of the child process. The result is the number of labels in the file. */
export interface LabelTask {
  ledger: string;
  out: string;
  job: LabelJob;
}

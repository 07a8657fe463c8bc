import type { FileHandle } from 'node:fs/promises';
import { isObject } from '../model/event.ts';
import { MAX_LENGTH, MIN_LENGTH } from '../model/claim-id.ts';
import type { UnitPage } from './ledger.ts';
import type { Format } from '../model/printer.ts';
import type { Setup } from '../model/printing/setup.ts';
import type { Product } from '../model/product.ts';
import { openSerial, renderSerial } from '../model/serial.ts';
import type { SavedTemplate, TemplateRevision } from '../model/labels/saved-template.ts';
import type { Fact, Unit } from '../model/unit.ts';
import { notForSale, type WorkOrder } from '../model/work-order.ts';
import { keysOf } from '../platform/own.ts';

/**
 * The fields of a label. Templates are checked with the longest value of each field. A product's name may be too long
 * for any label, so the check uses a name of 40 letters, which is the longest in real catalogues. An S/N may have 32
 * letters, but most labels are too narrow for that many bars. So templates are checked with an S/N of 16 letters. The
 * `capacity` in the result says how many letters fit.
 */
export const LONGEST = {
  uci: 'W'.repeat(MAX_LENGTH),
  product: '01HQ7Z8YV2M4N6P8R0T2V4X6Z8',
  /**
   * The longest S/N of the default pattern that fits the default label's bar code, with a product code of 5 letters.
   */
  serial: 'WWWWWWW2648U9999999',
  name: 'Gebäude-Energiemonitor Größe XL 500 Pro™',
  company: 'Österreichische Gerätebau-Gesellschaft mbH',
  model: 'GEM-XL500-PRO/EU-2026-A',
  code: 'WWWWWWWW',
  /** With 14 digits. */
  gtin: '99999999999997',
  lot: 'W'.repeat(16),
  workOrder: 'WO-2026-000000-WWWWWWWWW',
  /** The content of the QR code: the Claim ID, or the product's address, which contains the Claim ID. */
  qr: 'W'.repeat(MAX_LENGTH),
  logo: 'claimstamp.svg',
  /** Says that the unit is for engineering, or is a sample that has not been released. Empty for all other units. */
  notForSale: 'NOT FOR SALE',
  /** The station for which the label is printed. Empty in files, and on labels that are not printed for a station. */
  station: 'HALL-2-LINE-03-ST-04',
};

/** GS1 codes have shorter GTINs with zeros in front (GS1 General Specifications, section 3.3.2). */
const GTIN_DIGITS = 14;

export type LabelField = keyof typeof LONGEST;
export const LABEL_FIELDS = keysOf(LONGEST);

/**
 * The fields that always have a value. Any other field may have no value. The box of a field without a value stays
 * empty.
 */
type Always = 'uci' | 'product' | 'qr';
type Sometimes = Exclude<LabelField, Always>;

export type LabelData = { [field in Always]: string } & { [field in Sometimes]?: string } & {
  attributes?: { [name: string]: unknown };
};

/**
 * The label shows the device's own name. If the device has no name, the label shows the product's name. `body` is the
 * agent's body as text, and `station` is the station for which the label is printed.
 */
export function labelData(
  unit: Unit,
  product: Product,
  workOrder: WorkOrder | undefined,
  body: string | undefined,
  station?: string,
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
    gtin: product.gtin?.padStart(GTIN_DIGITS, '0'),
    logo: product.logo,
    lot: workOrder?.lot,
    workOrder: unit.workOrder,
    notForSale: isForSale(unit, workOrder) ? undefined : LONGEST.notForSale,
    station,
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

/** A reference device may have a production label, so only the purpose of its work order counts. */
function isForSale(unit: Unit, workOrder: WorkOrder | undefined): boolean {
  return notForSale(unit, workOrder).every((reason) => reason === 'reference');
}

export interface Labelled {
  data: LabelData;
  product: Product;
}

/** The ledger, or the reader of the ledger's file in a child process. */
export interface LabelSource {
  product: (id: string) => MaybeLater<Product | undefined>;
  workOrder: (id: string) => MaybeLater<WorkOrder | undefined>;
  bodies: (units: Unit[]) => MaybeLater<(string | undefined)[]>;
}
type MaybeLater<T> = T | Promise<T>;

/** Returns the labels of the given units, in the same order. `station` is the station for which they are printed. */
export async function labelsOf(source: LabelSource, units: Unit[], station?: string): Promise<Labelled[]> {
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
    const workOrder = workOrders.get(unit.workOrder ?? '');
    return [{ product, data: labelData(unit, product, workOrder, bodies[index], station) }];
  });
}

/** The template that is used if a product names no template. */
export const DEFAULT_TEMPLATE = 'device-62x40';

export type LabelFormat = 'pdf' | 'zpl' | 'tspl' | 'svg' | 'png';

export interface LabelChoice {
  template?: string;
  /** A revision of the template in the ledger, by default the newest. */
  revision?: number;
  dpi?: number;
  /**
   * The number of copies. A PDF has one page for each copy. A ZPL file contains the number of copies, and the printer
   * repeats each label.
   */
  copies?: number;
}

/** What a printer prints: labels of units with their copies, the badge of a person, or a test label. */
export type DrawnJob =
  | {
      kind: 'labels';
      labels: (Labelled & { copies: number })[];
      /** Column of the first label, if several labels are side by side. Column 1 is the first. */
      column?: number;
    }
  | { kind: 'badge'; person: { name: string; badge: string } }
  | { kind: 'test' };

/** Selects units by a list or by a filter, in the order in which they were made. */
export type LabelSelection =
  | { units: string[] }
  | { filter: Omit<UnitPage, 'after' | 'limit' | 'identity' | 'products' | 'ids' | 'status'> & { status?: Fact } };

/**
 * The maximum number of labels in one file, with all copies. The PDF of this many labels is about 100 MB. A roll has a
 * few thousand labels.
 */
export const MAX_LABELS = 100_000;

/** A correction in mm, to the right and down. */
export interface Offset {
  x: number;
  y: number;
}

/** The largest correction in mm. If labels are off by more, the printer uses the wrong paper size or tray. */
export const MAX_OFFSET_MM = 10;

export interface LabelJob {
  selection: LabelSelection;
  format: 'pdf' | 'zpl' | 'tspl';
  /** This template is used for all labels. If this template is absent, each label uses the template of its product. */
  template?: string;
  /**
   * Prints on a sheet, beginning with cell `start` (1 is the first cell). The default is one label per page. `offset`
   * corrects the feed of the printer.
   */
  sheet?: { name: string; start: number; offset?: Offset };
  copies: number;
  /** The printer's dots per inch, which ZPL needs. The default is the resolution in the template. */
  dpi?: number;
}

/**
 * Draws labels for committed units. `one` draws in a separate thread, and `many` draws in a low-priority child process
 * (spool.ts). `one` and `many` throw a ClaimstampError when a label cannot be drawn exactly as its template specifies.
 * No part of a label is ever cut off.
 */
export interface Labels {
  /** Names of the files in labels/ and of the templates in the ledger. */
  templates(): Promise<string[]>;
  /** True if a file in labels/ has this name. Such a template is changed by changing the file. */
  isFile(template: string): boolean;
  /** Returns the source of a file in labels/, or of a revision in the ledger. Throws `not-found` if there is none. */
  source(template: string, revision?: number): Promise<TemplateSource>;
  /**
   * Checks a template (by default the default template) before it is used, with each of these logos in its boxes.
   * Throws `not-found` if the template does not exist.
   */
  check(template?: string, logos?: string[]): Promise<TemplateCheck>;
  /** Checks a template before it is saved. Throws `template-wrong` if the source cannot be read. */
  checkSource(saved: SavedSource, logos: string[]): Promise<TemplateCheck>;
  /** Throws `template-wrong` if the picture does not exist or cannot be drawn. */
  checkPicture(file: string): Promise<void>;
  one(data: LabelData, format: LabelFormat, choice: LabelChoice, product: Product): Promise<Uint8Array>;
  /** Draws a person's badge: the name, and the badge code as a QR code. */
  badge(person: { name: string; badge: string }, format: LabelFormat): Promise<Uint8Array>;
  /**
   * Draws a job for a printer, according to the printer's settings. Throws `labels-differ` if the labels in the printer
   * have another size.
   */
  job(job: DrawnJob, format: Format, setup: Setup): Promise<Uint8Array>;
  many(job: LabelJob, by: string, signal?: AbortSignal): Promise<{ file: FileHandle; bytes: number; labels: number }>;
}

/** A template that people saved in the ledger. */
export type SavedSource = Pick<SavedTemplate, 'name' | 'source'>;

export interface TemplateSource extends SavedSource {
  origin: 'file' | 'ledger';
  hash: string;
  /** Only for templates in the ledger. */
  saved?: TemplateRevision;
}

/** A file that is named in a template, such as `fonts/Corporate.ttf`. `sha256` is absent if the file is missing. */
export interface TemplateNeed {
  file: string;
  sha256?: string | undefined;
}

export interface TemplateCheck {
  name: string;
  /** True for the default template. Products that name no template use the default template. */
  usual: boolean;
  /** The width and height are in mm. */
  width: number;
  height: number;
  /** The resolution of the printers for which the template is made, in dots per inch. */
  dpi: number;
  /** True if the label shows the Claim ID, or the passcode of a Matter device. */
  secret: boolean;
  /** The files in labels/fonts and labels/logos that the template names. */
  needs: TemplateNeed[];
  /** The fields that the template prints, such as `serial` and `attributes.mac`. */
  prints: string[];
  /**
   * The size of each barcode with the longest possible content. The size of a code is undefined if the code does not
   * fit.
   */
  codes: { box: string; symbology: string; dots?: number; moduleMm?: number; quietModules?: number }[];
  /** The images as a black-and-white printer prints them. `ink` is the share of black dots in the box, 0 to 1. */
  pictures: { box: string; file: string; ink: number }[];
  /**
   * One sentence for each problem, which names the file, the box and the property. The list is empty if the template
   * can be used.
   */
  problems: string[];
  /** One sentence for each image that is almost entirely white or almost entirely black. */
  warnings: string[];
}

/** The shortest values of a label. */
export const SHORTEST: LabelData = {
  uci: '0'.repeat(MIN_LENGTH),
  product: 'P',
  serial: '1',
  qr: '0'.repeat(MIN_LENGTH),
};

/** The site that samples show if the service has none. */
const SAMPLE_SITE = 'P2';
const SAMPLE_STATION = 'line-1';

/** The sample data for the preview of a product's label. */
export function sampleData(product: Product, site: string = SAMPLE_SITE): LabelData {
  const uci = 'JT08FFQXWQ'.repeat(2).slice(0, product.claimIdLength);
  const sample = { id: 0, uci, product: product.id, facts: {}, labels: 0, lastSeq: 0 };
  const { serialPattern: pattern, code } = product;
  const slot = pattern === null ? undefined : openSerial(pattern, Date.UTC(2026, 10, 23), { site, code, lot: 'LOT' });
  const unit = { ...sample, ...(slot && { serial: renderSerial(slot, 42) }) };
  return labelData(unit, product, undefined, undefined, SAMPLE_STATION);
}

/** The task of the child process. The result is the number of labels in the file. */
export interface LabelTask {
  ledger: string;
  out: string;
  job: LabelJob;
}

import type { FileHandle } from 'node:fs/promises';
import { isObject } from '../model/event.ts';
import { MAX_LENGTH } from '../model/claim-id.ts';
import type { UnitPage } from './ledger.ts';
import type { Format } from '../model/printer.ts';
import type { Setup } from '../model/printing/setup.ts';
import type { Product } from '../model/product.ts';
import type { DrawnSet, LabelContent, RecordedSet, RenderDifference } from '../model/labels/render-set.ts';
import { DEFAULT_TEMPLATE, type SavedTemplate, type TemplateRevision } from '../model/labels/saved-template.ts';
import type { TemplateDraft } from '../model/labels/draft.ts';
import type { Fact, Unit } from '../model/unit.ts';
import { labelOrder, type LabelOrder, type LabelProduct } from '../model/labels/shown-settings.ts';
import { DEVICE, drawnAs, labelWithRole } from '../model/labels/label-set.ts';
import { notForSale, type WorkOrder } from '../model/work-order.ts';
import { keysOf } from '../platform/own.ts';

/**
 * The fields of a label. A template is checked with the longest value of each field. Some product names are too long
 * for any label. So the check uses a name of 40 letters, which is the longest in real catalogues. An S/N may have 32
 * letters, but most labels are too narrow for so many bars. So a template is checked with an S/N of 16 letters. The
 * `capacity` in the result says how many letters fit on the label.
 */
export const LONGEST = {
  uci: 'W'.repeat(MAX_LENGTH),
  product: '01HQ7Z8YV2M4N6P8R0T2V4X6Z8',
  /** The longest default S/N that fits in the default label's bar code. The product code in this S/N has 5 letters. */
  serial: 'WWWWWWW2648U9999999',
  name: 'Gebäude-Energiemonitor Größe XL 500 Pro™',
  company: 'Österreichische Gerätebau-Gesellschaft mbH',
  model: 'GEM-XL500-PRO/EU-2026-A',
  code: 'WWWWWWWW',
  /** A GTIN with 14 digits. */
  gtin: '99999999999997',
  lot: 'W'.repeat(16),
  workOrder: 'WO-2026-000000-WWWWWWWWW',
  /** The content of the QR code: the Claim ID, or an address of the product that contains the Claim ID. */
  qr: 'W'.repeat(MAX_LENGTH),
  logo: 'claimstamp.svg',
  /** A note that the unit is for engineering, or is a sample that has not been released. Empty for other units. */
  notForSale: 'NOT FOR SALE',
  /** The station where the label is printed. Empty if the label is in a file or is not printed for a station. */
  station: 'HALL-2-LINE-03-ST-04',
  /** The role of the label. If a code contains the role, a scan tells which of the product's labels was scanned. */
  role: 'w'.repeat(12),
};

/** In GS1 codes, shorter GTINs are padded with leading zeros (GS1 General Specifications, section 3.3.2). */
const GTIN_DIGITS = 14;

export type LabelField = keyof typeof LONGEST;
export const LABEL_FIELDS = keysOf(LONGEST);

/** The fields that always have a value. Any other field may have no value, and the field's box is then empty. */
type Always = 'uci' | 'product' | 'qr';
type Sometimes = Exclude<LabelField, Always>;

export type LabelData = { [field in Always]: string } & { [field in Sometimes]?: string } & {
  attributes?: { [name: string]: unknown };
  /**
   * The numbers that the unit got from the product's pools. Numbers that the device itself sent are in `attributes`.
   */
  pool?: { [property: string]: string };
};

/**
 * Returns the data for the label of a unit. The label shows the device's own name, or the product's name if the device
 * has none. `body` is the agent's body as text, and `station` is the station for which the label is printed. `role` is
 * absent for the label of the device.
 */
export function labelData(
  unit: Unit,
  product: LabelProduct,
  workOrder: LabelOrder | undefined,
  body: string | undefined,
  { station, role }: { station?: string | undefined; role?: string | undefined } = {},
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
    role,
  };
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return {
    uci: unit.uci,
    product: unit.product,
    qr: (product.qr ?? '{uci}').replace('{uci}', unit.uci),
    attributes: own,
    ...(unit.extra?.drawn === undefined ? {} : { pool: unit.extra.drawn }),
    ...present,
  };
}

/**
 * True if the label need not say NOT FOR SALE. Only the purpose of the unit's work order matters, because a reference
 * device may have the label of a production unit.
 */
function isForSale(unit: Unit, workOrder: LabelOrder | undefined): boolean {
  return notForSale(unit, workOrder).every((reason) => reason === 'reference');
}

export interface Labelled {
  data: LabelData;
  /** The product, with the template of this role as its label. */
  product: Product;
  /** The settings of the unit's work order that labels show. */
  order?: LabelOrder;
  /** Absent for the label of the device. */
  role?: string;
  /** True if the label must not show a secret. */
  isPublic?: true;
}

/** The ledger itself, or a reader of the ledger file in a child process. */
export interface LabelSource {
  product: (id: string) => MaybeLater<Product | undefined>;
  workOrder: (id: string) => MaybeLater<WorkOrder | undefined>;
  bodies: (units: Unit[]) => MaybeLater<(string | undefined)[]>;
}
type MaybeLater<T> = T | Promise<T>;

/**
 * Returns the labels of these units in the same order. `station` is the station where the labels are printed. Throws
 * `not-found` if a product has no label with this role.
 */
export async function labelsOf(
  source: LabelSource,
  units: Unit[],
  of: { station?: string | undefined; role?: string | undefined } = {},
): Promise<Labelled[]> {
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
    const order = workOrder && labelOrder(workOrder);
    const role = of.role === DEVICE ? undefined : of.role;
    const { secret } = labelWithRole(product, role);
    const data = labelData(unit, product, workOrder, bodies[index], { ...of, role });
    const shown = { ...(role === undefined ? {} : { role }), ...(secret ? {} : { isPublic: true as const }) };
    return [{ product: drawnAs(product, role), data, ...(order && { order }), ...shown }];
  });
}

export { DEFAULT_TEMPLATE };

export type LabelFormat = 'pdf' | 'zpl' | 'tspl' | 'svg' | 'png';

export interface LabelChoice {
  template?: string;
  /** A revision of the template in the ledger. The default is the newest one. */
  revision?: number;
  /** True for sample data. Otherwise, labels of a product with `approval` are drawn only with approved revisions. */
  sample?: true;
  dpi?: number;
  /**
   * The number of copies. In a PDF, each copy is a separate page. In a ZPL file, each label is contained once, and a
   * command tells the printer how many copies to print.
   */
  copies?: number;
}

/** What a printer prints: labels of units with their copies, a person's badge, or a test label. */
export type DrawnJob =
  | {
      kind: 'labels';
      /** `known` is the hash of a render set whose contents the ledger already has. */
      labels: (Labelled & { copies: number; known?: string | undefined })[];
      /** If several labels are side by side on the roll: the column of the first label, counted from 1. */
      column?: number;
    }
  | { kind: 'badge'; person: { name: string; badge: string } }
  | { kind: 'test' }
  /** A template that is being changed, with sample data. */
  | { kind: 'draft'; saved: SavedSource; data: LabelData };

/**
 * For each label of the job, `sets` has the render set with which it was drawn. Badges and test labels have no sets.
 */
export interface DrawnLabels {
  bytes: Uint8Array;
  sets: DrawnSet[];
}

/** A label that was printed, with everything that is necessary to draw it again. */
export interface PrintedLabel {
  set: RecordedSet;
  data: LabelData;
  /** The contents that the ledger or the bundle has. */
  contents: LabelContent[];
}

export interface Redrawn {
  /** The dots of the label as a PNG, before the printer's own corrections. */
  png: Uint8Array;
  /** The SHA-256 of the dots. */
  dots: string;
  /** The differences from the printed label. If this list is empty, the dots are the same as the printed ones. */
  differences: RenderDifference[];
}

/** Selects units by a list or a filter, in the order in which they were made. */
export type LabelSelection =
  | { units: string[] }
  | { filter: Omit<UnitPage, 'after' | 'limit' | 'identity' | 'products' | 'ids' | 'status'> & { status?: Fact } };

/**
 * The maximum number of labels in one file, including all copies. A PDF with this many labels is about 100 MB. A roll
 * has a few thousand labels.
 */
export const MAX_LABELS = 100_000;

/** A correction in mm. Positive values move the print to the right and down. */
export interface Offset {
  x: number;
  y: number;
}

/**
 * The largest correction in mm. If labels are misplaced by more than that, the printer has the wrong paper size or
 * tray.
 */
export const MAX_OFFSET_MM = 10;

export interface LabelJob {
  selection: LabelSelection;
  format: 'pdf' | 'zpl' | 'tspl';
  /** The template for all labels. If `template` is absent, each label uses the template of its product. */
  template?: string;
  /** The role of the labels. Absent for the labels that are on the devices themselves. */
  role?: string;
  /**
   * Prints several labels on a sheet. The first label is in cell `start`, counted from 1. Without `sheet`, each page
   * has one label. `offset` corrects how the printer feeds the sheet.
   */
  sheet?: { name: string; start: number; offset?: Offset };
  copies: number;
  /** The resolution of the printer in dots per inch, which ZPL needs. The default is the resolution of the template. */
  dpi?: number;
}

/** What a template must be able to print for the products that use it. */
export interface TemplateUse {
  /** The logos that `{logo}` may stand for. */
  logos: string[];
  /** The longest QR content. Absent if no QR content is longer than the longest Claim ID. */
  qr?: string;
}

/** A picture that comes together with a template. `png` is in base64. */
export interface BroughtPicture {
  name: string;
  png: string;
}

/**
 * Draws labels of committed units. `one` draws in a separate thread. `many` draws in a child process with low priority
 * (spool.ts). Both `one` and `many` throw a ClaimstampError if a label cannot be drawn exactly as its template says. A
 * label is never cut off.
 */
export interface Labels {
  /** The names of the template files in labels/ and of the templates in the ledger. */
  templates(): Promise<string[]>;
  /** True if labels/ has a file with this name. To change such a template, people change the file. */
  isFile(template: string): boolean;
  /**
   * Returns the source of a template file in labels/, or of a revision in the ledger. Throws `not-found` if there is no
   * such template.
   */
  source(template: string, revision?: number): Promise<TemplateSource>;
  /**
   * Checks a template before it is used, for the products that use it. Without a name, checks the default
   * template. Throws `not-found` if the template does not exist.
   */
  check(template?: string, use?: TemplateUse): Promise<TemplateCheck>;
  /** Checks the template that is used for this product's labels. With `approval`, this is the approved revision. */
  checkPrinted(product?: Pick<Product, 'label' | 'approval'>): Promise<TemplateCheck>;
  /**
   * Checks a template before it is saved, as if the pictures in `brought` had been uploaded. Throws `template-wrong` if
   * the template cannot be read.
   */
  checkSource(saved: SavedSource, use: TemplateUse, brought?: readonly BroughtPicture[]): Promise<TemplateCheck>;
  /** Draws a revision of a template with this data, and reads its codes with an independent reader. */
  decode(template: string, revision: number | undefined, data: LabelData): Promise<DecodedCode[]>;
  /** Throws `template-wrong` if the image file does not exist or cannot be drawn. */
  checkPicture(file: string): Promise<void>;
  /** Draws and checks a template while a person changes it. */
  draft(order: { source: string; data: LabelData; longest: LabelData; logos: string[] }): Promise<TemplateDraft>;
  logoFiles(): string[];
  /** Returns the names of the sheets in labels/sheets/. */
  sheets(): string[];
  /** Redraws an uploaded picture in grey, and returns it in base64. Throws `template-wrong` if it is damaged. */
  redrawPicture(file: string, bytes: Uint8Array): Promise<{ png: string; width: number; height: number }>;
  /** Returns the content of a picture file, or of an uploaded picture. */
  picture(file: string): Promise<Uint8Array>;
  one(label: Labelled, format: LabelFormat, choice: LabelChoice): Promise<Uint8Array>;
  /** Draws a person's badge: the name, and the badge code as a QR code. */
  badge(person: { name: string; badge: string }, format: LabelFormat): Promise<Uint8Array>;
  /**
   * Draws a job for a printer with the printer's settings. Throws `labels-differ` if the labels in the printer have a
   * different size.
   */
  job(job: DrawnJob, format: Format, setup: Setup): Promise<DrawnLabels>;
  /** Draws a label again, as it was printed. Throws `not-found` if its template is missing. */
  redraw(printed: PrintedLabel): Promise<Redrawn>;
  many(job: LabelJob, by: string, signal?: AbortSignal): Promise<{ file: FileHandle; bytes: number; labels: number }>;
}

/** A code on a sample label. `isRead` is true if a reader found exactly this content in the dots. */
export interface DecodedCode {
  symbology: string;
  content: string;
  isRead: boolean;
}

/** A template that a person saved in the ledger. */
export interface SavedSource extends Pick<SavedTemplate, 'name' | 'source'> {
  revision?: number;
  /** True if this is the approved revision, for products with `approval`. */
  approved?: true;
}

export interface TemplateSource extends SavedSource {
  origin: 'file' | 'ledger';
  hash: string;
  /** Set only for templates in the ledger. */
  saved?: TemplateRevision;
}

/** A file that a template names, such as `fonts/Corporate.ttf`. `sha256` is absent if the file is missing. */
export interface TemplateNeed {
  file: string;
  sha256?: string | undefined;
}

export interface TemplateCheck {
  name: string;
  /** True for the default template. Products that name no template use the default template. */
  usual: boolean;
  /** The size in mm. */
  width: number;
  height: number;
  /** The resolution for which the template is made, in dots per inch. */
  dpi: number;
  /** True if the label shows a secret: the Claim ID, or the passcode of a Matter device. */
  secret: boolean;
  /** The role of the label, if the template has one. */
  role?: string;
  /** True if a code on the label says which of the unit's labels this is. */
  marked: boolean;
  /** The files in labels/fonts and labels/logos that the template names. */
  needs: TemplateNeed[];
  /** The fields that the template prints, such as `serial` and `attributes.mac`. */
  prints: string[];
  /** The size of each barcode when it has its longest content. The size is undefined if the barcode does not fit. */
  codes: { box: string; symbology: string; dots?: number; moduleMm?: number; quietModules?: number }[];
  /**
   * The images, as a black-and-white printer would print them. `ink` is the share of black dots in the box, from 0 to
   * 1.
   */
  pictures: { box: string; file: string; ink: number }[];
  /**
   * One sentence for each problem. The sentence names the file, the box and the property. The list is empty if the
   * template can be used.
   */
  problems: string[];
  /**
   * A sentence for each secret on a label for the outside of a box, and for each image that is almost entirely white or
   * almost entirely black.
   */
  warnings: string[];
}

/** The task for the child process. The child process returns how many labels the file has. */
export interface LabelTask {
  ledger: string;
  out: string;
  job: LabelJob;
}

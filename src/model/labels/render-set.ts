import { createHash } from 'node:crypto';

/**
 * Everything that determines the dots of a label, apart from the unit: a combination of contents, named by their
 * SHA-256 in hexadecimal. The ledger stores each combination once, as an event. Print jobs name it by the event's
 * `number`.
 */
export interface RenderSet {
  role: string;
  /** `revision` is absent if the template is a file in labels/. */
  template: { name: string; hash: string; revision?: number };
  /** `hash` is the hash of the product's settings that labels show. */
  product: { id: string; hash: string };
  /** The hash of the work order's settings that labels show. Absent if labels show none of these settings. */
  order?: string;
  /** The program's own fonts, by name. */
  fonts: Hashes;
  /** Other fonts and logos, by their path in labels/, such as `logos/acme.svg`. */
  files: Hashes;
  renderer: number;
  /** The resolution in dots per inch. */
  dpi: number;
  /** True if the printer adds the station's name at the edge of labels. */
  stationName?: true;
}

export type Hashes = { [name: string]: string };

/** The data of the event `render-set`. */
export interface RecordedSet extends RenderSet {
  /** Sets are numbered from 1. */
  number: number;
  /**
   * The hash of the dots of a label with sample data. It shows years later whether a program still draws the same dots.
   * Absent if the template cannot be drawn with the sample data.
   */
  sample?: string;
}

/** A recorded set with its event. */
export interface KeptSet extends RecordedSet {
  seq: number;
  at: number;
}

/** A template, font, logo or settings that the ledger keeps, so that labels can be drawn again. */
export interface LabelContent {
  hash: string;
  bytes: Uint8Array;
}

/** A set as it comes from the renderer. `contents` is absent if the ledger already has them. */
export interface DrawnSet {
  set: RenderSet;
  sample?: string;
  contents?: LabelContent[];
}

/** The maximum size of a `LabelContent`. The largest fonts with Chinese letters are about 15 MB. */
export const MAX_CONTENT_BYTES = 16 * 1024 * 1024;

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Returns the hash that identifies a set. Two sets are equal if their hashes are equal. */
export function hashOfSet({
  role,
  template,
  product,
  order,
  fonts,
  files,
  renderer,
  dpi,
  stationName,
}: RenderSet): string {
  const { name, hash, revision } = template;
  const parts = [role, name, hash, revision, product.id, product.hash, order, renderer, dpi, stationName];
  return sha256(JSON.stringify([...parts.map((part) => part ?? null), sorted(fonts), sorted(files)]));
}

function sorted(hashes: Hashes): [string, string][] {
  return Object.entries(hashes).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** Returns the hashes of the contents that the ledger keeps for a set. The program itself has its own fonts. */
export function contentsOf({ template, product, order, files }: RenderSet): string[] {
  return [...new Set([template.hash, product.hash, ...(order === undefined ? [] : [order]), ...Object.values(files)])];
}

/** A difference between the set with which a label was printed and the set that this program would use now. */
export interface RenderDifference {
  /** `renderer`, `sample`, or the name of a font or file. */
  part: string;
  before: string;
  now: string;
}

/** Returns the differences between two sets, except for `sample`, which the caller compares. */
export function differencesOf(before: RenderSet, now: RenderSet): RenderDifference[] {
  const parts = ({ renderer, fonts, files }: RenderSet): Hashes => ({
    renderer: String(renderer),
    ...fonts,
    ...files,
  });
  const [was, is] = [parts(before), parts(now)];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .map((part) => ({ part, before: was[part] ?? '', now: is[part] ?? '' }))
    .filter((one) => one.before !== one.now);
}

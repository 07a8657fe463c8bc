import { z } from 'zod';
import { LOGO_NAME, MAX_LOGO_BYTES } from '../labels/saved-logo.ts';
import { MAX_SOURCE_BYTES } from '../labels/saved-template.ts';
import { Name, Product, type ProductEntry } from '../product.ts';
import { StationSettings } from '../station.ts';

/*
 * The catalogue that one site exports and another applies: products, saved label templates, uploaded pictures,
 * stations, and reasons. It contains no secret and nothing that belongs to a shift. So people may keep it in a version
 * control system.
 */

/**
 * The maximum number of entries in one transaction. The S/N patterns of new products are compared with those of all
 * products. If 300 of 1,000 products got new patterns, this took 50 to 70 ms, which devices do not notice.
 */
export const MAX_AT_ONCE = { pictures: 50, templates: 50, products: 300, stations: 200 } as const;

/** The largest catalogue in one request: 50 templates and 50 pictures of 64 KiB each, and products of about 1 KiB. */
export const MAX_CATALOG_BYTES = 8 * 1024 * 1024;

/** Base64 needs four characters for three bytes. */
const MAX_BASE64 = Math.ceil(MAX_LOGO_BYTES / 3) * 4;

/** The station settings that are left out: they change with each work order, or belong to one scanner. */
export const STATION_OF_SHIFT = ['workOrders', 'shippingList', 'scanner'] as const;

export const StationEntry = StationSettings.omit({ workOrders: true, shippingList: true, scanner: true }).extend({
  name: Name,
});
export type StationEntry = z.infer<typeof StationEntry>;

export const TemplateEntry = z.strictObject({
  name: Name,
  source: z.string().min(1).max(MAX_SOURCE_BYTES).meta({ description: 'JSON5' }),
  needs: z
    .array(z.strictObject({ file: z.string(), sha256: z.string().optional() }))
    .max(100)
    .default([])
    .meta({ description: 'Files of labels/ that the template names' }),
});
export type TemplateEntry = z.infer<typeof TemplateEntry>;

export const PictureEntry = z.strictObject({
  name: z.string().regex(LOGO_NAME, 'must be the name of a picture, such as logo.png'),
  png: z.string().min(1).max(MAX_BASE64).meta({ description: 'The uploaded picture, in base64' }),
});
export type PictureEntry = z.infer<typeof PictureEntry>;

/**
 * Returns the product without its pools. If two sites drew numbers from one range, two devices would get the same
 * number. So each site has its own ranges, and keeps them.
 */
export function withoutPools<P extends Pick<ProductEntry, 'pools' | 'poolAnswers'>>(product: P): P {
  const others = { ...product };
  delete others.pools;
  delete others.poolAnswers;
  return others;
}

const products = z.array(Product.overwrite(withoutPools));
const templates = z.array(TemplateEntry);
const pictures = z.array(PictureEntry);
const stations = z.array(StationEntry);

/**
 * The parts that a service can take over in one transaction. A part that is absent is neither compared nor changed.
 */
export const CATALOG_PARTS = {
  products: once(products.max(MAX_AT_ONCE.products), ({ id }) => id).optional(),
  templates: once(templates.max(MAX_AT_ONCE.templates), ({ name }) => name).optional(),
  pictures: once(pictures.max(MAX_AT_ONCE.pictures), ({ name }) => name).optional(),
  stations: once(stations.max(MAX_AT_ONCE.stations), ({ name }) => name).optional(),
};

/** A file may have more entries than one transaction may change. */
const FILE_PARTS = {
  products: once(products, ({ id }) => id).optional(),
  templates: once(templates, ({ name }) => name).optional(),
  pictures: once(pictures, ({ name }) => name).optional(),
  stations: once(stations, ({ name }) => name).optional(),
};

/** Refuses a list that has an entry twice, because the two may contradict each other. */
function once<T extends z.ZodType>(list: z.ZodArray<T>, nameOf: (entry: z.infer<T>) => string): z.ZodArray<T> {
  return list.superRefine((entries, context) => {
    const seen = new Set<string>();
    const twice = entries.map(nameOf).find((name) => seen.size === seen.add(name).size);
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `has ${twice} twice: remove one` });
  });
}

export const CATALOG_FORMAT = 'claimstamp-catalog-1';

export const CatalogFile = z.strictObject({
  format: z.literal(CATALOG_FORMAT),
  ...FILE_PARTS,
  /** The reason codes for void and scrap. They are settings of the service, so they are compared but not applied. */
  reasons: z.strictObject({ void: z.array(z.string()), scrap: z.array(z.string()) }).optional(),
});
export type CatalogFile = z.infer<typeof CatalogFile>;

export const PARTS = ['products', 'templates', 'pictures', 'stations', 'reasons'] as const;
export type Part = (typeof PARTS)[number];

/** One entry that differs. `settings` has the names of the settings that differ, if both sides have the entry. */
export interface Difference {
  part: 'product' | 'template' | 'picture' | 'station';
  name: string;
  settings?: string[];
}

/** Returns the names of the settings that differ between two entries, in alphabetical order. */
export function differing(a: object, b: object): string[] {
  const [first, second] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return [...new Set([...first.keys(), ...second.keys()])]
    .filter((name) => stable(first.get(name)) !== stable(second.get(name)))
    .toSorted();
}

/** JSON with sorted keys, so that equal values give equal texts. */
function stable(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** The lists of entries. An entry may name only entries of the lists before its own. */
export const LISTS = ['pictures', 'templates', 'products', 'stations'] as const;
export type CatalogLists = Pick<CatalogFile, (typeof LISTS)[number]>;

/** Returns the entries of `there` that `here` lacks or has with other settings. */
export function entriesToApply(here: CatalogLists, there: CatalogLists): CatalogLists {
  const changed = <T extends object>(nameOf: (entry: T) => string, ours: T[] = [], theirs: T[] = []): T[] => {
    const known = new Map(ours.map((entry) => [nameOf(entry), entry]));
    return theirs.filter((entry) => differing(known.get(nameOf(entry)) ?? {}, entry).length > 0);
  };
  const byName = ({ name }: { name: string }): string => name;
  return {
    pictures: changed(byName, here.pictures, there.pictures),
    templates: changed(byName, here.templates, there.templates),
    products: changed(({ id }) => id, here.products, there.products),
    stations: changed(byName, here.stations, there.stations),
  };
}

/** Divides a catalogue into parts that one transaction can hold. Usually there is only one part. */
export function dividedCatalog(all: CatalogLists, maxBytes = MAX_CATALOG_BYTES): CatalogLists[] {
  const parts: CatalogLists[] = [];
  let part: CatalogLists = {};
  let bytes = ROOM_BYTES;
  const begin = (): void => {
    parts.push(part);
    part = {};
    bytes = ROOM_BYTES;
  };
  const add = <T extends object>(name: (typeof LISTS)[number], entries: T[] | undefined, listIn: () => T[]): void => {
    for (const entry of entries ?? []) {
      const more = Buffer.byteLength(JSON.stringify(entry)) + 1;
      if (listIn().length >= MAX_AT_ONCE[name] || (bytes + more > maxBytes && bytes > ROOM_BYTES)) begin();
      listIn().push(entry);
      bytes += more;
    }
  };
  add('pictures', all.pictures, () => (part.pictures ??= []));
  add('templates', all.templates, () => (part.templates ??= []));
  add('products', all.products, () => (part.products ??= []));
  add('stations', all.stations, () => (part.stations ??= []));
  begin();
  return parts;
}

/** Bytes that a request needs in addition to its entries: for the names of the lists, the brackets and `check`. */
const ROOM_BYTES = 1024;

import { z } from 'zod';
import { LOGO_NAME, MAX_LOGO_BYTES } from '../labels/saved-logo.ts';
import { MAX_SOURCE_BYTES } from '../labels/saved-template.ts';
import { Name, Product, type ProductEntry } from '../product.ts';
import { StationSettings } from '../station.ts';

/*
 * The catalogue that one site exports and another applies: products, saved label templates, uploaded pictures, stations,
 * and reasons. It contains no secret and nothing that belongs to a shift. So people may keep it in a version control
 * system.
 */

/**
 * The S/N patterns of new products are compared with those of all products, in one transaction. With 100 new products,
 * this takes about 50 ms, which devices do not notice.
 */
export const MAX_PRODUCTS = 100;
export const MAX_STATIONS = 200;
export const MAX_TEMPLATES = 50;
export const MAX_PICTURES = 50;

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

/** The parts that a service can take over. A part that is absent is neither compared nor changed. */
export const CATALOG_PARTS = {
  products: once(z.array(Product.overwrite(withoutPools)).max(MAX_PRODUCTS), ({ id }) => id).optional(),
  templates: once(z.array(TemplateEntry).max(MAX_TEMPLATES), ({ name }) => name).optional(),
  pictures: once(z.array(PictureEntry).max(MAX_PICTURES), ({ name }) => name).optional(),
  stations: once(z.array(StationEntry).max(MAX_STATIONS), ({ name }) => name).optional(),
};

/** Refuses a list that has an entry twice, because the two may contradict each other. */
function once<T extends z.ZodType>(list: z.ZodArray<T>, nameOf: (entry: z.infer<T>) => string): z.ZodArray<T> {
  return list.superRefine((entries, context) => {
    const names = entries.map(nameOf);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `has ${twice} twice: remove one` });
  });
}

export const CATALOG_FORMAT = 'claimstamp-catalog-1';

export const CatalogFile = z.strictObject({
  format: z.literal(CATALOG_FORMAT),
  ...CATALOG_PARTS,
  /** The reason codes for void and scrap. They are settings of the service, so they are only compared. */
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

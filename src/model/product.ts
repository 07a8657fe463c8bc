import { z } from 'zod';
import { DEFAULT_PATTERN, looksLikeClaimId, lookalikeLengths, patternProblems } from './serial.ts';
import { DEFAULT_LENGTH, MAX_LENGTH, MIN_LENGTH } from './claim-id.ts';

/**
 * The product id is usually a ULID of 26 letters from the vendor's Builder. Every product id that fits into a URL and a
 * file name is accepted.
 */
export const ProductId = z
  .string('must be a string')
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-"');

/** A name that people choose for a station, work order or reservation. These names appear in URLs and on screens. */
export const Name = z
  .string('must be a string')
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-"');

export const ProductSettings = z.strictObject({
  name: z.string().max(120).optional().describe('Name on labels and screens'),
  code: z
    .string()
    .regex(/^[A-Za-z0-9]{1,8}$/, 'must be 1 to 8 letters or digits')
    .optional()
    .describe('Short code for {code} in the S/N pattern'),
  claimIdLength: z
    .int()
    .min(MIN_LENGTH)
    .max(MAX_LENGTH)
    .default(DEFAULT_LENGTH)
    .describe(`Letters in a Claim ID, ${MIN_LENGTH} to ${MAX_LENGTH}; each letter has 5 bits`),
  company: z.string().max(120).optional().describe('Company on the label'),
  logo: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.(png|svg)$/, 'must be the name of a PNG or SVG in labels/logos')
    .optional()
    .describe('Logo on the label: a PNG or SVG file in labels/logos'),
  label: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be the name of a template in labels/')
    .optional()
    .meta({ description: 'Label template in labels/', 'x-names': 'template' }),
  qr: z
    .string()
    .max(200)
    .regex(/^[^{}]*\{uci\}[^{}]*$/, 'must contain {uci} once, and no other braces')
    .optional()
    .describe('QR content, such as https://example.com/claim/{uci}; by default the Claim ID alone'),
  /**
   * The value null means that the product has no S/N. In a patch, null restores the default, so people write `none` for
   * "no S/N".
   */
  serialPattern: z
    .string()
    .max(64)
    .nullable()
    .default(DEFAULT_PATTERN)
    .describe('S/N pattern, such as {code}{yy}{ww}U{seq:5}; "none" for no S/N'),
  claiming: z
    .enum(['user', 'pre'])
    .optional()
    .describe('Claimed by the customer with the Claim ID on the label (user), or by the maker without a label (pre)'),
  account: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Account that a pre-claimed device registers to if its firmware names no account'),
  cloud: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Cloud that a pre-claimed device registers to if its firmware names no cloud'),
  release: z
    .enum(['verified', 'registered', 'both'])
    .optional()
    .describe('Condition for a unit to count as released; by default verified, or registered if it is pre-claimed'),
  /**
   * Before a unit is verified or registered, a repeated request means that the reply was lost. The repeated request
   * gets the same answer again.
   */
  repeat: z
    .enum(['same', 'refuse', 'replace'])
    .default('same')
    .describe(
      'Answer to a repeated request for a verified or registered unit: the same Claim ID, a refusal, or a new Claim ID',
    ),
  sameSource: z
    .boolean()
    .optional()
    .describe('Refuse a known device that asks from another source, until an operator arms the station with its unit'),
});

export const Product = ProductSettings.extend({ id: ProductId })
  .overwrite((product) => (product.serialPattern === 'none' ? { ...product, serialPattern: null } : product))
  .superRefine((product, context) => {
    if (product.serialPattern === null) return;
    for (const problem of patternProblems(product.serialPattern, product.code)) {
      context.addIssue({ code: 'custom', path: ['serialPattern'], message: problem });
    }
  });

export type Product = z.infer<typeof Product> & {
  /**
   * All lengths of the product's Claim IDs, including former lengths and the lengths of imported Claim IDs. The ledger
   * records these lengths.
   */
  lengths?: number[];
  /** The product has or had a unit, so the product cannot be removed. */
  used?: true;
  /** The product was removed. Only the stores read removed products. */
  removed?: true;
};

/** Returns a product's settings without the fields that only the ledger sets. */
export function settingsOf({ lengths: _lengths, used: _used, removed: _removed, ...settings }: Product): Settings {
  return settings;
}
type Settings = z.infer<typeof Product>;

/** Returns every length that a Claim ID of this product has or can have. */
export function lengthsOf({ lengths = [], claimIdLength }: Product): number[] {
  return [...new Set([...lengths, claimIdLength])];
}

/** Returns the first settings of a product that was not known before (`CLAIMSTAMP_PRODUCTS=open`). */
export function newProduct(id: string): Product {
  return { id, ...ProductSettings.parse({}) };
}

/** Returns a sentence for each S/N pattern of these products that can be mistaken for a Claim ID (promise 9). */
export function lookalikeProblems(products: Product[]): string[] {
  const lengths = new Set(products.flatMap(lengthsOf));
  return products.flatMap((product) => {
    if (product.serialPattern === null) return [];
    const clash = lookalikeLengths(product.serialPattern, product.code).find((length) => lengths.has(length));
    if (clash === undefined) return [];
    return [
      `product ${product.id}: S/N pattern "${product.serialPattern}" can be read as a Claim ID of ${clash} letters; ` +
        'add a letter U, a "." or "/", or make the pattern shorter or longer',
    ];
  });
}

/** True if an S/N from a device or a person can be mistaken for a Claim ID of these products (promise 9). */
export function serialLooksLikeClaimId(serial: string, products: Product[]): boolean {
  return looksLikeClaimId(serial, products.flatMap(lengthsOf));
}

import { z } from 'zod';
import { DEFAULT_PATTERN, looksLikeClaimId, lookalikeLengths, patternProblems } from './serial.ts';
import { DEFAULT_LENGTH, MAX_LENGTH, MIN_LENGTH } from './claim-id.ts';

/** Usually a 26-letter ULID made by the vendor's Builder; whatever fits a URL and a file name is taken. */
export const ProductId = z
  .string('must be a string')
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-"');

/** A name people choose: stations, work orders, reservations. It stands in URLs and on screens. */
export const Name = z
  .string('must be a string')
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-"');

export const ProductSettings = z.strictObject({
  /** What people call it; the label's product name. */
  name: z.string().max(120).optional(),
  /** Short code for `{code}` in S/N patterns. */
  code: z
    .string()
    .regex(/^[A-Za-z0-9]{1,8}$/, 'must be 1 to 8 letters or digits')
    .optional(),
  claimIdLength: z.int().min(MIN_LENGTH).max(MAX_LENGTH).default(DEFAULT_LENGTH),
  /** Who makes it; the label's company. */
  company: z.string().max(120).optional(),
  /** A PNG or SVG in labels/logos. */
  logo: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.(png|svg)$/, 'must be the name of a PNG or SVG in labels/logos')
    .optional(),
  /** The label's template in labels/. */
  label: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be the name of a template in labels/')
    .optional(),
  /** What the QR says, `{uci}` in it: an address that the buyer's app opens. Without it the Claim ID alone. */
  qr: z
    .string()
    .max(200)
    .regex(/^[^{}]*\{uci\}[^{}]*$/, 'must hold {uci} once, and no other braces')
    .optional(),
  /** null: the product has no S/N of our making. */
  serialPattern: z.string().max(64).nullable().default(DEFAULT_PATTERN),
  /** `user`: the buyer claims it with the ID on its label. `pre`: the maker has claimed it, no label is needed. */
  claiming: z.enum(['user', 'pre']).optional(),
  /** Of pre-claimed products: added to a registration that the firmware left them out of. */
  account: z.string().min(1).max(255).optional(),
  cloud: z.string().min(1).max(255).optional(),
  /** What makes a unit released: its label verified, registered with the vendor's cloud, or both. Without it `verified`; `registered` where pre-claimed. */
  release: z.enum(['verified', 'registered', 'both']).optional(),
  /** What a repeat gets once its unit is verified or registered. Before that it is a lost reply: the same answer. */
  repeat: z.enum(['same', 'refuse', 'replace']).default('same'),
});

export const Product = ProductSettings.extend({ id: ProductId }).superRefine((product, context) => {
  if (product.serialPattern === null) return;
  for (const problem of patternProblems(product.serialPattern, product.code)) {
    context.addIssue({ code: 'custom', path: ['serialPattern'], message: problem });
  }
});

export type Product = z.infer<typeof Product> & {
  /** Lengths of its Claim IDs, past ones and imported ones too: kept by the ledger, never set. */
  lengths?: number[];
};

/** Every length that a Claim ID of this product has, or may get. */
export function lengthsOf({ lengths = [], claimIdLength }: Product): number[] {
  return [...new Set([...lengths, claimIdLength])];
}

/** An unknown product as it is recorded when it first comes (`CLAIMSTAMP_PRODUCTS=open`). */
export function newProduct(id: string): Product {
  return { id, ...ProductSettings.parse({}) };
}

/** Promise 9, for a set of products used together: the sentences that say which pattern can pass for a Claim ID. */
export function lookalikeProblems(products: Product[]): string[] {
  const lengths = new Set(products.flatMap(lengthsOf));
  return products.flatMap((product) => {
    if (product.serialPattern === null) return [];
    const clash = lookalikeLengths(product.serialPattern, product.code).find((length) => lengths.has(length));
    if (clash === undefined) return [];
    return [
      `product ${product.id}: S/N pattern "${product.serialPattern}" can be read as a Claim ID of ${clash} letters; ` +
        'add a letter U, a "." or "/", or make it shorter or longer',
    ];
  });
}

/** The same promise for one S/N that came from outside. */
export function serialLooksLikeClaimId(serial: string, products: Product[]): boolean {
  return looksLikeClaimId(serial, products.flatMap(lengthsOf));
}

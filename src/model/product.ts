import { z } from 'zod';
import { nameJoinedBy } from '../platform/name.ts';
import { formsMeet, serialForm, type SerialForm } from './same-serials.ts';
import { MAX_PROCEDURES, Procedure } from './shipping/test-result.ts';
import { defaultPattern, looksLikeClaimId, lookalikeLengths, patternProblems, type Numbering } from './serial.ts';
import { LINK_SETTINGS } from './link/link.ts';
import { POOL_SETTINGS } from './pools/settings.ts';
import { DEVICE, LABEL_SET, labelSetProblems } from './labels/label-set.ts';
import { isGtin } from './scan/gs1.ts';
import { DEFAULT_LENGTH, MAX_LENGTH, MIN_LENGTH } from './claim-id.ts';

/**
 * The product id is usually a ULID of 26 letters from the vendor's Builder. Any product id that fits in a URL and a
 * file name is accepted.
 */
export const ProductId = nameJoinedBy('-');

/** A name that a person chooses for a station, work order or reservation. These names appear in URLs and on screens. */
export const Name = nameJoinedBy('.');

const OF_PRE_CLAIMED = { 'x-when': { setting: 'claiming', is: ['pre'] } };

export const ProductSettings = z.strictObject({
  name: z.string().max(120).optional().describe('Name on labels and screens'),
  code: z
    .string()
    .regex(/^[A-Za-z0-9]{1,8}$/, 'must be 1 to 8 letters or digits')
    .optional()
    .describe(
      'Short code for {code} in the S/N pattern; without a code, the service chooses one for the default pattern',
    ),
  claimIdLength: z
    .int()
    .min(MIN_LENGTH)
    .max(MAX_LENGTH)
    .default(DEFAULT_LENGTH)
    .describe(`Characters in a Claim ID, ${MIN_LENGTH} to ${MAX_LENGTH}; each character has 5 bits`),
  company: z.string().max(120).optional().describe('Company on the label'),
  logo: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.(png|svg)$/, 'must be the name of a PNG or SVG in labels/logos')
    .optional()
    .describe('Logo on the label: a PNG or SVG file in labels/logos, or an uploaded picture'),
  label: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be the name of a template in labels/')
    .optional()
    .meta({ description: 'Label template: a file in labels/, or saved in the console', 'x-names': 'template' }),
  ...LABEL_SET,
  approval: z
    .boolean()
    .optional()
    .describe('Print only approved revisions of the label template; the template must be saved in the ledger'),
  stopLabels: z.boolean().optional().describe('Print no labels of this product; devices still get their Claim IDs'),
  qr: z
    .string()
    .max(2048)
    .regex(/^[^{}]*\{uci\}[^{}]*$/, 'must contain {uci} once, and no other braces')
    .optional()
    .describe('QR content, such as https://example.com/claim/{uci}; by default the Claim ID alone'),
  gtin: z
    .string()
    .refine(isGtin, 'must be a GTIN of 8, 12, 13 or 14 digits with a correct check digit')
    .optional()
    .describe('GTIN of the product, for GS1 codes on labels'),
  /**
   * The value null means that the product has no S/N. In a patch, null restores the default. So in a patch, "no S/N" is
   * written as `none`.
   */
  serialPattern: z
    .string()
    .max(64)
    .nullable()
    .optional()
    .describe('S/N pattern; by default {site}{code}{yy}{ww}U{seq:7} for a new product; "none" for no S/N'),
  claiming: z.enum(['user', 'pre']).optional().meta({
    description: 'Claimed by the customer with the Claim ID on the label (user), or by the maker without a label (pre)',
    'x-default': 'user',
  }),
  account: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({
      description: 'Account that a pre-claimed device registers to if its firmware names no account',
      ...OF_PRE_CLAIMED,
    }),
  cloud: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({
      description: 'Cloud that a pre-claimed device registers to if its firmware names no cloud',
      ...OF_PRE_CLAIMED,
    }),
  release: z
    .enum(['verified', 'registered', 'both'])
    .optional()
    .describe('When a unit counts as released; by default when it is verified, or registered if it is pre-claimed'),
  tests: z
    .array(Procedure)
    .max(MAX_PROCEDURES)
    .optional()
    .describe('Test procedures, such as functional-test, that a unit must have passed before it counts as released'),
  /**
   * If a device asks again before its unit is verified or registered, the reply was probably lost. So the repeated
   * request gets the same answer.
   */
  repeat: z
    .enum(['same', 'refuse', 'replace'])
    .default('same')
    .describe(
      'What a device gets if it asks again after its unit was verified or registered: the same Claim ID, a refusal, or a new Claim ID',
    ),
  deviceCode: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'must be the name of an identity property, such as mac')
    .optional()
    .describe(
      'Identity property, such as mac, that is printed as a code on the device itself, not on its label; this code proves which device a label is on',
    ),
  deviceCodeExample: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Example of the device code, such as A4:C1:38:AA:00:01; screens show it'),
  sameSource: z
    .boolean()
    .optional()
    .describe(
      "Refuse a known device that asks from a different source, until an operator arms the station with the device's unit",
    ),
  orderRequired: z
    .boolean()
    .optional()
    .describe('Refuse a device if its station has no current work order for this product'),
  linkAddress: LINK_SETTINGS.linkAddress,
  ...POOL_SETTINGS,
});

export const Product = ProductSettings.extend({ id: ProductId })
  .overwrite((product) => (product.serialPattern === 'none' ? { ...product, serialPattern: null } : product))
  // A form in which nothing was changed sends an empty label of the role `device`. This must not change the product.
  .overwrite(({ labels, ...product }) => {
    const kept = Object.entries(labels ?? {}).filter(([role, one]) => role !== DEVICE || Object.keys(one).length > 0);
    return kept.length === 0 ? product : { ...product, labels: Object.fromEntries(kept) };
  })
  .superRefine((product, context) => {
    for (const { path, message } of labelSetProblems(product))
      context.addIssue({ code: 'custom', path: ['labels', ...path], message });
    if (product.serialPattern == null) return;
    for (const problem of patternProblems(product.serialPattern, product.code)) {
      context.addIssue({ code: 'custom', path: ['serialPattern'], message: problem });
    }
  });

/** The settings of a product as a person writes them. If the settings have no pattern, `withPattern` adds one. */
export type ProductEntry = z.infer<typeof Product>;

export type Product = Omit<ProductEntry, 'serialPattern'> & {
  serialPattern: string | null;
  /** The patterns and codes that the product used for earlier S/Ns. Other products must not make the same S/Ns. */
  former?: Numbering[];
  /** The parts of former ranges from which units got numbers. No pool may have these numbers again. */
  formerPools?: string[];
  /**
   * All lengths that the product's Claim IDs have or had, including imported Claim IDs. The ledger records the
   * lengths.
   */
  lengths?: number[];
  /**
   * Earlier QR contents of the product's labels, newest last. Labels with earlier contents can still be scanned. The
   * ledger records the contents.
   */
  qrs?: string[];
  /** True if the product has or had a unit. Such a product cannot be removed. */
  used?: true;
  /** True if the product was removed. Only the stores read removed products. */
  removed?: true;
};

/** Returns a product's settings without the fields that only the ledger sets. */
export function settingsOf({
  lengths: _lengths,
  qrs: _qrs,
  used: _used,
  removed: _removed,
  former: _former,
  formerPools: _formerPools,
  ...settings
}: Product): ProductAsSet {
  return settings;
}
export type ProductAsSet = Omit<Product, 'lengths' | 'qrs' | 'used' | 'removed' | 'former' | 'formerPools'>;

/** Returns every length that this product's Claim IDs have or can have. */
export function lengthsOf({ lengths = [], claimIdLength }: Pick<Product, 'lengths' | 'claimIdLength'>): number[] {
  return [...new Set([...lengths, claimIdLength])];
}

/**
 * The maximum number of former QR contents that are recognised for each product. Each scan is compared with all these
 * contents. The address on labels changes once every few years, so eight addresses cover all devices in use.
 */
export const MAX_FORMER_QRS = 8;

/**
 * Returns the former QR contents of a product after its settings changed. If the product has no units, no label has the
 * old content, so the old content is not added.
 */
export function formerQrs({ qrs = [], qr, used }: Product, { qr: next }: Pick<Product, 'qr'>): string[] {
  if (!used || qr === undefined || qr === next) return qrs;
  return [...qrs.filter((one) => one !== qr), qr].slice(-MAX_FORMER_QRS);
}

/** Returns every QR content that labels of this product have or can have, except the Claim ID alone. */
export function qrsOf({ qr, qrs = [] }: Pick<Product, 'qr' | 'qrs'>): string[] {
  return [...new Set([...(qr === undefined ? [] : [qr]), ...qrs])];
}

interface Surroundings {
  /**
   * The product as it was before this change. The product's pattern is kept, because customers check that S/Ns follow
   * the pattern.
   */
  known?: Product | undefined;
  others: Product[];
  site: string | undefined;
}

/** Returns the settings with an S/N pattern. If the new pattern needs a code, also adds the code. */
export function withPattern(entry: ProductEntry, { known, others, site }: Surroundings): ProductAsSet {
  const { serialPattern } = entry;
  if (serialPattern !== undefined) return { ...entry, serialPattern };
  const pattern = known ? known.serialPattern : defaultPattern(site);
  if (entry.code !== undefined || !pattern?.includes('{code}')) return { ...entry, serialPattern: pattern };
  return { ...entry, code: known?.code ?? freeCode(entry.id, others, pattern), serialPattern: pattern };
}

/** A longer code would make the S/N too long for small labels. */
const SHORT_ID = /^[A-Za-z0-9]{1,4}$/;

/**
 * Returns a code with which no other product makes the same S/Ns: the product's id if the id is short, otherwise "P"
 * and a number.
 */
function freeCode(id: string, others: Product[], pattern: string): string {
  const isFree = (code: string): boolean => firstShared({ pattern, code }, others) === undefined;
  if (SHORT_ID.test(id) && isFree(id.toUpperCase())) return id.toUpperCase();
  let number = others.length + 1;
  while (!isFree(`P${number}`)) number++;
  return `P${number}`;
}

/**
 * Returns the first other product that can make, or has made, an S/N that this pattern can also make. Also returns that
 * product's pattern.
 */
export function firstShared(numbering: Numbering, others: Product[]): { other: Product; pattern: string } | undefined {
  const form = serialForm(numbering);
  for (const other of others) {
    const shared = usedForms(other).find((used) => formsMeet(form, used.form));
    if (shared !== undefined) return { other, pattern: shared.pattern };
  }
  return undefined;
}

interface UsedForm {
  pattern: string;
  form: SerialForm;
}

/** A catalogue that is applied compares each of its products with all others, so the forms are made once. */
const formsOfProducts = new WeakMap<Product, UsedForm[]>();

function usedForms(product: Product): UsedForm[] {
  const known = formsOfProducts.get(product);
  if (known !== undefined) return known;
  const all = [...numberingOf(product), ...(product.former ?? [])];
  const forms = all.map((used) => ({ pattern: used.pattern, form: serialForm(used) }));
  formsOfProducts.set(product, forms);
  return forms;
}

/** Returns the pattern and code that the product uses for S/Ns. The list is empty if the product has no S/Ns. */
export function numberingOf({ serialPattern: pattern, code }: Product): Numbering[] {
  if (pattern === null) return [];
  return [pattern.includes('{code}') ? { pattern, code } : { pattern }];
}

/** Returns the initial settings of a product that the service did not know before (`CLAIMSTAMP_PRODUCTS=open`). */
export function newProduct(id: string, others: Product[] = [], site?: string): Product {
  return withPattern(Product.parse({ id }), { others, site });
}

/**
 * Checks these products' S/N patterns (promise 9). Returns a sentence for each pattern whose S/Ns can be mistaken for a
 * Claim ID.
 */
export function lookalikeProblems(products: (ProductEntry & Pick<Product, 'lengths'>)[]): string[] {
  const lengths = new Set(products.flatMap(lengthsOf));
  return products.flatMap((product) => {
    if (product.serialPattern == null) return [];
    const clash = lookalikeLengths(product.serialPattern, product.code).find((length) => lengths.has(length));
    if (clash === undefined) return [];
    return [
      `product ${product.id}: S/N pattern "${product.serialPattern}" can be mistaken for a Claim ID of ${clash} characters; ` +
        'add a letter U, a "." or "/", or make the pattern shorter or longer',
    ];
  });
}

/** True if an S/N from a device or a person can be mistaken for a Claim ID of these products (promise 9). */
export function serialLooksLikeClaimId(serial: string, products: Product[]): boolean {
  return looksLikeClaimId(serial, products.flatMap(lengthsOf));
}

import { z } from 'zod';
import { LABEL_FIELDS, type LabelData } from '../../contract/labels.ts';
import { longestOf, sampleOf, withTestId } from '../../contract/labels/samples.ts';
import { DRAFT_VALUES, type DraftFault } from '../../model/labels/draft.ts';
import { MAX_SOURCE_BYTES } from '../../model/labels/saved-template.ts';
import { Name, newProduct, Product } from '../../model/product.ts';
import { inLanguage } from '../../platform/refusal-words.ts';
import type { Language } from '../../../words/sentence.ts';
import { languageOf } from '../language.ts';
import type { Declarations, On } from '../operation.ts';
import { PrintTestAnswer } from '../schemas.ts';
import type { Services } from '../services.ts';
import { outsideUses } from '../label-roles.ts';
import { usersOf } from './label-users.ts';

/* A label template while a person changes it: nothing is saved. */

const Draft = z.strictObject({
  source: z.string().min(1).max(MAX_SOURCE_BYTES).meta({ description: 'The template as JSON5' }),
  values: z.enum(DRAFT_VALUES).default('typical').meta({ description: 'The sample data on the label' }),
  product: Product.shape.id.optional().meta({ description: 'The product of the sample unit' }),
  name: Name.optional().meta({
    description:
      'The saved template that is being changed. The sample unit then belongs to a product that uses this template',
  }),
});

const Place = z.object({
  box: z.int().optional().meta({ description: 'The position of the box, counted from 0. Absent for the label itself' }),
  property: z.string().optional(),
  why: z.string(),
});

const example = {
  source: '{ media: { width: 50, height: 25 }, boxes: [{ type: "qr", x: 2, y: 2, w: 20, h: 20 }] }',
  values: 'longest',
};

export const draftOperations = {
  'POST /v1/label-draft': {
    tag: 'labels',
    summary: 'Draw and check a label template without saving it',
    may: 'catalog:read',
    body: Draft,
    example,
    answer: z.object({
      svg: z
        .string()
        .optional()
        .meta({ description: 'The label without the boxes that cannot be drawn. Absent if the text cannot be read' }),
      secret: z.boolean(),
      codes: z.array(
        z.object({
          box: z.int(),
          symbology: z.string(),
          dots: z.int().optional(),
          moduleMm: z.number().optional(),
          quietModules: z.number().optional(),
        }),
      ),
      problems: z.array(Place),
      warnings: z.array(Place),
      sample: z.record(z.string(), z.string()).meta({ description: 'The sample data, by placeholder' }),
    }),
    refusals: ['not-found', 'busy'],
  },
  'POST /v1/label-draft/print': {
    tag: 'labels',
    summary: 'Print a label template with sample data, without saving it',
    description: 'The label has a Claim ID that cannot be real (`TESTU…`). No event is recorded in the ledger.',
    may: 'labels:print',
    body: Draft.extend({ printer: Name }),
    example: { ...example, printer: 'zebra-1' },
    answer: PrintTestAnswer,
    refusals: ['not-found', 'busy', 'template-wrong', 'label-too-large', 'label-unprintable', 'labels-differ'],
  },
} satisfies Declarations;

type Asked = z.output<typeof Draft>;

export function draftRoutes(on: On, services: Services): void {
  const { labels, printing } = services;
  on(draftOperations, 'POST /v1/label-draft', async ({ c, body }) => {
    const { data, longest, logos, products } = await sampleFor(services, body);
    const { source, name = '' } = body;
    const { svg, secret, codes, faults, warnings, role } = await labels.draft({ source, data, longest, logos });
    const outside = secret ? outsideUses(products, { name, role }).map((why) => ({ why })) : [];
    const language = languageOf(c);
    return {
      ...(svg === undefined ? {} : { svg }),
      secret,
      codes: codes.map(({ index, box: _name, ...code }) => ({ ...code, box: index })),
      problems: faults.map((fault) => shownFault(fault, language)),
      warnings: [...warnings, ...outside].map((fault) => shownFault(fault, language)),
      sample: Object.fromEntries(LABEL_FIELDS.map((field) => [field, data[field] ?? ''])),
    };
  });
  on(draftOperations, 'POST /v1/label-draft/print', async ({ body }) => {
    const { data } = await sampleFor(services, body);
    return printing.draft(body.printer, { name: body.name ?? 'draft', source: body.source }, withTestId(data));
  });
}

/** Returns the data of the sample unit, and the logos of the products that use the template. */
async function sampleFor(
  services: Services,
  { name, product: id, values }: Asked,
): Promise<{ data: LabelData; longest: LabelData; logos: string[]; products: Product[] }> {
  const { site } = services.config;
  const { products, use } = name === undefined ? { products: [], use: { logos: [] } } : await usersOf(services, name);
  const asked = id === undefined ? undefined : await services.ledger.product(id);
  // The values of a real product make a better sample than invented ones.
  const product = asked ?? products[0] ?? (await services.ledger.products())[0] ?? newProduct(id ?? 'SAMPLE', [], site);
  return { data: sampleOf(values, product, site), longest: longestOf(product), logos: use.logos, products };
}

function shownFault({ box, property, why }: DraftFault, language: Language): z.input<typeof Place> {
  return {
    ...(box === undefined ? {} : { box: box.index }),
    ...(property === undefined ? {} : { property }),
    why: inLanguage(why, language),
  };
}

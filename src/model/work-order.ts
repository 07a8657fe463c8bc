import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Name, ProductId } from './product.ts';
import type { Unit } from './unit.ts';

/** The purposes that a work order's units can have. Only units for production are sold. */
const PURPOSES = ['production', 'engineering', 'sample'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** One line of text, because the reference is in file names, tables and CSV files. */
const REFERENCE = /^(?! )[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,64}(?<! )$/u;

export const WorkOrderSettings = z.strictObject({
  product: ProductId.meta({ description: 'Product that it makes', 'x-names': 'product' }),
  planned: z.int().min(1).max(10_000_000).describe('Units to make'),
  lot: z
    .string()
    .regex(/^[A-Za-z0-9]{1,16}$/, 'must be 1 to 16 letters or digits')
    .optional()
    .describe('Lot, for {lot} in the S/N pattern'),
  overIssue: z
    .enum(['warn', 'refuse'])
    .default('warn')
    .describe('Units beyond the planned number: issue them and warn (warn), or refuse them'),
  purpose: z.enum(PURPOSES).optional().meta({
    description:
      "Purpose of the work order's units: for sale (production), for engineering, or samples. Only production units count in the line's figures",
    'x-default': 'production',
  }),
  due: z.iso.date('must be a day such as 2026-12-31').optional().describe('Day on which the work order is due'),
  reference: z
    .string()
    .regex(REFERENCE, 'must be 1 to 64 characters, without spaces at the beginning or end')
    .optional()
    .describe("The ERP's own name for the work order, if it differs"),
});

export const WorkOrderDefinition = WorkOrderSettings.extend({ id: Name });
export type WorkOrderDefinition = z.infer<typeof WorkOrderDefinition>;

/** True if as many units as planned have been made for the work order. */
export function isFull({ units, planned }: Pick<WorkOrder, 'units' | 'planned'>): boolean {
  return units >= planned;
}

export type WorkOrder = WorkOrderDefinition & {
  /** The number of units of this work order, excluding void and scrapped units. */
  units: number;
  /** Only a closed work order has `closed`. `seq` is the number of the closing event, and `at` is in ms since 1970. */
  closed?: { seq: number; at: number; by: string };
  /**
   * Only a work order that is being closed has `closing`. `seq` is the number of the event that started the closing. If
   * an event was recorded for one of the work order's units since then, `changed` is the number of the last such event.
   * `process` names the process that closes the work order.
   */
  closing?: { seq: number; at: number; by: string; process: string; changed?: number };
  /** The last attempt to close the work order. Set if the service stopped before the attempt was finished. */
  interrupted?: { at: number; by: string };
  /** True if the work order was removed. Only the stores read removed work orders. */
  removed?: true;
};

/** Returns a work order's settings, but not its state. */
export function orderDefinition(order: WorkOrder): WorkOrderDefinition {
  const { id, product, planned, lot, overIssue, purpose, due, reference } = order;
  return {
    id,
    product,
    planned,
    overIssue,
    ...(lot === undefined ? {} : { lot }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(due === undefined ? {} : { due }),
    ...(reference === undefined ? {} : { reference }),
  };
}

/** A work order as an ERP sends it. */
export const PlannedOrder = z.strictObject({
  reference: z
    .string()
    .regex(REFERENCE, 'must be 1 to 64 characters, without spaces at the beginning or end')
    .meta({ description: "The ERP's own name for the work order, such as `WH/MO/00123`" }),
  product: z.string().min(1).max(64).meta({ description: 'The product, or its short code' }),
  planned: WorkOrderSettings.shape.planned,
  due: WorkOrderSettings.shape.due,
  lot: WorkOrderSettings.shape.lot,
});
export type PlannedOrder = z.infer<typeof PlannedOrder>;

/** Returns the ERP's name for the work order, if it differs from the ID. */
export function otherName({ id, reference }: Pick<WorkOrderDefinition, 'id' | 'reference'>): string | undefined {
  return reference === id ? undefined : reference;
}

const HASH_LETTERS = 6;

/**
 * Returns the ID of the work order that an ERP calls `reference`. An ID is part of URLs, so some characters of a
 * reference are not allowed in it. Such characters become hyphens. The ID then ends with a part of the reference's
 * hash, so that two references never have the same ID.
 */
export function orderIdOf(reference: string): string {
  if (Name.safeParse(reference).success) return reference;
  const plain = reference.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  const hash = createHash('sha256').update(reference).digest('hex').slice(0, HASH_LETTERS);
  return `${plain.slice(0, 64 - HASH_LETTERS - 1) || 'order'}-${hash}`;
}

/** Returns the purpose of a work order's units. A unit without a work order is for production. */
export function purposeOf(order: Pick<WorkOrder, 'purpose'> | undefined): Purpose {
  return order?.purpose ?? 'production';
}

/** The reason why a unit must not be shipped: its work order is not for sale, or its device is a reference device. */
export const NOT_FOR_SALE = ['engineering', 'sample', 'reference'] as const;
export type NotForSale = (typeof NOT_FOR_SALE)[number];

/**
 * Returns the reasons why the unit must not be shipped. The list is empty if the unit may be shipped. `order` is the
 * work order of the unit. A lead may release a sample. Engineering units are never released.
 */
export function notForSale(
  { extra = {} }: Pick<Unit, 'extra'>,
  order: Pick<WorkOrder, 'purpose'> | undefined,
): NotForSale[] {
  const purpose = purposeOf(order);
  const reasons: (NotForSale | false)[] = [
    purpose === 'engineering' && 'engineering',
    purpose === 'sample' && extra.releasedSample === undefined && 'sample',
    extra.reference !== undefined && 'reference',
  ];
  return reasons.filter((reason) => reason !== false);
}

import { z } from 'zod';
import { scannedId } from '../find-unit.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { Uci } from '../schemas.ts';
import type { Services } from '../services.ts';

const Reason = z.string().trim().min(1).max(200);
const unit = { tag: 'units', may: 'units:void', lookup: true } as const;

export const purposeOperations = {
  'POST /v1/units/{uci}/release-sample': {
    ...unit,
    summary: 'Release a sample: it may be sold, and its labels no longer say NOT FOR SALE',
    description:
      'The unit must belong to a work order with the purpose `sample`. If the unit already has a label, the label is reprinted.',
    params: z.object({ uci: Uci }),
    body: z.strictObject({ reason: Reason }),
    example: { reason: 'the customer keeps the sample' },
    answer: z.object({ uci: z.string() }),
    refusals: ['not-found', 'unit-ended', 'not-a-sample'],
  },
  'PUT /v1/units/{uci}/reference': {
    ...unit,
    summary: "Mark a unit's device as a reference device, or remove the mark",
    description:
      'A reference device is used to check the line. A reference device always gets the same Claim ID again, is not counted in any figures, and must not be shipped.',
    params: z.object({ uci: Uci }),
    body: z.strictObject({
      reference: z.boolean(),
      note: z
        .string()
        .trim()
        .min(1)
        .max(200)
        .optional()
        .meta({ description: "A note for the auditors, for example the device's name" }),
    }),
    example: { reference: true, note: 'golden device of line 2' },
    answer: z.object({ uci: z.string(), reference: z.boolean() }),
    refusals: ['not-found', 'unit-ended'],
  },
} satisfies Declarations;

/** Samples and reference devices. */
export function purposeRoutes(on: On, services: Services): void {
  const { ledger } = services;
  on(purposeOperations, 'POST /v1/units/{uci}/release-sample', async ({ params, body, who }) => {
    const uci = await scannedId(services, params.uci);
    return ledger.record({ kind: 'release-sample', uci, ...body, actor: who.actor });
  });
  on(purposeOperations, 'PUT /v1/units/{uci}/reference', async ({ params, body, who }) => {
    const uci = await scannedId(services, params.uci);
    return ledger.record({ kind: 'set-reference', uci, ...present(body), actor: who.actor });
  });
}

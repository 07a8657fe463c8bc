import { z } from 'zod';
import { sampleOf } from '../../contract/labels/samples.ts';
import { DRAFT_VALUES } from '../../model/labels/draft.ts';
import { newProduct } from '../../model/product.ts';
import { refusal } from '../../platform/error.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { Time } from '../schemas.ts';
import type { Services } from '../services.ts';
import { SavedParams, TemplateParams } from './label-templates.ts';
import { refuseUnfitUse } from '../label-roles.ts';
import { signed, usersOf } from './label-users.ts';

/* Approval of the revisions of label templates. */

const Revision = z.int().min(1).meta({ description: 'A revision in the ledger' });

const Approved = z.object({
  name: z.string(),
  revision: z.int(),
  prints: z
    .int()
    .nullable()
    .meta({ description: 'The revision that products with `approval` print; null if none is approved' }),
});

const approving = { tag: 'labels', may: 'labels:approve', params: SavedParams, answer: Approved } as const;

export const approvalOperations = {
  'POST /v1/label-templates/{name}/approve': {
    ...approving,
    summary: 'Approve a revision of a label template',
    description:
      'Products with `approval` print only approved revisions. Refused if the caller saved this revision, or one between it and the last approved revision. Also refused if the revision has problems.',
    body: z.strictObject({
      revision: Revision,
      note: z.string().trim().min(1).max(200).optional().meta({ description: 'What was checked' }),
    }),
    example: { revision: 1 },
    refusals: ['not-found', 'template-wrong', 'approval-second', 'busy'],
  },
  'POST /v1/label-templates/{name}/ask-approval': {
    tag: 'labels',
    may: 'catalog:write',
    params: SavedParams,
    summary: 'Ask for the approval of a revision',
    description:
      'People who may approve see the request in the list of templates, until this revision or a later one is approved. A revision with problems is refused.',
    body: z.strictObject({
      revision: Revision,
      note: z.string().trim().min(1).max(200).optional().meta({ description: 'What should be checked' }),
    }),
    example: { revision: 1 },
    answer: z.object({ name: z.string(), revision: z.int() }),
    refusals: ['not-found', 'template-wrong', 'busy'],
  },
  'POST /v1/label-templates/{name}/revoke': {
    ...approving,
    summary: 'Revoke the approval of a revision',
    description:
      'Products with `approval` then print the approved revision with the highest number. While such a product needs the last approved revision, its approval cannot be revoked: approve another revision first, or stop the labels of the product (`stopLabels`).',
    body: z.strictObject({
      revision: Revision,
      reason: z.string().trim().min(1, 'write a reason').max(200),
    }),
    example: { revision: 1, reason: 'the logo is wrong' },
    refusals: ['not-found', 'approval-needed'],
  },
  'GET /v1/label-templates/{name}/approvals': {
    tag: 'labels',
    may: 'catalog:read',
    summary: 'The approved revisions of a label template, highest number first',
    description: 'Products with `approval` print the first one.',
    params: TemplateParams,
    answer: z.object({
      approved: z.array(z.object({ revision: z.int(), at: Time, by: z.string(), note: z.string().optional() })),
    }),
  },
  'GET /v1/label-templates/{name}/codes': {
    tag: 'labels',
    may: 'catalog:read',
    summary: 'Check the codes of a sample label with an independent reader',
    params: TemplateParams,
    query: z.strictObject({
      revision: z.coerce.number().int().min(1).optional(),
      values: z.enum(DRAFT_VALUES).default('typical'),
    }),
    answer: z.object({
      codes: z.array(
        z.object({
          symbology: z.string(),
          content: z.string(),
          isRead: z.boolean().meta({ description: 'True if the reader found exactly this content in the dots' }),
        }),
      ),
    }),
    refusals: ['not-found', 'label-too-large', 'label-unprintable', 'template-wrong', 'busy'],
  },
} satisfies Declarations;

export function approvalRoutes(on: On, services: Services): void {
  const { ledger, labels, config } = services;
  on(approvalOperations, 'POST /v1/label-templates/{name}/approve', async ({ params: { name }, body, who }) => {
    const { revision, note } = body;
    const { hash } = await checked(services, name, revision);
    const { actor } = who;
    return ledger.record({ kind: 'approve-template', name, revision, hash, ...present({ note }), actor });
  });
  on(approvalOperations, 'POST /v1/label-templates/{name}/ask-approval', async ({ params: { name }, body, who }) => {
    const { revision, note } = body;
    await checked(services, name, revision);
    return ledger.record({ kind: 'ask-approval', name, revision, ...present({ note }), actor: who.actor });
  });
  on(approvalOperations, 'POST /v1/label-templates/{name}/revoke', async ({ params: { name }, body, who: { actor } }) =>
    ledger.record({ kind: 'revoke-approval', name, ...body, actor }),
  );
  on(approvalOperations, 'GET /v1/label-templates/{name}/approvals', async ({ params: { name } }) => ({
    approved: (await ledger.approvals(name)).map((one) => ({ revision: one.revision, ...signed(one) })),
  }));
  on(approvalOperations, 'GET /v1/label-templates/{name}/codes', async ({ params: { name }, query }) => {
    const { products } = await usersOf(services, name);
    const product = products[0] ?? newProduct('SAMPLE', [], config.site);
    const data = sampleOf(query.values, product, config.site);
    return { codes: await labels.decode(name, query.revision, data) };
  });
}

/** Returns the hash of a revision that has no problems. */
async function checked(services: Services, name: string, revision: number): Promise<{ hash: string }> {
  const { labels } = services;
  const { source, hash } = await labels.source(name, revision);
  const { use, products } = await usersOf(services, name);
  const check = await labels.checkSource({ name, source }, use);
  const { problems } = check;
  if (problems.length > 0)
    throw refusal('template-wrong', 'problems', { file: `template ${name}`, problems: problems.join('; ') });
  refuseUnfitUse(products, name, check);
  return { hash };
}

import { askedKey } from '../../model/labels/saved-template.ts';
import { templatesOf, usesTemplate } from '../../model/labels/label-set.ts';
import type { Product } from '../../model/product.ts';
import { refusal } from '../../platform/error.ts';
import type { Decision, Seen } from '../seen.ts';

/** Approves a revision of a label template. Products with `approval` print only approved revisions. */
export interface ApproveTemplate {
  kind: 'approve-template';
  name: string;
  revision: number;
  /** The hash of the source that the caller checked. */
  hash: string;
  note?: string;
  actor: string;
}

/** Asks that a revision be approved. People who may approve see the request in the list of templates. */
export interface AskApproval {
  kind: 'ask-approval';
  name: string;
  revision: number;
  note?: string;
  actor: string;
}

/** Withdraws an approval. Products then print the approved revision with the highest number. */
export interface RevokeApproval {
  kind: 'revoke-approval';
  name: string;
  revision: number;
  reason: string;
  actor: string;
}

export interface Approved {
  name: string;
  revision: number;
  /** The revision that products with `approval` print from now on. */
  prints: number | null;
}

export interface Asked {
  name: string;
  revision: number;
}

/** The actors that stand for anyone who has the admin token, or who can run commands on this machine. */
const NOBODY = ['admin', 'local', 'file', 'system'];

/**
 * Reads the authors of at most this many revisions since the last approved one. Between two approvals, people save a
 * few dozen revisions.
 */
const MAX_AUTHORS = 200;

/** The approver must be a second person, who saved none of the revisions since the last approved one. */
export function approveTemplate(seen: Seen, command: ApproveTemplate): Decision<Approved> {
  const { name, revision, hash, note, actor } = command;
  const saved = seen.templateRevision(name, revision);
  if (saved === undefined) throw refusal('not-found', 'templateRevision', { template: name, revision });
  if (saved.hash !== hash) throw new Error(`revision ${revision} of ${name} does not have the hash of the checked source`);
  const approved = seen.approvedRevisions(name);
  const prints = Math.max(revision, ...approved);
  if (approved.includes(revision)) return { events: [], answer: { name, revision, prints } };
  if (NOBODY.includes(actor)) throw refusal('approval-second', 'nobody');
  const before = approved.findLast((one) => one < revision) ?? 0;
  for (let one = revision; one > Math.max(before, revision - MAX_AUTHORS); one--)
    if (seen.templateRevision(name, one)?.by === actor) throw refusal('approval-second', 'author', { revision: one });
  const data = { name, revision, hash, ...(note === undefined ? {} : { note }) };
  return { events: [{ type: 'template-approved', actor, data }], answer: { name, revision, prints } };
}

/**
 * Records that a person asks for the approval of a revision. If the revision is approved, or the approval was already
 * asked for, nothing changes.
 */
export function askApproval(seen: Seen, command: AskApproval): Decision<Asked> {
  const { name, revision, note, actor } = command;
  if (seen.templateRevision(name, revision) === undefined)
    throw refusal('not-found', 'templateRevision', { template: name, revision });
  const answer = { name, revision };
  const known = [...seen.approvedRevisions(name), ...seen.approvedRevisions(askedKey(name))];
  if (known.includes(revision)) return { events: [], answer };
  const data = { ...answer, ...(note === undefined ? {} : { note }) };
  return { events: [{ type: 'template-approval-asked', actor, data }], answer };
}

/** The line is never left without a label: the last approved revision that a product needs cannot be revoked. */
export function revokeApproval(seen: Seen, command: RevokeApproval): Decision<Approved> {
  const { name, revision, reason, actor } = command;
  const approved = seen.approvedRevisions(name);
  const left = approved.filter((one) => one !== revision);
  const prints = left.at(-1) ?? null;
  if (left.length === approved.length) {
    if (seen.templateRevision(name, revision) === undefined)
      throw refusal('not-found', 'templateRevision', { template: name, revision });
    return { events: [], answer: { name, revision, prints } };
  }
  const needing = seen.products().filter((product) => needsApproved(product, name));
  if (prints === null && needing.length > 0) {
    const products = needing.map(({ id }) => id).join(', ');
    throw refusal('approval-needed', 'last', { template: name, revision, products });
  }
  return {
    events: [{ type: 'template-approval-revoked', actor, data: { name, revision, reason } }],
    answer: { name, revision, prints },
  };
}

/** Throws if the product would have no label to print. */
export function refuseUnapproved(seen: Pick<Seen, 'approvedRevisions'>, product: Product): void {
  for (const template of templatesOf(product))
    if (needsApproved(product, template) && seen.approvedRevisions(template).length === 0)
      throw refusal('approval-needed', 'none', { template, product: product.id });
}

function needsApproved(product: Product, template: string): boolean {
  return product.approval === true && product.stopLabels !== true && usesTemplate(product, template);
}

/** Throws if the labels of this product are stopped. */
export function refuseStopped(product: Pick<Product, 'id' | 'stopLabels'> | undefined): void {
  if (product?.stopLabels === true) throw refusal('labels-stopped', 'product', { product: product.id });
}

import { refusal } from '../../platform/error.ts';
import { hashOfSource, isRemoved, MAX_REVISIONS, MAX_SOURCE_BYTES } from '../../model/labels/saved-template.ts';
import type { Decision, Seen } from '../seen.ts';

/** Saves the next revision of a label template. */
export interface SaveTemplate {
  kind: 'save-template';
  name: string;
  source: string;
  /** The revision that the caller changed, or 0 for a new template. */
  revision: number;
  note?: string;
  actor: string;
}

export interface TemplateSaved {
  name: string;
  revision: number;
  hash: string;
}

/**
 * If two people change the same revision, the second one to save is refused, so neither overwrites the other's work.
 */
export function saveTemplate(seen: Seen, command: SaveTemplate): Decision<TemplateSaved> {
  const { name, source, revision: base, note, actor } = command;
  const bytes = Buffer.byteLength(source);
  if (bytes > MAX_SOURCE_BYTES) throw refusal('invalid', 'templateLarge', { bytes, max: MAX_SOURCE_BYTES });
  const newest = seen.template(name);
  const revision = newest?.revision ?? 0;
  const hash = hashOfSource(source);
  // If this request is a repetition, the newest revision is the one that the first request saved.
  if (newest?.hash === hash && base <= revision) return { events: [], answer: { name, revision, hash } };
  // A removed template is saved like a new one, but its revision numbers continue.
  const isNew = newest !== undefined && isRemoved(newest) && base === 0;
  if (base !== revision && !isNew) throw refusal('template-changed', 'revision', { template: name, revision, base });
  if (revision >= MAX_REVISIONS) throw refusal('invalid', 'templateRevisions', { template: name, max: MAX_REVISIONS });
  const answer = { name, revision: revision + 1, hash };
  const data = note === undefined ? { ...answer, source } : { ...answer, note, source };
  return { events: [{ type: 'template-saved', actor, data }], answer };
}

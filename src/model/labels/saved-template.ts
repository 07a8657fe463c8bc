import { createHash } from 'node:crypto';

/** One revision of a label template that people saved. The template files in labels/ have no revisions. */
export interface TemplateRevision {
  name: string;
  /** Revisions are numbered from 1. */
  revision: number;
  /** The SHA-256 of the source, in hexadecimal. */
  hash: string;
  /**
   * `seq` is the number of the event that saved the revision. `at` is the event's time (ms since 1970), and `by` is the
   * person who saved the revision.
   */
  seq: number;
  at: number;
  by: string;
  note?: string | undefined;
}

export interface SavedTemplate extends TemplateRevision {
  /** The template as JSON5, like the files in labels/. */
  source: string;
}

/** The approval of a revision. `by` is the person who approved it. */
export interface Approval {
  revision: number;
  seq: number;
  at: number;
  by: string;
  note?: string | undefined;
}

/** A person asks that a revision be approved. The request stays open until this revision or a later one is approved. */
export interface ApprovalRequest extends Approval {
  name: string;
}

/**
 * The key under which a template's requests for approval are stored, beside its approvals. The name of a template has
 * no slash.
 */
export function askedKey(name: string): string {
  return `asked/${name}`;
}

/** The template of products whose settings name no template. */
export const DEFAULT_TEMPLATE = 'device-62x40';

/** The hash in the row of a removed template. */
export const REMOVED = '';

export function isRemoved({ hash }: { hash: string }): boolean {
  return hash === REMOVED;
}

/** The largest size of a template in bytes. A template with 100 boxes, which is the maximum, is about 20 KB. */
export const MAX_SOURCE_BYTES = 64 * 1024;

/**
 * The maximum number of revisions of one template. If people save ten revisions every workday, they reach this number
 * after about three years.
 */
export const MAX_REVISIONS = 10_000;

export function hashOfSource(source: string): string {
  return hashOfBytes(source);
}

export function hashOfBytes(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

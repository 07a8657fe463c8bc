import type { FileHandle } from 'node:fs/promises';
import type { Checkpoint } from '../proof/checkpoint.ts';
import type { Progress } from '../platform/spool.ts';
import type { Fact } from '../model/unit.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'xlsx', 'zip'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export type ExportOf = 'units' | 'events';

/**
 * Selects rows that match every given property. For events, `product`, `workOrder`, `lot` and `status` are compared with
 * the event's unit (an event without a unit matches none); `station` and the times with the event itself.
 */
export interface ExportFilter {
  product?: string;
  workOrder?: string;
  lot?: string;
  /** The station that last issued the unit, or of the event. */
  station?: string;
  /** The unit's present status. */
  status?: Fact;
  /** `from` inclusive, `to` exclusive, RFC 3339 in UTC with ms: when a unit was issued, or else reserved. */
  from?: string;
  to?: string;
  /** After event `since`, up to event `until`: a unit is compared by its last event. */
  since?: number;
  until?: number;
}

export interface ExportJob {
  of: ExportOf;
  format: ExportFormat;
  filter: ExportFilter;
}

export interface ExportAsked {
  actor: string;
  /** The caller's name for the export. */
  ref?: string;
  signal?: AbortSignal;
}

export interface Exported extends Made {
  file: FileHandle;
  bytes: number;
}

/** An export in progress. `done` and `total` count the ledger's events to read. */
export interface ExportUnderWay extends Progress {
  of: ExportOf;
  format: ExportFormat;
  actor: string;
  ref?: string;
  /** ms since 1970 */
  at: number;
}

/**
 * Makes exports of the ledger, in a child of low priority (spool.ts) and from one snapshot. A signed checkpoint of the
 * snapshot is stored before a byte is written.
 */
export interface Exports {
  make: (job: ExportJob, asked: ExportAsked) => Promise<Exported>;
  underWay: () => ExportUnderWay[];
}

/** The tree head in the snapshot of an export. */
export type Head = Omit<Checkpoint, 'origin'>;

/** The child's task. The child sends its snapshot's head and receives the signed note. */
export interface ExportTask {
  ledger: string;
  out: string;
  job: ExportJob;
  /** RFC 3339 */
  made: string;
  origin: string;
  /** PEM of the SubjectPublicKeyInfo. */
  publicKey: string;
}

/** The child's result. */
export interface Made {
  /** Units or events in the file. */
  rows: number;
  /** Events in the snapshot: `since` of the next export. */
  treeSize: number;
  /** The file's SHA-256, hexadecimal. */
  sha256: string;
}

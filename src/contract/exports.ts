import type { FileHandle } from 'node:fs/promises';
import type { Checkpoint } from '../proof/checkpoint.ts';
import type { Progress } from '../platform/spool.ts';
import type { Fact } from '../model/unit.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'xlsx', 'zip'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Units in their present state, or events; each in the ledger's order. */
export type ExportOf = 'units' | 'events';

/**
 * Which rows; every part that is given has to fit. Of events `product`, `workOrder`, `lot` and `status` speak of the unit
 * that an event names (without a unit it fits none of them), `station` and the times of the event itself.
 */
export interface ExportFilter {
  product?: string;
  workOrder?: string;
  lot?: string;
  /** Where a unit was given out last; where an event happened. */
  station?: string;
  /** Of a unit, as it is now. */
  status?: Fact;
  /** From this moment on (`from`), before this one (`to`): RFC 3339 in UTC with ms. Of a unit: issued; before that, reserved. */
  from?: string;
  to?: string;
  /** After this event (`since`), up to this one (`until`). Of a unit: its last event. */
  since?: number;
  until?: number;
}

export interface ExportJob {
  of: ExportOf;
  format: ExportFormat;
  filter: ExportFilter;
}

/** Who asked for the export. */
export interface ExportAsked {
  actor: string;
  /** The caller's own name for it. */
  ref?: string;
  /** Aborts it: its file is no longer needed. */
  signal?: AbortSignal;
}

export interface Exported extends Made {
  file: FileHandle;
  bytes: number;
}

/** One that is being made. `done` and `total` are events of the ledger that were looked through. */
export interface ExportUnderWay extends Progress {
  of: ExportOf;
  format: ExportFormat;
  actor: string;
  ref?: string;
  /** ms since 1970 */
  at: number;
}

/**
 * Exports of the ledger: made in a child of low priority (spool.ts) from one snapshot, of which a signed checkpoint is
 * kept before a byte is written.
 */
export interface Exports {
  make: (job: ExportJob, asked: ExportAsked) => Promise<Exported>;
  underWay: () => ExportUnderWay[];
}

/** A tree head as it was read in one snapshot with the rows of an export. */
export type Head = Omit<Checkpoint, 'origin'>;

/** The child's task. The child asks for a signed checkpoint of its snapshot's head, and gets the note. */
export interface ExportTask {
  ledger: string;
  out: string;
  job: ExportJob;
  /** RFC 3339. */
  made: string;
  origin: string;
  /** PEM of the SubjectPublicKeyInfo. */
  publicKey: string;
}

/** The child's result. */
export interface Made {
  /** Units or events in it. */
  rows: number;
  /** Events of the ledger in the snapshot: `since` of the next export. */
  treeSize: number;
  /** SHA-256 of the file, hexadecimal. */
  sha256: string;
}

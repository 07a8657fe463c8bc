import type { FileHandle } from 'node:fs/promises';
import type { Checkpoint } from '../proof/checkpoint.ts';
import type { Progress } from '../platform/spool.ts';
import type { Fact } from '../model/unit.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'xlsx', 'zip'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export type ExportOf = 'units' | 'events';

/**
 * Selects rows that match every given property. In an export of events, `product`, `workOrder`, `lot` and `status` are
 * compared with the event's unit, so an event without a unit never matches. `station` and times are the event's own.
 */
export interface ExportFilter {
  product?: string;
  workOrder?: string;
  lot?: string;
  /** The station that last issued the unit; in an export of events, the station of the event. */
  station?: string;
  /** The unit's current status. */
  status?: Fact;
  /** `from` inclusive, `to` exclusive, RFC 3339 in UTC with ms. Units are compared by their issue, else reservation. */
  from?: string;
  to?: string;
  /** Only events after number `since`, up to `until` inclusive. A unit matches if its last event is in this range. */
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
  /** The name that the caller chose for the export. */
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
  /** Milliseconds since 1970. */
  at: number;
}

/**
 * Makes exports of the ledger. A child process of low priority (spool.ts) reads one snapshot. A signed checkpoint of
 * the snapshot is stored before the first byte of the file is written.
 */
export interface Exports {
  make: (job: ExportJob, asked: ExportAsked) => Promise<Exported>;
  underWay: () => ExportUnderWay[];
}

/** The size and root of the ledger's tree in the snapshot of an export. */
export type Head = Omit<Checkpoint, 'origin'>;

/** The task of the child process. The child sends the head of its snapshot and receives the signed note. */
export interface ExportTask {
  ledger: string;
  out: string;
  job: ExportJob;
  /** When the export was made, RFC 3339. */
  made: string;
  origin: string;
  /** The SubjectPublicKeyInfo in PEM. */
  publicKey: string;
}

/** The result of the child process. */
export interface Made {
  /** The number of units or events in the file. */
  rows: number;
  /** The number of events in the snapshot. The next export can begin there: pass it as `since`. */
  treeSize: number;
  /** The file's SHA-256, hexadecimal. */
  sha256: string;
}

import type { FileHandle } from 'node:fs/promises';
import type { Checkpoint } from '../proof/checkpoint.ts';
import type { Progress } from '../platform/spool.ts';
import type { AccessEventType } from '../model/event-data.ts';
import type { Fact } from '../model/unit.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'xlsx', 'zip'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export type ExportOf = 'units' | 'events';

/**
 * Selects the units or events that match every given property. In an export of events, `product`, `workOrder`, `lot`
 * and `status` are properties of the event's unit. If one of these four properties is given, an event without a unit
 * never matches. In an export of events, `station`, `from` and `to` are properties of the event itself.
 */
export interface ExportFilter {
  product?: string;
  workOrder?: string;
  lot?: string;
  /** The station that last issued the unit. In an export of events, `station` is the station of the event. */
  station?: string;
  /** The unit's current status. */
  status?: Fact;
  /** Units that were returned under this RMA. */
  rma?: string;
  /**
   * The type of the events. Only for an export of events. The value `access` selects all events about access
   * (model/event-data.ts).
   */
  type?: AccessEventType | 'access' | 'drill-held';
  /**
   * `from` is inclusive and `to` is exclusive (RFC 3339, UTC, ms). A unit's time is the time when it was issued, or, if
   * it has not been issued, the time when it was reserved.
   */
  from?: string;
  to?: string;
  /**
   * Only events with a number above `since` and up to `until` (inclusive). In an export of units, a unit matches these
   * numbers if its last event matches.
   */
  since?: number;
  until?: number;
}

export interface ExportJob {
  of: ExportOf;
  format: ExportFormat;
  filter: ExportFilter;
  /** For CSV, the separator and whether the file begins with a byte order mark, as Excel expects them. */
  separator?: 'comma' | 'semicolon';
  bom?: true;
  /**
   * `products` is set if an auditor asked for the export: the file has only units of these products, with masked Claim
   * IDs.
   */
  auditor?: { products: readonly string[] };
}

export interface ExportAsked {
  /** The caller, because the spool limits the orders of each caller. */
  by: string;
  actor: string;
  /** The name that the caller chose for the export. */
  ref?: string;
  signal?: AbortSignal;
}

export interface Exported extends Made {
  file: FileHandle;
  bytes: number;
}

/** An export in progress. `done` and `total` count the events that the export reads from the ledger. */
export interface ExportUnderWay extends Progress {
  of: ExportOf;
  format: ExportFormat;
  actor: string;
  ref?: string;
  /** The time in ms since 1970. */
  at: number;
}

/**
 * Makes exports of the ledger. A low-priority child process (spool.ts) reads one snapshot of the ledger. The service
 * stores a signed checkpoint of the snapshot before the child writes the first byte of the file.
 */
export interface Exports {
  make: (job: ExportJob, asked: ExportAsked) => Promise<Exported>;
  underWay: () => ExportUnderWay[];
}

/** The size and root of the ledger's tree in the snapshot of an export. */
export type Head = Omit<Checkpoint, 'origin'>;

/**
 * The task of the child process that makes the export. The child sends the head of its snapshot and receives the signed
 * note.
 */
export interface ExportTask {
  ledger: string;
  out: string;
  job: ExportJob;
  /** The time of the export, in RFC 3339. */
  made: string;
  origin: string;
  /** The public key as a SubjectPublicKeyInfo in PEM. */
  publicKey: string;
}

/** The result of the export, which the child process returns. */
export interface Made {
  /** The number of units or events in the file. */
  rows: number;
  /**
   * The number of events in the snapshot. If a later export passes this number as `since`, it begins after the events
   * of this export.
   */
  treeSize: number;
  /** The SHA-256 of the file, in hexadecimal. */
  sha256: string;
}

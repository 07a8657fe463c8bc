import type { FileHandle } from 'node:fs/promises';
import type { Checkpoint } from '../proof/checkpoint.ts';
import type { Progress } from '../platform/spool.ts';
import type { AccessEventType } from '../model/event-data.ts';
import type { Fact } from '../model/unit.ts';
import type { Language } from '../../words/sentence.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl', 'xlsx', 'zip'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export type ExportOf = 'units' | 'events';

/**
 * Selects units or events. All given properties must match. In an export of events, `product`, `workOrder`, `lot` and
 * `status` are matched against the event's unit. If one of these four is given, events without a unit are left out. In
 * an export of events, `station`, `from` and `to` are matched against the event itself.
 */
export interface ExportFilter {
  product?: string;
  workOrder?: string;
  lot?: string;
  /** The station that last issued the unit. In an export of events, the station of the event. */
  station?: string;
  /** The unit's current status. */
  status?: Fact;
  /** Only the unit with this number. */
  unit?: number;
  /** Only units that were returned under this RMA. */
  rma?: string;
  /**
   * The type of the events, for an export of events only. The value `access` stands for all events about access
   * (model/event-data.ts).
   */
  type?: AccessEventType | 'access' | 'drill-held';
  /**
   * `from` is inclusive and `to` is exclusive (RFC 3339, UTC, ms). The time of a unit is the time of its issue or, if
   * it has not been issued, the time of its reservation.
   */
  from?: string;
  to?: string;
  /**
   * Only events with numbers above `since`, up to and including `until`. In an export of units, a unit matches if the
   * number of its last event is in this range.
   */
  since?: number;
  until?: number;
}

export interface ExportJob {
  of: ExportOf;
  format: ExportFormat;
  filter: ExportFilter;
  /**
   * For CSV: the separator, and whether the file begins with a byte order mark. Excel needs the right separator and
   * byte order mark.
   */
  separator?: 'comma' | 'semicolon';
  bom?: true;
  /** The language of `history.html`, the page in a bundle of one unit. If absent, English. */
  language?: Language;
  /**
   * Set if an auditor asked for the export. The file then contains only units of these products, with masked Claim IDs.
   */
  auditor?: { products: readonly string[] };
}

export interface ExportAsked {
  /** The caller. The spool limits how many tasks of one caller may wait. */
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

/** An export that is being made. `done` and `total` are numbers of events that the export reads from the ledger. */
export interface ExportUnderWay extends Progress {
  of: ExportOf;
  format: ExportFormat;
  actor: string;
  ref?: string;
  /** The time when the export began, in ms since 1970. */
  at: number;
}

/**
 * Makes exports of the ledger. A child process with low priority (spool.ts) reads one snapshot of the ledger. The
 * service stores a signed checkpoint of this snapshot before the child process writes the first byte of the file.
 */
export interface Exports {
  make: (job: ExportJob, asked: ExportAsked) => Promise<Exported>;
  underWay: () => ExportUnderWay[];
}

/** The size and the root of the ledger's tree in the snapshot of an export. */
export type Head = Omit<Checkpoint, 'origin'>;

/**
 * The task for the child process that makes the export. The child process sends the head of its snapshot, and receives
 * the signed note.
 */
export interface ExportTask {
  ledger: string;
  out: string;
  job: ExportJob;
  /** The time of the export, in RFC 3339. */
  made: string;
  origin: string;
  /** The public key as a SubjectPublicKeyInfo, in PEM. */
  publicKey: string;
}

/** The result that the child process returns. */
export interface Made {
  /** The number of units or events in the file. */
  rows: number;
  /**
   * The number of events in the snapshot. A later export that uses this number as `since` begins after the last event
   * of this export.
   */
  treeSize: number;
  /** The SHA-256 of the file, in hexadecimal. */
  sha256: string;
}

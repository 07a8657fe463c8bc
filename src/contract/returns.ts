import type { Life, ReturnEnd, Unit } from '../model/unit.ts';

/** A page of RMAs. */
export interface ReturnPage {
  /** The last RMA number of the previous page. */
  after?: string;
  limit: number;
  /** Selects only RMAs that have an open return. */
  open?: true;
}

/** The reconciliation of an RMA. Each return counts once, so `received` is the sum of the other numbers. */
export type ReturnSummary = { rma: string; received: number; open: number } & Record<ReturnEnd, number>;

export interface ReturnedUnit {
  unit: Unit;
  /** The unit's life that began with this return. */
  life: Life;
  /** The person who received the unit. */
  by: string;
  note?: string;
}

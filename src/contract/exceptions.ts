import type { ExceptionKind } from '../model/exceptions/kinds.ts';

/** The open exceptions of one kind. */
export interface ExceptionCount {
  kind: ExceptionKind;
  /** The number of units, at most `MAX_COUNTED`. */
  count: number;
  /** True if there may be more units than `count`. */
  more: boolean;
  /**
   * The time when the oldest of these units was issued, in ms since 1970. Absent for `wrong-id`, or if there are no
   * units.
   */
  oldestAt?: number;
}

/** Units of a product or a roll that are still waiting for their device. No one needs to look into these units. */
export interface Unused {
  name: string;
  count: number;
  oldestAt: number;
}

export interface ExceptionCounts {
  kinds: ExceptionCount[];
  /** For each product, the firmware files that no device has used yet. */
  files: Unused[];
  /** For each roll, the labels that no device has yet. */
  rolls: Unused[];
  /** True if there may be more firmware files or labels than these lists count. */
  more: boolean;
}

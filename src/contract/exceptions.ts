import type { ExceptionKind } from '../model/exceptions/kinds.ts';

/** The open exceptions of one kind. */
export interface ExceptionCount {
  kind: ExceptionKind;
  /** The number of units, at most `MAX_COUNTED`. */
  count: number;
  /** True if there may be more units than `count` says. */
  more: boolean;
  /** When the oldest unit in the list was issued, in ms since 1970. Absent for `wrong-id`, or if there is no unit. */
  oldestAt?: number;
}

/** Units of a product or a roll that wait for their device, and need nobody's attention. */
export interface Unused {
  name: string;
  count: number;
  oldestAt: number;
}

export interface ExceptionCounts {
  kinds: ExceptionCount[];
  /** By product, the firmware files whose Claim ID no device has named yet. */
  files: Unused[];
  /** By roll, the labels that no device has yet. */
  rolls: Unused[];
  /** True if there may be more files or labels than in these lists. */
  more: boolean;
}

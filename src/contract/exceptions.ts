import type { ExceptionKind } from '../model/exceptions/kinds.ts';

/** The open exceptions of one kind. */
export interface ExceptionCount {
  kind: ExceptionKind;
  /** The number of units, at most `MAX_COUNTED`. */
  count: number;
  /** True if there may be more units than `count` says. */
  more: boolean;
  /** When the oldest unit of the list was issued, in ms since 1970. Absent for `wrong-id`, and if there is no unit. */
  oldestAt?: number;
}

/** Units of a product or a roll that wait for their device, and need no one. */
export interface Unused {
  name: string;
  count: number;
  oldestAt: number;
}

export interface ExceptionCounts {
  kinds: ExceptionCount[];
  /** Files made for firmware whose Claim ID no device has named yet, by product. */
  files: Unused[];
  /** Labels of rolls that no device has yet, by roll. */
  rolls: Unused[];
  /** True if there may be more files or labels than these lists say. */
  more: boolean;
}

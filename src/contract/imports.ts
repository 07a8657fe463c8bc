import type { Json } from '../model/event.ts';
import type { Once } from '../decide/command.ts';
import type { Import, Imported } from '../decide/imports/import-units.ts';

/**
 * Imports units. A large import is recorded in parts, so that agents do not have to wait for it. If a unit has a
 * problem, nothing is imported. Once the first unit is recorded, the import is always completed, even if the service
 * stops before that.
 */
export interface Imports {
  import: (command: Import, once?: Once) => Promise<Imported>;
}

/** One unit in the body of POST /v1/units/import. */
export interface UnitToImport {
  place: string;
  uci: string;
  device: { [key: string]: Json };
  /**
   * Fields that only an export of this program has: how the unit was made, its work order, its roll, and how it ended.
   */
  as?: 'issued' | 'reserved';
  serial?: string;
  workOrder?: string;
  reservation?: string;
  identifiedBy?: string[];
  ends?: { type: 'void' | 'scrapped'; reason: string; note?: string }[];
}

export interface ToldOfLine {
  line: number;
  why: string;
}

/** A file with units, after it was read. */
export interface SheetToImport {
  /** A description of the file for people, such as "CSV in UTF-8, separated by commas". */
  format: string;
  preview: { columns: { head: string; property: string }[]; rows: { line: number; cells: string[] }[] };
  units: UnitToImport[];
  problems: ToldOfLine[];
  warnings: ToldOfLine[];
  /** True if this program exported the file. */
  own: boolean;
}

/** Reads files with units. A child process does this, because a large workbook takes seconds. */
export interface Sheets {
  read: (bytes: Uint8Array, product: string | undefined, by: string) => Promise<SheetToImport>;
}

import type { Json } from '../model/event.ts';
import type { Once } from '../decide/command.ts';
import type { Import, Imported } from '../decide/imports/import-units.ts';

/**
 * Imports units. A large import is recorded in parts, so that agents never wait for it. If a unit has a problem,
 * nothing is imported. Once the first unit is recorded, the import is always completed, even if the service ends.
 */
export interface Imports {
  import: (command: Import, once?: Once) => Promise<Imported>;
}

/** The data of one unit in the body of POST /v1/units/import. */
export interface UnitToImport {
  place: string;
  uci: string;
  device: { [key: string]: Json };
  /** Only from an export: how the unit was made, its work order, its roll and its ends. */
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

/** A file with units, as it was read. */
export interface SheetToImport {
  /** What the file is, for people, such as "CSV in UTF-8, separated by commas". */
  format: string;
  preview: { columns: { head: string; property: string }[]; rows: { line: number; cells: string[] }[] };
  units: UnitToImport[];
  problems: ToldOfLine[];
  warnings: ToldOfLine[];
  /** True if the file is an export of this program. */
  own: boolean;
}

/** Reads files with units in a child process, because a large workbook takes seconds. */
export interface Sheets {
  read: (bytes: Uint8Array, product: string | undefined, by: string) => Promise<SheetToImport>;
}

/** A problem in one line of a file. */
export interface Problem {
  /** The line number, counted from 1, as editors show it. For a workbook, the row number. */
  line: number;
  /** A short name for the kind of problem, which does not change between versions. */
  cause: string;
  /** What is wrong, and what to change. */
  why: string;
}

export interface Cell {
  text: string;
  /**
   * Set if a workbook cell is not a text cell. `lost`: a number with more than 15 digits, because a spreadsheet keeps
   * only 15. `formula`: a formula without a result.
   */
  kind?: 'number' | 'lost' | 'date' | 'error' | 'formula';
}

export interface Row {
  line: number;
  cells: Cell[];
}

/** The rows of a file, unchanged except that blank rows are left out. */
export interface Sheet {
  /** A description of the file for people, such as "CSV in UTF-8, separated by commas". */
  format: string;
  rows: Row[];
  problems: Problem[];
  /**
   * Set for CSV, because this program's CSV exports put an apostrophe before texts that a spreadsheet would run as
   * formulas.
   */
  marked?: true;
}

export const NO_RESULT =
  'the formula has no result: open the workbook in the spreadsheet program and save it again, or copy the values';

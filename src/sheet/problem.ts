/** What is wrong in a line of a file. */
export interface Problem {
  /** Counts from 1 as an editor shows it. In a workbook, the number of the row. */
  line: number;
  /** A short name of the kind of problem, which does not change between versions. */
  cause: string;
  /** What is wrong, and what to change. */
  why: string;
}

export interface Cell {
  text: string;
  /**
   * Set for a cell of a workbook that is not a text. `lost`: a number of more than 15 digits, of which a spreadsheet
   * keeps only 15.
   */
  kind?: 'number' | 'lost' | 'date' | 'error';
}

export interface Row {
  line: number;
  cells: Cell[];
}

/** The rows of a file as they are, without blank rows. */
export interface Sheet {
  /** What the file is, for people, such as "CSV in UTF-8, separated by commas". */
  format: string;
  rows: Row[];
  problems: Problem[];
  /** Set for CSV: texts of an export have marks against formulas. */
  marked?: true;
}

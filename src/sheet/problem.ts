/** A problem in one line of a file. */
export interface Problem {
  /** Counted from 1, as an editor shows it. In a workbook, the row number. */
  line: number;
  /** A short name for the kind of problem, which does not change between versions. */
  cause: string;
  /** What is wrong, and what to change. */
  why: string;
}

export interface Cell {
  text: string;
  /**
   * Set if a workbook cell is not a text cell. `lost`: a number with more than 15 digits, of which a spreadsheet keeps
   * only 15.
   */
  kind?: 'number' | 'lost' | 'date' | 'error';
}

export interface Row {
  line: number;
  cells: Cell[];
}

/** The rows of a file as they are, without blank rows. */
export interface Sheet {
  /** A description of the file for people, such as "CSV in UTF-8, separated by commas". */
  format: string;
  rows: Row[];
  problems: Problem[];
  /** Set for CSV, because texts in a CSV export have marks against formulas. */
  marked?: true;
}

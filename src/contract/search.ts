/*
 * The search finds units by a part of an S/N, a part of an identity value, or the last letters of a Claim ID. It has
 * its own file, which a child process updates after commits. The ledger never waits for the search, so the search may
 * be a few events behind.
 */

/** What to search for in a unit. The text is as `searchText` or `parseEnding` returned it. */
export type Sought = { contains: string } | { ending: string };

export interface SearchPage {
  sought: Sought;
  /** The `next` of the previous page, or 0 for the first page. */
  after: number;
  /** If true, the newest units come first. */
  newest?: true;
  limit: number;
}

export interface Found {
  /** The numbers of the units, in the order of the page. */
  ids: number[];
  /** The value of `after` for the next page. A page may have no units and still have a next page. */
  next: number | null;
}

export const NAME_KINDS = ['work-order', 'lot', 'product', 'station', 'roll'] as const;

/** A name that contains the text, and by which units can be found. */
export interface FoundName {
  kind: (typeof NAME_KINDS)[number];
  /** The name or number that the ledger uses. For a lot, this is the work order. */
  id: string;
  /** The name that people use, if it differs from `id`. */
  name?: string;
}

/** How much of the ledger the search knows. */
export interface SearchFigures {
  /**
   * `building`: the file is being filled for the first time. `failed`: the file cannot be written, or the ledger cannot
   * be read, and the search tries again.
   */
  state: 'off' | 'starting' | 'building' | 'ready' | 'failed';
  /** The search has the state of the units after this number of events. */
  done: number;
  /** The number of events in the ledger. */
  total: number;
  /** Why the search failed: either the disk has too little free space, or another reason, which is in the log. */
  problem?: 'disk-full' | 'other';
}

export interface Search {
  /** Starts the child process. The other functions also start it. */
  start: () => void;
  /** Returns undefined if the search is off or does not answer. */
  find: (page: SearchPage) => Promise<Found | undefined>;
  names: (text: string, limit: number) => Promise<FoundName[] | undefined>;
  figures: () => SearchFigures;
  /** Deletes the file and fills a new one. Throws `not-found` if the search is off. */
  rebuild: () => void;
  close: () => Promise<void>;
}

/* Messages between the service and the child process */

export interface SearchTask {
  ledger: string;
  file: string;
}

export type SearchQuestion = { number: number } & (
  | { page: SearchPage }
  | { names: { text: string; limit: number } }
  | { rebuild: true }
);

/** The answer has what the question asked for. */
export interface SearchAnswer {
  found?: Found;
  names?: FoundName[];
}

export type FromSearch =
  | { figures: SearchFigures }
  | { number: number; answer: SearchAnswer }
  | { fault: string; number?: number };

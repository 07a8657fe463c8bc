/*
 * The search finds units by a part of an S/N or of an identity value, or by the last letters of a Claim ID. The search
 * uses a separate file, which a child process updates after commits. The ledger never waits for this file, so the
 * search may lag a few events behind.
 */

/** What to search for. The text must come from `searchText` or `parseEnding`. */
export type Sought = { contains: string } | { ending: string };

export interface SearchPage {
  sought: Sought;
  /** The `next` of the previous page. For the first page, 0. */
  after: number;
  /** If true, the newest units come first. */
  newest?: true;
  limit: number;
}

export interface FoundIdentity {
  property: string;
  value: string;
}

export interface Found {
  /** The numbers of the units, in the order of this page. */
  ids: number[];
  /** Maps a unit's number to the identity value that contains the text, if the S/N does not contain the text. */
  identities: { [id: number]: FoundIdentity };
  /** The `after` of the next page. Even a page without units may have a next page. */
  next: number | null;
}

export const NAME_KINDS = ['work-order', 'lot', 'product', 'station', 'roll'] as const;

/** A name that contains the text and that can be used to search for units. */
export interface FoundName {
  kind: (typeof NAME_KINDS)[number];
  /** The name or number by which the ledger knows it. For a lot, the lot's work order. */
  id: string;
  /** The name that people use. Set if the name differs from `id`. */
  name?: string;
  /** Set if the text is the complete name, apart from separators and case. Exact names come first. */
  exact?: boolean;
}

/** How much of the ledger has been indexed for the search. */
export interface SearchFigures {
  /**
   * `building`: the file is being filled for the first time. `failed`: the file cannot be written or the ledger cannot
   * be read, and the search will retry.
   */
  state: 'off' | 'starting' | 'building' | 'ready' | 'failed';
  /** The number of events that the search has read so far. */
  done: number;
  /** The number of events in the ledger. */
  total: number;
  /** The reason why the search failed: too little free disk space, or another reason, which is in the log. */
  problem?: 'disk-full' | 'other';
}

export interface Search {
  /**
   * Starts the child process. Calling `start` is optional, because the other functions also start the child process.
   */
  start: () => void;
  /** Returns the units that match, or undefined if the search is off or does not answer. */
  find: (page: SearchPage) => Promise<Found | undefined>;
  names: (text: string, limit: number) => Promise<FoundName[] | undefined>;
  figures: () => SearchFigures;
  /** Deletes the file and makes a new one. Throws `not-found` if the search is off. */
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

/** An answer contains only the fields for which the question asked. */
export interface SearchAnswer {
  found?: Found;
  names?: FoundName[];
}

export type FromSearch =
  | { figures: SearchFigures }
  | { number: number; answer: SearchAnswer }
  | { fault: string; number?: number };

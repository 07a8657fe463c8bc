import { mask } from '../model/claim-id.ts';

/** A problem that a check found. */
export interface Finding {
  /** A sentence that describes the problem, without any complete Claim ID. */
  what: string;
  /** The number of the event that has the problem. */
  seq?: number;
  /**
   * The Claim ID of the unit that has the problem. The Claim ID is masked, unless the caller asked for complete Claim
   * IDs.
   */
  uci?: string;
  table?: string;
  column?: string;
}

/** The result of checking a ledger or a bundle. */
export interface Verification extends Found {
  /** True if the check found no problem. */
  ok: boolean;
  file: string;
  of: 'ledger' | 'bundle' | 'proof';
  /** The number of events checked. */
  size: number;
  /** The root of the tree over these events, in hexadecimal. Absent if the root could not be computed. */
  root?: string;
  /** One sentence for each fact that the check proves. */
  proven: string[];
  /**
   * One sentence for each fact that this check cannot prove. The sentence names the input that is missing for a proof.
   */
  unproven: string[];
}

/**
 * The maximum number of findings in a list. No one reads more findings than this, and this many are enough to show that
 * a table was rewritten.
 */
const MAX_LISTED = 100;

export interface Findings {
  add: (finding: Finding) => void;
  /** Adds findings that another thread collected. */
  addAll: (found: Found) => void;
  count: () => number;
  list: () => Finding[];
}

export interface Found {
  /** The first findings, at most `MAX_LISTED`. */
  findings: Finding[];
  /** The total number of findings, including those that are not listed. */
  found: number;
}

export function openFindings(showClaimIds = false): Findings {
  const list: Finding[] = [];
  let count = 0;
  const add = (finding: Finding): void => {
    count++;
    if (list.length === MAX_LISTED) return;
    const { uci } = finding;
    list.push(uci === undefined || showClaimIds ? finding : { ...finding, uci: mask(uci) });
  };
  return {
    add,
    addAll({ findings, found }) {
      for (const finding of findings) add(finding);
      count += found - findings.length;
    },
    count: () => count,
    list: () => list,
  };
}

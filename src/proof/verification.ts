import { mask } from '../model/claim-id.ts';

/*
 * What came of checking a ledger or a bundle: what is wrong with it, and what the check does and does not prove.
 */

/** One thing that does not hold. */
export interface Finding {
  /** A sentence. It holds no whole Claim ID. */
  what: string;
  /** The event it is about. */
  seq?: number;
  /** The unit it is about: masked, unless whole Claim IDs were asked for. */
  uci?: string;
  table?: string;
  column?: string;
}

export interface Verification extends Found {
  /** Everything that was looked at holds. */
  ok: boolean;
  file: string;
  of: 'ledger' | 'bundle';
  /** Events. */
  size: number;
  /** The tree's root over them, hexadecimal; absent where it could not be computed. */
  root?: string;
  /** What holds, one sentence each. */
  proven: string[];
  /** What this check cannot tell, and what would. */
  unproven: string[];
}

/** More than a person reads; whoever rewrote a whole table is known for it by then. */
const MAX_LISTED = 100;

export interface Findings {
  add: (finding: Finding) => void;
  /** What was found elsewhere: the first ones, and how many in all. */
  addAll: (found: Found) => void;
  /** Found so far. */
  count: () => number;
  list: () => Finding[];
}

export interface Found {
  /** The first ones. */
  findings: Finding[];
  /** How many in all. */
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

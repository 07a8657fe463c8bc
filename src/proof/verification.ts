import { mask } from '../model/claim-id.ts';

/*
 * The result of checking a ledger or a bundle: what is wrong, and what the check does and does not prove.
 */

/** One thing that is wrong. */
export interface Finding {
  /** A sentence, without a complete Claim ID. */
  what: string;
  /** The event it is about. */
  seq?: number;
  /** The unit it is about: masked, unless complete Claim IDs were requested. */
  uci?: string;
  table?: string;
  column?: string;
}

export interface Verification extends Found {
  /** Nothing wrong was found. */
  ok: boolean;
  file: string;
  of: 'ledger' | 'bundle';
  /** Events. */
  size: number;
  /** The tree's root over them, hexadecimal; absent where it could not be computed. */
  root?: string;
  /** What is proven, one sentence each. */
  proven: string[];
  /** What this check cannot prove, and which input would. */
  unproven: string[];
}

/** More than a person reads; an entirely rewritten table shows long before. */
const MAX_LISTED = 100;

export interface Findings {
  add: (finding: Finding) => void;
  /** Findings of another thread: the first ones, and how many in all. */
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

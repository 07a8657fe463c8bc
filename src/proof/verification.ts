import { mask } from '../model/claim-id.ts';

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

/** The result of checking a ledger or a bundle. */
export interface Verification extends Found {
  /** Nothing wrong was found. */
  ok: boolean;
  file: string;
  of: 'ledger' | 'bundle';
  /** Events. */
  size: number;
  /** The tree's root over them, hexadecimal; absent when it could not be computed. */
  root?: string;
  /** What is proven, one sentence each. */
  proven: string[];
  /** What this check cannot prove, and which input would. */
  unproven: string[];
}

/** More than a person reads; a rewritten table is evident from far fewer. */
const MAX_LISTED = 100;

export interface Findings {
  add: (finding: Finding) => void;
  /** Adds the findings of another thread. */
  addAll: (found: Found) => void;
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

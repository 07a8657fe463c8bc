import type { Decision, Seen } from './seen.ts';

/**
 * A person accepts a ledger that is older than, or contradicts, a checkpoint that was seen, and the line continues with
 * it. The event records this for anyone who later finds two trees under one name.
 */
export interface AcceptLedger {
  kind: 'accept-ledger';
  /** The checkpoint that the ledger contradicts. */
  seen: { size: number; root: string };
  actor: string;
}

export function acceptLedger(seen: Seen, command: AcceptLedger): Decision<{ size: number }> {
  const size = seen.size();
  return {
    events: [{ type: 'ledger-accepted', actor: command.actor, data: { size, checkpoint: command.seen } }],
    answer: { size },
  };
}

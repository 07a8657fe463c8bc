import type { Decision, Seen } from './seen.ts';

/**
 * A person accepts a ledger that is older than a known checkpoint or contradicts it. Production then continues with
 * that ledger. If someone later finds two different trees with one log name, this event explains why.
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

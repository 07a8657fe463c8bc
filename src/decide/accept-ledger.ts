import type { Decision, Seen } from './seen.ts';

/**
 * Somebody answers for a ledger that is older than, or other than, a checkpoint that was seen: the line goes on with it.
 * The event says so for ever, to whoever finds two trees under one name.
 */
export interface AcceptLedger {
  kind: 'accept-ledger';
  /** The checkpoint that it is not what it was. */
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

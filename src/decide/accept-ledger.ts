import { useHoldCode } from './hold-code.ts';
import type { Decision, Seen } from './seen.ts';

/**
 * A person accepts a ledger that is older than a known checkpoint or contradicts it. Production then continues with
 * that ledger. If someone later finds two different trees with one log name, this event explains why.
 */
export interface AcceptLedger {
  kind: 'accept-ledger';
  /** The checkpoint that the ledger contradicts. */
  seen: { size: number; root: string };
  /** The SHA-256 of the hold code, from a caller that may accept only with a code. The code is used up. */
  code?: Uint8Array;
  actor: string;
}

export function acceptLedger(seen: Seen, command: AcceptLedger, now: number): Decision<{ size: number }> {
  const { seen: checkpoint, actor } = command;
  const size = seen.size();
  const code = command.code === undefined ? undefined : useHoldCode(seen, command.code, now);
  const used = code === undefined ? {} : { code: code.name };
  return {
    events: [{ type: 'ledger-accepted', actor, data: { size, checkpoint, ...used } }],
    answer: { size },
    ...(code === undefined ? {} : { kept: [{ table: 'credential', credential: code }] }),
  };
}

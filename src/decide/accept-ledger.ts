import { useHoldCode } from './hold-code.ts';
import type { Decision, Seen } from './seen.ts';

/**
 * A person accepts a ledger that does not continue its last checkpoint. Production then continues with this ledger. If
 * someone later finds two different trees with the same log name, this event explains them.
 */
export interface AcceptLedger {
  kind: 'accept-ledger';
  /** The checkpoint that the ledger does not continue. Absent if there was no checkpoint outside the ledger. */
  seen?: { size: number; root: string };
  /** The SHA-256 of the hold code. Callers that may accept only with a code give one, and it cannot be used again. */
  code?: Uint8Array;
  actor: string;
}

export function acceptLedger(seen: Seen, command: AcceptLedger, now: number): Decision<{ size: number }> {
  const { seen: checkpoint, actor } = command;
  const size = seen.size();
  const code = command.code === undefined ? undefined : useHoldCode(seen, command.code, now);
  const about = {
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(code === undefined ? {} : { code: code.name }),
  };
  // Stored checkpoints of events that were cut off are removed, because the next start would otherwise hold the ledger
  // again.
  const dropped = seen.checkpoints().filter((stored) => stored.size > size);
  return {
    events: [{ type: 'ledger-accepted', actor, data: { size, ...about } }],
    answer: { size },
    kept: [
      ...(code === undefined ? [] : [{ table: 'credential' as const, credential: code }]),
      ...dropped.map((stored) => ({ table: 'dropped-checkpoint' as const, size: stored.size })),
    ],
  };
}

import type { Happening } from '../model/event.ts';
import { useHoldCode } from './hold-code.ts';
import { hasSkipped, skipSerials, type AtSite } from './new-unit.ts';
import type { Decision, Seen } from './seen.ts';

/**
 * A person accepts a ledger that does not continue the last checkpoint. After the acceptance, production continues with
 * this ledger. If someone later finds two different trees under the same log name, the event of this acceptance
 * explains the difference.
 */
export interface AcceptLedger extends AtSite {
  kind: 'accept-ledger';
  /**
   * The checkpoint that this ledger does not continue. `seen` is absent if there was no such checkpoint outside the
   * ledger.
   */
  seen?: { size: number; root: string };
  /**
   * The SHA-256 of the hold code, for callers that need a hold code to accept a ledger. The code cannot be used a
   * second time.
   */
  code?: Uint8Array;
  /**
   * If true, also skips the S/Ns and pool numbers that devices of lost events may have. Absent if the caller skips them
   * with its own command (`skip-serials`).
   */
  skips?: true;
  actor: string;
}

/**
 * One margin is for the last seconds, which no checkpoint covers (`skipSerials`). The other margin is for the numbers
 * that a restore or an acceptance among the lost events skipped.
 */
const MARGINS = 2;

export function acceptLedger(seen: Seen, command: AcceptLedger, now: number): Decision<{ size: number }> {
  const { seen: checkpoint, actor } = command;
  const size = seen.size();
  const code = command.code === undefined ? undefined : useHoldCode(seen, command.code, now);
  const about = {
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(code === undefined ? {} : { code: code.name }),
  };
  // Removes the stored checkpoints that cover lost events. If these checkpoints stayed, the service would again stop
  // issuing at its next start.
  const dropped = seen.checkpoints().filter((stored) => stored.size > size);
  return {
    events: [{ type: 'ledger-accepted', actor, data: { size, ...about } }, ...skipped(seen, command, now)],
    answer: { size },
    kept: [
      ...(code === undefined ? [] : [{ table: 'credential' as const, credential: code }]),
      ...dropped.map((stored) => ({ table: 'dropped-checkpoint' as const, size: stored.size })),
    ],
  };
}

/**
 * Returns the events that move the counters past numbers that may be in use. Returns none if a restore that found the
 * same checkpoint has already moved them: nothing was issued since, because the ledger was held.
 */
function skipped(seen: Seen, { seen: checkpoint, skips, site, actor }: AcceptLedger, now: number): Happening[] {
  if (!skips || (checkpoint !== undefined && hasSkipped(seen, checkpoint.root))) return [];
  const size = seen.size();
  // The ledger may have grown while it was held, for example by an import. But the service signs no checkpoint while
  // the ledger is held, so the ledger had at least the events of its newest checkpoint in common with the lost ledger.
  const common = seen.checkpoints().find((stored) => stored.size <= size)?.size ?? size;
  const lost = Math.max(0, (checkpoint?.size ?? 0) - common);
  return skipSerials(seen, { kind: 'skip-serials', lost, margins: MARGINS, site, actor }, now).events;
}

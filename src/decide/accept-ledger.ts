import { isDoubtful, judgeClock, type Times } from '../model/clock.ts';
import { refusal } from '../platform/error.ts';
import { useHoldCode } from './hold-code.ts';
import type { Decision, Kept, Seen } from './seen.ts';

/**
 * A person accepts a ledger that does not continue its last checkpoint. After the acceptance, production continues with
 * this ledger. If someone later finds two different trees under the same log name, this event explains the difference.
 */
export interface AcceptLedger {
  kind: 'accept-ledger';
  /**
   * The checkpoint that this ledger does not continue. `seen` is absent if there was no checkpoint outside the ledger.
   */
  seen?: { size: number; root: string };
  /** The SHA-256 of the hold code. Some callers need a hold code to accept a ledger. The code cannot be used again. */
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
  // Removes stored checkpoints of lost events. If they were kept, the service would stop issuing again at its next
  // start.
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

/** A person confirms that the clock is right, so that the service makes S/Ns with a date again. */
export interface AcceptClock {
  kind: 'accept-clock';
  /** The day that the clock shows (UTC, ISO 8601), as the person read it. */
  date: string;
  /** The SHA-256 of the hold code. Some callers need a hold code. The code cannot be used again. */
  code?: Uint8Array;
  actor: string;
}

/** The name under which the last day on which the clock was right is stored. */
export const CLOCK = 'clock';

export function timesIn(seen: Pick<Seen, 'medianTime' | 'introduced'>): Times {
  return { median: seen.medianTime(), right: seen.introduced(CLOCK)?.at, passed: seen.introduced(CLOCK_PASSED)?.at };
}

/** Returns the row which says that the clock was right at this time, in ms since 1970. */
export function clockWasRight(at: number): Kept {
  return { table: 'introduced', what: CLOCK, at, upgraded: false };
}

/** The name under which the value of `Times.passed` is stored. */
const CLOCK_PASSED = 'clock-passed';

/** Returns the row which says that an S/N was dated long after this last right day, in ms since 1970. */
export function clockPassed(at: number): Kept {
  return { table: 'introduced', what: CLOCK_PASSED, at, upgraded: false };
}

export function acceptClock(seen: Seen, command: AcceptClock, now: number): Decision<{ date: string }> {
  const date = new Date(now).toISOString().slice(0, 10);
  // If the clock is not in doubt, there is nothing to accept, and the hold code stays unused.
  if (!isDoubtful(judgeClock(now, timesIn(seen)))) return { events: [], answer: { date } };
  if (command.date !== date) throw refusal('invalid', 'otherDay', { date });
  const code = command.code === undefined ? undefined : useHoldCode(seen, command.code, now);
  return {
    events: [{ type: 'clock-accepted', actor: command.actor, data: code === undefined ? {} : { code: code.name } }],
    answer: { date },
    kept: [...(code === undefined ? [] : [{ table: 'credential' as const, credential: code }]), clockWasRight(now)],
  };
}

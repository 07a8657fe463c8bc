import { isDoubtful, judgeClock, type Times } from '../model/clock.ts';
import { refusal } from '../platform/error.ts';
import { useHoldCode } from './hold-code.ts';
import type { Decision, Kept, Seen } from './seen.ts';

/**
 * A person accepts a ledger that does not continue the last checkpoint. After the acceptance, production continues with
 * this ledger. If someone later finds two different trees under the same log name, the event of this acceptance
 * explains the difference.
 */
export interface AcceptLedger {
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
  // Removes the stored checkpoints that cover lost events. If these checkpoints stayed, the service would again stop
  // issuing at its next start.
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

/** A person confirms that the clock is right. The service then makes dated S/Ns again. */
export interface AcceptClock {
  kind: 'accept-clock';
  /** The day that the person read from the clock (UTC, ISO 8601). */
  date: string;
  /** The SHA-256 of the hold code, for callers that need one. The code cannot be used a second time. */
  code?: Uint8Array;
  actor: string;
}

/** The row with this name stores the last day on which the clock was right. */
export const CLOCK = 'clock';

export function timesIn(seen: Pick<Seen, 'medianTime' | 'introduced'>): Times {
  return { median: seen.medianTime(), right: seen.introduced(CLOCK)?.at, passed: seen.introduced(CLOCK_PASSED)?.at };
}

/** Returns the row that records this time (ms since 1970) as a time when the clock was right. */
export function clockWasRight(at: number): Kept {
  return { table: 'introduced', what: CLOCK, at, upgraded: false };
}

/** The row with this name stores the value of `Times.passed`. */
const CLOCK_PASSED = 'clock-passed';

/**
 * Returns the row to store when an S/N gets a date long after `at`, the last day on which the clock was right (ms since
 * 1970).
 */
export function clockPassed(at: number): Kept {
  return { table: 'introduced', what: CLOCK_PASSED, at, upgraded: false };
}

export function acceptClock(seen: Seen, command: AcceptClock, now: number): Decision<{ date: string }> {
  const date = new Date(now).toISOString().slice(0, 10);
  // If the clock is not in doubt, there is nothing to accept, and the hold code is not used up.
  if (!isDoubtful(judgeClock(now, timesIn(seen)))) return { events: [], answer: { date } };
  if (command.date !== date) throw refusal('invalid', 'otherDay', { date });
  const code = command.code === undefined ? undefined : useHoldCode(seen, command.code, now);
  return {
    events: [{ type: 'clock-accepted', actor: command.actor, data: code === undefined ? {} : { code: code.name } }],
    answer: { date },
    kept: [...(code === undefined ? [] : [{ table: 'credential' as const, credential: code }]), clockWasRight(now)],
  };
}

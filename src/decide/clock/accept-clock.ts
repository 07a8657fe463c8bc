import { isDoubtful, judgeClock, type Times } from '../../model/clock.ts';
import { refusal } from '../../platform/error.ts';
import { useHoldCode } from '../hold-code.ts';
import type { Decision, Kept, Seen } from '../seen.ts';

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

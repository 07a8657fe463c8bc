import type { Command } from '../decide/command.ts';
import type { Ledger } from './ledger.ts';

/**
 * Tells screens that something has changed at a station. A notification contains no data, so its receiver rereads the
 * ledger.
 */
export interface Hub {
  /** Reports a change at this station. If no station is given, the change may concern all stations. */
  publish: (station?: string) => void;
  /** Calls `notify` after each change. The returned function cancels the subscription. */
  subscribe: (station: string, notify: () => void) => () => void;
  /** Remembers that the device of this unit has just been answered at this station. */
  answered: (station: string, uci: string) => void;
  /** Returns the units whose devices were most recently answered at this station, newest first. */
  lastAt: (station: string) => readonly string[];
  /** Registers a function that `close` calls. The returned function removes the registered function. */
  onClose: (end: () => void) => () => void;
  close: () => void;
}

/**
 * The maximum number of units that are remembered for each station. If a screen showed more units, a person could not
 * tell them apart.
 */
const MAX_LAST = 8;

export function openHub(): Hub {
  const stations = new Map<string, Set<() => void>>();
  const last = new Map<string, string[]>();
  const ends = new Set<() => void>();
  const callAll = (functions: Iterable<() => void>): void => {
    for (const call of functions) call();
  };
  return {
    publish(station) {
      if (stations.size === 0) return;
      if (station !== undefined) return callAll(stations.get(station) ?? []);
      for (const subscribers of stations.values()) callAll(subscribers);
    },
    subscribe(station, notify) {
      const subscribers = stations.get(station) ?? new Set();
      stations.set(station, subscribers.add(notify));
      return () => {
        subscribers.delete(notify);
        if (subscribers.size === 0) stations.delete(station);
      };
    },
    answered(station, uci) {
      const before = last.get(station) ?? [];
      // If a device asks again, its unit is usually already the newest.
      if (before[0] !== uci) last.set(station, [uci, ...before.filter((one) => one !== uci)].slice(0, MAX_LAST));
    },
    lastAt: (station) => last.get(station) ?? [],
    onClose(end) {
      ends.add(end);
      return () => void ends.delete(end);
    },
    close: () => callAll([...ends]),
  };
}

/** Commands that change nothing on the screen of a station. */
const UNSEEN = new Set([
  'touch',
  'sign-in',
  'sign-out',
  'note-bulk-read',
  'keep-checkpoint',
  'create-token',
  'invite',
  'snooze-forecast',
  'claim-units',
  'drop-claims',
]);

/**
 * Returns a ledger that also tells the hub about recorded commands. This costs one look-up for each request of an
 * agent.
 */
export function publishing(ledger: Ledger, hub: Hub): Ledger {
  return {
    ...ledger,
    async record(command) {
      const answer = await ledger.record(command);
      if (command.kind === 'issue' && answer && 'uci' in answer) hub.answered(command.station, answer.uci);
      if (!UNSEEN.has(command.kind)) hub.publish(stationOf(command));
      return answer;
    },
  };
}

function stationOf(command: Command): string | undefined {
  const station = 'station' in command ? command.station : undefined;
  return typeof station === 'object' ? station.name : station;
}

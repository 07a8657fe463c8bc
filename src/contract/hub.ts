import type { Ledger } from './ledger.ts';

/** Notifies screens of changes at a station, without data: subscribers read the ledger again. */
export interface Hub {
  /** Reports a change at this station; without a name, at any. */
  publish: (station?: string) => void;
  /** Calls `notify` on each change until the returned function is called. */
  subscribe: (station: string, notify: () => void) => () => void;
  subscribers: () => number;
  /** Notes the unit of the last device answered at this station. */
  answered: (station: string, uci: string) => void;
  lastAt: (station: string) => string | undefined;
  /** Registers a function that `close` calls. */
  onClose: (end: () => void) => () => void;
  close: () => void;
}

export function openHub(): Hub {
  const stations = new Map<string, Set<() => void>>();
  const last = new Map<string, string>();
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
    subscribers: () => [...stations.values()].reduce((sum, { size }) => sum + size, 0),
    answered: (station, uci) => void last.set(station, uci),
    lastAt: (station) => last.get(station),
    onClose(end) {
      ends.add(end);
      return () => void ends.delete(end);
    },
    close: () => callAll([...ends]),
  };
}

/** Commands that change nothing on a station's screen. */
const UNSEEN = new Set(['touch', 'sign-in', 'sign-out', 'note-bulk-read', 'keep-checkpoint', 'create-token', 'invite']);

/** The same ledger, with recorded commands published to the hub. An agent's request costs one look-up in a map. */
export function publishing(ledger: Ledger, hub: Hub): Ledger {
  return {
    ...ledger,
    async record(command) {
      const answer = await ledger.record(command);
      if (command.kind === 'issue') hub.answered(command.station, (answer as { uci: string }).uci);
      if (!UNSEEN.has(command.kind))
        hub.publish('station' in command ? (command.station as string | undefined) : undefined);
      return answer;
    },
  };
}

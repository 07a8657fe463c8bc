import type { Ledger } from './ledger.ts';

/** Tells screens that something may look different at a station. It carries no news itself: who is told reads anew. */
export interface Hub {
  /** Something happened at this station; without a name it may concern any. */
  stir: (station?: string) => void;
  /** Calls `hear` from now on, until the answer is called. */
  listen: (station: string, hear: () => void) => () => void;
  listeners: () => number;
  /** Of the device that was answered last at this station since the start. */
  answered: (station: string, uci: string) => void;
  lastAt: (station: string) => string | undefined;
  /** No more news: `end` of each listener is called. */
  onClose: (end: () => void) => () => void;
  close: () => void;
}

export function openHub(): Hub {
  const hearing = new Map<string, Set<() => void>>();
  const last = new Map<string, string>();
  const ends = new Set<() => void>();
  const tell = (listeners: Iterable<() => void>): void => {
    for (const hear of listeners) hear();
  };
  return {
    stir(station) {
      if (hearing.size === 0) return;
      if (station !== undefined) return tell(hearing.get(station) ?? []);
      for (const listeners of hearing.values()) tell(listeners);
    },
    listen(station, hear) {
      const listeners = hearing.get(station) ?? new Set();
      hearing.set(station, listeners.add(hear));
      return () => {
        listeners.delete(hear);
        if (listeners.size === 0) hearing.delete(station);
      };
    },
    listeners: () => [...hearing.values()].reduce((sum, { size }) => sum + size, 0),
    answered: (station, uci) => void last.set(station, uci),
    lastAt: (station) => last.get(station),
    onClose(end) {
      ends.add(end);
      return () => void ends.delete(end);
    },
    close: () => tell([...ends]),
  };
}

/** Ordinary rows beside the events, and what is no station's: nothing of it stands on a station's screen. */
const UNSEEN = new Set(['touch', 'sign-in', 'sign-out', 'note-bulk-read', 'keep-checkpoint', 'create-token', 'invite']);

/** The same ledger, and the hub hears of every command that was recorded. For agents it costs one look into a map. */
export function heard(ledger: Ledger, hub: Hub): Ledger {
  return {
    ...ledger,
    async record(command) {
      const answer = await ledger.record(command);
      if (command.kind === 'issue') hub.answered(command.station, (answer as { uci: string }).uci);
      if (!UNSEEN.has(command.kind))
        hub.stir('station' in command ? (command.station as string | undefined) : undefined);
      return answer;
    },
  };
}

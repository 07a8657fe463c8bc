import type { Ledger } from '../contract/ledger.ts';
import { networkOf } from '../model/station.ts';
import type { FailedSignIns } from '../decide/sessions.ts';
import type { Log } from '../platform/log.ts';

/*
 * Failed sign-ins are counted in memory. At the end of each hour, or when the service stops, one event per source is
 * recorded. So a flood of attempts adds only a limited number of events per hour to the ledger. In a crash, the counts
 * of the current hour are lost. Lock-outs are not lost, because they are recorded at once.
 */

const HOUR_MS = 60 * 60 * 1000;

/**
 * The maximum number of sources that are counted separately in an hour. All further sources share one count.
 */
const MAX_SOURCES = 20;

/** The name that is recorded for the shared count, in place of a source. */
const OTHERS = 'others';

/**
 * The maximum number of known names in an event. More names would not fit on one line. A caller that tries more names
 * is clearly guessing.
 */
const MAX_NAMES = 10;

export interface SignInAudit {
  /** Counts a wrong password. `name` is the name of an existing person. */
  failed: (source: string, name: string | undefined) => void;
  /**
   * Counts an attempt that was refused because the caller has to wait. For each source, the first refused attempt in an
   * hour is recorded at once as a lock-out.
   */
  throttled: (source: string, name: string | undefined) => void;
  /** Records the counts. */
  close: () => Promise<void>;
}

interface Count {
  failed: number;
  throttled: number;
  names: Set<string>;
}

export function openSignInAudit({
  ledger,
  log,
  now,
}: {
  ledger: Pick<Ledger, 'record'>;
  log: Log;
  now: () => number;
}): SignInAudit {
  let counts = new Map<string, Count>();
  let hour = hourOf(now());
  let timer: NodeJS.Timeout | undefined;

  const record = async (command: Parameters<Ledger['record']>[0]): Promise<void> => {
    try {
      await ledger.record(command);
    } catch (error) {
      // The log already has a line for each failed sign-in, so every attempt still leaves a trace.
      log.error({ err: error }, 'failed sign-ins could not be recorded');
    }
  };
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const from = new Date(hour).toISOString();
    const failures = [...counts].map(([source, { names, ...rest }]): FailedSignIns => ({
      source,
      from,
      ...rest,
      names: [...names].toSorted(),
    }));
    counts = new Map();
    if (failures.length > 0) await record({ kind: 'note-failed-sign-ins', failures });
  };
  const countOf = (address: string, name: string | undefined): { source: string; count: Count } => {
    if (hourOf(now()) !== hour) void flush();
    hour = hourOf(now());
    timer ??= setTimeout(() => void flush(), hour + HOUR_MS - now()).unref();
    const part = networkOf(address);
    const network = part === address ? address : `${part}::/64`;
    const source = counts.has(network) || counts.size < MAX_SOURCES ? network : OTHERS;
    const count = counts.get(source) ?? { failed: 0, throttled: 0, names: new Set() };
    counts.set(source, count);
    if (name !== undefined && count.names.size < MAX_NAMES) count.names.add(name);
    return { source, count };
  };

  return {
    failed: (address, name) => void countOf(address, name).count.failed++,
    throttled(address, name) {
      const { source, count } = countOf(address, name);
      if (count.throttled++ > 0) return;
      void record({ kind: 'note-failed-sign-ins', locked: { source, ...(name === undefined ? {} : { name }) } });
    },
    close: flush,
  };
}

function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

import { ClaimstampError, type ErrorCode } from '../platform/error.ts';
import type { Words } from '../platform/refusal-words.ts';
import type { Log } from '../platform/log.ts';

/** One reason why agents were refused at one station since the service started. */
export interface Refusal {
  station: string;
  code: ErrorCode;
  /** What is wrong with the device. Only refused registrations have an alarm. */
  alarm?: string;
  count: number;
  /** The time, in ms since 1970. */
  lastAt: number;
  lastSource: string;
  /** The text in English. */
  detail: string;
  words: Words | undefined;
}

/**
 * Counts refusals. Refused agents repeat their request every two seconds, so refusals are not written to the ledger.
 * Instead, refusals are counted, shown at their station, and logged once a minute for each station and reason.
 */
export interface Refusals {
  note: (station: string, source: string, error: ClaimstampError, alarm?: string) => void;
  list: (station?: string) => Refusal[];
  /** Forgets a refusal when its cause is gone, so that the screen no longer shows it. */
  forget: (station: string, code: ErrorCode) => void;
  /** Removes this alarm at all stations, because a person closed it. */
  forgetAlarm: (alarm: string) => void;
}

type Kept = Refusal & { loggedAt: number; loggedCount: number };

function first(
  station: string,
  code: ErrorCode,
  alarm: string | undefined,
): Omit<Kept, 'lastAt' | 'lastSource' | 'detail' | 'words'> {
  return { station, code, ...(alarm === undefined ? {} : { alarm }), count: 0, loggedAt: -Infinity, loggedCount: 0 };
}

const LOG_EVERY_MS = 60_000;

/** The maximum number of kept refusals. No site has so many combinations of a station and a reason. */
const MAX_KEPT = 10_000;

export function countRefusals(
  log: Log,
  now: () => number,
  stir: (station: string) => void,
  what = 'agent refused',
): Refusals {
  const kept = new Map<string, Kept>();
  return {
    forget(station, code) {
      if (kept.delete(`${station} ${code}`)) stir(station);
    },
    forgetAlarm(alarm) {
      for (const [key, refusal] of kept) {
        if (refusal.alarm !== alarm) continue;
        kept.delete(key);
        stir(refusal.station);
      }
    },
    note(station, source, error, alarm) {
      const key = `${station} ${alarm ?? error.code}`;
      // If the table is full, a new kind of refusal is not logged. Without an entry in the table, the service would log
      // it each time it occurs.
      if (!kept.has(key) && kept.size >= MAX_KEPT) return;
      const known = kept.get(key) ?? first(station, error.code, alarm);
      const refusal = {
        ...known,
        count: known.count + 1,
        lastAt: now(),
        lastSource: source,
        detail: error.message,
        words: error.words,
      };
      if (refusal.lastAt - refusal.loggedAt >= LOG_EVERY_MS || refusal.lastAt < refusal.loggedAt) {
        const since = refusal.count - refusal.loggedCount;
        log.warn({ station, source, code: error.code, detail: error.message, times: since }, what);
        Object.assign(refusal, { loggedAt: refusal.lastAt, loggedCount: refusal.count });
      }
      kept.set(key, refusal);
      stir(station);
    },
    list: (station) =>
      [...kept.values()]
        .filter((refusal) => station === undefined || refusal.station === station)
        .map(({ loggedAt: _at, loggedCount: _count, ...refusal }) => refusal),
  };
}

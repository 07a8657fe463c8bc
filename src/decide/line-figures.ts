import type { Event } from '../model/event.ts';

/* The figures of a chart. The figures count only events in one time range, and count each unit once. */

/**
 * The longest range in days. For a longer range, use an export. The ledger of a large factory grows by about ten
 * million events a month.
 */
export const MAX_DAYS = 31;

export interface LineFigures {
  /**
   * The number of units that devices got, for each station and hour. `hour` is the beginning of the hour (RFC 3339,
   * UTC). Hours without events are left out.
   */
  issued: { hour: string; station: string; units: number }[];
  /**
   * For each station, the number of units whose first scan there is in the range. `passed` is the number of first scans
   * that passed.
   */
  firstScans: { station: string; units: number; passed: number }[];
  /** The number of labels that were printed again, for each reason. */
  reprints: { reason: string; copies: number }[];
}

const HOUR_MS = 60 * 60 * 1000;

/** The types of events that the figures of a chart count. */
export const COUNTED = ['issued', 'verified', 'verify-failed', 'print-queued'] as const;

export function openCount(): { add: (event: Event) => void; result: () => LineFigures } {
  const issued = new Map<string, number>();
  const reprints = new Map<string, number>();
  const scans = new Map<string, { units: number; passed: number }>();
  const given = new Set<string>();
  const scanned = new Set<string>();
  const more = (counts: Map<string, number>, key: string, by: number): void =>
    void counts.set(key, (counts.get(key) ?? 0) + by);
  return {
    add(event) {
      const { type, at, uci, station = '' } = event;
      if (event.type === 'print-queued' && event.data.reprint !== undefined)
        more(reprints, event.data.reprint, event.data.copies);
      if (uci === undefined) return;
      // A unit that a person makes has no station, so the figures do not count the unit. A unit that is issued again
      // for rework was counted when it was first issued.
      if (type === 'issued' && station !== '' && !given.has(uci)) {
        given.add(uci);
        more(issued, `${Math.floor(at / HOUR_MS)} ${station}`, 1);
      }
      if ((type === 'verified' || type === 'verify-failed') && !scanned.has(uci)) {
        scanned.add(uci);
        const { units, passed } = scans.get(station) ?? { units: 0, passed: 0 };
        scans.set(station, { units: units + 1, passed: passed + (type === 'verified' ? 1 : 0) });
      }
    },
    result: () => ({
      issued: [...issued].map(([key, units]) => {
        const [hour = '', station = ''] = key.split(' ');
        return { hour: new Date(Number(hour) * HOUR_MS).toISOString(), station, units };
      }),
      firstScans: [...scans]
        .map(([station, counts]) => ({ station, ...counts }))
        .toSorted((a, b) => (a.station < b.station ? -1 : 1)),
      reprints: [...reprints].map(([reason, copies]) => ({ reason, copies })).toSorted((a, b) => b.copies - a.copies),
    }),
  };
}

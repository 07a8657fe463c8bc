import type { Event } from '../model/event.ts';
import type { NotForSale } from '../model/work-order.ts';
import { isScan, NO_PAST, openFirsts, type Firsts, type Past } from './units/first-results.ts';

/*
 * The figures of a chart. Only events in one time range are counted, and each unit counts once. The figures are about
 * production. Units for engineering, samples and reference devices are left out.
 */

/**
 * The longest range in days. For longer ranges, use an export. The ledger of a large factory grows by about ten million
 * events a month.
 */
export const MAX_DAYS = 31;

export interface LineFigures {
  /**
   * For each station and hour, the number of units that devices got. `hour` is the beginning of the hour (RFC 3339,
   * UTC). Hours without events are left out.
   */
  issued: { hour: string; station: string; units: number }[];
  /**
   * For each station, how many units had their first scan there within the range. `passed` is how many of these first
   * scans passed. A unit that was scanned before the range does not count.
   */
  firstScans: { station: string; units: number; passed: number }[];
  /**
   * For each test procedure, how many units had their first result within the range. `passed` is the number of first
   * results that passed. A unit that was tested before the range does not count. A result `error` says nothing about
   * the unit, so it does not count.
   */
  firstTests: { procedure: string; units: number; passed: number }[];
  /**
   * The figures of each station. `failed` is a number of scans, `passed` and `issued` are numbers of units, and
   * `reprinted` is a number of labels.
   */
  stations: { station: string; issued: number; passed: number; failed: number; reprinted: number }[];
  /** For each reason, the number of labels that were reprinted. */
  reprints: { reason: string; copies: number }[];
  /** For each reason, the number of units that had events in the range but are not counted in the other figures. */
  leftOut: Record<LeftOut, number>;
}

/** The reasons why a unit is left out of the figures. A sample that was released is also left out. */
export type LeftOut = NotForSale;

const HOUR_MS = 60 * 60 * 1000;

/** The event types that are counted in the figures of a chart. */
export const COUNTED = ['issued', 'verified', 'verify-failed', 'print-queued', 'reference-seen', 'tested'] as const;

/**
 * `leftOut` contains the units that are not counted. The keys of `leftOut` are Claim IDs. `past` finds the events of a
 * unit that are older than the range.
 */
export function openCount(
  leftOut: ReadonlyMap<string, LeftOut> = new Map(),
  past: Past = NO_PAST,
): {
  add: (event: Event) => void;
  result: () => LineFigures;
} {
  const issued = new Map<string, number>();
  const reprints = new Map<string, number>();
  const scans = new Map<string, { units: number; passed: number }>();
  const stations = openStations();
  const firsts = openFirsts(past);
  const tests = openTests(firsts);
  const given = new Set<string>();
  const scanned = new Set<string>();
  const uncounted = new Map<string, LeftOut>();
  const more = (counts: Map<string, number>, key: string, by: number): void =>
    void counts.set(key, (counts.get(key) ?? 0) + by);
  const leftBy = (why: LeftOut): number => [...uncounted.values()].filter((one) => one === why).length;
  return {
    add(event) {
      const why = event.uci === undefined ? undefined : leftOut.get(event.uci);
      if (event.uci !== undefined && why !== undefined) return void uncounted.set(event.uci, why);
      // Rework on a returned unit counts for its RMA, not for the line, which made the unit long ago.
      if ('rma' in event.data) return;
      firsts.add(event);
      stations.add(event);
      tests.add(event);
      const { type, at, uci, station = '' } = event;
      if (event.type === 'print-queued' && event.data.reprint !== undefined)
        more(reprints, event.data.reprint, event.data.copies);
      if (uci === undefined) return;
      // A unit that a person makes has no station, so it is not counted. A unit that is reissued for rework was already
      // counted when it was first issued.
      if (type === 'issued' && station !== '' && !given.has(uci)) {
        given.add(uci);
        if (firsts.isFirst(event, (earlier) => earlier.type === 'issued'))
          more(issued, `${Math.floor(at / HOUR_MS)} ${station}`, 1);
      }
      if (isScan(event) && !scanned.has(uci)) {
        scanned.add(uci);
        if (!firsts.isFirst(event, isScan)) return;
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
      firstTests: tests.result(),
      stations: stations.result(),
      reprints: [...reprints].map(([reason, copies]) => ({ reason, copies })).toSorted((a, b) => b.copies - a.copies),
      leftOut: { engineering: leftBy('engineering'), sample: leftBy('sample'), reference: leftBy('reference') },
    }),
  };
}

/** Counts the first result of each procedure and unit. */
function openTests(firsts: Firsts): { add: (event: Event) => void; result: () => LineFigures['firstTests'] } {
  const found = new Map<string, { units: number; passed: number }>();
  const tested = new Set<string>();
  return {
    add(event) {
      if (event.type !== 'tested' || event.data.outcome === 'error') return;
      const { procedure, outcome } = event.data;
      const isLike = (earlier: Event): boolean =>
        earlier.type === 'tested' && earlier.data.procedure === procedure && earlier.data.outcome !== 'error';
      const key = `${event.uci} ${procedure}`;
      if (tested.has(key)) return;
      tested.add(key);
      if (!firsts.isFirst(event, isLike)) return;
      const { units, passed } = found.get(procedure) ?? { units: 0, passed: 0 };
      found.set(procedure, { units: units + 1, passed: passed + (outcome === 'passed' ? 1 : 0) });
    },
    result: () =>
      [...found]
        .map(([procedure, counts]) => ({ procedure, ...counts }))
        .toSorted((a, b) => (a.procedure < b.procedure ? -1 : 1)),
  };
}

type StationFigures = LineFigures['stations'][number];

/** Counts what happens at each station. */
function openStations(): { add: (event: Event) => void; result: () => StationFigures[] } {
  const found = new Map<string, StationFigures>();
  const passed = new Set<string>();
  return {
    add(event) {
      const { station } = event;
      if (station === undefined) return;
      const counts = found.get(station) ?? { station, issued: 0, passed: 0, failed: 0, reprinted: 0 };
      found.set(station, counts);
      if (event.type === 'issued') counts.issued++;
      if (event.type === 'verify-failed') counts.failed++;
      if (event.type === 'print-queued' && event.data.reprint !== undefined) counts.reprinted += event.data.copies;
      // A unit that passes again after a reprint counts as passed only once.
      if (event.type !== 'verified' || passed.has(`${station} ${event.uci}`)) return;
      passed.add(`${station} ${event.uci}`);
      counts.passed++;
    },
    result: () => [...found.values()].toSorted((a, b) => (a.station < b.station ? -1 : 1)),
  };
}

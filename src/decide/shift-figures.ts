import type { Event } from '../model/event.ts';
import { isScan, NO_PAST, openFirsts, type Past } from './units/first-results.ts';
import type { LeftOut } from './line-figures.ts';
import type { Shift } from '../platform/day.ts';

/*
 * The figures of one shift, for each station. The figures are about production. Units for engineering, samples,
 * reference devices, and rework of returned units are left out.
 */

/** A slice of a shift is ten minutes. */
export const SLICE_MS = 10 * 60 * 1000;

export interface ShiftFigures {
  stations: StationShift[];
  /** For each work order, the number of units that devices got. */
  orders: { workOrder: string; issued: number }[];
}

export interface StationShift {
  station: string;
  /** The number of units that devices got at this station. */
  issued: number;
  /** The number of units whose label passed at this station. */
  passed: number;
  /** The number of scans that failed at this station. */
  failed: number;
  /** The number of labels that were reprinted at this station. */
  reprinted: number;
  /** The number of units whose first scan was at this station, and how many of them passed in that scan. */
  firstScans: { units: number; passed: number };
  /** The time of the last event at this station, in ms since 1970. */
  lastAt: number;
  /**
   * Only ten-minute slices with scans are listed. Each slice has its number (counted from the beginning of the shift),
   * its passed units and its failed scans.
   */
  slices: [slice: number, passed: number, failed: number][];
}

/**
 * `leftOut` contains the units that are not counted. The keys of `leftOut` are Claim IDs. `past` finds the events of a
 * unit that are older than the shift.
 */
export function openShiftCount(
  { from }: Shift,
  leftOut: ReadonlyMap<string, LeftOut> = new Map(),
  past: Past = NO_PAST,
): { add: (event: Event) => void; result: () => ShiftFigures } {
  const stations = new Map<string, StationShift>();
  const orders = new Map<string, number>();
  const firsts = openFirsts(past);
  const scanned = new Set<string>();
  const passed = new Set<string>();
  return {
    add(event) {
      const { station, uci, at } = event;
      if (station === undefined || 'rma' in event.data || (uci !== undefined && leftOut.has(uci))) return;
      firsts.add(event);
      const counts = stations.get(station) ?? none(station);
      stations.set(station, counts);
      counts.lastAt = Math.max(counts.lastAt, at);
      const slice = Math.floor((at - from) / SLICE_MS);
      if (event.type === 'issued') {
        counts.issued++;
        const { workOrder } = event;
        if (workOrder !== undefined) orders.set(workOrder, (orders.get(workOrder) ?? 0) + 1);
      }
      if (event.type === 'print-queued' && event.data.reprint !== undefined) counts.reprinted += event.data.copies;
      if (uci === undefined || !isScan(event)) return;
      const isPass = event.type === 'verified';
      if (!scanned.has(uci)) {
        scanned.add(uci);
        if (firsts.isFirst(event, isScan)) {
          counts.firstScans.units++;
          if (isPass) counts.firstScans.passed++;
        }
      }
      if (!isPass) {
        counts.failed++;
        return addTo(counts, slice, 0, 1);
      }
      // A unit that passes again after a reprint counts as passed only once.
      if (passed.has(`${station} ${uci}`)) return;
      passed.add(`${station} ${uci}`);
      counts.passed++;
      addTo(counts, slice, 1, 0);
    },
    result: () => ({
      stations: [...stations.values()].toSorted((a, b) => (a.station < b.station ? -1 : 1)),
      orders: [...orders].map(([workOrder, issued]) => ({ workOrder, issued })),
    }),
  };
}

function none(station: string): StationShift {
  const counts = { issued: 0, passed: 0, failed: 0, reprinted: 0 };
  return { station, ...counts, firstScans: { units: 0, passed: 0 }, lastAt: 0, slices: [] };
}

function addTo({ slices }: StationShift, slice: number, passed: number, failed: number): void {
  const last = slices.at(-1);
  // Events are almost in chronological order, so the slice is usually the last one.
  const found = last?.[0] === slice ? last : slices.find(([number]) => number === slice);
  if (found === undefined) slices.push([slice, passed, failed]);
  else {
    found[1] += passed;
    found[2] += failed;
  }
}

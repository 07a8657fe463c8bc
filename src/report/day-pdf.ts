import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { DayReport } from '../contract/reports.ts';
import { BOTTOM, footerAt, INK, MARGIN, openPaper, PALE, put, RIGHT, rule, type Paper } from './paper.ts';
import { personOf, when, ZONE } from './words.ts';

/* Draws the figures of a day, shift by shift, on A4 paper. Sizes are in points. */

const ROW = 15;
/** The space that a shift's header and first rows need. */
const LEAST = 90;
/** The left edges of the number columns. */
const COLUMNS = [200, 260, 320, 380, 440];
const HEADS = ['Issued', 'Passed', 'Failed', 'Reprinted', 'First pass'];

type ShiftOfDay = DayReport['shifts'][number];
type Station = ShiftOfDay['stations'][number];

export async function drawDay(report: DayReport, out: Writable): Promise<void> {
  const { day, at, by, site } = report;
  const title = `Production of ${day}`;
  // All pages are kept until the last one is drawn, because each page shows the total number of pages. A day has only a
  // few pages.
  const doc = openPaper({ Title: title, Producer: 'Claimstamp', CreationDate: new Date(at) }, true);
  doc.pipe(out);
  doc.addPage();
  put(doc, 'sans', 10, PALE, site ?? 'Production', MARGIN, MARGIN);
  put(doc, 'bold', 22, INK, title, MARGIN, MARGIN + 15);
  const made = `Made ${when(new Date(at).toISOString())} (${ZONE}) by ${personOf(by)}`;
  put(doc, 'sans', 9, PALE, made, MARGIN, MARGIN + 46);
  let y = MARGIN + 76;
  for (const shift of report.shifts) y = drawShift(doc, shift, y);
  const { count } = doc.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    doc.switchToPage(page);
    footerAt(doc, [site, title].filter((one) => one !== undefined).join(' · '), page + 1, count);
  }
  doc.end();
  await once(out, 'finish');
}

function drawShift(doc: Paper, { from, to, stations, orders }: ShiftOfDay, top: number): number {
  let y = top;
  const next = (space: number): void => {
    if (y + space <= BOTTOM) return;
    doc.addPage();
    y = MARGIN;
  };
  next(LEAST);
  put(doc, 'bold', 12, INK, `Shift ${clock(from)} to ${clock(to)}`, MARGIN, y);
  y += 22;
  if (stations.length === 0) {
    put(doc, 'sans', 9, PALE, 'Nothing in this shift', MARGIN, y);
    return y + 28;
  }
  put(doc, 'sans', 8, PALE, 'Station', MARGIN, y);
  HEADS.forEach((head, at) => put(doc, 'sans', 8, PALE, head, MARGIN + (COLUMNS[at] ?? 0), y));
  y += 12;
  for (const [face, station] of [
    ...stations.map((one) => ['sans', one] as const),
    ['bold', together(stations)] as const,
  ]) {
    next(ROW);
    rule(doc, MARGIN, RIGHT, y - 2);
    put(doc, face, 9, INK, station.station, MARGIN, y, 190);
    cellsOf(station).forEach((cell, at) => put(doc, face, 9, INK, cell, MARGIN + (COLUMNS[at] ?? 0), y));
    y += ROW;
  }
  for (const { workOrder, issued } of orders) {
    next(ROW);
    put(doc, 'sans', 9, PALE, `Work order ${workOrder}`, MARGIN, y, 190);
    put(doc, 'sans', 9, INK, number(issued), MARGIN + (COLUMNS[0] ?? 0), y);
    y += ROW;
  }
  return y + 20;
}

function cellsOf({ issued, passed, failed, reprinted, firstScans }: Station): string[] {
  const { units, passed: atFirst } = firstScans;
  const share = units === 0 ? '–' : `${((100 * atFirst) / units).toFixed(1)} %`;
  return [...[issued, passed, failed, reprinted].map(number), share];
}

function together(stations: Station[]): Station {
  const sum = (of: (station: Station) => number): number => stations.reduce((all, one) => all + of(one), 0);
  return {
    station: 'All stations',
    issued: sum(({ issued }) => issued),
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    reprinted: sum(({ reprinted }) => reprinted),
    firstScans: { units: sum((one) => one.firstScans.units), passed: sum((one) => one.firstScans.passed) },
    lastAt: 0,
    slices: [],
  };
}

function clock(at: number): string {
  return when(new Date(at).toISOString()).slice(11, 16);
}

function number(count: number): string {
  return count.toLocaleString('en');
}

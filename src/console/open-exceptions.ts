import type { Services } from '../http/services.ts';
import { settledBefore } from '../http/routes/exceptions.ts';

/** The number of open exceptions beside the link to their page. */
export interface OpenExceptions {
  count: number;
  /** There are more than `count` says. */
  more: boolean;
}

/** The age in ms after which the number is counted again. Each page of the console shows it. */
const LASTS_MS = 10_000;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Returns a function that gives the number as it was at most ten seconds ago, or now. All pages and people share it, so
 * it is counted at most once in that time, however many pages are opened. Only the page of exceptions wants it as of now.
 */
export function openExceptionCount(services: Services): (now: boolean) => Promise<OpenExceptions> {
  let last: { until: number; counted: Promise<OpenExceptions> } | undefined;
  return (now) => {
    if (!now && last !== undefined && performance.now() < last.until) return last.counted;
    const counted = countOpen(services);
    last = { until: performance.now() + LASTS_MS, counted };
    counted.catch(() => (last = undefined));
    return counted;
  };
}

/** Counts what the page of exceptions counts. */
async function countOpen({ ledger, alarms, refusals, printing, now }: Services): Promise<OpenExceptions> {
  const { kinds } = await ledger.exceptions(settledBefore(now()));
  const printers = await ledger.printers();
  const inTrouble = printers.filter(({ name }) => printing.trouble(name) !== undefined);
  const waiting = await Promise.all(inTrouble.map(({ name }) => ledger.openPrintJobs(name)));
  const wrong = kinds.find(({ kind }) => kind === 'wrong-id')?.count ?? 0;
  const counts = [
    ...kinds.map(({ count }) => count),
    ...waiting.map(({ length }) => length),
    refusals.list().filter(({ lastAt }) => lastAt > now() - DAY_MS).length,
    // Most alarms are about units that `kinds` counts.
    Math.max(0, alarms.list().length - wrong),
  ];
  return { count: counts.reduce((sum, count) => sum + count, 0), more: kinds.some(({ more }) => more) };
}

import type { ExceptionKind } from '../model/exceptions/kinds.ts';
import type { Services } from '../http/services.ts';
import { settledBefore } from '../http/routes/exceptions.ts';

/** The number of open exceptions, which is shown beside the link to the exceptions page. */
export interface OpenExceptions {
  count: number;
  /** True if there are more exceptions than `count` says, because counting stopped at a limit. */
  more: boolean;
}

/**
 * How long, in ms, the number of exceptions is reused after it has been counted. Every page of the console shows the
 * number.
 */
const LASTS_MS = 10_000;

const DAY_MS = 24 * 60 * 60 * 1000;

type Kinds = readonly { kind: ExceptionKind; count: number; more: boolean }[];

/**
 * Returns a function that returns the number of open exceptions. The number can be up to ten seconds old. All pages
 * share one number. So the exceptions are counted at most once in ten seconds, no matter how many pages people open.
 * Only the exceptions page needs the current number, so it passes its own counts (`kinds`).
 */
export function openExceptionCount(services: Services): (kinds?: Kinds) => Promise<OpenExceptions> {
  let last: { until: number; counted: Promise<OpenExceptions> } | undefined;
  return (known) => {
    if (known === undefined && last !== undefined && performance.now() < last.until) return last.counted;
    const counted = countOpen(services, known);
    last = { until: performance.now() + LASTS_MS, counted };
    counted.catch(() => (last = undefined));
    return counted;
  };
}

/** Counts the same exceptions as the exceptions page. */
async function countOpen(
  { ledger, alarms, refusals, printing, now }: Services,
  known: Kinds | undefined,
): Promise<OpenExceptions> {
  const kinds = known ?? (await ledger.exceptions(settledBefore(now()))).kinds;
  const printers = await ledger.printers();
  const inTrouble = printers.filter(({ name }) => printing.trouble(name) !== undefined);
  const waiting = await Promise.all(inTrouble.map(({ name }) => ledger.openPrintJobs(name)));
  const wrong = kinds.find(({ kind }) => kind === 'wrong-id')?.count ?? 0;
  const counts = [
    ...kinds.map(({ count }) => count),
    ...waiting.map(({ length }) => length),
    refusals.list().filter(({ lastAt }) => lastAt > now() - DAY_MS).length,
    // Most alarms are about units that are already counted in `kinds`.
    Math.max(0, alarms.list().length - wrong),
  ];
  return { count: counts.reduce((sum, count) => sum + count, 0), more: kinds.some(({ more }) => more) };
}

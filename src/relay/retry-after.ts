import type { IncomingHttpHeaders } from 'node:http';

/** The two spellings of a date with a time zone: RFC 9110 (5.6.7), and RFC 850, which is obsolete. */
const DATE = /^[A-Z][a-z]{2,8}, \d\d(?: [A-Z][a-z]{2} \d{4}|-[A-Z][a-z]{2}-\d\d) \d\d:\d\d:\d\d GMT$/;

/** The obsolete date format of the C function asctime. The time zone is UTC. */
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/**
 * Returns the wait that Retry-After asks for (RFC 9110, 10.2.3), in seconds. Returns undefined if the answer asks for
 * none. A date is compared with the header `Date` of the same answer, so that the clocks of both machines may differ.
 * `now` is used if the answer has no such header.
 */
export function retryAfterOf(headers: IncomingHttpHeaders, now: number): number | undefined {
  const { 'retry-after': after = '', date = '' } = headers;
  if (/^\d+$/.test(after)) return Number(after);
  const until = httpDate(after);
  return until === undefined ? undefined : Math.max(0, Math.ceil((until - (httpDate(date) ?? now)) / 1000));
}

function httpDate(text: string): number | undefined {
  const at = DATE.test(text) ? Date.parse(text) : ASCTIME.test(text) ? Date.parse(`${text} GMT`) : NaN;
  return Number.isNaN(at) ? undefined : at;
}

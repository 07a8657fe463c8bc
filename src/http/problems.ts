import { z } from 'zod';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { ClaimstampError, type ErrorCode } from '../platform/error.ts';

/** The one table from error code to HTTP status and title (RFC 9110, RFC 9457). */
export const PROBLEMS: Record<ErrorCode, [ContentfulStatusCode, string]> = {
  invalid: [400, 'The request is not valid'],
  'too-large': [413, 'The body is too large'],
  'wrong-format': [415, 'Not in this format'],
  unauthorized: [401, 'A bearer token is needed'],
  forbidden: [403, 'Not allowed here'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'Not with this method'],
  misdirected: [421, 'Not a name of this service'],
  'headers-too-large': [431, 'The headers are too large'],
  'too-slow': [408, 'The request came too slowly'],
  'expectation-failed': [417, 'The expectation cannot be met'],
  'product-missing': [400, 'No product is named'],
  'product-unknown': [422, 'The product is not known'],
  'read-only': [409, 'Set in the configuration file'],
  'identity-conflict': [409, 'The identity names another unit'],
  'serial-taken': [409, 'The S/N belongs to another unit'],
  'repeat-refused': [409, 'The device has its Claim ID'],
  'unit-ended': [409, 'The unit is void or scrapped'],
  'armed-mismatch': [409, 'Not the unit that was armed'],
  'armed-elsewhere': [409, 'The unit is at another station'],
  'slot-held': [409, 'Another unit is open here'],
  'slot-closed': [409, 'No unit is open here'],
  'over-issue': [409, 'The work order is full'],
  'serials-exhausted': [409, 'The S/N counter is at its end'],
  'work-order-closed': [409, 'The work order is closed'],
  'work-order-open': [409, 'The work order is open'],
  leftovers: [409, 'Units are unaccounted'],
  'station-busy': [409, 'The station holds a unit'],
  duplicate: [409, 'It is in the ledger already'],
  'key-reused': [422, 'The Idempotency-Key was used for another request'],
  'in-flight': [409, 'The same request is under way'],
  'report-alarm': [409, 'The device holds a Claim ID that is not its own'],
  'no-builder': [503, 'No device cloud is set'],
  'cloud-unreachable': [502, 'The device cloud does not answer'],
  busy: [503, 'Too many requests are waiting'],
  'rate-limited': [429, 'More than the limit allows'],
  'disk-full': [507, 'The disk is full'],
  'ledger-unavailable': [503, 'The ledger cannot be written'],
  'random-failed': [503, 'The random source failed'],
  stopping: [503, 'The service is stopping'],
};

/** RFC 9457 with the request's id, under which the log has what happened inside. */
export const ProblemAnswer = z
  .object({
    type: z.string().meta({ description: 'Stable: tell errors apart by this' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong here, and what to change' }),
    requestId: z.string(),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457)' });

export function problemType(code: ErrorCode): string {
  return `urn:claimstamp:problem:${code}`;
}

/** When to ask again after what is nobody's mistake and ends nobody knows when: the agent's own pause. Seconds */
const RETRY_AFTER_S = 2;

/** RFC 9110, 10.2.3: delay-seconds. Only an error that knows better says another time. */
const ASK_AGAIN: number[] = [429, 503, 507];

/** For the header of the same name; undefined where asking again changes nothing. */
export function retryAfter({ code, retryAfterS = RETRY_AFTER_S }: ClaimstampError): string | undefined {
  return ASK_AGAIN.includes(PROBLEMS[code][0]) ? String(retryAfterS) : undefined;
}

/** Also on what is refused before any route, and its headers (headers.ts), come in. */
const ALWAYS = {
  'content-type': 'application/problem+json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

export interface Plain {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** An RFC 9457 answer: a stable type, what is wrong, and in `detail` what to change. Nothing of the inside. */
export function problem(error: ClaimstampError, requestId: string, allow?: string): Response {
  const { status, headers, body } = plainProblem(error, requestId, allow);
  return new Response(body, { status, headers });
}

/** The same for a socket without a request: whoever cuts hundreds at once has no time to make a `Response` of each. */
export function plainProblem(error: ClaimstampError, requestId: string, allow?: string): Plain {
  const [status, title] = PROBLEMS[error.code];
  const type = problemType(error.code);
  const headers: Record<string, string> = { ...ALWAYS };
  const wait = retryAfter(error);
  if (wait !== undefined) headers['retry-after'] = wait;
  if (status === 405) headers['allow'] = allow ?? 'POST';
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  return { status, headers, body: JSON.stringify({ type, title, status, detail: error.message, requestId }) };
}

export function internalProblem(requestId: string): Response {
  const detail = `the log has the reason under request id ${requestId}`;
  const body = {
    type: 'urn:claimstamp:problem:internal',
    title: 'Something is wrong inside',
    status: 500,
    detail,
    requestId,
  };
  return new Response(JSON.stringify(body), { status: 500, headers: ALWAYS });
}

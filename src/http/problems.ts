import { z } from 'zod';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ClaimstampError, ErrorCode } from '../platform/error.ts';
import type { Language } from '../../words/sentence.ts';
import { REFUSALS } from '../../words/refusals/table.ts';
import { inLanguage } from '../platform/refusal-words.ts';
import { mapped, isKey } from '../platform/own.ts';

/** The HTTP status and the title for each refusal code (RFC 9110, RFC 9457). */
export const PROBLEMS: Record<ErrorCode, [ContentfulStatusCode, string]> = mapped(
  REFUSALS,
  ({ status, title }): [ContentfulStatusCode, string] => [status, title],
);

/** A problem as defined by RFC 9457, with the id of the request. The log contains the same request id. */
export const ProblemAnswer = z
  .object({
    type: z.string().meta({ description: 'Identifies the kind of error; the value does not change between versions' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong with this request, and what to change' }),
    problems: z
      .array(z.string())
      .optional()
      .meta({ description: 'The individual problems, if `detail` lists several' }),
    requestId: z.string(),
    help: z
      .string()
      .meta({ description: 'The address of a page of this service that says why this happens, and what to do' }),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457)' });

/**
 * Reads a problem's code and sentences. An answer from a proxy or from another version of the service may contain
 * neither.
 */
export function problemIn(json: unknown): { code?: ErrorCode; detail?: string; problems?: string[] } {
  const { type = '', detail, problems } = ProblemAnswer.partial().safeParse(json).data ?? {};
  const code = type.slice(TYPE.length);
  return {
    ...(isKey(PROBLEMS, code) ? { code } : {}),
    ...(detail === undefined ? {} : { detail }),
    ...(problems === undefined ? {} : { problems }),
  };
}

const TYPE = 'urn:claimstamp:problem:';

export function problemType(code: ErrorCode): string {
  return TYPE + code;
}

/**
 * The default Retry-After in seconds, for transient faults of unknown length. Agents also wait this long before they
 * repeat a request.
 */
const RETRY_AFTER_S = 2;

/**
 * Answers with these statuses have a Retry-After header, in seconds (RFC 9110, 10.2.3). An error may set its own value.
 */
const ASK_AGAIN: number[] = [429, 503, 507];

/** Returns the value of Retry-After, or undefined if repeating the request cannot succeed. */
export function retryAfter({ code, retryAfterS = RETRY_AFTER_S }: ClaimstampError): string | undefined {
  return ASK_AGAIN.includes(PROBLEMS[code][0]) ? String(retryAfterS) : undefined;
}

/**
 * Sets the security headers here too. If a request is refused before it reaches a route, headers.ts does not set them.
 */
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

/** Makes an answer in the format of RFC 9457. The answer reveals no internal details of the service. */
export function problem(error: ClaimstampError, requestId: string, allow?: string, language?: Language): Response {
  const { status, headers, body } = plainProblem(error, requestId, allow, language);
  return new Response(body, { status, headers });
}

/** Makes the same answer for a socket that has no request. No `Response` is created, which is faster. */
export function plainProblem(
  error: ClaimstampError,
  requestId: string,
  allow?: string,
  language: Language = 'en',
): Plain {
  const [status, title] = PROBLEMS[error.code];
  const type = problemType(error.code);
  const headers: Record<string, string> = { ...ALWAYS };
  const wait = retryAfter(error);
  if (wait !== undefined) headers['retry-after'] = wait;
  if (status === 405) headers['allow'] = allow ?? 'POST';
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  const { detail, lang } = saidIn(error, language);
  if (lang !== 'en') headers['content-language'] = lang;
  const problems = problemsIn(error, lang);
  return {
    status,
    headers,
    body: JSON.stringify({ type, title, status, detail, problems, requestId, help: helpFor(error.code) }),
  };
}

/** Returns the address of the page about a problem (console/help/problem-pages.ts). */
function helpFor(code: string): string {
  return `/help/problems/${code}`;
}

/** If the refusal lists several problems, returns them as a list. */
export function problemsIn({ words }: ClaimstampError, language: Language): string[] | undefined {
  const problems = words?.values?.['problems'];
  return Array.isArray(problems) ? problems.map((one) => inLanguage(one, language)) : undefined;
}

/**
 * Returns the text of a refusal and its language. If the refusal has no translation, the text is in English.
 */
export function saidIn(
  { message, words }: Pick<ClaimstampError, 'message' | 'words'>,
  language: Language,
): { detail: string; lang: Language } {
  return words === undefined || language === 'en'
    ? { detail: message, lang: 'en' }
    : { detail: inLanguage(words, language), lang: language };
}

export function internalProblem(requestId: string): Response {
  const detail = `the log contains the reason, with the request id ${requestId}`;
  const body = {
    type: 'urn:claimstamp:problem:internal',
    title: 'Something is wrong inside',
    status: 500,
    detail,
    requestId,
    help: helpFor('internal'),
  };
  return new Response(JSON.stringify(body), { status: 500, headers: ALWAYS });
}

import { REFUSALS, type ErrorCode } from '../../words/refusals/table.ts';
import { inLanguage, type Values, type ValuesOf, type Words } from './refusal-words.ts';

export type { ErrorCode };

/**
 * The only error class of this program. The meaning of a `code` never changes. The code is used as the RFC 9457 problem
 * type, and as the reason on a station's screen. `message` is an English sentence that says what to change. `words` is
 * the same sentence in a form that can be translated. `message` and `words` never contain a complete Claim ID or a
 * secret.
 */
export class ClaimstampError extends Error {
  readonly code: ErrorCode;
  readonly words: Words | undefined;
  /** The number of seconds after which the caller may ask again, as an integer. Undefined if this is not known. */
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, said: string | Words, retryAfterS?: number) {
    super(typeof said === 'string' ? said : inLanguage(said, 'en'));
    this.name = 'ClaimstampError';
    this.code = code;
    this.words = typeof said === 'string' ? undefined : said;
    this.retryAfterS = retryAfterS;
  }
}

type Sentences<C extends ErrorCode> = (typeof REFUSALS)[C]['sentences'];

/**
 * Makes a refusal from a code and one of the code's sentences. A value named `waitS` also becomes `retryAfterS`.
 */
export function refusal<C extends ErrorCode, S extends keyof Sentences<C> & string>(
  code: C,
  sentence: S,
  ...[values]: ValuesOf<Sentences<C>[S]>
): ClaimstampError {
  const { waitS }: Partial<Values> = values ?? {};
  return new ClaimstampError(
    code,
    { key: `${code}/${sentence}`, ...(values === undefined ? {} : { values }) },
    typeof waitS === 'number' ? waitS : undefined,
  );
}

/** A refusal as plain data, which can be sent to another thread or process. */
export interface Refusal {
  code: ErrorCode;
  message: string;
  words?: Words;
}

export function refusalData({ code, message, words }: ClaimstampError): Refusal {
  return { code, message, ...(words === undefined ? {} : { words }) };
}

export function refusalFrom({ code, message, words }: Refusal): ClaimstampError {
  return new ClaimstampError(code, words ?? message);
}

/** Returns the sentence of a refusal, to be used inside another sentence. */
export function wordsOf({ words, message }: Refusal | ClaimstampError): Words {
  return words ?? { key: message };
}

export function isCode(error: unknown, code: ErrorCode): error is ClaimstampError {
  return error instanceof ClaimstampError && error.code === code;
}

/**
 * Returns the code of an error from Node (such as ENOENT) or from SQLite. Returns an empty text if the thrown value has
 * no code.
 */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * Returns the text of a thrown value for the log. The text says where in the program the error was thrown, if that is
 * known.
 */
export function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Returns the message of a thrown value. The thrown value need not be an Error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

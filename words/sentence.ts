/** The languages of messages to people, with their own names. */
export const LANGUAGES = { en: 'English', es: 'Español', zh: '中文' } as const;
export type Language = keyof typeof LANGUAGES;

/** `{count}` stands for a value. `{count|unit|units}` stands for "unit" if the value is 1, otherwise for "units". */
export const PLACE = /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g;

/** The words of one group of pages. If a language lacks a sentence, the code does not compile. */
export type Dictionary<K extends string> = Record<Language, Record<K, string>>;

/**
 * One sentence in every language, in the order of LANGUAGES. If a language is missing, the code does not compile.
 * `{name}` stands for a value.
 */
export type Sentence = readonly [en: string, es: string, zh: string];

/** The HTTP status of a refusal (RFC 9110). */
type Status = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 417 | 421 | 422 | 429 | 431 | 502 | 503 | 507;

export interface Refused<S extends Record<string, Sentence> = Record<string, Sentence>> {
  status: Status;
  /** The cause of the refusal, for programs and their authors. */
  title: string;
  /** Messages to people: what is wrong, where, and what to do, without complete Claim IDs or secrets. */
  sentences: S;
}

/** One refusal code: its status, its title and its sentences. */
export function refused<const S extends Record<string, Sentence>>(
  status: Status,
  title: string,
  sentences: S,
): Refused<S> {
  return { status, title, sentences };
}

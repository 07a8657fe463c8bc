import { PHRASES, VALUES } from '../../words/refusals/phrases.ts';
import { isKey, own } from './own.ts';
import { LANGUAGES, PLACE, type Language, type Sentence } from '../../words/sentence.ts';
import { REFUSALS } from '../../words/refusals/table.ts';

/**
 * A message that can be shown in every language. The message is plain data, so it can be sent to other threads and
 * processes.
 */
export interface Words {
  /**
   * The key has one of four forms: `code/sentence` (a sentence of REFUSALS), a name (in PHRASES), an index (in
   * VALUES), or NOUN followed by an index (in VALUES).
   */
  key: string;
  values?: Values;
}

export interface Values {
  [name: string]: string | number | Words | Words[];
}

const NOUN = 'noun/';
const ORDER = Object.keys(LANGUAGES);

/** The names of the values in a sentence. For example, `at most {max}` contains the value `max`. */
type Named<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? ValueIn<Name> | Named<Rest> : never;
type ValueIn<Name extends string> = Name extends `${infer Value}|${string}` ? Value : Name;

export type ValuesOf<S> = S extends Sentence
  ? [Named<S[0]>] extends [never]
    ? []
    : [values: { [name in Named<S[0]>]: Values[string] }]
  : never;

/** Makes a phrase that is used as a value in another sentence. */
export function phrase<P extends keyof typeof PHRASES>(name: P, ...[values]: ValuesOf<(typeof PHRASES)[P]>): Words {
  return values === undefined ? { key: name } : { key: name, values };
}

/**
 * Finds the message of a schema by its English sentence, so that the message can be translated. An unknown message
 * remains English. Some of a message's values (those named in READERS) are themselves sentences or nouns.
 */
export function valueWords(english: string): Words {
  return rowOf(VALUE_ROWS, english) ?? mustBe(english) ?? { key: english };
}

/** The words with which a sentence about allowed values begins, in each language (in the order of LANGUAGES). */
const MUST_BE: Sentence = ['must be ', 'debe ser ', '必须是'];

interface Row {
  key: string;
  pattern: RegExp;
  names: string[];
}

const rowFor = (key: string, english: string): Row => ({
  key,
  names: placesIn(english),
  pattern: new RegExp(`^${english.replace(/[.*+?^$()|[\]\\/]/g, String.raw`\$&`).replace(PLACE, '(.+)')}$`),
});
const VALUE_ROWS = VALUES.map(([english], at) => rowFor(String(at), english));

/** For each sentence that begins with "must be": the rest of the sentence, in every language. */
const NOUN_ROWS = VALUES.flatMap((sentence, at) =>
  sentence.every((one, index) => one.startsWith(MUST_BE[index] ?? ''))
    ? [rowFor(`${NOUN}${at}`, sentence[0].slice(MUST_BE[0].length))]
    : [],
);

const READERS: { [name: string]: (english: string) => Words } = { must: valueWords, why: valueWords };

function rowOf(rows: readonly Row[], english: string): Words | undefined {
  for (const { key, pattern, names } of rows) {
    const found = pattern.exec(english);
    if (found === null) continue;
    const values = names.map((name, at): [string, string | Words] => {
      const value = found[at + 1] ?? '';
      return [name, own(READERS, name)?.(value) ?? value];
    });
    return { key, values: Object.fromEntries(values) };
  }
  return undefined;
}

/** Reads a sentence such as "must be a string, or …". Each part of the sentence is a noun in NOUN_ROWS or a value. */
function mustBe(english: string): Words | undefined {
  if (!english.startsWith(MUST_BE[0])) return undefined;
  return phrase('mustBe', { what: nouns(english.slice(MUST_BE[0].length)) });
}

function nouns(english: string): Words {
  const noun = rowOf(NOUN_ROWS, english);
  if (noun !== undefined) return noun;
  // The noun itself may contain "or", as in "true or false".
  const ends = [...english.matchAll(/ or /g)].map(({ index }) => index);
  const end = ends.find((at) => rowOf(NOUN_ROWS, english.slice(0, at)) !== undefined) ?? ends[0];
  if (end === undefined) return { key: english };
  return phrase('or', { one: nouns(english.slice(0, end)), other: nouns(english.slice(end + ' or '.length)) });
}

export function placesIn(sentence: string): string[] {
  return [...sentence.matchAll(PLACE)].map(([, name = '']) => name);
}

export function inLanguage(words: Words, language: Language): string {
  const sentence = sentenceOf(words.key)?.[ORDER.indexOf(language)] ?? words.key;
  return sentence.replace(PLACE, (place, name: string, one?: string, many?: string) => {
    const value = words.values?.[name];
    if (value === undefined) return place;
    if (many !== undefined) return value === 1 ? (one ?? '') : many;
    if (Array.isArray(value))
      return value.map((one) => inLanguage(one, language)).join(language === 'zh' ? '；' : '; ');
    return typeof value === 'object' ? inLanguage(value, language) : String(value);
  });
}

function sentenceOf(key: string): Sentence | undefined {
  if (key.startsWith(NOUN)) return nounOf(VALUES[Number(key.slice(NOUN.length))]);
  if (/^\d+$/.test(key)) return VALUES[Number(key)];
  if (isKey(PHRASES, key)) return PHRASES[key];
  const [code = '', name = ''] = key.split('/');
  const sentences: Record<string, Sentence> | undefined = isKey(REFUSALS, code) ? REFUSALS[code].sentences : undefined;
  return own(sentences, name);
}

function nounOf(sentence: Sentence | undefined): Sentence | undefined {
  if (sentence === undefined) return undefined;
  const [en, es, zh] = sentence;
  return [en.slice(MUST_BE[0].length), es.slice(MUST_BE[1].length), zh.slice(MUST_BE[2].length)];
}

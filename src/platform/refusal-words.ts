import { PHRASES, VALUES } from '../../words/refusals/phrases.ts';
import { isKey, own } from './own.ts';
import { LANGUAGES, type Language, type Sentence } from '../../words/sentence.ts';
import { REFUSALS } from '../../words/refusals/table.ts';

/**
 * A message that can be shown in every language. The message is plain data, so other threads and processes can get it.
 */
export interface Words {
  /** One of three: `code/sentence` in REFUSALS, a name in PHRASES, or a number in VALUES. */
  key: string;
  values?: Values;
}

export interface Values {
  [name: string]: string | number | Words | Words[];
}

const PLACE = /\{(\w+)\}/g;
const ORDER = Object.keys(LANGUAGES);

/** The names of the values in a sentence. For example, `at most {max}` contains the value `max`. */
type Named<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Named<Rest> : never;

export type ValuesOf<S> = S extends Sentence
  ? [Named<S[0]>] extends [never]
    ? []
    : [values: { [name in Named<S[0]>]: Values[string] }]
  : never;

/** Makes a phrase that becomes a value in another sentence. */
export function phrase<P extends keyof typeof PHRASES>(name: P, ...[values]: ValuesOf<(typeof PHRASES)[P]>): Words {
  return values === undefined ? { key: name } : { key: name, values };
}

/**
 * Finds a schema's message by its English sentence, so that the message can be translated. Unknown messages stay
 * English.
 */
export function valueWords(english: string): Words {
  for (const [index, { pattern, names }] of PATTERNS.entries()) {
    const found = pattern.exec(english);
    if (found === null) continue;
    const values = Object.fromEntries(names.map((name, at): [string, string] => [name, found[at + 1] ?? '']));
    return { key: String(index), values };
  }
  return { key: english };
}

const PATTERNS = VALUES.map(([english]) => ({
  names: placesIn(english),
  pattern: new RegExp(`^${english.replace(/[.*+?^$()|[\]\\/]/g, String.raw`\$&`).replace(PLACE, '(.+)')}$`),
}));

export function placesIn(sentence: string): string[] {
  return [...sentence.matchAll(PLACE)].map(([, name = '']) => name);
}

export function inLanguage(words: Words, language: Language): string {
  const sentence = sentenceOf(words.key)?.[ORDER.indexOf(language)] ?? words.key;
  return sentence.replace(PLACE, (place, name: string) => {
    const value = words.values?.[name];
    if (value === undefined) return place;
    if (Array.isArray(value))
      return value.map((one) => inLanguage(one, language)).join(language === 'zh' ? '；' : '; ');
    return typeof value === 'object' ? inLanguage(value, language) : String(value);
  });
}

function sentenceOf(key: string): Sentence | undefined {
  if (/^\d+$/.test(key)) return VALUES[Number(key)];
  if (isKey(PHRASES, key)) return PHRASES[key];
  const [code = '', name = ''] = key.split('/');
  const sentences: Record<string, Sentence> | undefined = isKey(REFUSALS, code) ? REFUSALS[code].sentences : undefined;
  return own(sentences, name);
}

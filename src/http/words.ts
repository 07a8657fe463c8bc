import { LANGUAGES, PLACE, type Dictionary, type Language } from '../../words/sentence.ts';

export type Values = Record<string, string | number>;

/**
 * Returns a dictionary's sentence in one language, with its `{places}` filled in. A `{place}` without a value is left
 * as it is.
 */
export type Say = <K extends string>(dictionary: Dictionary<K>, key: K, values?: Values) => string;

export function speak(language: Language): Say {
  return (dictionary, key, values = {}) =>
    dictionary[language][key].replace(PLACE, (place, name: string, one?: string, many?: string) => {
      const value = String(values[name] ?? place);
      return many === undefined ? value : value === '1' ? (one ?? '') : many;
    });
}

export function isLanguage(text: string | undefined): text is Language {
  return text !== undefined && Object.hasOwn(LANGUAGES, text);
}

/**
 * Returns the first language in an Accept-Language header (RFC 9110, 12.5.4) that is available. Only the order of the
 * languages in the header counts; quality values are ignored.
 */
export function preferred(header: string | undefined): Language {
  const wanted = (header ?? '').split(',').map((part) => part.trim().slice(0, 2).toLowerCase());
  return wanted.find(isLanguage) ?? 'en';
}

import { describe, expect, it } from 'vitest';
import { refusal, refusalData, refusalFrom } from '../../src/platform/error.ts';
import { PHRASES, VALUES } from '../../words/refusals/phrases.ts';
import type { Sentence } from '../../words/sentence.ts';
import { REFUSALS } from '../../words/refusals/table.ts';
import { inLanguage, phrase, placesIn, valueWords } from '../../src/platform/refusal-words.ts';

const SENTENCES: [string, Sentence][] = [
  ...Object.entries(REFUSALS).flatMap(([code, { sentences }]) =>
    Object.entries<Sentence>(sentences).map(([name, said]): [string, Sentence] => [`${code}/${name}`, said]),
  ),
  ...Object.entries<Sentence>(PHRASES),
  ...VALUES.map((said): [string, Sentence] => [said[0], said]),
];

describe('every sentence', () => {
  it.each(SENTENCES)('%s names the same values in each language', (_key, [en, es, zh]) => {
    expect(new Set(placesIn(es))).toEqual(new Set(placesIn(en)));
    expect(new Set(placesIn(zh))).toEqual(new Set(placesIn(en)));
  });

  it.each(SENTENCES)('%s is said in each language', (_key, [en, es, zh]) => {
    const words = en.replace(/\{\w+\}/g, '');
    // Of a name, a mark or a value alone nothing is to be translated.
    if (!/[a-z]{3} [a-z]{2}/.test(words)) return;
    expect(es).not.toBe(en);
    expect(zh).toMatch(/\p{Script=Han}/u);
  });
});

describe('a refusal', () => {
  it('says the same in each language, parts of it too', () => {
    const error = refusal('unit-ended', 'takeLabel', { unit: '********33', state: phrase('void') });
    expect(error.message).toBe('unit ********33 is void: use another label');
    const said = (language: 'es' | 'zh') => error.words && inLanguage(error.words, language);
    expect(said('es')).toBe('la unidad ********33 está anulada: use otra etiqueta');
    expect(said('zh')).toBe('设备 ********33 已作废：请换一张标签');
  });

  it('keeps its words on the way to another thread or process', () => {
    const error = refusal('busy', 'requests', { max: 7 });
    const back = refusalFrom(structuredClone(refusalData(error)));
    expect([back.code, back.message, back.words]).toEqual([error.code, error.message, error.words]);
  });

  it('of a value is found by what the schema says of it', () => {
    const words = valueWords('must have at most 12 characters');
    expect(inLanguage(words, 'en')).toBe('must have at most 12 characters');
    expect(inLanguage(words, 'es')).toBe('debe tener 12 caracteres como máximo');
    expect(inLanguage(valueWords('what no sentence is like'), 'zh')).toBe('what no sentence is like');
  });
});

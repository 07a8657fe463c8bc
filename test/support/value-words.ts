import { expect } from 'vitest';
import { inLanguage, valueWords } from '../../src/platform/refusal-words.ts';
import type { Language } from '../../words/sentence.ts';

/** Words that only English sentences have. Names of settings and values are in quotes or after a colon. */
const ENGLISH =
  /\b(?:the|must|with|not|and|of|for|or|is|be|write|letters|string|list|missing|needs?|name|number|to|at|without|characters|digits|spaces)\b/i;

/** Expects that the English sentence about a value is shown in Spanish and Chinese too, without English words. */
export function expectWords(english: string): void {
  const said = (language: Language): string => inLanguage(valueWords(english), language);
  expect(said('en')).toBe(english);
  expect(said('es')).not.toBe(english);
  expect(said('es').replace(/"[^"]*"|: .*/g, '')).not.toMatch(ENGLISH);
  expect(said('zh')).toMatch(/\p{Script=Han}/u);
  expect(said('zh').replace(/"[^"]*"|：.*/g, '')).not.toMatch(ENGLISH);
}

import { expect, it } from 'vitest';
import { COMMON } from '../../words/console/common.ts';
import { TIMELINE } from '../../words/console/timeline.ts';
import { SUBJECTS } from '../../src/model/event-data.ts';

it('names every event in the history of a unit in all languages', () => {
  const types = Object.entries(SUBJECTS).flatMap(([type, members]) =>
    (members as readonly string[]).includes('uci') ? [type] : [],
  );
  expect(types.length).toBeGreaterThan(20);
  for (const [language, words] of Object.entries(COMMON))
    expect(
      types.filter((type) => !Object.hasOwn(words, type)),
      language,
    ).toEqual([]);
});

it('says what happened to a unit in a sentence, in all languages', () => {
  // The events of a print job are one entry with words of its own.
  const others = Object.entries(SUBJECTS).flatMap(([type, members]) =>
    (members as readonly string[]).includes('uci') && !type.startsWith('print') ? [type] : [],
  );
  for (const [language, words] of Object.entries(TIMELINE))
    expect(
      others.filter((type) => !Object.hasOwn(words, type)),
      language,
    ).toEqual([]);
});

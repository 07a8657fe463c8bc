import { expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { shownSettings } from '../../src/http/shown-settings.ts';

it('the help of a setting is a sentence of its own, without a reference to a document', () => {
  for (const { name, help } of shownSettings(readConfig({}))) {
    expect(help, name).not.toMatch(/: [A-Z][a-z]+$/);
    expect(help, name).not.toMatch(/[[\]`]|#/);
  }
});

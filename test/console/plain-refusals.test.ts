import { expect, it } from 'vitest';
import { plain } from '../../src/console/station-words.ts';
import { speak } from '../../src/http/words.ts';
import { ProductSettings } from '../../src/model/product.ts';
import { StationSettings } from '../../src/model/station.ts';
import { WorkOrderSettings } from '../../src/model/work-order.ts';
import { inLanguage } from '../../src/platform/refusal-words.ts';
import { keysOf } from '../../src/platform/own.ts';
import { REFUSALS } from '../../words/refusals/table.ts';
import { LANGUAGES } from '../../words/sentence.ts';

/* What an operator reads at a station when the service refuses something. An operator has no terminal and no settings. */

const SETTINGS = [ProductSettings, StationSettings, WorkOrderSettings]
  .flatMap(({ shape }) => Object.keys(shape))
  .filter((name) => /[A-Z]/.test(name));

const TECHNICAL = [
  /\bclaimstamp [a-z]/,
  /\bCLAIMSTAMP_/,
  /(?:^|\s)--[a-z]/,
  /\b(?:GET|POST|PUT|PATCH|DELETE)\b/,
  /\/v1\//,
  /\b(?:json5?|JSON5?|npm|chmod|systemctl|sqlite|Authorization)\b/,
  new RegExp(`\\b(?:${SETTINGS.join('|')})\\b`),
];

/** Words of an English sentence that Spanish and Chinese sentences do not have. */
const ENGLISH = /\b(?:the|is|are|was|this|there|must|with|not|and|press|of|for|it|wait|choose|scan|label|unit)\b/i;

/** Values of sentences that would be technical at a real station. */
const VALUES = { setting: 'CLAIMSTAMP_SITE', settings: 'deviceCode', allowed: 'workOrders', property: 'mac' };

it.each(keysOf(LANGUAGES))('no refusal has a command, a setting or another language in it (%s)', (language) => {
  const found: string[] = [];
  for (const code of keysOf(REFUSALS)) {
    for (const sentence of Object.keys(REFUSALS[code].sentences)) {
      const detail = inLanguage({ key: `${code}/${sentence}`, values: VALUES }, language).replace(/\{\w+\}/g, '7');
      const said = plain(speak(language), code, detail);
      const isPlain = !TECHNICAL.some((one) => one.test(said)) && (language === 'en' || !ENGLISH.test(said));
      if (!isPlain || said === '') found.push(`${code}/${sentence}: ${said}`);
    }
  }
  expect(found).toEqual([]);
});

it('what an operator can mend is not replaced by "tell the lead"', () => {
  for (const code of ['slot-closed', 'station-armed', 'scan-not-clear', 'badge-required', 'print-queued'] as const)
    for (const sentence of Object.keys(REFUSALS[code].sentences)) {
      const detail = inLanguage({ key: `${code}/${sentence}` }, 'en');
      expect(plain(speak('en'), code, detail)).not.toMatch(/tell the lead/);
    }
});

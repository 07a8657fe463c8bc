import { ProductSettings } from '../model/product.ts';
import { StationSettings, type Station } from '../model/station.ts';
import { WorkOrderSettings } from '../model/work-order.ts';
import type { Say } from '../http/words.ts';
import { STATION } from '../../words/console/station.ts';

/** Returns the text of an alarm in the page's language. After `other-product` come a colon and the product's name. */
export function alarmSaid(say: Say, alarm: string, detail = alarm): string {
  const [code = '', product = ''] = alarm.split(':');
  const key = `alarm.${code}`;
  return isWord(key) ? say(STATION, key, { product }) : detail;
}

function isWord(key: string): key is keyof typeof STATION.en {
  return Object.hasOwn(STATION.en, key);
}

/** Names of settings as the API spells them. Names of one word, such as mode, are ordinary words. */
const SETTINGS = [ProductSettings, StationSettings, WorkOrderSettings]
  .flatMap(({ shape }) => Object.keys(shape))
  .filter((name) => /[A-Z]/.test(name));

/**
 * Texts that only people at a terminal can use: commands, settings of the service, files of the firmware, forms of
 * requests.
 */
const OF_TERMINAL = new RegExp(
  `claimstamp |CLAIMSTAMP_|device\\.json5|/v1/|labels/| --[a-z]|JSON|Bearer|Idempotency-Key|\\b(?:${SETTINGS.join('|')})\\b`,
);

/** A command in parentheses, which follows a sentence that is complete without it. */
const COMMAND = /\s*[(（][^()（）]*(?:claimstamp |CLAIMSTAMP_)[^()（）]*[)）]/g;

/**
 * Returns a refusal for an operator: without commands and settings, because an operator has no terminal. If nothing
 * useful remains, the operator reads who can help.
 */
export function plain(say: Say, code: string, detail: string): string {
  const said = detail.replace(COMMAND, '');
  const sentence = said.charAt(0).toUpperCase() + said.slice(1);
  if (!OF_TERMINAL.test(said)) return sentence;
  const key = `askLead.${code}`;
  return say(STATION, isWord(key) ? key : 'askLead');
}

/** Shows the Claim ID in groups of five letters from the left, because people read a Claim ID aloud in groups. */
export function grouped(uci: string): string {
  return uci.startsWith('*') ? uci : (uci.match(/.{1,5}/g) ?? []).join(' ');
}

/** Returns the word for what a station waits for, for lists. */
export function todoOf({
  armed,
  slot,
  mode,
}: Station): 'scanGate' | 'armed' | 'scanBoth' | 'ready' | 'scanLabel' | 'closed' {
  if (armed !== undefined) return 'armed';
  if (mode === 'gate') return 'scanGate';
  if (mode === 'open') return 'scanBoth';
  if (slot.state === 'open') return 'scanLabel';
  return slot.state === 'closed' ? 'closed' : 'ready';
}

import { ProductSettings } from '../model/product.ts';
import { StationSettings, type Station } from '../model/station.ts';
import { WorkOrderSettings } from '../model/work-order.ts';
import type { Say } from '../http/words.ts';
import { STATION } from '../../words/console/station.ts';

/**
 * Returns the text of an alarm in the page's language. `other-product` is followed by a colon and the product's name.
 */
export function alarmSaid(say: Say, alarm: string, detail = alarm): string {
  const [code = '', product = ''] = alarm.split(':');
  const key = `alarm.${code}`;
  return isWord(key) ? say(STATION, key, { product }) : detail;
}

function isWord(key: string): key is keyof typeof STATION.en {
  return Object.hasOwn(STATION.en, key);
}

/**
 * Names of settings, spelled as in the API. Names that consist of one word, such as `mode`, are also ordinary words, so
 * they are not listed.
 */
const SETTINGS = [ProductSettings, StationSettings, WorkOrderSettings]
  .flatMap(({ shape }) => Object.keys(shape))
  .filter((name) => /[A-Z]/.test(name));

/**
 * Matches texts that help only people at a terminal: commands, settings of the service, firmware files, request
 * formats.
 */
const OF_TERMINAL = new RegExp(
  `claimstamp |CLAIMSTAMP_|device\\.json5|/v1/|labels/| --[a-z]|JSON|Bearer|Idempotency-Key|\\b(?:${SETTINGS.join('|')})\\b`,
);

/** Matches a command in parentheses, which can be removed because the sentence is complete without it. */
const COMMAND = /\s*[(（][^()（）]*(?:claimstamp |CLAIMSTAMP_)[^()（）]*[)）]/g;

/**
 * Returns the text of a refusal for an operator, without commands and settings, because an operator has no terminal. If
 * nothing useful remains, the text tells the operator who can help.
 */
export function plain(say: Say, code: string, detail: string): string {
  const said = detail.replace(COMMAND, '');
  const sentence = said.charAt(0).toUpperCase() + said.slice(1);
  if (!OF_TERMINAL.test(said)) return sentence;
  const key = `askLead.${code}`;
  return say(STATION, isWord(key) ? key : 'askLead');
}

/** Shows the Claim ID in groups of five characters from the left, because people read a Claim ID aloud in groups. */
export function grouped(uci: string): string {
  return uci.startsWith('*') ? uci : (uci.match(/.{1,5}/g) ?? []).join(' ');
}

/** Returns the word that says in lists what a station is waiting for. */
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

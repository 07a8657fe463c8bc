import type { Station } from '../model/station.ts';
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

/** Texts that only people at a terminal can use: commands, settings of the service, files of the firmware. */
const OF_TERMINAL = /claimstamp |CLAIMSTAMP_|device\.json5|\/v1\/|labels\/| --[a-z]/;

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
export function todoOf({ armed, slot, mode }: Station): 'armed' | 'scanBoth' | 'ready' | 'scanLabel' | 'closed' {
  if (armed !== undefined) return 'armed';
  if (mode === 'open') return 'scanBoth';
  if (slot.state === 'open') return 'scanLabel';
  return slot.state === 'closed' ? 'closed' : 'ready';
}

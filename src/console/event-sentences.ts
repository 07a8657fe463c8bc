import type { Say } from '../http/words.ts';
import { isKey, own } from '../platform/own.ts';
import { COMMON } from '../../words/console/common.ts';
import { STATION } from '../../words/console/station.ts';
import { TIMELINE } from '../../words/console/timeline.ts';

/** The fields of a unit's event that are needed for its sentence. */
export interface UnitEvent {
  type: string;
  station?: string | undefined;
  data: Record<string, unknown>;
}

/** Returns the sentence that says what happened to the unit. */
export function sentenceOf({ say }: { say: Say }, event: UnitEvent): string {
  const { type, data } = event;
  const key = wordOf(event);
  const values: Record<string, string> = { roll: textOf(data, 'reservation') ?? '', ...textsOf(data) };
  const reason = textOf(data, 'armed') ?? textOf(data, 'reason') ?? '';
  values['reason'] = type === 'verify-failed' && isKey(STATION.en, reason) ? say(STATION, reason) : reason;
  if (isKey(TIMELINE.en, key)) return say(TIMELINE, key, values);
  return isKey(COMMON.en, type) ? say(COMMON, type) : type;
}

/** Returns the name of the sentence: the event type, followed by the values that distinguish variants of this event. */
function wordOf({ type, station, data }: UnitEvent): string {
  if (type === 'issued' && data['armed'] !== undefined) return 'issued.armed';
  if (type === 'issued' && data['imported'] === true) return 'issued.imported';
  if (type === 'issued' && station === undefined) return 'issued.made';
  if (type === 'reserved' && data['reservation'] !== undefined) return 'reserved.roll';
  if (type === 'reported' && data['alarm'] !== undefined) return 'reported.alarm';
  if (type === 'reference-set' && data['reference'] === false) return 'reference-set.off';
  return type;
}

export function textOf(data: UnitEvent['data'], name: string): string | undefined {
  const value = own(data, name);
  return typeof value === 'string' ? value : undefined;
}

function textsOf(data: UnitEvent['data']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

import { UNSHOWN_IN_FILTERS } from '../../model/audit/kinds.ts';
import { mask } from '../../model/claim-id.ts';
import { isObject, type Json } from '../../model/event.ts';
import { beginningsIn, maskJson } from '../../model/masking.ts';
import { openTurns } from '../../platform/turns.ts';
import type { Ledger } from '../ledger.ts';
import { numbersOf } from '../unit-numbers.ts';

/** How many events are masked at a time. Masking this many takes less than a millisecond. */
const AT_ONCE = 10;

/** Masks all Claim IDs in the lines, in every part of an event. */
export async function maskedLines(ledger: Pick<Ledger, 'unitNumbers'>, lines: string[]): Promise<string[]> {
  const turns = openTurns();
  const masked: string[] = [];
  for (let from = 0; from < lines.length; from += AT_ONCE) {
    const events = lines.slice(from, from + AT_ONCE).map(parsed);
    const rests = events.map(({ rest }) => rest);
    const shown = maskJson(rests, await numbersOf(ledger, beginningsIn(rests), 'all'));
    for (const [index, rest] of (Array.isArray(shown) ? shown : []).entries())
      masked.push(JSON.stringify({ ...events[index]?.head, ...(isObject(rest) ? surely(rest) : {}) }));
    await turns();
  }
  return masked;
}

interface Parsed {
  /** `seq`, `at` and `type`: the service itself writes these values, and they contain no Claim ID. */
  head: { [name: string]: Json };
  rest: { [name: string]: Json };
}

function parsed(line: string): Parsed {
  const { seq = 0, at = '', type = '', ...rest }: { [name: string]: Json } = JSON.parse(line);
  return { head: { seq, at, type }, rest: withoutHints(type, rest) };
}

/** Removes a text that a person searched for, because it may be the beginning of a Claim ID. */
function withoutHints(type: Json | undefined, event: Parsed['rest']): Parsed['rest'] {
  const { data } = event;
  if (type !== 'bulk-read' || !isObject(data) || !isObject(data['filter'])) return event;
  const shown = Object.entries(data['filter']).filter(([name]) => !UNSHOWN_IN_FILTERS.has(name));
  return { ...event, data: { ...data, filter: Object.fromEntries(shown) } };
}

/** Masks `uci`. Its value is always a Claim ID, even if the ledger has no unit with this Claim ID. */
function surely(event: Parsed['rest']): Parsed['rest'] {
  const { uci } = event;
  return typeof uci === 'string' && !uci.startsWith('*') ? { ...event, uci: mask(uci) } : event;
}

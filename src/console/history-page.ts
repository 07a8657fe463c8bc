import { speak } from '../http/words.ts';
import type { Event } from '../model/event.ts';
import { BUNDLE } from '../../words/console/bundle.ts';
import { COMMON } from '../../words/console/common.ts';
import type { Language } from '../../words/sentence.ts';
import { actorSaid } from './actors.tsx';
import { sentenceOf } from './event-sentences.ts';
import { escaped } from './help/markdown.ts';

/** The other files of a bundle, in their order. */
const FILES = [
  'units.csv',
  'events.jsonl',
  'leaves.txt',
  'labels.jsonl',
  'checkpoint',
  'public-key.pem',
  'manifest.json',
] as const;

/** Examples of the names that actors have in the ledger. The page replaces these names by words. */
const ACTORS = ['local', 'system', 'file', 'admin', 'agent:sim-001', 'kiosk:sim-001/eve', 'token:erp', 'person:eve'];

/**
 * Returns the history of one unit as a page for people: what happened, when, who did it and where. The page needs
 * nothing from elsewhere, so it can be read and printed years later. Times are in the time zone of the service.
 */
export function historyPage(
  events: Event[],
  language: Language,
  { made, origin }: { made: string; origin: string },
): string {
  const say = speak(language);
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'long', hourCycle: 'h23' });
  const zone = format.resolvedOptions().timeZone;
  const unit = events.find(({ uci }) => uci !== undefined)?.uci ?? '';
  const serial = events.flatMap(({ data }) => ('serial' in data ? data.serial : [])).at(-1);
  const rows = events.flatMap(({ seq, at, actor, station, type, uci, data }) => {
    // The bundle also has the events that describe how labels were drawn. These events name no unit, so the page leaves
    // them out.
    if (uci === undefined) return [];
    const said = sentenceOf({ say }, { type, station, data: { ...data } });
    return [[String(seq), format.format(at), said, actorSaid({ say }, actor), station ?? '']];
  });
  const heads = (['event', 'time', 'what', 'who', 'where'] as const).map((head) => say(BUNDLE, head));
  const title = [unit, serial].filter((one) => one !== undefined).join(' · ');
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(say(BUNDLE, 'title'))}</h1>
<p><b>${escaped(say(COMMON, 'claimId'))} ${escaped(unit)}${serial === undefined ? '' : `, ${escaped(say(COMMON, 'serial'))} ${escaped(serial)}`}</b></p>
<p>${escaped(say(BUNDLE, 'made', { at: format.format(new Date(made)), origin, zone }))}</p>
${table(heads, rows)}
<h2>${escaped(say(BUNDLE, 'files'))}</h2>
<p>${escaped(say(BUNDLE, 'proven'))}</p>
${table(
  [],
  FILES.map((name) => [name, say(BUNDLE, name)]),
)}
<h2>${escaped(say(BUNDLE, 'names'))}</h2>
<p>${escaped(say(BUNDLE, 'namesHint', { zone }))}</p>
${table(
  [],
  ACTORS.map((actor) => [actor, actorSaid({ say }, actor)]),
)}
</body></html>
`;
}

const STYLE = `body{font:14px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top}
tr{break-inside:avoid}`;

function table(heads: string[], rows: string[][]): string {
  const head =
    heads.length === 0 ? '' : `<thead><tr>${heads.map((one) => `<th>${escaped(one)}</th>`).join('')}</tr></thead>`;
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`).join('\n');
  return `<table>${head}<tbody>\n${body}\n</tbody></table>`;
}

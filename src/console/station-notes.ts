import type { Refusal } from '../http/refusals.ts';
import { STATION } from '../../words/console/station.ts';
import { reasonOf } from './station-headline.ts';
import type { Nest } from './station-nests.ts';
import type { PageContext } from './pages.tsx';
import { mask } from '../model/claim-id.ts';
import type { Unit } from '../model/unit.ts';

export interface Note {
  tone: 'stop' | 'warn' | 'info';
  said: string;
  /** The reason for a refusal or an alarm. */
  why?: string;
}

/** If a refusal does not recur within this time (ms), its cause is assumed to be gone. */
const RECENT_MS = 60_000;

function referenceSaid({ say }: PageContext, { serial, uci, extra }: Unit): string {
  return say(STATION, 'reference', { unit: extra?.reference?.note ?? serial ?? mask(uci) });
}

/** Returns the notes that are shown below the headline, most important first. */
export function notesOf(page: PageContext, nests: Nest[], now: number): Note[] {
  const { say, language } = page;
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'short' });
  const recent = (list: (nest: Nest) => Refusal[]) =>
    nests
      .flatMap((nest) => list(nest))
      .filter(({ lastAt }) => now - lastAt < RECENT_MS)
      .toSorted((a, b) => b.lastAt - a.lastAt);
  const noted = (key: 'alarmAt' | 'refusedAt', one: Refusal): Note => {
    const why = reasonOf(one, say, language);
    return { tone: 'stop', said: say(STATION, key, { time: clock.format(one.lastAt), why }), why };
  };
  const printers = new Map(nests.map(({ station, trouble }) => [station.printer, trouble]));
  return [
    ...recent(({ alarms }) => alarms).map((one) => noted('alarmAt', one)),
    ...recent(({ refusals }) => refusals).map((one) => noted('refusedAt', one)),
    ...nests.flatMap(({ reference }): Note[] =>
      reference === undefined ? [] : [{ tone: 'info', said: referenceSaid(page, reference) }],
    ),
    ...[...printers].flatMap(([printer, trouble]): Note[] => {
      if (printer === undefined) return [];
      const said = trouble && say(STATION, `printer.${trouble.what}`, { printer });
      return [
        said === undefined ? { tone: 'info', said: say(STATION, 'printerReady', { printer }) } : { tone: 'warn', said },
      ];
    }),
    ...(nests.length > 1 ? [{ tone: 'info', said: say(STATION, 'oneScanner') } as const] : []),
  ];
}

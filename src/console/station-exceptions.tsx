import type { Services } from '../http/services.ts';
import type { Refusal } from '../http/refusals.ts';
import { mask } from '../model/claim-id.ts';
import { statusOf, type Unit } from '../model/unit.ts';
import { STATION } from '../../words/console/station.ts';
import { saidIn } from '../http/problems.ts';
import type { Say } from '../http/words.ts';
import type { Language } from '../../words/sentence.ts';
import { alarmSaid } from './station-words.ts';
import { reasonOf } from './station-headline.ts';
import type { PageContext } from './pages.tsx';

/** The list of exceptions covers this number of hours, so that it includes the previous shift. */
const HOURS = 24;

/**
 * The maximum number of units in the list. More units than this would not fit on the screen. The Exceptions page shows
 * all units.
 */
const MAX_LISTED = 20;

/** How many of the newest units to check for a label. A station makes fewer units than this in a day. */
const MAX_SEARCHED = 2000;

interface Found {
  notPrinted: Unit[];
  notVerified: Unit[];
  /** Units whose label was reprinted after the unit left the nest, if no one has scanned the new label yet. */
  scanAgainAtRework: Unit[];
  refusals: Refusal[];
  alarms: Refusal[];
}

/**
 * Finds the exceptions of a station: units without a label or without a PASS, refusals, and alarms. Checks only the
 * newest units of all stations, at most one search page.
 */
export async function exceptionsAt(
  { ledger, refusals, alarms, now }: Pick<Services, 'ledger' | 'refusals' | 'alarms' | 'now'>,
  station: string,
): Promise<Found> {
  const here = { station, from: now() - HOURS * 3_600_000, after: 0, newest: true, limit: MAX_LISTED + 1 } as const;
  const inNest = (await ledger.station(station))?.slot;
  // If a printer does not report back, the units whose labels it prints stay `issued`. For these units, the number of
  // labels shows whether a label was printed.
  const { units } = await ledger.units({ ...here, limit: MAX_SEARCHED, status: ['printed', 'issued'] });
  const labelled = units.filter(({ labels }) => labels > 0);
  const issued = units.filter((unit) => statusOf(unit) === 'issued').map(({ id }) => id);
  const isReprinted = ({ uci, labels }: Unit): boolean =>
    labels > 1 && !(inNest !== undefined && 'uci' in inNest && inNest.uci === uci);
  return {
    notPrinted: (await ledger.units({ ...here, ids: issued, printed: false })).units,
    notVerified: labelled.filter((unit) => !isReprinted(unit)),
    scanAgainAtRework: labelled.filter(isReprinted),
    refusals: refusals.list(station),
    alarms: alarms.list(station),
  };
}

export function Exceptions({ page, found }: { page: PageContext; found: Found }) {
  const { say } = page;
  return (
    <section class="exceptions" aria-label={say(STATION, 'exceptions')}>
      <CloseList page={page} />
      {(['scanAgainAtRework', 'notPrinted', 'notVerified'] as const).map((kind) => (
        <>
          <h2>{say(STATION, kind)}</h2>
          <Units page={page} units={found[kind]} printable={kind === 'notPrinted'} />
        </>
      ))}
      {(['alarms', 'refusals'] as const).map((kind) => (
        <>
          <h2>{say(STATION, kind === 'alarms' ? 'alarms' : 'refused')}</h2>
          {found[kind].length === 0 ? (
            <p class="soft">{say(STATION, 'noRefusals')}</p>
          ) : (
            <RefusalList page={page} refusals={found[kind]} />
          )}
        </>
      ))}
    </section>
  );
}

interface RefusalListProps {
  page: PageContext;
  refusals: Refusal[];
  /** True on pages for people at a desk, where refusals may name commands and settings. */
  desk?: boolean;
}

export function RefusalList({ page: { say, language }, refusals, desk = false }: RefusalListProps) {
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  return (
    <ul>
      {refusals.map((one) => (
        <li>
          <strong>{desk ? said(one, say, language) : reasonOf(one, say, language)}</strong>{' '}
          {say(STATION, 'times', { count: one.count, time: clock.format(one.lastAt), source: one.lastSource })}
        </li>
      ))}
    </ul>
  );
}

function said({ alarm, detail, words }: Refusal, say: Say, language: Language): string {
  return alarm === undefined ? saidIn({ message: detail, words }, language).detail : alarmSaid(say, alarm, detail);
}

/** Shows units with masked Claim IDs, because the operator needs only the S/N. */
function Units({ page, units, printable }: { page: PageContext; units: Unit[]; printable: boolean }) {
  const { say, language, who } = page;
  if (units.length === 0) return <p class="soft">{say(STATION, 'nothing', { hours: HOURS })}</p>;
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  return (
    <ul>
      {units.slice(0, MAX_LISTED).map(({ id, uci, serial, facts }) => (
        <li>
          {say(STATION, 'serial')} <strong>{serial ?? '–'}</strong>, {say(STATION, 'claimId')} {mask(uci)},{' '}
          {say(STATION, 'givenAt')} {clock.format(facts.issued)}{' '}
          {printable && who.may.has('labels:print') ? (
            <button class="btn" data-do="print" data-unit={id}>
              {say(STATION, 'print')}
            </button>
          ) : null}
        </li>
      ))}
      {units.length > MAX_LISTED ? <li>{say(STATION, 'more')}</li> : null}
    </ul>
  );
}

/** The button that closes a list that covers the station's screen. Esc does the same. */
export function CloseList({ page: { say } }: { page: PageContext }) {
  return (
    <button class="btn close" type="button">
      {say(STATION, 'close')} <kbd>Esc</kbd>
    </button>
  );
}

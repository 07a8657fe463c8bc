import type { Services } from '../http/services.ts';
import type { Refusal } from '../http/refusals.ts';
import { mask } from '../model/claim-id.ts';
import type { Unit } from '../model/unit.ts';
import { STATION } from '../../words/console/station.ts';
import { RefusalList } from './station-view.tsx';
import type { PageContext } from './pages.tsx';

/** The list of exceptions covers this number of hours, so that it includes the previous shift. */
const HOURS = 24;

/**
 * The maximum number of units in the list, which is more than the screen can show. The Exceptions page shows all units.
 */
const MAX_LISTED = 20;

interface Found {
  notPrinted: Unit[];
  notVerified: Unit[];
  refusals: Refusal[];
  alarms: Refusal[];
}

/** Shows the exceptions of a station: units without a label or without PASS, refusals and alarms. */
export async function exceptionsAt({ ledger, refusals, alarms, now }: Services, station: string): Promise<Found> {
  const here = { station, from: now() - HOURS * 3_600_000, after: 0, limit: MAX_LISTED + 1 };
  return {
    notPrinted: (await ledger.units({ ...here, status: 'issued', printed: false })).units,
    notVerified: (await ledger.units({ ...here, status: 'printed' })).units,
    refusals: refusals.list(station),
    alarms: alarms.list(station),
  };
}

export function Exceptions({ page, found }: { page: PageContext; found: Found }) {
  const { say } = page;
  return (
    <section class="exceptions" aria-label={say(STATION, 'exceptions')}>
      {(['notPrinted', 'notVerified'] as const).map((kind) => (
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
            <button data-do="print" data-unit={id}>
              {say(STATION, 'print')}
            </button>
          ) : null}
        </li>
      ))}
      {units.length > MAX_LISTED ? <li>{say(STATION, 'more')}</li> : null}
    </ul>
  );
}

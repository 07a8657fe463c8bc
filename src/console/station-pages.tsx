import type { Child } from 'hono/jsx';
import { ClaimstampError, type ErrorCode, refusal } from '../platform/error.ts';
import { PROBLEMS, retryAfter, saidIn } from '../http/problems.ts';
import { PREVIOUS, WAITING } from '../decide/scans/verify.ts';
import { badgeElsewhere } from './station-badge.tsx';
import { refuseWithoutBadge } from '../http/require-badge.ts';
import type { Fields } from '../http/form.ts';
import { countLookups } from '../http/lookups.ts';
import { scannedUnit } from '../http/routes/stations.ts';
import type { Services } from '../http/services.ts';
import { textsIn } from '../model/scan/clean.ts';
import { CHANGE_OVER } from '../../words/console/change-over.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { STATION } from '../../words/console/station.ts';
import { forecastLine } from './forecasts-page.tsx';
import { Exceptions, exceptionsAt } from './station-exceptions.tsx';
import { gateScan } from './station-gate.tsx';
import { HandOver } from './station-hand-over.tsx';
import { matchScan } from './station-match.ts';
import { LoadedLabels, OtherPrinters } from './station-printers.tsx';
import { Passed, Verdict } from './station-verdict.tsx';
import { nestsAt, stationsAt } from './station-nests.ts';
import { Table } from './parts.tsx';
import { classesOf, Screen } from './station-screen.tsx';
import { LiveParts, testSaid } from './station-view.tsx';
import { plain, todoOf } from './station-words.ts';
import type { Ledger } from '../contract/ledger.ts';
import { isLive } from '../model/credential.ts';
import type { Station } from '../model/station.ts';
import type { Pages, PageContext } from './pages.tsx';
import { badgeScanned, type Guesses } from './station-badge-scan.ts';
import { alreadyOf, exampleOf, failureOf, missingOf, nextOf, unclearOf, whyOf } from './verdict-words.ts';
import { defined } from '../platform/own.ts';

export function stationPages(pages: Pages): void {
  const { services } = pages;
  const clock = (): number => performance.now();
  const guesses = { unknown: countLookups(clock), refused: countLookups(clock) };
  pages.page('/stations', 'stations:read', async (page) => ({
    title: page.say(STATION, 'stations'),
    body: (
      <List
        page={page}
        services={services}
        stations={await services.ledger.stations()}
        screens={await openScreens(services)}
        forecasts={await forecastLine(page)}
      />
    ),
  }));
  pages.page('/stations/:name', 'stations:read', async (page) => {
    const nests = await nestsAt(services, page.param('name'), page.c);
    return {
      title: page.param('name'),
      body: <Screen page={page} nests={nests} now={services.now()} />,
      scripts: ['station.js'],
      screen: classesOf(defined(nests[0]).station, nests),
    };
  });
  pages.part('/stations/:name/now', 'stations:read', async (page) => (
    <LiveParts
      page={page}
      nests={await nestsAt(services, page.param('name'), page.c)}
      now={services.now()}
      selected={page.c.req.query('selected')}
    />
  ));
  pages.part('/stations/:name/exceptions', 'stations:read', async (page) => (
    <Exceptions page={page} found={await exceptionsAt(services, page.param('name'))} />
  ));
  pages.part('/stations/:name/hand-over', 'stations:read', async (page) => (
    <HandOver page={page} stations={await stationsAt(services.ledger, page.param('name'))} />
  ));
  pages.part('/stations/:name/printers', 'labels:print', async (page) => (
    <OtherPrinters page={page} services={services} />
  ));
  pages.part('/stations/:name/loaded', 'stations:read', async (page) => (
    <LoadedLabels page={page} services={services} />
  ));
  pages.act('/stations/:name/scan', 'stations:operate', (page, fields) =>
    told(page, () => scan(services, guesses, page, fields)),
  );
  pages.act('/stations/:name/do', 'stations:operate', (page, fields) =>
    told(page, () => press(services, page, fields)),
  );
}

/** Returns the names of the stations whose screens (kiosks) are signed in. */
async function openScreens({ ledger, now }: Services): Promise<Set<string>> {
  const sessions = await ledger.credentials('session');
  return new Set(sessions.filter((one) => one.kiosk && isLive(one, now())).map(({ name }) => name));
}

interface ListProps {
  page: PageContext;
  services: Services;
  stations: Station[];
  screens: Set<string>;
  forecasts: Child;
}

function List({ page: { say, who }, services: { printing }, stations, screens, forecasts }: ListProps) {
  const troubleOf = ({ printer }: Station): string => {
    const trouble = printer === undefined ? undefined : printing.trouble(printer);
    return trouble === undefined ? '' : say(STATION, `printer.${trouble.what}`, { printer: printer ?? '' });
  };
  return (
    <>
      <h1>{say(STATION, 'stations')}</h1>
      {forecasts}
      <Table
        caption={say(STATION, 'stations')}
        heads={(['station', 'state', 'printer', 'screen'] as const).map((head) => say(STATION, head))}
      >
        {stations.map((station) => (
          <tr>
            <th scope="row">
              <a class="row" href={`/stations/${station.name}`}>
                {station.name}
              </a>{' '}
              {who.may.has('stations:changeover') ? (
                <a class="row soft" href={`/station-settings?name=${station.name}`}>
                  {say(STATION, 'settings')}
                </a>
              ) : null}
            </th>
            <td>
              {say(STATION, station.mode)}: {say(STATION, todoOf(station))}
            </td>
            <td>
              {station.printer ?? say(STATION, 'noPrinter')} <span class="bad">{troubleOf(station)}</span>
            </td>
            <td>
              {who.may.has('access:write') && !screens.has(station.name) ? (
                <a href={`/station-settings?name=${station.name}#screen`}>{say(STATION, 'openScreen')}</a>
              ) : (
                say(STATION, screens.has(station.name) ? 'screenOpen' : 'screenClosed')
              )}
              {station.badge === 'required' ? <small>{say(STATION, 'badgeRequired')}</small> : null}
            </td>
          </tr>
        ))}
      </Table>
      {who.may.has('catalog:write') ? (
        <p>
          {stations.length > 1 ? null : `${say(SET_UP, 'stationsHint')} `}
          <a href="/station-settings">{say(SET_UP, 'newStation')}</a>
        </p>
      ) : null}
    </>
  );
}

/* Actions after a scan or a pressed key */

/** Shows a refusal as large as a FAIL, because operators look only at the result. */
async function told(page: PageContext, act: () => Promise<ReturnType<typeof Verdict>>) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ClaimstampError) || UNCAUGHT.has(error.code)) throw error;
    if (error.code === 'badge-required') return <Verdict result="badge" word={page.say(STATION, 'badgeFirst')} />;
    if (error.code === 'lookups-throttled') {
      page.c.status(PROBLEMS[error.code][0]);
      page.c.header('retry-after', retryAfter(error));
    }
    return (
      <Verdict
        result="refused"
        word={page.say(STATION, 'notPossible')}
        why={plain(page.say, error.code, saidIn(error, page.language).detail)}
      />
    );
  }
}

/** Errors that station.js itself handles, because the session or the service has ended. */
const UNCAUGHT = new Set<ErrorCode>(['unauthorized', 'stopping']);

async function scan(services: Services, guesses: Guesses, page: PageContext, fields: Fields) {
  const { say } = page;
  const code = fields.get('code') ?? '';
  // A scanner may send only its prefix or suffix, without a code.
  if (textsIn(code).length === 0) return <></>;
  const operator = await badgeScanned(services, guesses, page, code);
  if (operator !== undefined)
    return (
      <p data-result="done" data-badge="">
        <strong>{say(STATION, 'hello', { operator })}</strong>
      </p>
    );
  const badge = await badgeElsewhere(services, page, code);
  if (badge !== undefined) return badge;
  // The change-over waits for a lead's badge. Until then, no other code is verified as a label.
  if (fields.get('intent') === 'badge')
    return <Verdict result="refused" word={say(STATION, 'notPossible')} why={say(CHANGE_OVER, 'notABadge')} />;
  // Two scanners that type at the same time produce a code that is on no label. Such a code must not cause a FAIL.
  if (fields.get('double') !== undefined && (await scannedUnit(services, page.param('name'), code)) === undefined)
    return <Verdict result="again" word={say(STATION, 'again')} why={say(STATION, 'againWhy')} />;
  const stations = await stationsAt(services.ledger, page.param('name'));
  await refuseWithoutBadge(services, page.who);
  if (stations[0]?.mode === 'gate') return gateScan(page, stations[0].name, code);
  const intent = fields.get('intent') ?? 'verify';
  if (intent !== 'verify') return prepare(page, stationIn(fields, stations), intent, code);
  if (stations.length === 1 || fields.get('device') !== undefined)
    return verify(services, page, {
      station: page.param('name'),
      code,
      device: fields.get('device'),
      more: heldIn(fields, page.param('name')),
    });
  const match = await matchScan(services, stations, code, services.now());
  if (match.at === 'nest')
    return verify(services, page, { ...match, code, device: undefined, more: heldIn(fields, match.station) });
  if (match.at === 'told') return verify(services, page, { ...match, code, device: undefined });
  if (match.at === 'passed') return <Verdict result="done" word={say(STATION, 'passedBefore', { nest: match.nest })} />;
  if (match.at === 'nothing')
    return <Verdict result="refused" word={say(STATION, 'notPossible')} why={say(STATION, 'nonePending')} />;
  return <Verdict result="fail" word={say(STATION, 'fail')} why={say(STATION, 'noNest')} />;
}

/** Does what the operator chose before the scan: arms the station, or resumes a roll. */
async function prepare({ say, call }: PageContext, name: string, intent: string, code: string) {
  const params = { name };
  if (intent === 'label' || intent === 'rework') {
    await call('POST /v1/stations/{name}/arm', { params, body: { code, reason: intent } });
    return <Verdict result="done" word={say(STATION, 'isArmed')} />;
  }
  const body = { after: code, reason: say(STATION, 'rollReason') };
  const { left, ...queued } = await call('POST /v1/stations/{name}/roll', { params, body });
  const said = say(STATION, 'rollQueued', queued);
  return <Verdict result="done" word={said} {...(left > 0 ? { why: say(STATION, 'rollLeft', { left }) } : {})} />;
}

/**
 * If another label of a unit must be scanned at this station, returns the codes of the unit's labels that were already
 * scanned. On a screen with several nests, scanning a label of another nest discards these codes.
 */
function heldIn(fields: Fields, station: string): string[] | undefined {
  return fields.get('heldAt') === station
    ? fields
        .get('held')
        ?.split('\n')
        .filter((code) => code !== '')
    : undefined;
}

interface Scan {
  station: string;
  /** The number of the nest, if the screen has several nests. */
  nest?: number;
  code: string;
  device: string | undefined;
  /** The codes of the unit's other labels that were scanned before. */
  more?: string[] | undefined;
}

async function verify({ ledger }: Services, page: PageContext, { station, nest, code, device, more }: Scan) {
  const { say, call } = page;
  const params = { name: station };
  const answer = await call('POST /v1/stations/{name}/verify', { params, body: { label: code, device, more } });
  const inNest = (said: string): string => (nest === undefined ? said : say(STATION, 'ofNest', { nest, said }));
  if (answer.result === 'PASS')
    return nest === undefined ? (
      <Verdict result="pass" word={say(STATION, 'pass')} why={nextOf(page, await ledger.station(station), answer)} />
    ) : (
      <Passed word={say(STATION, 'passIn', { nest })} why={say(STATION, 'takeOut', { nest })} />
    );
  // The station became a gate after this screen was drawn.
  if (answer.result === 'SHIP' || answer.result === 'STOP')
    return <Verdict result="again" word={say(STATION, 'again')} />;
  // The sound and colour must differ from those of a PASS, because another device is in the nest now.
  if (answer.result === 'ALREADY' && answer.reason === PREVIOUS)
    return <Verdict result="again" word={inNest(say(STATION, 'previous'))} why={say(STATION, 'previousWhy')} />;
  if (answer.result === 'ALREADY') return <Verdict result="done" word={inNest(alreadyOf(page, answer))} />;
  const failure = failureOf(answer.reason);
  if (failure === 'unclear')
    return <Verdict result="again" word={say(STATION, 'again')} why={unclearOf(page, answer)} />;
  if (answer.missing !== undefined)
    return <Verdict result="both" held={station} word={inNest(missingOf(page, answer.missing))} />;
  const asked = `${say(STATION, failure)}${failure === 'deviceOnly' ? '' : await exampleOf(ledger, page, station)}`;
  if (WAITING.some((one) => one === failure)) return <Verdict result="both" word={inNest(asked)} />;
  return <Verdict result="fail" word={say(STATION, 'fail')} why={inNest(whyOf(page, failure, answer))} />;
}

/** Returns the station whose button was pressed. The API checks that the caller may use this station. */
function stationIn(fields: Fields, stations: Station[]): string {
  const asked = fields.get('station');
  return (stations.find(({ name }) => name === asked) ?? defined(stations[0])).name;
}

async function press(services: Services, page: PageContext, fields: Fields) {
  const { say, call } = page;
  await refuseWithoutBadge(services, page.who);
  const what = fields.get('what') ?? '';
  const station = stationIn(fields, await stationsAt(services.ledger, page.param('name')));
  if (what === 'test-label') {
    const test = await call('POST /v1/stations/{name}/test-label', { params: { name: station } });
    const isFine = test.state === 'done' || test.state === 'sent';
    return <Verdict result={isFine ? 'done' : 'refused'} word={testSaid(say, test)} />;
  }
  if (what === 'loaded') {
    const body = { loaded: fields.get('size') ?? '' };
    await call('POST /v1/stations/{name}/loaded', { params: { name: station }, body });
    return <Verdict result="done" word={say(STATION, 'done')} />;
  }
  if (what === 'elsewhere') {
    const body = { printer: fields.get('printer') ?? '', reason: fields.get('reason') };
    const params = { id: Number(fields.get('job')) };
    const { printer } = await call('POST /v1/print-jobs/{id}/elsewhere', { params, body });
    return <Verdict result="done" word={say(STATION, 'queued', { printer })} />;
  }
  if (what === 'print') {
    const uci = fields.get('uci') ?? (await uciOf(services, station, Number(fields.get('unit'))));
    const reason = fields.get('reason');
    const body = { station, reason, role: fields.get('role') };
    const { printer } = await call('POST /v1/units/{uci}/print', { params: { uci }, body });
    const isLeft = reason !== undefined && !(await isInNest(services.ledger, station, uci));
    const why = say(STATION, 'queued', { printer });
    return (
      <Verdict
        result="done"
        word={isLeft ? why : say(STATION, 'done')}
        why={isLeft ? say(STATION, 'scanAtRework') : why}
      />
    );
  }
  const move = (['next', 'same-device', 'cancel'] as const).find((one) => one === what);
  if (move === undefined) throw refusal('invalid', 'noKey');
  await call(`POST /v1/stations/{name}/${move}`, { params: { name: station } });
  return <Verdict result="done" word={say(STATION, 'done')} />;
}

async function isInNest(ledger: Ledger, station: string, uci: string): Promise<boolean> {
  const found = await ledger.station(station);
  return found?.mode === 'open' || (found?.slot.state === 'open' && found.slot.uci === uci);
}

/**
 * Finds the Claim ID of a unit in the list of exceptions. The list masks Claim IDs, so the form contains only the
 * unit's number.
 */
async function uciOf({ ledger }: Services, station: string, id: number): Promise<string> {
  const [unit] = Number.isSafeInteger(id) ? (await ledger.units({ station, after: id - 1, limit: 1 })).units : [];
  if (unit?.id !== id) throw refusal('not-found', 'leftStation');
  return unit.uci;
}

import { ClaimstampError, type ErrorCode, refusal } from '../platform/error.ts';
import { PROBLEMS, retryAfter, saidIn } from '../http/problems.ts';
import { FAILURES, type Failure } from '../decide/station-actions.ts';
import type { Answer } from '../http/client.ts';
import { nameOf } from '../http/auth.ts';
import type { Fields } from '../http/form.ts';
import { countLookups, type Lookups } from '../http/lookups.ts';
import { isUnitOf, scannedUnit } from '../http/routes/stations.ts';
import type { Trouble } from '../contract/printing.ts';
import type { Services } from '../http/services.ts';
import { present } from '../http/read-body.ts';
import { isEnded, type Unit } from '../model/unit.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { STATION } from '../../words/console/station.ts';
import { Exceptions, exceptionsAt } from './station-exceptions.tsx';
import { NestView, testSaid, todoOf, type Nest } from './station-view.tsx';
import type { Pages, PageContext } from './pages.tsx';
import { own, keysOf } from '../platform/own.ts';

export function stationPages(pages: Pages): void {
  const { services } = pages;
  const clock = (): number => performance.now();
  const guesses = { unknown: countLookups(clock), refused: countLookups(clock) };
  pages.page('/stations', 'stations:read', async (page) => ({
    title: page.say(STATION, 'stations'),
    body: <List page={page} nests={await nestsOf(services)} />,
  }));
  pages.page('/stations/:name', 'stations:read', async (page) => {
    const nest = await nestOf(services, page.param('name'));
    return {
      title: nest.station.name,
      body: <Screen page={page} nest={nest} now={services.now()} />,
      scripts: ['station.js'],
      alone: true,
    };
  });
  pages.part('/stations/:name/now', 'stations:read', async (page) => (
    <NestView page={page} nest={await nestOf(services, page.param('name'))} now={services.now()} />
  ));
  pages.part('/stations/:name/exceptions', 'stations:read', async (page) => (
    <Exceptions page={page} found={await exceptionsAt(services, page.param('name'))} />
  ));
  pages.act('/stations/:name/scan', 'stations:operate', (page, fields) =>
    told(page, () => scan(services, guesses, page, fields)),
  );
  pages.act('/stations/:name/do', 'stations:operate', (page, fields) =>
    told(page, () => press(services, page, fields)),
  );
}

function List({ page: { say, who }, nests }: { page: PageContext; nests: Nest[] }) {
  return (
    <>
      <h1>{say(STATION, 'stations')}</h1>
      <table>
        <thead>
          <tr>
            <th scope="col">{say(STATION, 'station')}</th>
            <th scope="col">{say(STATION, 'state')}</th>
            <th scope="col">{say(STATION, 'printer')}</th>
          </tr>
        </thead>
        <tbody>
          {nests.map(({ station, trouble }) => (
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
                {station.printer ?? say(STATION, 'noPrinter')} <span class="bad">{trouble?.detail ?? ''}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {who.may.has('catalog:write') ? (
        <p>
          <a href="/station-settings">{say(SET_UP, 'newStation')}</a>
        </p>
      ) : null}
    </>
  );
}

/**
 * Shows the screen of a station. The data attributes of the screen contain the texts of station.js in the language of
 * the page.
 */
function Screen({ page, nest, now }: { page: PageContext; nest: Nest; now: number }) {
  const { say, csrf } = page;
  const { name, mode } = nest.station;
  return (
    <div id="station" data-name={name} data-mode={mode} data-csrf={csrf}>
      <div class="head">
        <h1>{name}</h1>
        {page.who.may.has('stations:operate') ? (
          <form id="scan">
            <label>
              {say(STATION, 'scan')}
              <input name="code" autocomplete="off" autocapitalize="none" spellcheck={false} maxlength={64} />
            </label>
            <p
              id="hint"
              role="status"
              data-label={say(STATION, 'armNow')}
              data-rework={say(STATION, 'reworkNow')}
              data-device={say(STATION, 'labelNow')}
              data-roll={say(STATION, 'rollNow')}
            >
              {say(STATION, 'waiting')}
            </p>
          </form>
        ) : null}
      </div>
      <div id="nest">
        <NestView page={page} nest={nest} now={now} />
      </div>
      <div id="list" hidden></div>
      <div id="verdict" role="alert" hidden data-rejected={say(STATION, 'rejected')}></div>
    </div>
  );
}

/* Actions after a scan or a pressed key */

/** Shows a refusal in the same size as a FAIL, because the operator looks only at the result. */
async function told(page: PageContext, act: () => Promise<ReturnType<typeof Verdict>>) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ClaimstampError) || UNCAUGHT.has(error.code)) throw error;
    if (error.code === 'lookups-throttled') {
      page.c.status(PROBLEMS[error.code][0]);
      page.c.header('retry-after', retryAfter(error));
    }
    return (
      <Verdict result="refused" word={page.say(STATION, 'notPossible')} why={saidIn(error, page.language).detail} />
    );
  }
}

/** station.js handles the errors that mean that the session or the service has ended. */
const UNCAUGHT = new Set<ErrorCode>(['unauthorized', 'stopping']);

async function scan(services: Services, guesses: Guesses, page: PageContext, fields: Fields) {
  const { say, call } = page;
  const code = fields.get('code') ?? '';
  const operator = await badgeScanned(services, guesses, page, code);
  if (operator !== undefined) return <Verdict result="done" word={say(STATION, 'hello', { operator })} />;
  const intent = fields.get('intent') ?? 'verify';
  const params = { name: page.param('name') };
  if (intent === 'label' || intent === 'rework') {
    await call('POST /v1/stations/{name}/arm', { params, body: { code, reason: intent } });
    return <Verdict result="done" word={say(STATION, 'isArmed')} />;
  }
  if (intent === 'roll') {
    const reason = say(STATION, 'rollReason');
    const { left, ...queued } = await call('POST /v1/stations/{name}/roll', {
      params,
      body: { after: code, reason },
    });
    const said = say(STATION, 'rollQueued', queued);
    return <Verdict result="done" word={said} {...(left > 0 ? { why: say(STATION, 'rollLeft', { left }) } : {})} />;
  }
  const answer = await call('POST /v1/stations/{name}/verify', {
    params,
    body: { label: code, device: fields.get('device') },
  });
  if (answer.result === 'PASS') return <Verdict result="pass" word={say(STATION, 'pass')} />;
  const failure = failureOf(answer.reason);
  if (failure === 'noneOpen' || failure === 'severalOpen')
    return <Verdict result="both" word={say(STATION, failure)} />;
  return <Verdict result="fail" word={say(STATION, 'fail')} why={whyOf(page, failure, answer)} />;
}

type Verified = Extract<Answer<'POST /v1/stations/{name}/verify'>, { result: 'FAIL' }>;

const MINUTE_MS = 60_000;

/** Counts guesses at kiosks, for each kiosk and for each address. */
interface Guesses {
  /** Codes that were neither a badge nor on a label. */
  unknown: Lookups;
  /** Codes that were refused because the kiosk or the address had to wait. */
  refused: Lookups;
}

/**
 * Returns the person whose badge was scanned at a kiosk. If a person is signed in, no code counts as a badge. A code
 * that is neither a badge nor on a label is a guess. After too many guesses, further codes must wait.
 */
async function badgeScanned(
  services: Services,
  guesses: Guesses,
  { c, who }: PageContext,
  code: string,
): Promise<string | undefined> {
  if (who.kiosk === undefined || who.session === undefined) return undefined;
  const { ledger, source, config } = services;
  const address = source.address(c);
  const guessers: Guesser[] = [
    [nameOf(who), ''],
    ['', address],
  ];
  const unit = await scannedUnit(ledger, code);
  const waitS = waitOf(guesses.unknown, guessers);
  if (waitS > 0) {
    const isPatient = waitOf(guesses.refused, guessers) === 0;
    if (!(await isAnswered(ledger, who.kiosk, unit, isPatient))) {
      if (isPatient) count(guesses.refused, guessers);
      throw refusal('lookups-throttled', 'codes', { waitS });
    }
  }
  const people = await ledger.people();
  if (!people.some(({ badge, removedAt }) => badge === code && removedAt === undefined)) {
    if (unit === undefined) count(guesses.unknown, guessers);
    return undefined;
  }
  const kiosk = { hash: who.session.hash, source: address, idleMs: config.badgeIdle * MINUTE_MS };
  return (await ledger.record({ kind: 'use-badge', ...kiosk, badge: code })).operator;
}

/**
 * Returns true if a scan of this label gets an answer while guesses must wait. Labels of the station's own units always
 * get an answer, so that production goes on. An answer about any other label could show which codes exist. A reserved
 * label that no station printed may belong to this station. So a reserved label also gets an answer, until too many
 * codes were refused.
 */
async function isAnswered(
  ledger: Services['ledger'],
  station: string,
  unit: Unit | undefined,
  isPatient: boolean,
): Promise<boolean> {
  if (unit === undefined) return false;
  const isReserved = unit.facts.issued === undefined && !isEnded(unit);
  return (isReserved && isPatient) || (await isUnitOf(ledger, station, unit));
}

type Guesser = [name: string, address: string];

function waitOf(lookups: Lookups, guessers: Guesser[]): number {
  return Math.max(...guessers.map(([name, address]) => lookups.waitS(name, address)));
}

function count(lookups: Lookups, guessers: Guesser[]): void {
  for (const [name, address] of guessers) lookups.missed(name, address);
}

function whyOf({ say, language }: PageContext, failure: Failure, { verified }: Verified): string {
  if (verified === undefined) return say(STATION, failure);
  const at = new Date(verified.at);
  const isToday = at.toDateString() === new Date().toDateString();
  const style = isToday ? ({ timeStyle: 'short' } as const) : ({ dateStyle: 'short', timeStyle: 'short' } as const);
  const time = new Intl.DateTimeFormat(language, style).format(at);
  return say(STATION, 'verifiedAt', { station: verified.station ?? '–', time });
}

function failureOf(reason: string): Failure {
  const known = keysOf(FAILURES).find((failure) => FAILURES[failure] === reason);
  if (known === undefined) throw new Error(`no words for "${reason}"`);
  return known;
}

async function press(services: Services, page: PageContext, fields: Fields) {
  const { say, call } = page;
  const what = fields.get('what') ?? '';
  const station = page.param('name');
  if (what === 'test-label') {
    const test = await call('POST /v1/stations/{name}/test-label', { params: { name: station } });
    const isFine = test.state === 'done' || test.state === 'sent';
    return <Verdict result={isFine ? 'done' : 'refused'} word={testSaid(say, test)} />;
  }
  if (what === 'print') {
    const uci = fields.get('uci') ?? (await uciOf(services, station, Number(fields.get('unit'))));
    const body = { station, reason: fields.get('reason') };
    const { printer } = await call('POST /v1/units/{uci}/print', { params: { uci }, body });
    return <Verdict result="done" word={say(STATION, 'done')} why={say(STATION, 'queued', { printer })} />;
  }
  const move = (['next', 'same-device', 'cancel'] as const).find((one) => one === what);
  if (move === undefined) throw refusal('invalid', 'noKey');
  await call(`POST /v1/stations/{name}/${move}`, { params: { name: station } });
  return <Verdict result="done" word={say(STATION, 'done')} />;
}

/** Finds the Claim ID of a unit in the list of exceptions, because this list shows masked Claim IDs. */
async function uciOf({ ledger }: Services, station: string, id: number): Promise<string> {
  const [unit] = Number.isSafeInteger(id) ? (await ledger.units({ station, after: id - 1, limit: 1 })).units : [];
  if (unit?.id !== id) throw refusal('not-found', 'leftStation');
  return unit.uci;
}

/** The result `both` means that the operator must scan a second code. */
type Result = 'pass' | 'fail' | 'refused' | 'done' | 'both';

/** The shape and the word of a result say the same as its colour. */
function Verdict({ result, word, why }: { result: Result; word: string; why?: string }) {
  return (
    <div class={`verdict ${result}`} data-result={result}>
      <span class="shape" aria-hidden="true">
        {result === 'pass' || result === 'done' ? '✓' : '✕'}
      </span>
      <strong>{word}</strong>
      {why === undefined ? null : <p>{why}</p>}
    </div>
  );
}

/* The current state of stations */

async function nestsOf(services: Services): Promise<Nest[]> {
  return (await services.ledger.stations()).map((station) => ({
    station,
    ...troubleOf(services, station.printer),
    isOwn: true,
    refusals: [],
    alarms: [],
    testMode: false,
  }));
}

async function nestOf(services: Services, name: string): Promise<Nest> {
  const { ledger, hub, refusals, alarms, config } = services;
  const station = await ledger.station(name);
  if (station === undefined) throw refusal('not-found', 'station', { station: name });
  const { armed, slot, mode } = station;
  const held = armed?.uci ?? (slot.state === 'ready' ? undefined : slot.uci);
  const uci = held ?? (mode === 'open' ? hub.lastAt(name) : undefined);
  const unit = uci === undefined ? undefined : (await ledger.unit(uci))?.unit;
  const product = unit && (await ledger.product(unit.product));
  const current =
    unit === undefined
      ? Object.values(station.workOrders)[0]
      : (unit.workOrder ?? own(station.workOrders, unit.product));
  const workOrder = current === undefined ? undefined : await ledger.workOrder(current);
  return {
    station,
    ...present({ unit, product, workOrder }),
    isOwn: unit === undefined || (await isUnitOf(ledger, name, unit)),
    ...troubleOf(services, station.printer),
    refusals: refusals.list(name),
    alarms: alarms.list(name),
    testMode: config.builderLocal === 'accept',
  };
}

function troubleOf({ printing }: Services, printer: string | undefined): { trouble?: Trouble } {
  return present({ trouble: printer === undefined ? undefined : printing.trouble(printer) });
}

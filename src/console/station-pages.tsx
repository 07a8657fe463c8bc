import { ClaimstampError, type ErrorCode } from '../error.ts';
import { FAILURES, type Failure, type VerifyAnswer } from '../floor.ts';
import type { Fields } from '../http/form.ts';
import type { Line } from '../http/line.ts';
import { present } from '../http/read.ts';
import { STATION } from './station-words.ts';
import { NestView, todoOf, type Nest } from './station-view.tsx';
import type { Pages, Visit } from './visit.tsx';

export function stationPages(pages: Pages): void {
  const { line } = pages;
  pages.page('/stations', 'stations:read', async (visit) => ({
    title: visit.say(STATION, 'stations'),
    body: <List visit={visit} nests={await nestsOf(line)} />,
  }));
  pages.page('/stations/:name', 'stations:read', async (visit) => {
    const nest = await nestOf(line, nameIn(visit));
    return {
      title: nest.station.name,
      body: <Screen visit={visit} nest={nest} now={line.now()} />,
      scripts: ['station.js'],
      alone: true,
    };
  });
  pages.part('/stations/:name/now', 'stations:read', async (visit) => (
    <NestView visit={visit} nest={await nestOf(line, nameIn(visit))} now={line.now()} />
  ));
  pages.act('/stations/:name/scan', 'stations:operate', (visit, fields) => told(visit, () => scan(visit, fields)));
  pages.act('/stations/:name/do', 'stations:operate', (visit, fields) => told(visit, () => press(visit, fields)));
}

function nameIn({ c }: Visit): string {
  return c.req.param('name') as string;
}

function List({ visit: { say }, nests }: { visit: Visit; nests: Nest[] }) {
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
                </a>
              </th>
              <td>
                {say(STATION, station.mode)}: {say(STATION, todoOf(station))}
              </td>
              <td>
                {station.printer ?? say(STATION, 'noPrinter')} <span class="bad">{trouble ?? ''}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** What the script says stands here, in the page's language: it knows no words. */
function Screen({ visit, nest, now }: { visit: Visit; nest: Nest; now: number }) {
  const { say, csrf } = visit;
  const { name, mode } = nest.station;
  return (
    <div id="station" data-name={name} data-mode={mode} data-csrf={csrf}>
      <div class="head">
        <h1>{name}</h1>
        {visit.who.may.has('stations:operate') ? (
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
            >
              {say(STATION, 'waiting')}
            </p>
          </form>
        ) : null}
      </div>
      <div id="nest">
        <NestView visit={visit} nest={nest} now={now} />
      </div>
      <div id="verdict" role="alert" hidden data-rejected={say(STATION, 'rejected')}></div>
    </div>
  );
}

/* What was scanned or pressed */

/** A refusal is said as loud as a FAIL: whoever stands there looks at nothing else. */
async function told(visit: Visit, act: () => Promise<ReturnType<typeof Verdict>>) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ClaimstampError) || LOUD.has(error.code)) throw error;
    return <Verdict result="refused" word={visit.say(STATION, 'notPossible')} why={error.message} />;
  }
}

/** These end the session or are no answer of the line. */
const LOUD = new Set<ErrorCode>(['unauthorized', 'stopping']);

async function scan(visit: Visit, fields: Fields) {
  const { say, call } = visit;
  const code = fields.get('code') ?? '';
  const intent = fields.get('intent') ?? 'verify';
  const at = `/v1/stations/${nameIn(visit)}`;
  if (intent === 'label' || intent === 'rework') {
    await call('POST', `${at}/arm`, { code, reason: intent });
    return <Verdict result="done" word={say(STATION, 'isArmed')} />;
  }
  const answer = await call<VerifyAnswer>(
    'POST',
    `${at}/verify`,
    present({ label: code, device: fields.get('device') }),
  );
  if (answer.result === 'PASS') return <Verdict result="pass" word={say(STATION, 'pass')} />;
  return <Verdict result="fail" word={say(STATION, 'fail')} why={say(STATION, failureOf(answer.reason))} />;
}

function failureOf(reason: string): Failure {
  const known = (Object.keys(FAILURES) as Failure[]).find((failure) => FAILURES[failure] === reason);
  if (known === undefined) throw new Error(`no words for "${reason}"`);
  return known;
}

async function press(visit: Visit, fields: Fields) {
  const { say, call } = visit;
  const what = fields.get('what') ?? '';
  const station = nameIn(visit);
  if (what === 'print') {
    const path = `/v1/units/${encodeURIComponent(fields.get('uci') ?? '')}/print`;
    const { printer } = await call<{ printer: string }>(
      'POST',
      path,
      present({ station, reason: fields.get('reason') }),
    );
    return <Verdict result="done" word={say(STATION, 'done')} why={say(STATION, 'queued', { printer })} />;
  }
  if (!['next', 'same-device', 'cancel'].includes(what)) throw new ClaimstampError('invalid', 'there is no such key');
  await call('POST', `/v1/stations/${station}/${what}`, {});
  return <Verdict result="done" word={say(STATION, 'done')} />;
}

/** Shape and word say the same as the colour. */
function Verdict({ result, word, why }: { result: 'pass' | 'fail' | 'refused' | 'done'; word: string; why?: string }) {
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

/* What stands at a station now */

async function nestsOf(line: Line): Promise<Nest[]> {
  return (await line.ledger.stations()).map((station) => ({
    station,
    ...troubleOf(line, station.printer),
    refusals: [],
  }));
}

async function nestOf(line: Line, name: string): Promise<Nest> {
  const { ledger, hub, refusals } = line;
  const station = (await ledger.stations()).find((one) => one.name === name);
  if (station === undefined) throw new ClaimstampError('not-found', `there is no station ${name}`);
  const { armed, slot, mode } = station;
  const held = armed?.uci ?? (slot.state === 'ready' ? undefined : slot.uci);
  const uci = held ?? (mode === 'open' ? hub.lastAt(name) : undefined);
  const unit = uci === undefined ? undefined : (await ledger.unit(uci))?.unit;
  const product = (await ledger.products()).find(({ id }) => id === unit?.product);
  const current =
    unit === undefined ? Object.values(station.workOrders)[0] : (unit.workOrder ?? station.workOrders[unit.product]);
  const workOrder = (await ledger.workOrders()).find(({ id }) => id === current);
  return {
    station,
    ...present({ unit, product, workOrder }),
    ...troubleOf(line, station.printer),
    refusals: refusals.list(name),
  };
}

function troubleOf({ printing }: Line, printer: string | undefined): { trouble?: string } {
  return present({ trouble: printer === undefined ? undefined : printing.trouble(printer) });
}

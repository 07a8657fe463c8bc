import type { Answer } from '../http/client.ts';
import { PLACES, type Figures, type NowFigures, type Place, type Step } from '../model/figures.ts';
import { NOT_FOR_SALE } from '../model/work-order.ts';
import { defined } from '../platform/own.ts';
import { COMMON } from '../../words/console/common.ts';
import { GATE } from '../../words/console/gate.ts';
import { ORDERS } from '../../words/console/order.ts';
import { SHIPPING_WORDS } from '../../words/console/shipping.ts';
import { ActorNote, actorSaid } from './actors.tsx';
import { Table, Time, UnitHead } from './parts.tsx';
import { Card } from './pictures.tsx';
import { Funnel, Parts, placeSaid } from './reconciliation.tsx';
import { UnitTable } from './unit-results.tsx';
import { roleWord } from './verdict-words.ts';
import type { PageContext } from './pages.tsx';

export type Report = Answer<'GET /v1/work-orders/{id}/reconciliation'>;
type Listed = NonNullable<Report['signedOff']>[number];
type Later = NonNullable<Report['since']>['units'][number];

/** The maximum number of units in each list of a reconciliation. The report of the work order lists all units. */
export const LISTED = 50;

interface Props {
  page: PageContext;
  report: Report;
  id: string;
}

/**
 * The reconciliation on the page of a work order. The charts, and the lists that they link to, show the units
 * as they are now. For a closed work order, the page also shows the figures at the closing, which people have signed.
 */
export function OrderReport({ page, report, id }: Props) {
  const { say } = page;
  const { since, way } = report;
  const figures = today(report);
  return (
    <>
      <h2>{say(ORDERS, 'reconciliation')}</h2>
      <Parts
        page={page}
        figures={figures}
        listOf={(part) => unitsOf(id, { part })}
        atClosing={since === undefined ? undefined : report.figures.parts.released}
      />
      <SignedOff page={page} report={report} />
      {since === undefined ? null : <SinceClosing page={page} report={report} since={since} />}
      <Lists page={page} report={report} />
      <div class="two">
        <div class="column">
          {way === undefined ? null : (
            <Funnel page={page} way={since?.way ?? way} lostAt={(step) => unitsOf(id, { lost: step })} />
          )}
        </div>
        <div class="column is-side">
          <Card title={say(ORDERS, 'allFigures')}>
            <div class="card-body">
              <AllFigures page={page} report={report} />
            </div>
          </Card>
        </div>
      </div>
    </>
  );
}

/** Returns where the units are now. */
export function today({ now, since }: Report): NowFigures {
  return defined(since?.now ?? now);
}

/** Returns the address of a search that lists units of a work order. */
function unitsOf(id: string, by: { part: Place } | { lost: Exclude<Step, 'issued'> }): string {
  return `/units?${new URLSearchParams({ workOrder: id, ...by }).toString()}`;
}

interface SinceProps {
  page: PageContext;
  report: Report;
  since: NonNullable<Report['since']>;
}

function SinceClosing({ page, report: { figures, closed }, since: { counts, units } }: SinceProps) {
  const { say } = page;
  const said = (['void', 'scrapped', 'returned', 'afterReturn'] as const).flatMap((what) =>
    counts[what] === 0 ? [] : say(ORDERS, `since.${what}`, { count: counts[what] }),
  );
  return (
    <Card title={say(ORDERS, 'sinceClosing')} note={closed === undefined ? null : <Time page={page} at={closed.at} />}>
      <div class="card-body">
        <p class="lead">
          <b>{said.length === 0 ? say(ORDERS, 'sinceNone') : `${say(ORDERS, 'sinceClosing')}: ${said.join(', ')}`}</b>
        </p>
        <p class="soft">{say(ORDERS, 'signedFigures', { issued: figures.issued, ...figures.parts })}</p>
      </div>
      {units.length === 0 ? null : (
        <>
          <EndTable page={page} caption={say(ORDERS, 'sinceClosing')} units={units} />
          <div class="card-body">
            <ActorNote page={page} actors={units.map(({ by }) => by)} />
          </div>
        </>
      )}
    </Card>
  );
}

/** The units that were signed off when the work order was closed. */
function SignedOff({ page, report: { signedOff = [], closed } }: Omit<Props, 'id'>) {
  if (signedOff.length === 0) return null;
  const title = page.say(ORDERS, 'signedOffList');
  const by = closed === undefined ? {} : { by: closed.by, at: closed.at };
  return (
    <Card title={title}>
      <EndTable page={page} caption={title} units={signedOff.map((unit) => ({ ...unit, ...by }))} />
    </Card>
  );
}

/**
 * The lists of the report. For a closed work order, these are the lists at the closing. The units that were signed off
 * are in a list of their own.
 */
function Lists({ page, report: { lists, signedOff = [], closed, cut } }: Omit<Props, 'id'>) {
  const { say } = page;
  const signed = new Set(signedOff.map(({ uci }) => uci));
  return (
    <>
      {(['unaccounted', 'void', 'scrapped'] as const).map((part) => {
        const units = (lists[part] ?? []).filter(({ uci }) => !signed.has(uci));
        if (units.length === 0) return null;
        const name = say(ORDERS, `list.${part}`);
        const title = closed === undefined ? name : say(ORDERS, 'listAtClosing', { part: name });
        return (
          <Card title={title}>
            {part === 'unaccounted' ? (
              <UnitTable page={page} units={units} />
            ) : (
              <EndTable page={page} caption={title} units={units} />
            )}
          </Card>
        );
      })}
      {cut ? <p class="soft">{say(ORDERS, 'cut', { count: LISTED })}</p> : null}
    </>
  );
}

interface EndProps {
  page: PageContext;
  caption: string;
  units: readonly (Listed | Later)[];
}

/** Units that were voided, scrapped or returned: when, why, and by whom. */
function EndTable({ page, caption, units }: EndProps) {
  const { say } = page;
  const heads = [
    say(COMMON, 'claimId'),
    say(COMMON, 'serial'),
    ...(['what', 'when', 'why', 'who'] as const).map((head) => say(ORDERS, head)),
  ];
  return (
    <Table caption={caption} heads={heads}>
      {units.map((unit) => {
        const { uci, serial, status, facts, reason, note, by } = unit;
        const at = 'at' in unit ? unit.at : status === 'void' || status === 'scrapped' ? facts[status] : undefined;
        return (
          <tr>
            <UnitHead uci={uci} />
            <td>{serial ?? '–'}</td>
            <td class="sentence">{whatSaid(page, unit)}</td>
            <td>{at === undefined ? '–' : <Time page={page} at={at} />}</td>
            <td class="sentence">{[reason, note].filter((one) => one !== undefined).join(': ')}</td>
            <td class="sentence">{by === undefined ? '–' : actorSaid(page, by)}</td>
          </tr>
        );
      })}
    </Table>
  );
}

function whatSaid({ say }: PageContext, unit: Listed | Later): string {
  const shipped = 'shipped' in unit ? unit.shipped : undefined;
  const rma = 'rma' in unit && unit.status !== 'returned' ? unit.rma : undefined;
  return [
    say(COMMON, unit.status),
    ...(rma === undefined ? [] : [say(ORDERS, 'afterRma', { rma })]),
    ...(shipped === undefined ? [] : [say(ORDERS, 'wasShipped', { list: shipped })]),
  ].join(', ');
}

/** All figures. For a closed work order, the figures of the closing and of today are in two columns. */
function AllFigures({ page, report }: { page: PageContext; report: Report }) {
  const { say } = page;
  const { figures, since } = report;
  const columns = since === undefined ? [figures] : [figures, since.now];
  const rows = columns.map((one) => rowsOf(page, one));
  // The order of the rows is that of the last column, which has all rows of the first one and also the row `returned`.
  const names = [...new Set(rows.toReversed().flatMap((column) => [...column.keys()]))];
  return (
    <table class="figures">
      {since === undefined ? null : (
        <thead>
          <tr>
            <td></td>
            <th scope="col">{say(ORDERS, 'atClosing')}</th>
            <th scope="col">{say(ORDERS, 'today')}</th>
          </tr>
        </thead>
      )}
      <tbody>
        {names.map((name) => (
          <tr>
            <th scope="row">{name}</th>
            {rows.map((column) => (
              <td>{column.get(name) ?? 0}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function rowsOf(page: PageContext, figures: Figures | NowFigures): Map<string, number> {
  const { say } = page;
  const { facts, labels, shipped, returned } = figures;
  const parts: Partial<Record<Place, number>> = figures.parts;
  return new Map([
    [say(COMMON, 'issued'), figures.issued],
    ...PLACES.flatMap((place): [string, number][] => {
      const count = parts[place];
      return count === undefined ? [] : [[placeSaid(page, place), count]];
    }),
    [say(ORDERS, 'labelled'), labels.units],
    [say(ORDERS, 'confirmed'), facts.printed],
    [say(COMMON, 'verified'), facts.verified],
    [say(COMMON, 'reported'), facts.reported],
    [say(COMMON, 'registered'), facts.registered],
    ...(shipped === undefined ? [] : [[say(SHIPPING_WORDS, 'shipped'), shipped] satisfies [string, number]]),
    ...(returned === undefined ? [] : [[say(COMMON, 'returned'), returned] satisfies [string, number]]),
    ...NOT_FOR_SALE.flatMap((why): [string, number][] => {
      const count = figures.notForSale?.[why];
      return count === undefined ? [] : [[say(GATE, why === 'sample' ? 'sample-not-released' : why), count]];
    }),
    [say(COMMON, 'labels'), labels.copies],
    [say(ORDERS, 'jobsFailed'), labels.failed],
    [say(ORDERS, 'jobsUnknown'), labels.unknown],
    ...labels.reprints.map(({ reason, copies }): [string, number] => [say(ORDERS, 'reprintFor', { reason }), copies]),
    ...Object.entries(labels.roles ?? {}).flatMap(([role, one]) =>
      (['copies', 'reprinted', 'unused'] as const)
        .filter((what) => what === 'copies' || one[what] > 0)
        .map((what): [string, number] => [say(ORDERS, `role.${what}`, { role: roleWord(say, role) }), one[what]]),
    ),
  ]);
}

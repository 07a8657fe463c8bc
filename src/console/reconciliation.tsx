import type { Child } from 'hono/jsx';
import { STEPS, type NowFigures, type Place, type Step, type Way } from '../model/figures.ts';
import { COMMON } from '../../words/console/common.ts';
import { ORDERS } from '../../words/console/order.ts';
import { Card, placed } from './pictures.tsx';
import type { PageContext } from './pages.tsx';

/* Pictures of a reconciliation. Each place in the bar is a link to the list of the units that it counts. */

/** The places in the bar, from left to right. */
const IN_BAR = ['released', 'returned', 'unaccounted', 'void', 'scrapped'] as const satisfies Place[];

const HEIGHT = 48;

/** If a part of the bar is at least this wide (percent), it has space for its label. */
const WORD_WIDTH = 20;

interface Props {
  page: PageContext;
  figures: NowFigures;
  /** Returns the address of the list of the units that are in a place. */
  listOf: (place: Place) => string;
  /** The number of units that were released at the closing. Absent for an open work order. */
  atClosing?: number | undefined;
}

/** A stacked bar that counts each issued unit once. */
export function Parts({ page, figures, listOf, atClosing }: Props) {
  const { say } = page;
  const { issued, parts } = figures;
  const isClosed = atClosing !== undefined;
  return (
    <Card
      title={say(ORDERS, isClosed ? 'whereToday' : 'whereUnits', { count: issued })}
      note={<p>{say(ORDERS, 'countedOnce')}</p>}
    >
      <div class="card-body">
        <p class="lead">
          <b>
            {isClosed
              ? say(ORDERS, 'releasedNow', { released: parts.released, issued, atClosing })
              : say(ORDERS, 'mayLeave', { released: parts.released, issued })}
          </b>{' '}
          {backSaid(page, figures)}{' '}
          {parts.unaccounted === 0 ? '' : sayCount(page, isClosed ? 'stillLeft' : 'left', parts.unaccounted)}
        </p>
        {issued === 0 ? null : <Bar page={page} figures={figures} listOf={listOf} />}
        <ul class="parts">
          {IN_BAR.filter((part) => part !== 'returned' || parts.returned > 0).map((part) => (
            <li>
              <MaybeLink to={parts[part] === 0 ? undefined : listOf(part)}>
                <svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">
                  <rect width="16" height="16" {...fillOf(part)} />
                </svg>
                <span>
                  <b>{parts[part]}</b>
                  <span class="name">{placeSaid(page, part)}</span>
                </span>
                <small>{say(ORDERS, isClosed && part === 'released' ? 'hint.releasedNow' : `hint.${part}`)}</small>
              </MaybeLink>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}

/** Returns the name of a place where units are now. */
export function placeSaid({ say }: PageContext, place: Place): string {
  return place === 'returned' ? say(ORDERS, 'backNow') : say(COMMON, place);
}

/** Says where the returned units are now. */
function backSaid(page: PageContext, { returned, back }: NowFigures): string {
  if (returned === undefined) return '';
  const parts = (['released', 'returned', 'scrapped', 'void'] as const).flatMap((place) =>
    back[place] === 0 ? [] : page.say(ORDERS, `back.${place}`, { count: back[place] }),
  );
  return sayCount(page, 'cameBack', returned, { parts: parts.join(', ') });
}

function sayCount(
  { say }: PageContext,
  what: 'left' | 'stillLeft' | 'cameBack',
  count: number,
  values: Record<string, string> = {},
): string {
  return say(ORDERS, `${what}.${count === 1 ? 'one' : 'many'}`, { count, ...values });
}

function Bar({ page, figures: { issued, parts }, listOf }: Props) {
  const said = (part: Place): string => `${parts[part]} ${placeSaid(page, part)}`;
  const places = placed(
    IN_BAR.map((part) => parts[part]),
    issued,
  );
  return (
    <svg class="stack" width="100%" height={HEIGHT} role="group" aria-label={IN_BAR.map(said).join(', ')}>
      <defs>
        <pattern id="returned-part" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="p-void-ground" width="8" height="8" />
          <rect class="p-unaccounted" width="5" height="8" />
        </pattern>
        <pattern id="void-part" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
          <rect class="p-void-ground" width="6" height="6" />
          <rect class="p-void" width="2.5" height="6" />
        </pattern>
        <pattern id="scrap-part" width="6" height="6" patternUnits="userSpaceOnUse">
          <rect class="p-scrap" width="6" height="6" />
          <path class="p-scrap-grid" d="M0 3h6M3 0v6" />
        </pattern>
      </defs>
      {IN_BAR.map((part, at) => {
        const { x = 0, width = 0 } = places[at] ?? {};
        if (width === 0) return null;
        return (
          <a href={listOf(part)} aria-label={said(part)}>
            <rect x={percent(x)} width={percent(width)} height={HEIGHT} {...fillOf(part)} />
            {part === 'released' && width >= WORD_WIDTH ? (
              <text x={percent(x + 1.4)} y="30">
                {said(part)}
              </text>
            ) : null}
          </a>
        );
      })}
    </svg>
  );
}

function fillOf(part: Place): object {
  if (part === 'returned') return { fill: 'url(#returned-part)' };
  if (part === 'void') return { fill: 'url(#void-part)' };
  if (part === 'scrapped') return { fill: 'url(#scrap-part)' };
  return { class: `p-${part}` };
}

const percent = (value: number): string => `${Math.round(value * 100) / 100}%`;

function MaybeLink({ to, children }: { to: string | undefined; children: Child }) {
  return to === undefined ? <div>{children}</div> : <a href={to}>{children}</a>;
}

/** The loss before each step: the units that completed the previous step, but not this one. */
const LOSS = { labelled: 'noLabel', verified: 'notScanned', registered: 'notRegistered' } as const;

interface FunnelProps {
  page: PageContext;
  way: Way;
  /** Returns the address of the list of the units that are lost before a step. */
  lostAt: (step: Exclude<Step, 'issued'>) => string;
}

export function Funnel({ page: { say }, way, lostAt }: FunnelProps) {
  const of = Math.max(1, way.issued);
  // If no device has registered, the last step is left out, because it would show the loss of all units.
  const steps = STEPS.filter((step) => step !== 'registered' || way.registered > 0);
  return (
    <Card title={say(ORDERS, 'way')} note={<p>{say(ORDERS, 'wayHint')}</p>}>
      <div class="card-body">
        <ol class="funnel">
          {steps.map((step, at) => {
            const said = { count: way[step], of: way.issued };
            const next = steps[at + 1];
            return (
              <li>
                <span class="step">{step === 'labelled' ? say(ORDERS, step) : say(COMMON, step)}</span>
                <svg height="28" width="100%" role="img" aria-label={say(ORDERS, 'ofIssued', said)}>
                  <rect class={`f-kept is-${at + 1}`} width={percent((100 * way[step]) / of)} height="28" />
                </svg>
                <span class="step-count">{way[step]}</span>
                {next === undefined || next === 'issued' ? null : (
                  <Losses say={say} way={way} step={next} to={lostAt(next)} />
                )}
              </li>
            );
          })}
        </ol>
      </div>
    </Card>
  );
}

interface LossProps {
  say: PageContext['say'];
  way: Way;
  step: Exclude<Step, 'issued'>;
  to: string;
}

/** The units that are lost before a step, and those that completed the step without the previous one. */
function Losses({ say, way, step, to }: LossProps) {
  const [lost, gained] = [way.lost[step], way.gained[step]];
  if (lost + gained === 0) return null;
  return (
    <>
      <span class="loss">
        {lost === 0 ? null : <a href={to}>{say(ORDERS, LOSS[step], { count: lost })}</a>}
        {lost === 0 || gained === 0 ? null : ' · '}
        {gained === 0 ? null : say(ORDERS, `gained.${step}`, { count: gained })}
      </span>
      <span class="less">
        {[...(lost === 0 ? [] : [`− ${lost}`]), ...(gained === 0 ? [] : [`+ ${gained}`])].join(' ')}
      </span>
    </>
  );
}

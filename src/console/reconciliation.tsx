import type { Figures, Part } from '../model/figures.ts';
import { COMMON } from '../../words/console/common.ts';
import { ORDERS } from '../../words/console/order.ts';
import { Card, placed } from './pictures.tsx';
import type { PageContext } from './pages.tsx';

/* Pictures of a reconciliation. Each part of the bar is a link to the list of the units that it counts. */

/** The parts of the bar, from left to right. */
const IN_BAR = ['released', 'unaccounted', 'void', 'scrapped'] as const satisfies Part[];

const HEIGHT = 48;

/** A part that is at least this wide (percent) has space for its label in the bar. */
const WORD_WIDTH = 20;

interface Props {
  page: PageContext;
  figures: Figures;
  /** Returns the address of the list that belongs to a part. */
  listOf: (part: Part) => string;
}

/** A stacked bar that counts each issued unit once. */
export function Parts({ page, figures, listOf }: Props) {
  const { say } = page;
  const { issued, parts } = figures;
  return (
    <Card title={say(ORDERS, 'whereUnits', { count: issued })} note={<p>{say(ORDERS, 'countedOnce')}</p>}>
      <div class="card-body">
        <p class="lead">
          <b>{say(ORDERS, 'mayLeave', { released: parts.released, issued })}</b>{' '}
          {parts.unaccounted === 0 ? '' : say(ORDERS, 'nobodySaid', { count: parts.unaccounted })}
        </p>
        {issued === 0 ? null : <Bar page={page} figures={figures} listOf={listOf} />}
        <ul class="parts">
          {IN_BAR.map((part) => (
            <li>
              <a href={listOf(part)}>
                <svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">
                  <rect width="16" height="16" {...fillOf(part)} />
                </svg>
                <span>
                  <b>{parts[part]}</b>
                  <span class="name">{say(COMMON, part)}</span>
                </span>
                <small>{say(ORDERS, `hint.${part}`)}</small>
              </a>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}

function Bar({ page: { say }, figures: { issued, parts }, listOf }: Props) {
  const said = (part: Part): string => `${parts[part]} ${say(COMMON, part)}`;
  const places = placed(
    IN_BAR.map((part) => parts[part]),
    issued,
  );
  return (
    <svg class="stack" width="100%" height={HEIGHT} role="group" aria-label={IN_BAR.map(said).join(', ')}>
      <defs>
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

function fillOf(part: Part): object {
  if (part === 'void') return { fill: 'url(#void-part)' };
  if (part === 'scrapped') return { fill: 'url(#scrap-part)' };
  return { class: `p-${part}` };
}

const percent = (value: number): string => `${Math.round(value * 100) / 100}%`;

/**
 * The steps that units go through. The loss between two steps is the number of units that completed the first step but
 * not the second.
 */
const WAY = ['issued', 'printed', 'verified', 'registered'] as const;
const LOSS = { issued: 'noLabel', printed: 'notScanned', verified: 'notRegistered' } as const;

interface FunnelProps {
  page: PageContext;
  figures: Figures;
  /** Returns the address of the list of units that have this as their last fact. */
  lastFact: (fact: 'issued' | 'printed' | 'verified') => string;
}

export function Funnel({ page: { say }, figures, lastFact }: FunnelProps) {
  const counts = { issued: figures.issued, ...figures.facts };
  const of = Math.max(1, figures.issued);
  // If no device has registered, the last step is left out. Otherwise, the last step would show a loss.
  const way = WAY.filter((step) => step !== 'registered' || counts.registered > 0);
  return (
    <Card title={say(ORDERS, 'way')} note={<p>{say(ORDERS, 'wayHint')}</p>}>
      <div class="card-body">
        <ol class="funnel">
          {way.map((step, at) => {
            const next = way[at + 1];
            const loss = next === undefined ? 0 : counts[step] - counts[next];
            const said = { count: counts[step], of: figures.issued };
            return (
              <li>
                <span class="step">{say(COMMON, step)}</span>
                <svg height="28" width="100%" role="img" aria-label={say(ORDERS, 'ofIssued', said)}>
                  <rect class={`f-kept is-${at + 1}`} width={percent((100 * counts[step]) / of)} height="28" />
                </svg>
                <span class="step-count">{counts[step]}</span>
                {loss <= 0 || step === 'registered' ? null : (
                  <>
                    <span class="loss">
                      <a href={lastFact(step)}>{say(ORDERS, LOSS[step], { count: loss })}</a>
                    </span>
                    <span class="less">− {loss}</span>
                  </>
                )}
              </li>
            );
          })}
        </ol>
      </div>
    </Card>
  );
}

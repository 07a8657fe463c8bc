import { setTimeout as pause } from 'node:timers/promises';
import type { Trouble } from '../contract/printing.ts';
import type { Services } from '../http/services.ts';
import type { Say } from '../http/words.ts';
import type { ExceptionKind } from '../model/exceptions/kinds.ts';
import { ClaimstampError } from '../platform/error.ts';
import { NOW } from '../../words/console/now.ts';
import { HEALTH } from '../../words/console/health.ts';
import { lacksBackups } from '../http/health.ts';
import { STATION } from '../../words/console/station.ts';
import { Icon, Shape, type ShapeName } from './icons.tsx';
import { clock, ShiftPart } from './now-shift.tsx';
import { Backups, Ends, Printers } from './now-side.tsx';
import type { Pages, PageContext } from './pages.tsx';

/**
 * The start page for QA and managers. The page shows what needs action, the current shift, work orders, printers,
 * backups and forecasts.
 */
export function nowPage(pages: Pages): void {
  const { services } = pages;
  pages.page('/now', 'units:list', async (page) => {
    const needs = await needsOf(page, services);
    return {
      title: page.say(NOW, 'now'),
      body: <Now page={page} services={services} needs={needs} />,
    };
  });
  // A child process counts the shift's figures, so the page is shown without them, and fetches them as a part.
  pages.part('/now/shift', 'units:list', async (page) => {
    try {
      const figures = page.call('GET /v1/figures/shift');
      figures.catch(() => {});
      // The first count of a shift may take minutes if the line keeps the machine busy.
      const counted = await Promise.race([figures, pause(PATIENCE_MS, undefined)]);
      if (counted === undefined) return <Counting page={page} services={services} />;
      return <ShiftPart page={page} services={services} figures={counted} />;
    } catch (error) {
      if (!(error instanceof ClaimstampError)) throw error;
      return <p class="card-body is-alone soft">{page.say(NOW, 'notCounted')}</p>;
    }
  });
}

/** How long, in ms, the page waits for the figures before it shows the progress of the count. */
const PATIENCE_MS = 2500;

function Counting({ page, services }: { page: PageContext; services: Services }) {
  const { say } = page;
  const running = services.shift.progress();
  if (running === undefined) return <p class="soft">{say(NOW, 'counting')}</p>;
  const { done, total, since } = running;
  const values = { since: clock(page, since, services.now()), percent: Math.floor((100 * done) / Math.max(1, total)) };
  return (
    <p class="soft" role="status">
      {say(NOW, total === 0 ? 'countingWaits' : 'countingSince', values)} {say(NOW, 'lineFirst')}
    </p>
  );
}

interface Need {
  shape: ShapeName;
  words: string;
  hint?: string | undefined;
  at?: number | undefined;
  link: string;
}

/**
 * Returns the items that need action, most urgent first. The list contains no Claim IDs, so the ledger does not record
 * who reads it.
 */
async function needsOf({ say, call, who }: PageContext, services: Services): Promise<Need[]> {
  const { ledger, alarms, refusals, printing, guard } = services;
  const [exceptions, printers] = await Promise.all([call('GET /v1/exceptions'), ledger.printers()]);
  const counted = (kind: ExceptionKind): { count: number; shown: string } => {
    const { count = 0, more = false } = exceptions.kinds.find((one) => one.kind === kind) ?? {};
    return { count, shown: `${count}${more ? '+' : ''}` };
  };
  const [wrong, notPrinted, notVerified] = [counted('wrong-id'), counted('no-label'), counted('not-scanned')];
  const waits = await Promise.all(
    printers.map(async ({ name }) => ({
      name,
      trouble: printing.trouble(name),
      waiting: (await ledger.openPrintJobs(name)).length,
    })),
  );
  const list = (shown: boolean, need: Need): Need[] => (shown ? [need] : []);
  return [
    ...list(guard.discontinuity() !== undefined, {
      shape: 'stop',
      words: say(NOW, 'held'),
      hint: say(NOW, 'heldHint'),
      link: '/hold',
    }),
    ...list(wrong.count > 0, {
      shape: 'stop',
      words: say(NOW, 'alarmUnits', { count: wrong.shown }),
      hint: say(NOW, 'alarmUnitsHint'),
      link: '/exceptions#wrong-id',
    }),
    ...alarms.list().map(({ station, count, lastAt }) => ({
      shape: 'stop' as const,
      words: say(NOW, 'alarms', { station, count }),
      at: lastAt,
      link: '/exceptions',
    })),
    ...waits.flatMap((printer) => printerNeed(say, printer)),
    ...refusals.list().map(({ station, count, lastAt }) => ({
      shape: 'warn' as const,
      words: say(NOW, 'refusals', { station, count }),
      at: lastAt,
      link: '/exceptions',
    })),
    ...list(notPrinted.count > 0, {
      shape: 'warn',
      words: say(NOW, 'notPrinted', { count: notPrinted.shown }),
      hint: say(NOW, 'notPrintedHint'),
      link: '/exceptions#no-label',
    }),
    ...list(notVerified.count > 0, {
      shape: 'warn',
      words: say(NOW, 'notVerified', { count: notVerified.shown }),
      hint: say(NOW, 'notVerifiedHint'),
      link: '/exceptions#not-scanned',
    }),
    // Everything that is amber on this page is also counted here, so that the heading and the list agree.
    ...list(who.may.has('forecasts:handle') && lacksBackups(services), {
      shape: 'warn',
      words: say(HEALTH, 'noBackups'),
      link: '/health',
    }),
  ];
}

interface Waiting {
  name: string;
  trouble: Trouble | undefined;
  waiting: number;
}

/** A printer with a problem, and how many labels wait for it. */
function printerNeed(say: Say, { name, trouble, waiting }: Waiting): Need[] {
  if (trouble === undefined) return [];
  const why = say(STATION, `printer.${trouble.what}`, { printer: name });
  const need = { shape: 'warn', link: '/printers' } as const;
  if (waiting === 0) return [{ ...need, words: why }];
  return [{ ...need, words: say(NOW, 'printerWaits', { printer: name, count: waiting }), hint: why }];
}

async function Now({ page, services, needs }: { page: PageContext; services: Services; needs: Need[] }) {
  const { say } = page;
  const count = needs.length;
  return (
    <>
      <div class="page-head">
        <h1>{say(NOW, count === 0 ? 'needs.none' : count === 1 ? 'needs.one' : 'needs.many', { count })}</h1>
      </div>
      <div class="two">
        <div class="column">
          {count === 0 ? null : <Needs page={page} needs={needs} now={services.now()} />}
          <div class="column" hx-get="/now/shift" hx-trigger="load, every 10s">
            <p class="soft">{say(NOW, 'counting')}</p>
          </div>
        </div>
        <div class="column is-side">
          <Printers page={page} services={services} />
          <Backups page={page} services={services} />
          {page.who.may.has('forecasts:handle') ? <Ends page={page} /> : null}
        </div>
      </div>
    </>
  );
}

function Needs({ page, needs, now }: { page: PageContext; needs: Need[]; now: number }) {
  const { say } = page;
  return (
    <section class="card" aria-label={say(NOW, 'needs')}>
      <ul class="list needs">
        {needs.map(({ shape, words, hint, at, link }) => (
          <li>
            <Shape name={shape} />
            <div>
              <b>{words}</b>
              {hint === undefined ? null : <small>{hint}</small>}
            </div>
            <span class="at">{at === undefined ? null : clock(page, at, now)}</span>
            <a class="go" href={link} aria-label={`${say(NOW, 'look')}: ${words}`}>
              <span>{say(NOW, 'look')}</span>
              <Icon name="go" />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

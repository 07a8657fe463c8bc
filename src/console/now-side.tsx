import type { Child } from 'hono/jsx';
import type { Services } from '../http/services.ts';
import { HEALTH } from '../../words/console/health.ts';
import { NOW } from '../../words/console/now.ts';
import { STATION } from '../../words/console/station.ts';
import { Shape, type ShapeName } from './icons.tsx';
import { clock } from './now-shift.tsx';
import { Card } from './pictures.tsx';
import type { PageContext } from './pages.tsx';

/** The maximum number of rows in each list. */
const SIDE_ROWS = 6;

/** The sign of each level of a forecast, on all pages. */
export const LEVEL_SHAPES = { critical: 'stop', warning: 'warn', notice: 'info' } as const;

const DAY_MS = 24 * 60 * 60 * 1000;

interface SideProps {
  page: PageContext;
  services: Services;
}

export async function Printers({ page, services: { ledger, printing } }: SideProps) {
  const { say } = page;
  const printers = await ledger.printers();
  const troubled = printers.toSorted((a, b) => rank(printing.trouble(a.name)) - rank(printing.trouble(b.name)));
  return (
    <Card title={say(NOW, 'printers')} note={<a href="/printers">{say(NOW, 'all')}</a>}>
      {printers.length === 0 ? <p class="card-body soft">{say(NOW, 'noPrinters')}</p> : null}
      <ul class="list is-tight">
        {troubled.slice(0, SIDE_ROWS).map(({ name }) => {
          const trouble = printing.trouble(name);
          return (
            <li>
              <Shape name={trouble === undefined ? 'good' : 'warn'} />
              <div>
                <b>{name}</b>
                <small>
                  {trouble === undefined
                    ? say(NOW, 'printerReady')
                    : say(STATION, `printer.${trouble.what}`, { printer: name })}
                </small>
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

const rank = (trouble: object | undefined): number => (trouble === undefined ? 1 : 0);

export async function Backups({ page, services }: SideProps) {
  const { say } = page;
  const { scheduled, ledger, now } = services;
  const backups = scheduled();
  const checkpoint = await ledger.checkpoint();
  const isRecent = backups?.lastAt !== undefined && now() - backups.lastAt < 2 * DAY_MS;
  return (
    <Card title={say(NOW, 'backups')}>
      <ul class="list is-tight">
        <Fact
          shape={isRecent ? 'good' : 'warn'}
          name={say(
            NOW,
            backups === undefined ? 'backupOff' : backups.lastAt === undefined ? 'noBackup' : 'lastBackup',
          )}
          at={backups?.lastAt === undefined ? null : clock(page, backups.lastAt, now())}
        />
        <Fact
          shape={checkpoint === undefined ? 'idle' : 'good'}
          name={say(NOW, checkpoint === undefined ? 'noCheckpoint' : 'checkpoint')}
          note={checkpoint && say(NOW, 'events', { size: checkpoint.size })}
          at={checkpoint === undefined ? null : clock(page, checkpoint.at, now())}
        />
      </ul>
    </Card>
  );
}

function Fact({ shape, name, note, at }: { shape: ShapeName; name: string; note?: string | undefined; at: Child }) {
  return (
    <li>
      <Shape name={shape} />
      <div>
        <b>{name}</b>
        {note === undefined ? null : <small>{note}</small>}
      </div>
      <span class="at">{at}</span>
    </li>
  );
}

export async function Ends({ page }: { page: PageContext }) {
  const { say, language } = page;
  const forecasts = (await page.call('GET /v1/forecasts')).forecasts.filter(({ snoozed }) => snoozed === undefined);
  return (
    <Card title={say(HEALTH, 'forecasts')} note={<a href="/forecasts">{say(NOW, 'all')}</a>}>
      {forecasts.length === 0 ? <p class="card-body soft">{say(HEALTH, 'noForecasts')}</p> : null}
      <ul class="list is-tight">
        {forecasts.slice(0, SIDE_ROWS).map(({ level, text, runsOutAt }) => (
          <li>
            <Shape name={LEVEL_SHAPES[level]} />
            <div>
              <small>{text}</small>
            </div>
            <span class="at">
              {runsOutAt === undefined
                ? null
                : new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(runsOutAt))}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

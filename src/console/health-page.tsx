import type { Child } from 'hono/jsx';
import type { Answer } from '../http/client.ts';
import type { Services } from '../http/services.ts';
import { HEALTH } from '../../words/console/health.ts';
import { SEARCH } from '../../words/console/search.ts';
import { STATION } from '../../words/console/station.ts';
import { lacksBackups } from '../http/health.ts';
import { HowToSet } from './how-to-set.tsx';
import { STATE_WORDS } from './rail-foot.tsx';
import { clock } from './now-shift.tsx';
import { LEVEL_SHAPES } from './now-side.tsx';
import { Icon, Shape, type ShapeName } from './icons.tsx';
import { Act, Time } from './parts.tsx';
import { Card } from './pictures.tsx';
import type { Pages, PageContext } from './pages.tsx';

type Health = Answer<'GET /v1/health'>;
type Backups = NonNullable<Health['backups']>;

/**
 * The health page. The page shows what needs attention, the backups, the last checkpoint, the key, and the program
 * version.
 */
export function healthPage(pages: Pages): void {
  const { services } = pages;
  pages.page('/health', 'forecasts:handle', async (page) => {
    const health = await page.call('GET /v1/health');
    return {
      title: page.say(HEALTH, 'health'),
      body: <HealthBody page={page} services={services} health={health} />,
    };
  });
  pages.part('/health/backups', 'forecasts:handle', async (page) => {
    const { backups } = await page.call('GET /v1/health');
    return <BackupList page={page} services={services} backups={backups} />;
  });
  pages.act('/health/backups', 'ledger:backup', async (page) => {
    const backups = await page.call('POST /v1/backups');
    return <BackupList page={page} services={services} backups={backups} />;
  });
}

interface BodyProps {
  page: PageContext;
  services: Services;
  health: Health;
}

function HealthBody({ page, services, health }: BodyProps) {
  const { say, who } = page;
  return (
    <>
      <div class="page-head">
        <h1>{say(HEALTH, STATE_WORDS[health.attention ? 'stop' : page.state])}</h1>
        {who.may.has('settings:read') ? <SupportLink page={page} /> : null}
      </div>
      <div class="two">
        <div class="column">
          <ToDo page={page} services={services} health={health} />
          <Card title={say(HEALTH, 'backups')}>
            <div id="backups">
              <BackupList page={page} services={services} backups={health.backups} />
            </div>
          </Card>
          <Forecasts page={page} />
        </div>
        <div class="column is-side">
          <About page={page} health={health} />
          <Proof page={page} health={health} />
          <SearchState page={page} />
        </div>
      </div>
    </>
  );
}

export function SupportLink({ page: { say } }: { page: PageContext }) {
  return (
    <a class="btn" href="/v1/support" download="" title={say(HEALTH, 'supportHint')}>
      <Icon name="download" />
      {say(HEALTH, 'support')}
    </a>
  );
}

function ToDo({ page: { say }, services, health }: BodyProps) {
  const { problems, held, alarms } = health;
  const more = alarms.filter(({ code }) => code !== 'held');
  const troubled = services.printing.troubled().flatMap((printer) => {
    const trouble = services.printing.trouble(printer);
    return trouble === undefined ? [] : [say(STATION, `printer.${trouble.what}`, { printer })];
  });
  const isLacking = lacksBackups(services);
  if (problems.length + more.length + troubled.length === 0 && !held && !isLacking) return null;
  return (
    <Card title={say(HEALTH, 'todo')}>
      <ul class="list">
        {held ? (
          <Row shape="stop" name={say(HEALTH, 'held')}>
            <a class="go" href="/hold" aria-label={`${say(HEALTH, 'look')}: ${say(HEALTH, 'held')}`}>
              <span>{say(HEALTH, 'look')}</span>
              <Icon name="go" />
            </a>
          </Row>
        ) : null}
        {problems.map((problem) => (
          <Row shape="stop" name={say(HEALTH, 'notReady')} note={<span lang="en">{problem}</span>} />
        ))}
        {more.map(({ code, subject }) => (
          <Row shape="stop" name={say(HEALTH, `alarm.${code}`, { subject })} />
        ))}
        {isLacking ? <Row shape="warn" name={say(HEALTH, 'noBackups')} /> : null}
        {troubled.map((name) => (
          <Row shape="warn" name={name} />
        ))}
      </ul>
    </Card>
  );
}

interface RowProps {
  shape: ShapeName;
  name: string;
  note?: Child;
  children?: Child;
}

function Row({ shape, name, note, children }: RowProps) {
  return (
    <li>
      <Shape name={shape} />
      <div>
        <b>{name}</b>
        {note === undefined ? null : <small>{note}</small>}
      </div>
      {children === undefined ? null : <span class="at">{children}</span>}
    </li>
  );
}

async function Forecasts({ page }: { page: PageContext }) {
  const { say } = page;
  const { forecasts } = await page.call('GET /v1/forecasts');
  const open = forecasts.filter(({ snoozed }) => snoozed === undefined);
  return (
    <Card title={say(HEALTH, 'forecasts')} note={<a href="/forecasts">{say(HEALTH, 'all')}</a>}>
      {open.length === 0 ? <p class="card-body soft">{say(HEALTH, 'noForecasts')}</p> : null}
      <ul class="list is-tight">
        {open.map(({ level, text }) => (
          <Row shape={LEVEL_SHAPES[level]} name={text} />
        ))}
      </ul>
    </Card>
  );
}

interface BackupProps {
  page: PageContext;
  services: Services;
  backups: Backups | undefined;
}

/** The part of the page about backups, which reloads itself while a backup is being made. */
function BackupList({ page, services, backups }: BackupProps) {
  const { say, who } = page;
  if (backups === undefined)
    return (
      <div class="card-body">
        <p class="soft">{say(HEALTH, 'noFolder')}</p>
        {who.may.has('settings:read') ? (
          <HowToSet page={page} config={services.config} given={[['backupFolder', '/mnt/backup/claimstamp']]} />
        ) : null}
      </div>
    );
  const { making, problem } = backups;
  const asks = making ? { 'hx-get': '/health/backups', 'hx-trigger': 'load delay:1s', 'hx-target': '#backups' } : {};
  return (
    <div class="card-body" {...asks}>
      {problem === undefined ? null : (
        <p class="refused">
          <strong>{say(HEALTH, 'problem')}:</strong> <span lang="en">{problem}</span>
        </p>
      )}
      <BackupFacts page={page} services={services} backups={backups} />
      {backups.sameDisk ? (
        <p>
          <Shape name="warn" /> {say(HEALTH, 'sameDisk')}
        </p>
      ) : null}
      {making ? (
        <p role="status" class="soft">
          {say(HEALTH, 'making')}
        </p>
      ) : who.may.has('ledger:backup') ? (
        <Act page={page} action="/health/backups" into="backups">
          <button>{say(HEALTH, 'makeNow')}</button>
        </Act>
      ) : null}
    </div>
  );
}

function BackupFacts({ page, services, backups }: BackupProps & { backups: Backups }) {
  const { say } = page;
  const { lastAt, nextAt, everyHours: hours, keep, folder, free, failures, lineFailures = 0 } = backups;
  const now = services.now();
  const next = nextAt === undefined ? undefined : Date.parse(nextAt);
  return (
    <dl class="facts">
      <dt>{say(HEALTH, 'lastBackup')}</dt>
      <dd>{lastAt === undefined ? say(HEALTH, 'none') : <Time page={page} at={lastAt} />}</dd>
      <dt>{say(HEALTH, 'nextBackup')}</dt>
      <dd>
        {next === undefined || next <= now ? say(HEALTH, 'soon') : clock(page, next, now)}
        <br />
        <small>
          {say(HEALTH, 'every', { hours, keep })}. {say(HEALTH, 'lineCopies')}
        </small>
      </dd>
      <dt>{say(HEALTH, 'folder')}</dt>
      <dd>
        <code>{folder}</code>
      </dd>
      <dt>{say(HEALTH, 'room')}</dt>
      <dd>{free === undefined ? say(HEALTH, 'unknown') : bytes(page, free)}</dd>
      <dt>{say(HEALTH, 'failures')}</dt>
      <dd>{failures}</dd>
      {lineFailures === 0 ? null : (
        <>
          <dt>{say(HEALTH, 'lineFailures')}</dt>
          <dd>{lineFailures}</dd>
        </>
      )}
    </dl>
  );
}

function Proof({ page, health: { checkpoint, key } }: { page: PageContext; health: Health }) {
  const { say, who } = page;
  const link = who.may.has('ledger:read') ? <a href="/ledger">{say(HEALTH, 'look')}</a> : undefined;
  return (
    <>
      <Card title={say(HEALTH, 'checkpoint')} note={link}>
        {checkpoint === undefined ? (
          <p class="card-body soft">{say(HEALTH, 'noCheckpoint')}</p>
        ) : (
          <div class="card-body">
            <dl class="facts">
              <dt>{say(HEALTH, 'events')}</dt>
              <dd class="num">{checkpoint.size}</dd>
              <dt>{say(HEALTH, 'time')}</dt>
              <dd>
                <Time page={page} at={checkpoint.at} />
              </dd>
              <dt>{say(HEALTH, 'root')}</dt>
              <dd>
                <code>{checkpoint.root}</code>
              </dd>
            </dl>
          </div>
        )}
      </Card>
      <Card title={say(HEALTH, 'key')}>
        <div class="card-body">
          <dl class="facts">
            <dt>{say(HEALTH, 'fingerprint')}</dt>
            <dd>
              <code>{key.fingerprint}</code>
            </dd>
            <dt>{say(HEALTH, 'ledgerName')}</dt>
            <dd>{key.origin}</dd>
            <dt>{say(HEALTH, 'verifierKey')}</dt>
            <dd>
              <code>{key.verifierKey}</code>
            </dd>
          </dl>
        </div>
      </Card>
    </>
  );
}

/** How much of the ledger the partial-match search covers. People without permission to list units do not see this. */
async function SearchState({ page }: { page: PageContext }) {
  const { say, who } = page;
  if (!who.may.has('units:list')) return null;
  const { state, done, total, problem } = await page.call('GET /v1/search');
  const isWell = state === 'ready' && done >= total;
  const said = {
    off: say(SEARCH, 'off'),
    starting: say(SEARCH, 'starting'),
    building: say(SEARCH, 'building', { percent: total === 0 ? 100 : Math.floor((100 * done) / total) }),
    ready: isWell ? say(HEALTH, 'searchReady') : say(SEARCH, 'behind', { count: total - done }),
    failed: say(SEARCH, problem === 'disk-full' ? 'full' : 'failed'),
  }[state];
  return (
    <Card title={say(HEALTH, 'search')}>
      <ul class="list is-tight">
        <Row shape={state === 'failed' ? 'stop' : isWell ? 'good' : 'info'} name={said} />
      </ul>
    </Card>
  );
}

function About({ page, health }: { page: PageContext; health: Health }) {
  const { say } = page;
  const { free, size, folder } = health.data;
  const isKnown = free !== undefined && size !== undefined;
  return (
    <Card title={say(HEALTH, 'about')} note={<a href="/licences.txt">{say(HEALTH, 'licences')}</a>}>
      <div class="card-body">
        <dl class="facts">
          <dt>{say(HEALTH, 'version')}</dt>
          <dd>Claimstamp {health.version}</dd>
          <dt>{say(HEALTH, 'platform')}</dt>
          <dd>
            Node {health.node.replace(/^v/, '')}, {health.platform}
          </dd>
          <dt>{say(HEALTH, 'started')}</dt>
          <dd>
            <Time page={page} at={health.startedAt} />
          </dd>
          <dt>{say(HEALTH, 'data')}</dt>
          <dd>
            <code>{folder}</code>
          </dd>
          <dt>{say(HEALTH, 'free')}</dt>
          <dd>
            {isKnown
              ? say(HEALTH, 'freeOf', { free: bytes(page, free), size: bytes(page, size) })
              : say(HEALTH, 'unknown')}
          </dd>
        </dl>
      </div>
    </Card>
  );
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;

function bytes({ language }: PageContext, count: number): string {
  const [unit, name] = count < GIB ? ([MIB, 'MiB'] as const) : ([GIB, 'GiB'] as const);
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(count / unit)} ${name}`;
}

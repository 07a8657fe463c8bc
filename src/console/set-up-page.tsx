import type { Services } from '../http/services.ts';
import { isReachable } from '../config.ts';
import { printFoldersOf } from '../model/printing/print-folders.ts';
import { defined, isKey } from '../platform/own.ts';
import { isLive } from '../model/credential.ts';
import { DEFAULT_STATION, type Station } from '../model/station.ts';
import { HEALTH } from '../../words/console/health.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { HowToSet } from './how-to-set.tsx';
import { isSetHere, SiteForm } from './site-form.tsx';
import { addressesOf, Reach } from './own-address.tsx';
import { Shape } from './icons.tsx';
import { Copyable, path } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

/**
 * The setup page, with the steps from an empty service to the first printed label. The page detects which steps are
 * already complete.
 */
export function setUpPage(pages: Pages): void {
  const { services } = pages;
  pages.page('/set-up', 'catalog:write', async (page) => {
    const [done, products] = await Promise.all([stepsDone(services), services.ledger.products()]);
    const product = products.find(({ name }) => name !== undefined)?.id ?? 'DEMO';
    return {
      title: page.say(SET_UP, 'setUp'),
      body: <SetUp page={page} services={services} done={done} product={product} />,
    };
  });
  pages.part('/set-up/steps', 'catalog:write', async (page) => {
    const done = await stepsDone(services);
    // If no step has changed, nothing on the page is replaced, so that the focus stays where it is.
    return page.c.req.query('seen') === seenIn(done) ? undefined : (
      <Steps page={page} services={services} done={done} />
    );
  });
}

/** Each step with the page that completes it, or with the settings that complete it. */
const STEPS = [
  ['name', [['siteName', 'NAME OF YOUR SITE']]],
  ['site', [['site', 'G1']]],
  [
    'reach',
    [
      ['host', '0.0.0.0'],
      ['agentAccess', 'open'],
    ],
  ],
  ['product', '/products'],
  ['printer', '/printers'],
  ['newStation', '/stations'],
  ['station', '/stations'],
  ['device', undefined],
  ['label', '/stations'],
  ['people', '/people'],
  ['strict', [['products', 'strict']]],
  ['backup', [['backupFolder', '/mnt/backup/claimstamp']]],
] as const;
type Step = (typeof STEPS)[number][0];

/** The steps that a form on this page completes. */
const SET_HERE = { name: 'siteName', site: 'site' } as const;

async function stepsDone(services: Services): Promise<Record<Step, boolean>> {
  const { ledger, config, scheduled, printing } = services;
  const [products, printers, people, reached, given, printed] = await Promise.all([
    ledger.products(),
    ledger.printers(),
    ledger.people(),
    stationsReached(services),
    ledger.units({ after: 0, limit: 1, fact: 'issued' }),
    ledger.units({ after: 0, limit: 1, fact: 'printed' }),
  ]);
  return {
    name: config.siteName !== undefined,
    site: config.site !== undefined,
    reach: isReachable(config),
    newStation: reached.some(({ name }) => name !== DEFAULT_STATION),
    product: products.some(({ name }) => name !== undefined),
    // A printed label shows that the printer works. The ledger does not record test labels, so the service remembers
    // them until it stops.
    printer: printed.units.length > 0 || printers.some(({ name }) => printing.hasPrinted(name)),
    station: reached.every(({ printer, mode }) => printer !== undefined || mode === 'gate'),
    device: given.units.length > 0,
    label: printed.units.length > 0,
    people: people.length > 1,
    strict: config.products === 'strict',
    // A shared ledger needs no backup folder, because PostgreSQL has its own way to archive data.
    backup: config.ledger !== undefined || scheduled()?.sameDisk === false,
  };
}

/**
 * Returns the stations that get devices: those with an address or a key. If there are none, the default station gets
 * all devices.
 */
async function stationsReached({ ledger, config, now }: Services): Promise<Station[]> {
  const [stations, keys] = await Promise.all([ledger.stations(), ledger.credentials('station-key')]);
  const keyed = new Set([
    ...keys.filter((key) => isLive(key, now())).map(({ name }) => name),
    ...config.catalog.stations.filter(({ key }) => key !== undefined).map(({ name }) => name),
  ]);
  const reached = stations.filter(
    ({ name, sources }) => name !== DEFAULT_STATION && (sources.length > 0 || keyed.has(name)),
  );
  return reached.length > 0 ? reached : stations.filter(({ name }) => name === DEFAULT_STATION);
}

/** Returns true if no label was printed yet, so that the start page sends admins to the setup page. */
export async function isNew(services: Services): Promise<boolean> {
  return !(await stepsDone(services)).label;
}

interface SetUpProps {
  page: PageContext;
  services: Services;
  done: Record<Step, boolean>;
  /** The product of the device in the example. */
  product: string;
}

function SetUp({ page, services, done, product }: SetUpProps) {
  const { say } = page;
  const address = `${addressesOf(page, services)[0]}/ioto/serialize`;
  const needsKey = services.config.agentAccess === 'key';
  const key = needsKey ? '/KEY' : '';
  return (
    <>
      <h1>{say(SET_UP, 'setUp')}</h1>
      <p>{say(SET_UP, 'setUpHint')}</p>
      <Steps page={page} services={services} done={done} />
      <AtOnce page={page} services={services} done={done} />
      <h2>{say(SET_UP, 'firmware')}</h2>
      <p>{say(SET_UP, needsKey ? 'firmwareKey' : 'firmwareHint')}</p>
      <Reach page={page} services={services} />
      <Copyable page={page} text={`services: { serialize: 'factory' },\napi: { serialize: '${address}${key}' },`} />
      <h2>{say(SET_UP, 'playDevice')}</h2>
      <Copyable page={page} text={`curl -d '{"product":"${product}","mac":"02:00:00:00:00:01"}' ${address}${key}`} />
    </>
  );
}

/**
 * The settings of all open steps together, so that the service is restarted only once. The step `strict` is left out,
 * because all products must be added before the service refuses unknown products.
 */
function AtOnce({ page, services, done }: { page: PageContext; services: Services; done: Record<Step, boolean> }) {
  const { config } = services;
  const isHere = (step: Step): boolean => isKey(SET_HERE, step) && isSetHere(config, SET_HERE[step]);
  const open = STEPS.flatMap(([step, by]) =>
    typeof by === 'object' && step !== 'strict' && !done[step] && !isHere(step) ? [...by] : [],
  );
  const folders = config.printFolders.length === 0 ? [['printFolders', '/srv/labels'] as const] : [];
  if (open.length === 0) return null;
  return (
    <details class="card card-body">
      <summary>{page.say(SET_UP, 'oneRestart')}</summary>
      <p>{page.say(SET_UP, 'oneRestartHint', { folder: defined(printFoldersOf(config)[0]) })}</p>
      <HowToSet page={page} config={config} given={[...open, ...folders]} />
    </details>
  );
}

/** Returns the names of the completed steps as one string. */
function seenIn(done: Record<Step, boolean>): string {
  return STEPS.map(([step]) => (done[step] ? '1' : '0')).join('');
}

/** If only one station gets devices, these steps lead to it. Otherwise, they lead to the list of stations. */
const AT_STATION: { [step in Step]?: (name: string) => string } = {
  station: (name) => `/station-settings?name=${name}`,
  label: (name) => path('stations', name),
};

async function Steps({ page, services, done }: { page: PageContext; services: Services; done: Record<Step, boolean> }) {
  const { say } = page;
  const [first, ...others] = await stationsReached(services);
  const only = others.length === 0 ? first?.name : undefined;
  return (
    <ol class="card todo" hx-get={`/set-up/steps?seen=${seenIn(done)}`} hx-trigger="every 2s" hx-swap="outerHTML">
      {STEPS.map(([step, by]) => {
        const here = isKey(SET_HERE, step) && isSetHere(services.config, SET_HERE[step]) ? SET_HERE[step] : undefined;
        return (
          <li class={done[step] ? 'done' : ''}>
            <Shape name={done[step] ? 'good' : 'open'} />
            <div>
              <span class="sr">{say(SET_UP, done[step] ? 'isDone' : 'toDo')}</span>{' '}
              {typeof by === 'string' ? (
                <a href={(only === undefined ? undefined : AT_STATION[step]?.(only)) ?? by}>
                  {say(SET_UP, `step.${step}`)}
                </a>
              ) : (
                say(SET_UP, `step.${step}`)
              )}
              {typeof by === 'object' && !done[step] ? (
                <details>
                  <summary>{say(HEALTH, here === undefined ? 'set.how' : 'set.now')}</summary>
                  {here === undefined ? (
                    <HowToSet page={page} config={services.config} given={by} />
                  ) : (
                    <SiteForm page={page} config={services.config} name={here} />
                  )}
                </details>
              ) : null}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

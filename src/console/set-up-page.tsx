import type { Services } from '../http/services.ts';
import { publicAddress } from '../http/routes/station-keys.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { Shape } from './icons.tsx';
import type { Pages, PageContext } from './pages.tsx';

/**
 * The setup page, with the steps from an empty service to the first printed label. The page detects which steps are
 * already complete.
 */
export function setUpPage(pages: Pages): void {
  const { services } = pages;
  pages.page('/set-up', 'catalog:write', async (page) => ({
    title: page.say(SET_UP, 'setUp'),
    body: <SetUp page={page} services={services} done={await stepsDone(services)} />,
  }));
  pages.part('/set-up/steps', 'catalog:write', async (page) => {
    const done = await stepsDone(services);
    // If no step has changed, nothing on the page is replaced, so that the focus stays where it is.
    return page.c.req.query('seen') === seenIn(done) ? undefined : <Steps page={page} done={done} />;
  });
}

const STEPS = [
  ['site', undefined],
  ['product', '/products'],
  ['printer', '/printers'],
  ['station', '/stations'],
  ['device', undefined],
  ['label', '/stations'],
  ['strict', undefined],
  ['backup', undefined],
] as const;
type Step = (typeof STEPS)[number][0];

async function stepsDone({ ledger, config, scheduled }: Services): Promise<Record<Step, boolean>> {
  const [products, printers, stations, given, printed] = await Promise.all([
    ledger.products(),
    ledger.printers(),
    ledger.stations(),
    ledger.units({ after: 0, limit: 1, fact: 'issued' }),
    ledger.units({ after: 0, limit: 1, fact: 'printed' }),
  ]);
  return {
    site: config.site !== undefined,
    product: products.some(({ name }) => name !== undefined),
    printer: printers.length > 0,
    station: stations.some(({ printer }) => printer !== undefined),
    device: given.units.length > 0,
    label: printed.units.length > 0,
    strict: config.products === 'strict',
    // A shared ledger needs no backup folder, because PostgreSQL has its own way to archive data.
    backup: config.ledger !== undefined || scheduled()?.sameDisk === false,
  };
}

/** Returns true if the start page sends this admin to the setup page. */
export async function isNew(services: Services): Promise<boolean> {
  return !(await stepsDone(services)).label;
}

function SetUp({ page, services, done }: { page: PageContext; services: Services; done: Record<Step, boolean> }) {
  const { say } = page;
  const address = `${publicAddress(page.c, services)}/ioto/serialize`;
  const needsKey = services.config.agentAccess === 'key';
  return (
    <>
      <h1>{say(SET_UP, 'setUp')}</h1>
      <p>{say(SET_UP, 'setUpHint')}</p>
      <Steps page={page} done={done} />
      <h2>{say(SET_UP, 'firmware')}</h2>
      <p>{say(SET_UP, needsKey ? 'firmwareKey' : 'firmwareHint')}</p>
      <pre
        tabindex={0}
      >{`services: { serialize: 'factory' },\napi: { serialize: '${address}${needsKey ? '/KEY' : ''}' },`}</pre>
      <h2>{say(SET_UP, 'playDevice')}</h2>
      <pre tabindex={0}>{`curl -d '{"product":"DEMO","serial":"TEST-1"}' ${address}${needsKey ? '/KEY' : ''}`}</pre>
    </>
  );
}

/** Returns the names of the completed steps as one string. */
function seenIn(done: Record<Step, boolean>): string {
  return STEPS.map(([step]) => (done[step] ? '1' : '0')).join('');
}

function Steps({ page: { say }, done }: { page: PageContext; done: Record<Step, boolean> }) {
  return (
    <ol class="card todo" hx-get={`/set-up/steps?seen=${seenIn(done)}`} hx-trigger="every 2s" hx-swap="outerHTML">
      {STEPS.map(([step, link]) => (
        <li class={done[step] ? 'done' : ''}>
          <Shape name={done[step] ? 'good' : 'open'} />
          <div>
            <span class="sr">{say(SET_UP, done[step] ? 'isDone' : 'toDo')}</span>{' '}
            {link === undefined ? say(SET_UP, `step.${step}`) : <a href={link}>{say(SET_UP, `step.${step}`)}</a>}
          </div>
        </li>
      ))}
    </ol>
  );
}

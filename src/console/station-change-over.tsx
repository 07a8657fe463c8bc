import { ClaimstampError, isCode } from '../platform/error.ts';
import { neededFor } from '../http/routes/change-over.ts';
import { saidIn } from '../http/problems.ts';
import type { Services } from '../http/services.ts';
import { CSRF_FIELD } from '../http/session.ts';
import { loadedOf, type Printer } from '../model/printer.ts';
import type { Station } from '../model/station.ts';
import { otherName, purposeOf, type WorkOrder } from '../model/work-order.ts';
import { defined } from '../platform/own.ts';
import { CHANGE_OVER } from '../../words/console/change-over.ts';
import { COMMON } from '../../words/console/common.ts';
import { STATION } from '../../words/console/station.ts';
import { asked } from './parts.tsx';
import { shownSize } from './station-headline.ts';
import { stationsAt } from './station-nests.ts';
import { classesOf, SubPageTop } from './station-screen.tsx';
import type { Pages, PageContext } from './pages.tsx';

/** The maximum number of work orders that are shown at once. If there are more, the lead searches among them. */
const MAX_SHOWN = 24;

/** The change-over pages of a station. A lead chooses the work order, printer and labels with large buttons. */
export function changeOverPages(pages: Pages): void {
  const { services } = pages;
  pages.page('/stations/:name/change-over', 'stations:operate', async (page) => {
    const [station] = await stationsAt(services.ledger, page.param('name'));
    return {
      title: page.say(CHANGE_OVER, 'title'),
      body: <Page page={page} form={await formFor(services, page, defined(station))} />,
      scripts: ['change-over.js'],
      screen: { ...classesOf(station ?? {}, []), body: 'station change-over' },
    };
  });
  pages.act('/stations/:name/change-over', 'stations:changeover', async (page, fields) => {
    const name = page.param('name');
    const body = {
      workOrder: fields.get('workOrder') ?? '',
      printer: fields.get('printer') || null,
      ...(fields.get('loaded') ? { loaded: fields.get('loaded') } : {}),
      ...(fields.get('despiteLabels') === 'yes' ? { despiteLabels: true as const } : {}),
    };
    try {
      await page.call('POST /v1/stations/{name}/change-over', { params: { name }, body });
    } catch (error) {
      if (!(error instanceof ClaimstampError)) throw error;
      return <Refused page={page} error={error} />;
    }
    page.c.header('hx-redirect', `/stations/${encodeURIComponent(name)}`);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

/** An option in the form. */
interface Offered {
  order: WorkOrder;
  productName: string;
  needed: string | undefined;
}

interface Form {
  station: Station;
  find: string;
  orders: Offered[];
  /** The number of open work orders that match but are not shown. */
  more: number;
  printers: Printer[];
  sizes: string[];
}

/** Returns what the form offers, or undefined if the caller is not a lead. */
async function formFor(services: Services, page: PageContext, station: Station): Promise<Form | undefined> {
  if (!page.who.may.has('stations:changeover')) return undefined;
  const { ledger } = services;
  const { find = '' } = asked(page, ['find']);
  const products = new Map((await ledger.products()).map((product) => [product.id, product]));
  const isFound = ({ id, product, lot = '', reference = '' }: WorkOrder): boolean =>
    [id, reference, product, lot, products.get(product)?.name ?? ''].some((text) =>
      text.toLowerCase().includes(find.toLowerCase()),
    );
  const open = (await ledger.workOrders()).filter((order) => order.closed === undefined && isFound(order)).toReversed();
  const orders = await Promise.all(
    open.slice(0, MAX_SHOWN).map(async (order) => ({
      order,
      productName: products.get(order.product)?.name ?? order.product,
      needed: await neededFor(services, order.id),
    })),
  );
  const printers = await ledger.printers();
  // Offers only label sizes that are in use at this site. Sizes of sheets would only make the list longer.
  const sizes = [...orders.flatMap(({ needed }) => needed ?? []), ...printers.flatMap((one) => loadedOf(one) ?? [])];
  return {
    station,
    find,
    orders,
    more: Math.max(0, open.length - MAX_SHOWN),
    printers,
    sizes: [...new Set(sizes)].toSorted((a, b) => Number.parseFloat(b) - Number.parseFloat(a)),
  };
}

function Page({ page, form }: { page: PageContext; form: Form | undefined }) {
  const { say } = page;
  const here = `/stations/${page.param('name')}`;
  return (
    <div id="change-over">
      <SubPageTop page={page} title={say(CHANGE_OVER, 'title')} />
      <main id="content">
        {form === undefined ? <LeadFirst page={page} here={here} /> : <Choices page={page} form={form} here={here} />}
      </main>
    </div>
  );
}

/** Asks for a lead. At a kiosk, the lead scans a badge to open the form. On other screens, the lead signs in. */
function LeadFirst({ page: { say, csrf, who }, here }: { page: PageContext; here: string }) {
  if (who.kiosk === undefined) return <p class="ask">{say(CHANGE_OVER, 'signIn')}</p>;
  return (
    <form class="act" method="post" action={`${here}/scan`}>
      <input type="hidden" name={CSRF_FIELD} value={csrf} />
      <input type="hidden" name="intent" value="badge" />
      {who.operator === undefined ? null : <p>{say(CHANGE_OVER, 'noLead', { operator: who.operator })}</p>}
      <label class="ask">
        {say(CHANGE_OVER, 'badge')}
        <input name="code" type="password" autocomplete="off" autofocus required />
      </label>
      <div id="told" role="status"></div>
    </form>
  );
}

function Choices({ page, form, here }: { page: PageContext; form: Form; here: string }) {
  const { say, csrf } = page;
  const { station, printers, sizes, find, orders, more } = form;
  const chosen = printers.find(({ name }) => name === station.printer);
  return (
    <>
      <form class="find" method="get" action={`${here}/change-over`}>
        <label>
          {say(CHANGE_OVER, 'find')}
          <input name="find" value={find} autocomplete="off" maxlength={64} />
        </label>
        <button class="btn">{say(CHANGE_OVER, 'search')}</button>
      </form>
      <form class="act" method="post" action={`${here}/change-over`}>
        <input type="hidden" name={CSRF_FIELD} value={csrf} />
        <fieldset>
          <legend>{say(COMMON, 'workOrder')}</legend>
          {orders.length === 0 ? <p>{say(CHANGE_OVER, 'noOrder')}</p> : null}
          {orders.map((offered) => (
            <OrderChoice page={page} station={station} offered={offered} isOnly={orders.length === 1} />
          ))}
          {more === 0 ? null : <p class="soft">{say(CHANGE_OVER, 'moreOrders', { more })}</p>}
        </fieldset>
        <fieldset>
          <legend>{say(STATION, 'printer')}</legend>
          {printers.map((printer) => {
            const loaded = loadedOf(printer);
            return (
              <Card name="printer" value={printer.name} checked={printer.name === station.printer}>
                <b>{printer.name}</b>
                <span>{loaded === undefined ? say(CHANGE_OVER, 'sizeUnknown') : shownSize(loaded)}</span>
              </Card>
            );
          })}
          <Card name="printer" value="" checked={chosen === undefined}>
            <b>{say(STATION, 'noPrinter')}</b>
          </Card>
        </fieldset>
        <fieldset>
          <legend>{say(CHANGE_OVER, 'loaded')}</legend>
          <Card name="loaded" value="" checked>
            <b>{say(CHANGE_OVER, 'unchanged')}</b>
          </Card>
          {sizes.map((size) => (
            <Card name="loaded" value={size} checked={false}>
              <b>{shownSize(size)}</b>
            </Card>
          ))}
        </fieldset>
        <div id="told" role="status"></div>
        <button class="btn btn-primary">{say(CHANGE_OVER, 'do')}</button>
      </form>
    </>
  );
}

interface OrderProps {
  page: PageContext;
  station: Station;
  offered: Offered;
  isOnly: boolean;
}

function OrderChoice({ page: { say }, station, offered, isOnly }: OrderProps) {
  const { order, productName, needed } = offered;
  const { id, units, planned, lot } = order;
  const purpose = purposeOf(order);
  const isCurrent = Object.values(station.workOrders).includes(id);
  return (
    <Card name="workOrder" value={id} checked={isCurrent || isOnly} required>
      <b>{id}</b>
      {otherName(order) === undefined ? null : <span>{otherName(order)}</span>}
      <span>{[productName, lot].filter(Boolean).join(' · ')}</span>
      <span>{say(COMMON, 'of', { units, planned })}</span>
      {needed === undefined ? null : <span>{say(CHANGE_OVER, 'needs', { size: shownSize(needed) })}</span>}
      {purpose === 'production' ? null : <span class="bad">{say(CHANGE_OVER, purpose)}</span>}
    </Card>
  );
}

interface CardProps {
  name: string;
  value: string;
  checked: boolean;
  required?: boolean;
  children: unknown;
}

function Card({ name, value, checked, required = false, children }: CardProps) {
  return (
    <label class="card">
      <input type="radio" name={name} value={value} checked={checked} required={required} />
      {children}
    </label>
  );
}

/**
 * Shows a refused change-over. If the reason is that the labels do not fit, the lead can still confirm the change-over.
 */
function Refused({ page, error }: { page: PageContext; error: ClaimstampError }) {
  const { detail, lang } = saidIn(error, page.language);
  return (
    <div class="refused" role="alert">
      <p lang={lang}>{detail}</p>
      {isCode(error, 'labels-differ') ? (
        <button class="btn" name="despiteLabels" value="yes">
          {page.say(CHANGE_OVER, 'despite')}
        </button>
      ) : null}
    </div>
  );
}

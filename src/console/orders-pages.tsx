import type { Answer } from '../http/client.ts';
import { refuseAbsent } from '../http/routes/reconciliation.ts';
import type { Fields } from '../http/form.ts';
import { otherName, purposeOf, WorkOrderSettings } from '../model/work-order.ts';
import { COMMON } from '../../words/console/common.ts';
import { REMOVAL } from '../../words/console/removal.ts';
import { actorSaid } from './actors.tsx';
import { Removal } from './removal.tsx';
import { ORDERS } from '../../words/console/order.ts';
import { Act, Duplicate, Field, path, refresh, Table, Time } from './parts.tsx';
import { Icon, Shape } from './icons.tsx';
import { LISTED, OrderReport, today, type Report } from './order-report.tsx';
import { isKey } from '../platform/own.ts';
import type { Head } from './later.tsx';
import { Progress } from './pictures.tsx';
import { productSaid } from './unit-status.tsx';
import { changeIn, SettingFields } from './setting-fields.tsx';
import { ORDER_WORDS } from './setting-words.ts';
import type { Pages, PageContext } from './pages.tsx';

type Order = Answer<'GET /v1/work-orders'>['workOrders'][number];
const SETTINGS = WorkOrderSettings.shape;

/**
 * The pages for work orders. On these pages, people see the progress and the reconciliation of work orders, and can
 * close them.
 */
export function ordersPages(pages: Pages): void {
  const isInFile = (id: string): boolean => pages.services.config.catalog.workOrders.some((one) => one.id === id);
  pages.page(
    '/work-orders',
    'catalog:read',
    async (page) => {
      const { workOrders } = await page.call('GET /v1/work-orders');
      const names = new Map(await page.productNames());
      return { title: page.say(ORDERS, 'workOrders'), body: <List page={page} orders={workOrders} names={names} /> };
    },
    { auditor: true },
  );
  pages.act('/work-orders', 'catalog:write', async (page, fields) => {
    const id = fields.get('id') ?? '';
    await setOrder(page, id, fields);
    page.c.header('hx-redirect', path('work-orders', id));
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.page(
    '/work-orders/:id',
    'units:list',
    async (page) => {
      const id = page.param('id');
      const report = await page.call('GET /v1/work-orders/{id}/reconciliation', {
        params: { id },
        query: { limit: LISTED },
      });
      const body = (
        <>
          <One page={page} report={report} id={id} />
          <RemoveOrder page={page} id={id} inFile={isInFile(id)} />
        </>
      );
      return { ...headOf(page), body };
    },
    {
      auditor: true,
      async head(page) {
        await refuseAbsent(pages.services.ledger, { workOrder: page.param('id') }, page.who);
        return headOf(page);
      },
    },
  );
  pages.act('/work-orders/:id/set', 'catalog:write', async (page, fields) => {
    await setOrder(page, page.param('id'), fields);
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.act('/work-orders/:id/close', 'orders:close', async (page, fields) => {
    const reason = fields.get('reason')?.trim() ?? '';
    const body = reason === '' ? {} : { signOff: { all: reason } };
    await page.call('POST /v1/work-orders/{id}/close', { params: { id: page.param('id') }, body });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.act('/work-orders/:id/reopen', 'orders:close', async (page, fields) => {
    const body = { reason: fields.get('reason') ?? '' };
    await page.call('POST /v1/work-orders/{id}/reopen', { params: { id: page.param('id') }, body });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

function headOf({ param, say }: PageContext): Head {
  return { title: param('id'), crumbs: [['/work-orders', say(ORDERS, 'workOrders')]] };
}

async function setOrder(page: PageContext, id: string, fields: Fields): Promise<void> {
  await page.call('PATCH /v1/work-orders/{id}', { params: { id }, body: changeIn(fields, SETTINGS) });
}

interface ListProps {
  page: PageContext;
  orders: Order[];
  /** The name of each product, by id. */
  names: ReadonlyMap<string, string>;
}

function List({ page, orders, names }: ListProps) {
  const { say, who } = page;
  return (
    <>
      <h1>{say(ORDERS, 'workOrders')}</h1>
      <Table
        caption={say(ORDERS, 'workOrders')}
        heads={[
          ...(['workOrder', 'product', 'lot'] as const).map((head) => say(COMMON, head)),
          say(ORDERS, 'unitsToday'),
          say(COMMON, 'state'),
        ]}
      >
        {orders.map((order) => (
          <ListRow page={page} order={order} names={names} />
        ))}
      </Table>
      <p class="soft">{say(ORDERS, orders.length === 0 ? 'noOrders' : 'unitsHint')}</p>
      {who.may.has('units:list') || orders.length === 0 ? null : <p class="soft">{say(ORDERS, 'pageOfQa')}</p>}
      {who.may.has('catalog:write') ? (
        <>
          <h2 id="new-order">{say(ORDERS, 'newOrder')}</h2>
          <OrderForm
            page={page}
            action="/work-orders"
            copied={orders.find(({ id }) => id === page.c.req.query('from'))}
          />
        </>
      ) : null}
    </>
  );
}

function ListRow({ page, order, names }: { page: PageContext; order: Order; names: ListProps['names'] }) {
  const { say, who } = page;
  const { id, product, lot, units, planned, closed, closing, atClosing } = order;
  return (
    <tr>
      <th scope="row">
        {who.may.has('units:list') ? (
          <a class="row" href={path('work-orders', id)}>
            {id}
          </a>
        ) : (
          id
        )}
        {otherName(order) === undefined ? null : <small class="other-name">{otherName(order)}</small>}
      </th>
      <td class="sentence">{productSaid(names, product)}</td>
      <td>{lot ?? '–'}</td>
      <td>
        <Progress count={atClosing?.released ?? units} of={planned}>
          {atClosing === undefined
            ? say(ORDERS, 'issuedOf', { units, planned })
            : say(ORDERS, 'releasedOf', { units: atClosing.released, planned })}
        </Progress>
        {atClosing === undefined ? null : <NotReleased page={page} parts={atClosing} planned={planned} />}
      </td>
      <td>
        {say(ORDERS, closed ? 'isClosed' : closing ? 'isClosing' : 'isOpen')}
        {closed === undefined ? null : (
          <small>
            <Time page={page} at={closed.at} />
          </small>
        )}
      </td>
    </tr>
  );
}

interface NotReleasedProps {
  page: PageContext;
  parts: NonNullable<Order['atClosing']>;
  planned: number | undefined;
}

/** Says why a closed work order released fewer units than planned. */
function NotReleased({ page: { say }, parts, planned }: NotReleasedProps) {
  const { released, void: voided, scrapped, unaccounted } = parts;
  const never = planned === undefined ? 0 : Math.max(0, planned - released - voided - scrapped - unaccounted);
  const said = Object.entries({ void: voided, scrapped, unaccounted, never }).flatMap(([what, count]) =>
    count === 0 || !isKey(WHY_SHORT, what) ? [] : [say(ORDERS, WHY_SHORT[what], { count })],
  );
  return said.length === 0 ? null : <small>{said.join(', ')}</small>;
}

const WHY_SHORT = {
  void: 'back.void',
  scrapped: 'back.scrapped',
  unaccounted: 'leftAtClosing',
  never: 'short.never',
} as const;

interface OrderFormProps {
  page: PageContext;
  action: string;
  order?: Report['workOrder'];
  /** The work order that is copied to make a new one. */
  copied?: Order | undefined;
}

async function OrderForm({ page, action, order, copied }: OrderFormProps) {
  const { say } = page;
  const products = await page.productNames();
  return (
    <>
      <Act page={page} action={action} into="set">
        {order === undefined ? <Field label={say(COMMON, 'workOrder')} name="id" required max={64} /> : null}
        <SettingFields
          page={page}
          shape={SETTINGS}
          words={ORDER_WORDS}
          of={order ?? copied}
          named={{ product: products }}
        />
        <button class="btn btn-primary">{say(COMMON, 'save')}</button>
      </Act>
      <div id="set"></div>
    </>
  );
}

function One({ page, report, id }: { page: PageContext; report: Report; id: string }) {
  const { who, say } = page;
  const { workOrder, closed } = report;
  return (
    <>
      <Head page={page} report={report} id={id} />
      <States page={page} report={report} />
      <OrderReport page={page} report={report} id={id} />
      {who.may.has('orders:close') ? <Closing page={page} report={report} id={id} /> : null}
      {who.may.has('catalog:write') && closed === undefined ? (
        <>
          <h2>{say(COMMON, 'change')}</h2>
          <OrderForm page={page} action={path('work-orders', id, 'set')} order={workOrder} />
        </>
      ) : null}
    </>
  );
}

/** Only a work order that never had a unit can be removed. */
async function RemoveOrder({ page, id, inFile }: { page: PageContext; id: string; inFile: boolean }) {
  if (!page.who.may.has('catalog:write')) return null;
  const { workOrders } = await page.call('GET /v1/work-orders');
  const order = workOrders.find((one) => one.id === id);
  if (order === undefined || order.units > 0 || order.closed) return null;
  const { stations } = await page.call('GET /v1/stations');
  const names = stations.filter((one) => Object.values(one.workOrders).includes(id)).map(({ name }) => name);
  const blocked = names.length === 0 ? undefined : page.say(REMOVAL, 'orderUsed', { names: names.join(', ') });
  return <Removal page={page} what="order" name={id} inFile={inFile} blocked={blocked} />;
}

function Head({ page, report, id }: OneProps) {
  const { say } = page;
  const { workOrder, closed, closing, productName } = report;
  const { issued, parts, shipped = 0 } = today(report);
  const { void: voided, scrapped, returned } = parts;
  const units = closed ? parts.released : issued - voided - scrapped;
  const unitsWith = (query: object): string => `/units?${new URLSearchParams({ workOrder: id, ...query }).toString()}`;
  const left = parts.unaccounted;
  return (
    <div class="page-head">
      <div>
        <h1>
          {say(COMMON, 'workOrder')} {id}{' '}
          <span class={`status pill ${left > 0 ? 'is-warn' : 'is-good'}`}>
            <Shape name={left > 0 ? 'warn' : 'good'} />
            {say(ORDERS, closed ? 'isClosed' : closing ? 'isClosing' : 'isOpen')}
          </span>
        </h1>
        <p class="under">
          {[
            workOrder && otherName(workOrder),
            productName === undefined ? workOrder?.product : `${productName} (${workOrder?.product})`,
            workOrder?.lot,
          ]
            .filter((one) => one !== undefined)
            .join(', ')}
        </p>
        {workOrder?.planned === undefined ? null : (
          <>
            <Progress count={units} of={workOrder.planned}>
              {say(ORDERS, closed ? 'goodOfPlanned' : 'ofPlanned', { units, planned: workOrder.planned })}
            </Progress>
            {closed === undefined || issued >= workOrder.planned ? null : (
              <p class="under">{say(ORDERS, 'neverIssued', { count: workOrder.planned - issued })}</p>
            )}
            <p class="under">{say(ORDERS, 'issuedToday', { issued, void: voided, scrapped, returned })}</p>
            <p class="under">
              <a href={unitsWith({ shipped: 'true' })}>{say(ORDERS, 'shippedOf', { shipped, issued })}</a>
              {' · '}
              <a href={unitsWith({ shipped: 'false' })}>{say(ORDERS, 'notShipped', { count: issued - shipped })}</a>
              {' · '}
              <a href={`/shipping-lists?${new URLSearchParams({ workOrder: id }).toString()}`}>
                {say(ORDERS, 'listsOfOrder')}
              </a>
            </p>
          </>
        )}
      </div>
      <div class="row">
        {page.who.may.has('catalog:write') ? (
          <Duplicate page={page} address={`/work-orders?from=${encodeURIComponent(id)}#new-order`} />
        ) : null}
        <a
          class="btn is-brief"
          href={`/v1${path('work-orders', id, 'report.pdf')}${closed === undefined ? '' : '?since=true'}`}
          download={`${id}.pdf`}
        >
          <Icon name="download" />
          <span>{say(ORDERS, 'reportPdf')}</span>
        </a>
      </div>
    </div>
  );
}

/** Shows what the work order's units are for and, while the work order is being closed, the progress. */
function States({ page, report: { workOrder, closed, closing, interrupted } }: Omit<OneProps, 'id'>) {
  const { say } = page;
  return (
    <>
      {workOrder === undefined || purposeOf(workOrder) === 'production' ? null : (
        <p class="bad">{say(ORDERS, workOrder.purpose === 'sample' ? 'ofSamples' : 'ofEngineering')}</p>
      )}
      {closed === undefined ? null : (
        <p class="good">
          {say(ORDERS, 'closedBy', { by: actorSaid(page, closed.by) })} <Time page={page} at={closed.at} />
        </p>
      )}
      {closing === undefined ? null : (
        <p class="bad" role="status">
          {say(ORDERS, 'closingBy', { by: actorSaid(page, closing.by) })} <Time page={page} at={closing.at} />
        </p>
      )}
      {interrupted === undefined ? null : (
        <p class="bad" role="status">
          {say(ORDERS, 'interruptedBy', { by: actorSaid(page, interrupted.by) })}{' '}
          <Time page={page} at={interrupted.at} />
        </p>
      )}
    </>
  );
}

interface OneProps {
  page: PageContext;
  report: Report;
  id: string;
}

function Closing({ page, report, id }: { page: PageContext; report: Report; id: string }) {
  const { say } = page;
  const left = report.figures.parts.unaccounted;
  const isOpen = report.closed === undefined && report.closing === undefined;
  return (
    <>
      <h2>{say(ORDERS, isOpen ? 'close' : 'reopen')}</h2>
      <p>{isOpen ? say(ORDERS, left === 0 ? 'allThere' : 'leftOver', { count: left }) : say(ORDERS, 'reopenHint')}</p>
      <Act
        page={page}
        action={path('work-orders', id, isOpen ? 'close' : 'reopen')}
        into="closing"
        {...(isOpen ? { ask: say(ORDERS, 'askClose', { id, count: left }) } : {})}
      >
        {isOpen && left === 0 ? null : (
          <Field label={isOpen ? say(ORDERS, 'signOff') : say(COMMON, 'reason')} name="reason" required max={200} />
        )}
        <button>{say(ORDERS, isOpen ? 'close' : 'reopen')}</button>
      </Act>
      <div id="closing"></div>
    </>
  );
}

import type { z } from 'zod';
import type { Answer } from '../http/client.ts';
import { ShippingListSettings } from '../model/shipping/shipping-list.ts';
import { mask } from '../model/claim-id.ts';
import { COMMON } from '../../words/console/common.ts';
import { SHIPPING_WORDS } from '../../words/console/shipping.ts';
import { Act, asked, Field, NameField, path, refresh, Table, Time } from './parts.tsx';
import { actorSaid } from './actors.tsx';
import { Progress } from './pictures.tsx';
import { changeIn, SettingFields } from './setting-fields.tsx';
import type { SettingWords } from './setting-words.ts';
import type { Pages, PageContext } from './pages.tsx';

type List = Answer<'GET /v1/shipping-lists/{id}'>;
type Units = Answer<'GET /v1/shipping-lists/{id}/units'>;

const SETTINGS = ShippingListSettings.shape;

/** The number of units on a page. The CSV file has all units. */
const LISTED = 50;

/** The pages on which people make, follow and close a shipping list, and remove a unit from it. */
export function shippingPages(pages: Pages): void {
  pages.page('/shipping-lists', 'catalog:read', async (page) => {
    const { after, ...filter } = asked(page, ['after', 'workOrder']);
    const found = await page.call('GET /v1/shipping-lists', { query: { ...filter, after: Number(after ?? 0) } });
    return { title: page.say(SHIPPING_WORDS, 'lists'), body: <Lists page={page} {...found} filter={filter} /> };
  });
  pages.act('/shipping-lists', 'shipping:manage', async (page, fields) => {
    const id = fields.get('id')?.trim() ?? '';
    const { target = 0, product, workOrder } = changeIn(fields, SETTINGS);
    const body = {
      target: Number(target),
      ...(typeof product === 'string' ? { product } : {}),
      ...(typeof workOrder === 'string' ? { workOrder } : {}),
    };
    await page.call('PUT /v1/shipping-lists/{id}', { params: { id }, body });
    page.c.header('hx-redirect', path('shipping-lists', id));
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.page('/shipping-lists/:id', 'catalog:read', async (page) => {
    const params = { id: page.param('id') };
    const after = Number(asked(page, ['after'])['after'] ?? 0);
    const list = await page.call('GET /v1/shipping-lists/{id}', { params });
    const query = { after, limit: LISTED };
    // A lead can remove units from a list, but cannot read lists of units.
    const units = page.who.may.has('units:list')
      ? await page.call('GET /v1/shipping-lists/{id}/units', { params, query })
      : undefined;
    return { title: list.id, body: <One page={page} list={list} units={units} /> };
  });
  pages.act('/shipping-lists/:id/close', 'shipping:manage', async (page) => {
    await page.call('POST /v1/shipping-lists/{id}/close', { params: { id: page.param('id') } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.act('/shipping-lists/:id/unship', 'shipping:manage', async (page, fields) => {
    const params = { uci: fields.get('uci')?.trim() ?? '' };
    await page.call('POST /v1/units/{uci}/unship', { params, body: { reason: fields.get('reason') ?? '' } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

function stateOf({ say }: PageContext, { closed, units, target }: List): string {
  return say(SHIPPING_WORDS, closed ? 'isClosed' : units >= target ? 'isFull' : 'isOpen');
}

/** Says how many units are on the list, how many it should have, and how many are missing. */
function shippedSaid({ say }: PageContext, { units, target }: List): string {
  const said = say(SHIPPING_WORDS, 'onList', { units, target });
  return units >= target ? said : `${said}, ${say(SHIPPING_WORDS, 'missing', { count: target - units })}`;
}

interface ListsProps {
  page: PageContext;
  lists: Answer<'GET /v1/shipping-lists'>['lists'];
  next: number | null;
  filter: Record<string, string>;
}

function Lists({ page, lists, next, filter }: ListsProps) {
  const { say, who } = page;
  const order = filter['workOrder'];
  const more = new URLSearchParams({ ...filter, after: String(next) }).toString();
  return (
    <>
      <h1>{say(SHIPPING_WORDS, 'lists')}</h1>
      <p class="soft">{say(SHIPPING_WORDS, 'gateHint')}</p>
      <form class="search" method="get" action="/shipping-lists">
        <Field label={say(COMMON, 'workOrder')} name="workOrder" value={order} max={64} />
        <button>{say(SHIPPING_WORDS, 'show')}</button>
      </form>
      <Table
        caption={say(SHIPPING_WORDS, 'lists')}
        heads={[
          say(SHIPPING_WORDS, 'list'),
          say(COMMON, 'product'),
          say(SHIPPING_WORDS, 'onlyOrder'),
          ...(order === undefined ? [] : [say(SHIPPING_WORDS, 'ofOrder', { order })]),
          ...(['units', 'state'] as const).map((head) => say(COMMON, head)),
        ]}
      >
        {lists.map((list) => (
          <tr>
            <th scope="row">
              <a class="row" href={path('shipping-lists', list.id)}>
                {list.id}
              </a>
            </th>
            <td>{list.product ?? '–'}</td>
            <td>
              {list.workOrder === undefined ? say(COMMON, 'any') : <OrderLink page={page} workOrder={list.workOrder} />}
            </td>
            {order === undefined ? null : <td>{list.ofOrder}</td>}
            <td>
              <Progress count={list.units} of={list.target}>
                {shippedSaid(page, list)}
              </Progress>
            </td>
            <td>{stateOf(page, list)}</td>
          </tr>
        ))}
      </Table>
      {lists.length === 0 ? <p>{say(SHIPPING_WORDS, order === undefined ? 'noLists' : 'noneOfOrder')}</p> : null}
      {next === null ? null : (
        <p>
          <a href={`/shipping-lists?${more}`}>{say(SHIPPING_WORDS, 'next')}</a>
        </p>
      )}
      {who.may.has('shipping:manage') ? (
        <>
          <h2>{say(SHIPPING_WORDS, 'newList')}</h2>
          <Act page={page} action="/shipping-lists" into="set">
            <NameField page={page} label={say(SHIPPING_WORDS, 'list')} name="id" example="2026-W14" />
            <SettingFields page={page} shape={SETTINGS} words={LIST_WORDS} of={undefined} />
            <button>{say(COMMON, 'save')}</button>
          </Act>
          <div id="set"></div>
        </>
      ) : null}
    </>
  );
}

function One({ page, list, units }: { page: PageContext; list: List; units: Units | undefined }) {
  const { say, who } = page;
  const { id, closed } = list;
  return (
    <>
      <h1>
        {say(SHIPPING_WORDS, 'list')} {id}
      </h1>
      <p>{[list.product, list.workOrder, stateOf(page, list)].filter((one) => one !== undefined).join(' · ')}</p>
      <Progress count={list.units} of={list.target}>
        {shippedSaid(page, list)}
      </Progress>
      {closed === undefined ? null : (
        <p class="good">
          {say(SHIPPING_WORDS, 'closedBy', { by: actorSaid(page, closed.by) })} <Time page={page} at={closed.at} />
        </p>
      )}
      {who.may.has('ledger:export') ? (
        <p>
          <a href={`/v1${path('shipping-lists', id, 'units.csv')}`} download={`${id}.csv`}>
            {say(SHIPPING_WORDS, 'csv')}
          </a>
        </p>
      ) : null}
      {units === undefined ? null : <Shipments page={page} id={id} units={units} />}
      {closed === undefined && who.may.has('shipping:manage') ? <Actions page={page} id={id} /> : null}
    </>
  );
}

/** A link to a work order, for people who may open its page. */
function OrderLink({ page: { who }, workOrder }: { page: PageContext; workOrder: string | undefined }) {
  if (workOrder === undefined) return <>–</>;
  return who.may.has('units:list') ? <a href={path('work-orders', workOrder)}>{workOrder}</a> : <>{workOrder}</>;
}

function Shipments({ page, id, units: { units, next } }: { page: PageContext; id: string; units: Units }) {
  const { say } = page;
  return (
    <>
      <Table
        caption={say(COMMON, 'units')}
        heads={[
          say(COMMON, 'claimId'),
          say(COMMON, 'serial'),
          say(COMMON, 'workOrder'),
          say(SHIPPING_WORDS, 'shippedAt'),
        ]}
      >
        {units.map(({ uci, serial, workOrder, at }) => (
          <tr>
            <th scope="row">
              <a class="row code" href={path('units', uci)}>
                {mask(uci)}
              </a>
            </th>
            <td>{serial ?? '–'}</td>
            <td>
              <OrderLink page={page} workOrder={workOrder} />
            </td>
            <td>
              <Time page={page} at={at} />
            </td>
          </tr>
        ))}
      </Table>
      {next === null ? null : (
        <p>
          <a href={`${path('shipping-lists', id)}?after=${next}`}>{say(SHIPPING_WORDS, 'next')}</a>
        </p>
      )}
    </>
  );
}

function Actions({ page, id }: { page: PageContext; id: string }) {
  const { say } = page;
  return (
    <>
      <h2>{say(SHIPPING_WORDS, 'unship')}</h2>
      <p class="soft">{say(SHIPPING_WORDS, 'unshipHint')}</p>
      <Act page={page} action={path('shipping-lists', id, 'unship')} into="unshipped">
        <Field label={say(COMMON, 'claimId')} name="uci" required max={300} />
        <Field label={say(COMMON, 'reason')} name="reason" required max={200} />
        <button>{say(SHIPPING_WORDS, 'unship')}</button>
      </Act>
      <div id="unshipped"></div>
      <h2>{say(SHIPPING_WORDS, 'close')}</h2>
      <p class="soft">{say(SHIPPING_WORDS, 'closeHint')}</p>
      <Act page={page} action={path('shipping-lists', id, 'close')} into="closed">
        <button>{say(SHIPPING_WORDS, 'close')}</button>
      </Act>
      <div id="closed"></div>
    </>
  );
}

/** The words for the settings of a shipping list in the console. */
const LIST_WORDS: SettingWords<z.infer<typeof ShippingListSettings>> = {
  en: { target: 'Units to ship', product: 'Only this product', workOrder: 'Only this work order' },
  es: {
    target: 'Unidades por enviar',
    'target.help': 'Cuántas unidades salen con esta lista',
    product: 'Solo este producto',
    'product.help': 'Solo las unidades de este producto pueden estar en la lista',
    workOrder: 'Solo esta orden de trabajo',
    'workOrder.help': 'Solo las unidades de esta orden de trabajo pueden estar en la lista',
  },
  zh: {
    target: '出货数量',
    'target.help': '随此清单出货的设备数量',
    product: '仅限此产品',
    'product.help': '清单上只能有此产品的设备',
    workOrder: '仅限此工单',
    'workOrder.help': '清单上只能有此工单的设备',
  },
};

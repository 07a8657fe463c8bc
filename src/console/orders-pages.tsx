import type { Answer } from '../http/client.ts';
import type { Fields } from '../http/form.ts';
import { PARTS } from '../model/figures.ts';
import { DESK } from './qa-words.ts';
import { Act, Choice, Field, path, refresh, Table, Time } from './parts.tsx';
import { UnitTable } from './units-pages.tsx';
import type { Pages, Visit } from './visit.tsx';

type Order = Answer<'GET /v1/work-orders'>['workOrders'][number];
type Report = Answer<'GET /v1/work-orders/{id}/reconciliation'>;

/** Units that each list of a reconciliation shows here; the report has them all. */
const LISTED = 50;

/** Work orders: how far each is, what became of its units, closing. */
export function ordersPages(pages: Pages): void {
  pages.page('/work-orders', 'catalog:read', async (visit) => {
    const { workOrders } = await visit.call('GET /v1/work-orders');
    return { title: visit.say(DESK, 'workOrders'), body: <List visit={visit} orders={workOrders} /> };
  });
  pages.act('/work-orders', 'catalog:write', async (visit, fields) => {
    const id = fields.get('id') ?? '';
    await setOrder(visit, id, fields);
    visit.c.header('hx-redirect', path('work-orders', id));
    return <p>{visit.say(DESK, 'done')}</p>;
  });
  pages.page('/work-orders/:id', 'units:list', async (visit) => {
    const id = visit.c.req.param('id') as string;
    const report = await visit.call('GET /v1/work-orders/{id}/reconciliation', {
      params: { id },
      query: { limit: LISTED },
    });
    return { title: id, body: <One visit={visit} report={report} id={id} /> };
  });
  pages.act('/work-orders/:id/set', 'catalog:write', async (visit, fields) => {
    await setOrder(visit, visit.c.req.param('id') as string, fields);
    refresh(visit);
    return <p>{visit.say(DESK, 'done')}</p>;
  });
  pages.act('/work-orders/:id/close', 'orders:close', async (visit, fields) => {
    const reason = fields.get('reason')?.trim() ?? '';
    const body = reason === '' ? {} : { signOff: { all: reason } };
    await visit.call('POST /v1/work-orders/{id}/close', { params: { id: visit.c.req.param('id') as string }, body });
    refresh(visit);
    return <p>{visit.say(DESK, 'done')}</p>;
  });
  pages.act('/work-orders/:id/reopen', 'orders:close', async (visit, fields) => {
    const body = { reason: fields.get('reason') ?? '' };
    await visit.call('POST /v1/work-orders/{id}/reopen', { params: { id: visit.c.req.param('id') as string }, body });
    refresh(visit);
    return <p>{visit.say(DESK, 'done')}</p>;
  });
}

async function setOrder(visit: Visit, id: string, fields: Fields): Promise<void> {
  const lot = fields.get('lot')?.trim();
  await visit.call('PUT /v1/work-orders/{id}', {
    params: { id },
    body: {
      product: fields.get('product') ?? '',
      planned: Number(fields.get('planned')),
      overIssue: fields.get('overIssue'),
      lot: lot === '' ? undefined : lot,
    },
  });
}

function List({ visit, orders }: { visit: Visit; orders: Order[] }) {
  const { say, who } = visit;
  return (
    <>
      <h1>{say(DESK, 'workOrders')}</h1>
      <Table
        caption={say(DESK, 'workOrders')}
        heads={(['workOrder', 'product', 'lot', 'units', 'state'] as const).map((head) => say(DESK, head))}
      >
        {orders.map(({ id, product, lot, units, planned, closed }) => (
          <tr>
            <th scope="row">
              {who.may.has('units:list') ? (
                <a class="row" href={path('work-orders', id)}>
                  {id}
                </a>
              ) : (
                id
              )}
            </th>
            <td>{product}</td>
            <td>{lot ?? '–'}</td>
            <td>
              <Progress visit={visit} units={units} planned={planned} />
            </td>
            <td>{closed === undefined ? say(DESK, 'isOpen') : say(DESK, 'isClosed')}</td>
          </tr>
        ))}
      </Table>
      {orders.length === 0 ? <p>{say(DESK, 'noOrders')}</p> : null}
      {who.may.has('catalog:write') ? (
        <>
          <h2>{say(DESK, 'newOrder')}</h2>
          <OrderForm visit={visit} action="/work-orders" />
        </>
      ) : null}
    </>
  );
}

function Progress({ visit: { say }, units, planned }: { visit: Visit; units: number; planned: number }) {
  return (
    <label class="progress">
      {say(DESK, 'of', { units, planned })}
      <progress max={planned} value={Math.min(units, planned)}></progress>
    </label>
  );
}

function OrderForm({ visit, action, order }: { visit: Visit; action: string; order?: Report['workOrder'] }) {
  const { say } = visit;
  const rules = [
    ['warn', say(DESK, 'overWarn')],
    ['refuse', say(DESK, 'overRefuse')],
  ] as const;
  return (
    <>
      <Act visit={visit} action={action} into="set">
        {order === undefined ? <Field label={say(DESK, 'workOrder')} name="id" required max={64} /> : null}
        <Field label={say(DESK, 'product')} name="product" value={order?.product} required />
        <Field
          label={say(DESK, 'planned')}
          name="planned"
          type="number"
          value={String(order?.planned ?? '')}
          required
        />
        <Field label={say(DESK, 'lot')} name="lot" value={order?.lot} max={64} />
        <Choice label={say(DESK, 'overIssue')} name="overIssue" value={order?.overIssue ?? 'warn'} of={rules} />
        <button>{say(DESK, 'save')}</button>
      </Act>
      <div id="set"></div>
    </>
  );
}

function One({ visit, report, id }: { visit: Visit; report: Report; id: string }) {
  const { say, who } = visit;
  const { workOrder, figures, closed } = report;
  const standing = figures.issued - figures.parts.void - figures.parts.scrapped;
  return (
    <>
      <h1>
        {say(DESK, 'workOrder')} {id}
      </h1>
      <p>
        {report.productName ?? ''} {workOrder?.product} {workOrder?.lot === undefined ? '' : `· ${workOrder.lot}`}
      </p>
      <Progress visit={visit} units={standing} planned={workOrder?.planned ?? 1} />
      {closed === undefined ? null : (
        <p class="good">
          {say(DESK, 'closedBy', { by: closed.by })} <Time visit={visit} at={closed.at} />
        </p>
      )}
      <h2>{say(DESK, 'reconciliation')}</h2>
      <Figures visit={visit} report={report} />
      <p>
        <a href={`/v1${path('work-orders', id, 'report.pdf')}`} download={`${id}.pdf`}>
          {say(DESK, 'reportPdf')}
        </a>
      </p>
      {PARTS.filter((part) => part !== 'released' && (report.lists[part]?.length ?? 0) > 0).map((part) => (
        <>
          <h3>{say(DESK, part)}</h3>
          <UnitTable visit={visit} units={report.lists[part] ?? []} />
        </>
      ))}
      {report.cut ? <p class="soft">{say(DESK, 'cut', { count: LISTED })}</p> : null}
      {who.may.has('orders:close') ? <Closing visit={visit} report={report} id={id} /> : null}
      {who.may.has('catalog:write') && closed === undefined ? (
        <>
          <h2>{say(DESK, 'change')}</h2>
          <OrderForm visit={visit} action={path('work-orders', id, 'set')} order={workOrder} />
        </>
      ) : null}
    </>
  );
}

function Figures({ visit: { say }, report: { figures } }: { visit: Visit; report: Report }) {
  const { parts, facts, labels } = figures;
  const rows: [string, number][] = [
    [say(DESK, 'issued'), figures.issued],
    ...PARTS.map((part): [string, number] => [say(DESK, part), parts[part]]),
    [say(DESK, 'printed'), facts.printed],
    [say(DESK, 'verified'), facts.verified],
    [say(DESK, 'reported'), facts.reported],
    [say(DESK, 'registered'), facts.registered],
    [say(DESK, 'labels'), labels.copies],
    [say(DESK, 'jobsFailed'), labels.failed],
    [say(DESK, 'jobsUnknown'), labels.unknown],
    ...labels.reprints.map(({ reason, copies }): [string, number] => [say(DESK, 'reprintFor', { reason }), copies]),
  ];
  return (
    <table class="figures">
      <tbody>
        {rows.map(([name, count]) => (
          <tr>
            <th scope="row">{name}</th>
            <td>{count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Closing({ visit, report, id }: { visit: Visit; report: Report; id: string }) {
  const { say } = visit;
  const left = report.figures.parts.unaccounted;
  const isOpen = report.closed === undefined;
  return (
    <>
      <h2>{say(DESK, isOpen ? 'close' : 'reopen')}</h2>
      <p>{isOpen ? say(DESK, left === 0 ? 'allThere' : 'leftOver', { count: left }) : say(DESK, 'reopenHint')}</p>
      <Act visit={visit} action={path('work-orders', id, isOpen ? 'close' : 'reopen')} into="closing">
        {isOpen && left === 0 ? null : (
          <Field label={say(DESK, isOpen ? 'signOff' : 'reason')} name="reason" required max={200} />
        )}
        <button>{say(DESK, isOpen ? 'close' : 'reopen')}</button>
      </Act>
      <div id="closing"></div>
    </>
  );
}

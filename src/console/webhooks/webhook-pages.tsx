import type { Answer } from '../../http/client.ts';
import { COMMON } from '../../../words/console/common.ts';
import { WEBHOOKS } from '../../../words/console/webhooks.ts';
import type { Fields } from '../../http/form.ts';
import type { PageContext, Pages } from '../pages.tsx';
import { Act, Choice, Field, filled, path, refresh, Secret, Table, Time } from '../parts.tsx';
import { refusal } from '../../platform/error.ts';

type Webhook = Answer<'GET /v1/webhooks'>['webhooks'][number];

/** The pages for webhooks, which send the events of the ledger to other systems. */
export function webhookPages(pages: Pages): void {
  listPage(pages);
  detailPage(pages);
  detailForms(pages);
}

function listPage(pages: Pages): void {
  pages.page('/webhooks', 'access:read', async (page) => {
    const { webhooks } = await page.call('GET /v1/webhooks');
    const isOff = pages.services.config.webhookAllow.length === 0;
    return { title: page.say(WEBHOOKS, 'webhooks'), body: <List page={page} webhooks={webhooks} isOff={isOff} /> };
  });
  pages.act('/webhooks', 'access:write', async (page, fields) => {
    const { name = '', after } = filled(fields, ['name', 'after']);
    const { url = '', types, product, station, reveal } = settingsIn(fields);
    const { secret } = await page.call('POST /v1/webhooks', {
      body: {
        name,
        url,
        reveal,
        ...(types === null ? {} : { types }),
        ...(product === null ? {} : { product }),
        ...(station === null ? {} : { station }),
        ...(after === undefined ? {} : { after: Number(after) }),
      },
    });
    return <Secret page={page} name={page.say(WEBHOOKS, 'secret', { name })} text={secret} />;
  });
}

function settingsIn(fields: Fields) {
  const { url, types, product = null, station = null } = filled(fields, ['url', 'types', 'product', 'station']);
  return {
    ...(url === undefined ? {} : { url }),
    types: types === undefined ? null : types.split(',').map((type) => type.trim()),
    product,
    station,
    reveal: fields.get('reveal') === 'true',
  };
}

function detailPage(pages: Pages): void {
  pages.page('/webhooks/:name', 'access:read', async (page) => {
    const params = { name: page.param('name') };
    const [{ webhooks }, { deliveries }] = await Promise.all([
      page.call('GET /v1/webhooks'),
      page.call('GET /v1/webhooks/{name}/deliveries', { params, query: { limit: 50 } }),
    ]);
    const webhook = webhooks.find(({ name }) => name === params.name);
    if (webhook === undefined) throw refusal('not-found', 'webhook', { webhook: params.name });
    return {
      title: webhook.name,
      crumbs: [['/webhooks', page.say(WEBHOOKS, 'webhooks')]],
      body: (
        <>
          <h1>{webhook.name}</h1>
          <State page={page} webhook={webhook} />
          {page.who.may.has('access:write') ? <Changes page={page} webhook={webhook} /> : null}
          <Deliveries page={page} deliveries={deliveries} />
        </>
      ),
    };
  });
}

function detailForms(pages: Pages): void {
  const done = (page: PageContext) => {
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  };
  pages.act('/webhooks/:name', 'access:write', async (page, fields) => {
    await page.call('PATCH /v1/webhooks/{name}', { params: { name: page.param('name') }, body: settingsIn(fields) });
    return done(page);
  });
  pages.act('/webhooks/:name/pause', 'access:write', async (page) => {
    await page.call('POST /v1/webhooks/{name}/pause', { params: { name: page.param('name') } });
    return done(page);
  });
  pages.act('/webhooks/:name/resume', 'access:write', async (page, fields) => {
    const { after } = filled(fields, ['after']);
    const body = after === undefined ? {} : { after: Number(after) };
    await page.call('POST /v1/webhooks/{name}/resume', { params: { name: page.param('name') }, body });
    return done(page);
  });
  pages.act('/webhooks/:name/secret', 'access:write', async (page, fields) => {
    const name = page.param('name');
    const body = { keepHours: Number(fields.get('keepHours') ?? '') };
    const { secret } = await page.call('POST /v1/webhooks/{name}/secret', { params: { name }, body });
    return <Secret page={page} name={page.say(WEBHOOKS, 'secret', { name })} text={secret} />;
  });
  pages.act('/webhooks/:name/remove', 'access:write', async (page) => {
    await page.call('DELETE /v1/webhooks/{name}', { params: { name: page.param('name') } });
    page.c.header('hx-redirect', '/webhooks');
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

function List({ page, webhooks, isOff }: { page: PageContext; webhooks: Webhook[]; isOff: boolean }) {
  const { say, who } = page;
  const heads = (['name', 'target', 'state', 'delivered', 'waiting'] as const).map((head) => say(WEBHOOKS, head));
  return (
    <>
      <h1>{say(WEBHOOKS, 'webhooks')}</h1>
      <p>{say(WEBHOOKS, 'hint')}</p>
      {webhooks.length === 0 ? (
        <p class="soft">{say(WEBHOOKS, 'none')}</p>
      ) : (
        <Table caption={say(WEBHOOKS, 'webhooks')} heads={heads}>
          {webhooks.map((webhook) => (
            <tr>
              <th scope="row">
                <a href={path('webhooks', webhook.name)}>{webhook.name}</a>
              </th>
              <td>{webhook.target}</td>
              <td class={webhook.state === 'running' ? '' : 'bad'}>{say(WEBHOOKS, `state.${webhook.state}`)}</td>
              <td>{webhook.delivered}</td>
              <td>{webhook.waiting}</td>
            </tr>
          ))}
        </Table>
      )}
      {isOff ? <p>{say(WEBHOOKS, 'off')}</p> : null}
      {who.may.has('access:write') && !isOff ? (
        <>
          <h2>{say(WEBHOOKS, 'add')}</h2>
          <Act page={page} action="/webhooks" into="new">
            <Field label={say(WEBHOOKS, 'name')} name="name" hint={say(WEBHOOKS, 'nameHint')} required max={32} />
            <SettingsFields page={page} />
            <Field label={say(WEBHOOKS, 'begin')} name="after" type="number" hint={say(WEBHOOKS, 'beginHint')} />
            <button>{say(WEBHOOKS, 'add')}</button>
            <div id="new"></div>
          </Act>
        </>
      ) : null}
    </>
  );
}

/** The service does not show the address of an existing webhook, so this form's address starts empty. */
function SettingsFields({ page: { say }, of }: { page: PageContext; of?: Webhook }) {
  const addressHint = say(WEBHOOKS, of === undefined ? 'addressHint' : 'addressKept');
  return (
    <>
      <Field label={say(WEBHOOKS, 'address')} name="url" hint={addressHint} required={of === undefined} max={2000} />
      <Field
        label={say(WEBHOOKS, 'types')}
        name="types"
        value={of?.types?.join(',')}
        hint={say(WEBHOOKS, 'typesHint')}
        max={1000}
      />
      <Field label={say(WEBHOOKS, 'product')} name="product" value={of?.product} hint={say(WEBHOOKS, 'productHint')} />
      <Field label={say(WEBHOOKS, 'station')} name="station" value={of?.station} hint={say(WEBHOOKS, 'stationHint')} />
      <Choice
        label={say(WEBHOOKS, 'claimIds')}
        name="reveal"
        value={String(of?.reveal ?? false)}
        of={[
          ['false', say(WEBHOOKS, 'masked')],
          ['true', say(WEBHOOKS, 'complete')],
        ]}
      />
    </>
  );
}

function State({ page, webhook }: { page: PageContext; webhook: Webhook }) {
  const { say } = page;
  const { target, state, failing, paused, delivered, waiting, types, product, station, reveal, formerUntil } = webhook;
  const filter = [types?.join(', '), product, station].filter((part) => part !== undefined).join(' · ');
  const facts: [string, unknown][] = [
    [say(WEBHOOKS, 'target'), target],
    [say(WEBHOOKS, 'types'), filter || say(WEBHOOKS, 'all')],
    [say(WEBHOOKS, 'claimIds'), say(WEBHOOKS, reveal ? 'complete' : 'masked')],
    [
      say(WEBHOOKS, 'state'),
      paused === undefined
        ? say(WEBHOOKS, `state.${state}`)
        : `${say(WEBHOOKS, 'state.paused')}: ${say(WEBHOOKS, `why.${paused.why}`)}`,
    ],
    [say(WEBHOOKS, 'delivered'), delivered],
    [say(WEBHOOKS, 'waiting'), waiting],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
      {failing === undefined ? null : (
        <>
          <dt>{say(WEBHOOKS, 'since')}</dt>
          <dd>
            <Time page={page} at={failing.since} />{' '}
            {say(WEBHOOKS, 'failed', { times: failing.times, result: failing.result })}
          </dd>
        </>
      )}
      {formerUntil === undefined ? null : (
        <>
          <dt>{say(WEBHOOKS, 'formerUntil')}</dt>
          <dd>
            <Time page={page} at={formerUntil} />
          </dd>
        </>
      )}
    </dl>
  );
}

function Changes({ page, webhook }: { page: PageContext; webhook: Webhook }) {
  const { say } = page;
  const { name, paused } = webhook;
  return (
    <>
      <div class="row-acts">
        {paused === undefined ? (
          <Act page={page} action={path('webhooks', name, 'pause')} into="made">
            <button>{say(WEBHOOKS, 'pause')}</button>
          </Act>
        ) : null}
        {paused === undefined || paused.why === 'restored' ? null : (
          <Act page={page} action={path('webhooks', name, 'resume')} into="made">
            <button>{say(WEBHOOKS, 'resume')}</button>
          </Act>
        )}
        <Act
          page={page}
          action={path('webhooks', name, 'remove')}
          into="made"
          ask={say(WEBHOOKS, 'askRemove', { name })}
        >
          <button class="danger">{say(WEBHOOKS, 'remove')}</button>
        </Act>
      </div>
      <div id="made"></div>
      <h2>{say(WEBHOOKS, 'replay')}</h2>
      <Act page={page} action={path('webhooks', name, 'resume')} into="replayed">
        <Field label={say(WEBHOOKS, 'after')} name="after" type="number" hint={say(WEBHOOKS, 'replayHint')} required />
        <button>{say(WEBHOOKS, 'replay')}</button>
        <div id="replayed"></div>
      </Act>
      <h2>{say(WEBHOOKS, 'rotate')}</h2>
      <p>{say(WEBHOOKS, 'rotateHint')}</p>
      <Act
        page={page}
        action={path('webhooks', name, 'secret')}
        into="rotated"
        ask={say(WEBHOOKS, 'askRotate', { name })}
      >
        <Field label={say(WEBHOOKS, 'keep')} name="keepHours" type="number" value="168" unit={say(WEBHOOKS, 'hours')} />
        <button>{say(WEBHOOKS, 'rotate')}</button>
        <div id="rotated"></div>
      </Act>
      <h2>{say(WEBHOOKS, 'settings')}</h2>
      <Act page={page} action={path('webhooks', name)} into="saved">
        <SettingsFields page={page} of={webhook} />
        <button>{say(COMMON, 'save')}</button>
        <div id="saved"></div>
      </Act>
    </>
  );
}

type Delivery = Answer<'GET /v1/webhooks/{name}/deliveries'>['deliveries'][number];

function Deliveries({ page, deliveries }: { page: PageContext; deliveries: Delivery[] }) {
  const { say } = page;
  const heads = (['time', 'event', 'result', 'duration'] as const).map((head) => say(WEBHOOKS, head));
  return (
    <>
      <h2>{say(WEBHOOKS, 'deliveries')}</h2>
      {deliveries.length === 0 ? (
        <p class="soft">{say(WEBHOOKS, 'noDeliveries')}</p>
      ) : (
        <Table caption={say(WEBHOOKS, 'deliveries')} heads={heads}>
          {deliveries.map(({ at, seq, result, ms }) => (
            <tr>
              <td>
                <Time page={page} at={at} />
              </td>
              <td>{seq}</td>
              <td class={result.startsWith('2') ? '' : 'bad'}>{result}</td>
              <td>{ms}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

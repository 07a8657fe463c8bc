import type { Fields } from '../http/form.ts';
import type { Product } from '../model/product.ts';
import { DEFAULT_STATION, type StationDefinition } from '../model/station.ts';
import { COMMON } from './common-words.ts';
import { Act, asked, Choice, Field, filled, InFile, refuseStale, Secret, stampOf } from './parts.tsx';
import { SET_UP } from './set-up-words.ts';
import type { Pages, PageContext } from './pages.tsx';

interface Known {
  stations: StationDefinition[];
  printers: { name: string }[];
  products: Product[];
  workOrders: { id: string; product: string; closed?: object }[];
}

/** A station: its mode, its devices' addresses, its printer, its key, its screen. */
export function stationSettings(pages: Pages): void {
  const { config } = pages.services;
  pages.page('/station-settings', 'catalog:write', async (page) => {
    const { name = '' } = asked(page, ['name']);
    const known = await knownOf(page);
    const station = known.stations.find((one) => one.name === name);
    const inFile = config.catalog.stations.some((one) => one.name === name);
    return {
      title: station?.name ?? page.say(SET_UP, 'newStation'),
      body: <Settings page={page} station={station} known={known} inFile={inFile} />,
    };
  });
  pages.act('/station-settings', 'catalog:write', async (page, fields) => {
    const name = fields.get('name')?.trim() ?? '';
    const { stations } = await knownOf(page);
    refuseStale(page, fields, definitionOf(stations.find((one) => one.name === name)));
    await page.call('PUT /v1/stations/{name}', { params: { name }, body: settingsIn(fields) });
    page.c.header('hx-redirect', `/station-settings?name=${encodeURIComponent(name)}`);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.act('/station-settings/key', 'access:write', async (page, fields) => {
    const name = fields.get('name') ?? '';
    const { url } = await page.call('POST /v1/stations/{name}/key', { params: { name } });
    return <Secret page={page} name={page.say(SET_UP, 'keyMade')} text={`api: { serialize: '${url}' }`} />;
  });
  pages.act('/station-settings/kiosk', 'access:write', async (page, fields) => {
    const name = fields.get('name') ?? '';
    const { link } = await page.call('POST /v1/stations/{name}/kiosk', { params: { name } });
    const { default: QRCode } = await import('qrcode');
    return (
      <>
        <Secret page={page} name={page.say(SET_UP, 'kioskMade')} text={link} />
        <img class="qr" src={await QRCode.toDataURL(link, { margin: 4, scale: 4 })} alt={page.say(SET_UP, 'kioskQr')} />
      </>
    );
  });
}

async function knownOf({ call }: PageContext): Promise<Known> {
  const [{ stations }, { printers }, { products }, { workOrders }] = await Promise.all([
    call('GET /v1/stations'),
    call('GET /v1/printers'),
    call('GET /v1/products'),
    call('GET /v1/work-orders'),
  ]);
  return { stations, printers, products, workOrders };
}

/** What somebody set, without what happens there. */
function definitionOf(station: StationDefinition | undefined): object | undefined {
  if (station === undefined) return undefined;
  const { name, mode, next, sources, printer, autoPrint, product, workOrders } = station;
  return { name, mode, next, sources, printer, autoPrint, product, workOrders };
}

const ORDER = 'order:';

function settingsIn(fields: Fields): object {
  const orders = [...fields].filter(([field, value]) => field.startsWith(ORDER) && value !== '');
  return {
    ...filled(fields, ['mode', 'next', 'printer', 'product']),
    sources: (fields.get('sources') ?? '').split(/[\s,]+/).filter((source) => source !== ''),
    autoPrint: fields.get('autoPrint') === 'yes',
    workOrders: Object.fromEntries(orders.map(([field, value]) => [field.slice(ORDER.length), value])),
  };
}

interface SettingsProps {
  page: PageContext;
  station: StationDefinition | undefined;
  known: Known;
  inFile: boolean;
}

function Settings({ page, station, known, inFile }: SettingsProps) {
  const { say, who } = page;
  return (
    <>
      <h1>{station?.name ?? say(SET_UP, 'newStation')}</h1>
      {station?.name === DEFAULT_STATION ? <p class="soft">{say(SET_UP, 'defaultStation')}</p> : null}
      {inFile ? <InFile page={page} /> : null}
      <Act page={page} action="/station-settings" into="saved">
        <input type="hidden" name="stamp" value={stampOf(definitionOf(station))} />
        <StationFields page={page} station={station} known={known} />
        {inFile ? null : <button>{say(COMMON, 'save')}</button>}
        <div id="saved"></div>
      </Act>
      {station === undefined || !who.may.has('access:write') ? null : (
        <>
          <h2>{say(SET_UP, 'key')}</h2>
          <p>{say(SET_UP, 'keyHint')}</p>
          <Make page={page} name={station.name} what="key" />
          <h2>{say(SET_UP, 'kiosk')}</h2>
          <p>{say(SET_UP, 'kioskHint')}</p>
          <Make page={page} name={station.name} what="kiosk" />
        </>
      )}
    </>
  );
}

function StationFields({ page: { say }, station, known }: Omit<SettingsProps, 'inFile'>) {
  const none = ['', say(SET_UP, 'none')] as const;
  const named = (list: { name: string }[]) => [none, ...list.map(({ name }) => [name, name] as const)];
  return (
    <>
      {station === undefined ? (
        <Field label={say(SET_UP, 'stationName')} name="name" required max={64} />
      ) : (
        <input type="hidden" name="name" value={station.name} />
      )}
      <Choice
        label={say(SET_UP, 'mode')}
        name="mode"
        value={station?.mode ?? 'slot'}
        of={[
          ['slot', say(SET_UP, 'modeSlot')],
          ['open', say(SET_UP, 'modeOpen')],
        ]}
      />
      <Choice
        label={say(SET_UP, 'afterPass')}
        name="next"
        value={station?.next ?? 'manual'}
        of={[
          ['manual', say(SET_UP, 'nextManual')],
          ['auto', say(SET_UP, 'nextAuto')],
        ]}
      />
      <Field
        label={say(SET_UP, 'sources')}
        name="sources"
        value={station?.sources.join(' ')}
        hint={say(SET_UP, 'sourcesHint')}
        max={2000}
      />
      <Choice label={say(SET_UP, 'printer')} name="printer" value={station?.printer} of={named(known.printers)} />
      <Choice
        label={say(SET_UP, 'autoPrint')}
        name="autoPrint"
        value={station?.autoPrint ? 'yes' : 'no'}
        of={[
          ['no', say(SET_UP, 'byHand')],
          ['yes', say(SET_UP, 'atOnce')],
        ]}
      />
      <Choice
        label={say(SET_UP, 'productOf')}
        name="product"
        value={station?.product}
        of={[none, ...known.products.map(({ id, name }) => [id, name ?? id] as const)]}
      />
      {known.products.map(({ id, name }) => {
        const orders = known.workOrders.filter((order) => order.product === id && order.closed === undefined);
        if (orders.length === 0) return null;
        const label = say(SET_UP, 'orderOf', { product: name ?? id });
        const of = [none, ...orders.map((order) => [order.id, order.id] as const)];
        return <Choice label={label} name={`${ORDER}${id}`} value={station?.workOrders[id]} of={of} />;
      })}
    </>
  );
}

function Make({ page, name, what }: { page: PageContext; name: string; what: 'key' | 'kiosk' }) {
  return (
    <>
      <Act page={page} action={`/station-settings/${what}`} into={`made-${what}`}>
        <input type="hidden" name="name" value={name} />
        <button>{page.say(SET_UP, what === 'key' ? 'makeKey' : 'makeKiosk')}</button>
      </Act>
      <div id={`made-${what}`}></div>
    </>
  );
}

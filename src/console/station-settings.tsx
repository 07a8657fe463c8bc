import { qrPicture } from './qr-picture.ts';
import type { Answer } from '../http/client.ts';
import { DEFAULT_STATION, StationSettings } from '../model/station.ts';
import { COMMON } from '../../words/console/common.ts';
import { Act, asked, Choice, Duplicate, InFile, NameField, refuseStale, stampOf, Time } from './parts.tsx';
import { REMOVAL } from '../../words/console/removal.ts';
import { Removal } from './removal.tsx';
import { SET_UP } from '../../words/console/set-up.ts';
import { changeIn, SettingFields, type Group } from './setting-fields.tsx';
import { LABEL_SET_WORDS } from '../../words/console/label-set.ts';
import { DEVICE, labelSetOf } from '../model/labels/label-set.ts';
import { roleWord } from './verdict-words.ts';
import { STATION_WORDS } from './station-setting-words.ts';
import { SecretAddress } from './own-address.tsx';
import type { Pages, PageContext } from './pages.tsx';
import { refuseWithout } from '../http/auth.ts';
import { own } from '../platform/own.ts';

const SETTINGS = StationSettings.shape;

type Known = Answer<'GET /v1/stations'> &
  Answer<'GET /v1/printers'> &
  Answer<'GET /v1/products'> &
  Answer<'GET /v1/work-orders'>;

/** The pages for the settings, the key and the screen of a station. */
export function stationSettings(pages: Pages): void {
  const { services } = pages;
  const { config } = services;
  closeKiosks(pages);
  pages.page('/station-settings', 'stations:changeover', async (page) => {
    const { name = '', from } = asked(page, ['name', 'from']);
    const known = await knownOf(page);
    const station = known.stations.find((one) => one.name === name);
    const copied = known.stations.find((one) => one.name === from);
    if (station === undefined) refuseWithout(page.who, 'catalog:write');
    const inFile = config.catalog.stations.some((one) => one.name === name);
    return {
      title: station?.name ?? page.say(SET_UP, 'newStation'),
      crumbs: [['/stations', page.say(SET_UP, 'stations')]],
      body: (
        <>
          <Settings page={page} {...{ station, copied, known, inFile }} />
          {station === undefined ? null : <RemoveStation page={page} station={station} inFile={inFile} />}
        </>
      ),
    };
  });
  pages.act('/station-settings', 'stations:changeover', async (page, fields) => {
    const name = fields.get('name')?.trim() ?? '';
    const { stations } = await knownOf(page);
    refuseStale(fields, definitionOf(stations.find((one) => one.name === name)));
    await page.call('PATCH /v1/stations/{name}', { params: { name }, body: changeIn(fields, shapeFor(page)) });
    page.c.header('hx-redirect', `/station-settings?name=${encodeURIComponent(name)}`);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.act('/station-settings/key', 'access:write', async (page, fields) => {
    const name = fields.get('name') ?? '';
    const { url } = await page.call('POST /v1/stations/{name}/key', { params: { name } });
    const shown = { name: page.say(SET_UP, 'keyMade'), text: `api: { serialize: '${url}' }` };
    return <SecretAddress page={page} services={services} {...shown} />;
  });
  pages.act('/station-settings/kiosk', 'access:write', async (page, fields) => {
    const name = fields.get('name') ?? '';
    const { link } = await page.call('POST /v1/stations/{name}/kiosk', { params: { name } });
    return (
      <>
        <SecretAddress page={page} services={services} name={page.say(SET_UP, 'kioskMade')} text={link} />
        <img class="qr" src={await qrPicture(link, 4)} alt={page.say(SET_UP, 'kioskQr')} />
      </>
    );
  });
}

interface RemoveProps {
  page: PageContext;
  station: Known['stations'][number];
  inFile: boolean;
}

function RemoveStation({ page, station: { name, armed, slot }, inFile }: RemoveProps) {
  const isHeld = armed !== undefined || slot.state === 'open';
  const why = name === DEFAULT_STATION ? 'stationDefault' : isHeld ? 'stationHeld' : undefined;
  const blocked = why === undefined ? undefined : page.say(REMOVAL, why);
  return <Removal page={page} what="station" name={name} inFile={inFile} blocked={blocked} />;
}

function closeKiosks(pages: Pages): void {
  pages.act('/station-settings/kiosk/close', 'access:write', async (page, fields) => {
    await page.call('DELETE /v1/stations/{name}/kiosk', { params: { name: fields.get('name') ?? '' } });
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

async function knownOf({ call }: PageContext): Promise<Known> {
  const [stations, printers, products, workOrders] = await Promise.all([
    call('GET /v1/stations'),
    call('GET /v1/printers'),
    call('GET /v1/products'),
    call('GET /v1/work-orders'),
  ]);
  return { ...stations, ...printers, ...products, ...workOrders };
}

/** The settings that this person may change. */
function shapeFor({ who }: PageContext) {
  const { workOrders, product, printer, shippingList } = SETTINGS;
  return who.may.has('catalog:write') ? SETTINGS : { printer, product, workOrders, shippingList };
}

/** Returns a station's settings, but not its current state. */
function definitionOf(station: Known['stations'][number] | undefined): object | undefined {
  if (station === undefined) return undefined;
  const { armed: _armed, slot: _slot, keyUntil: _key, screenUntil: _screen, ...definition } = station;
  return definition;
}

interface SettingsProps {
  page: PageContext;
  station: Known['stations'][number] | undefined;
  /** The station that is copied to make a new one. */
  copied: Known['stations'][number] | undefined;
  known: Known;
  inFile: boolean;
}

function Settings({ page, station, copied, known, inFile }: SettingsProps) {
  const { say, who } = page;
  return (
    <>
      <div class="page-head">
        <h1>{station?.name ?? say(SET_UP, 'newStation')}</h1>
        {station !== undefined && who.may.has('catalog:write') ? (
          <Duplicate page={page} address={`/station-settings?from=${encodeURIComponent(station.name)}`} />
        ) : null}
      </div>
      {station?.name === DEFAULT_STATION ? <p class="soft">{say(SET_UP, 'defaultStation')}</p> : null}
      {inFile ? <InFile page={page} /> : null}
      <Act page={page} action="/station-settings" into="saved">
        <input type="hidden" name="stamp" value={stampOf(definitionOf(station))} />
        <StationFields page={page} {...{ station, copied, known }} />
        {inFile ? null : <button class="btn btn-primary">{say(COMMON, 'save')}</button>}
        <div id="saved"></div>
      </Act>
      {station === undefined || !who.may.has('access:write') ? null : (
        <>
          <h2>{say(SET_UP, 'key')}</h2>
          <p>{say(SET_UP, 'keyHint')}</p>
          <Until page={page} words="keyUntil" at={station.keyUntil} />
          <Make page={page} name={station.name} what="key" />
          <h2 id="screen">{say(SET_UP, 'kiosk')}</h2>
          <p>{say(SET_UP, 'kioskHint')}</p>
          <Until page={page} words="screenUntil" at={station.screenUntil} />
          <Make page={page} name={station.name} what="kiosk" />
          <Act page={page} action="/station-settings/kiosk/close" into="closed">
            <input type="hidden" name="name" value={station.name} />
            <button class="danger">{say(SET_UP, 'closeKiosk')}</button>
            <div id="closed"></div>
          </Act>
        </>
      )}
    </>
  );
}

/**
 * The form's default is slot mode, which is safer because it also works with firmware that does not identify itself.
 */
const NEW = { mode: 'slot' };

/** A copy has no addresses, because an address belongs to only one station. A copy also has no current work orders. */
function copyOf(copied: SettingsProps['copied']): object | undefined {
  if (copied === undefined) return undefined;
  const { sources: _sources, workOrders: _orders, screen: _screen, shippingList: _list, ...settings } = copied;
  return settings;
}

function StationFields({ page, station, copied, known }: Omit<SettingsProps, 'inFile'>) {
  const { say, language } = page;
  const groups: Group[] = [
    [say(SET_UP, 'group.devices')],
    [say(SET_UP, 'group.printing'), ['printer', 'autoPrint']],
    [say(SET_UP, 'group.screen'), ['screen', 'theme', 'size', 'badge', 'scanPrefix', 'scanner']],
  ];
  const printer = known.printers.map(({ name }): [string, string] => [name, name]);
  const product = known.products.map(({ id, name }): [string, string] => [id, name ?? id]);
  return (
    <>
      {station === undefined ? (
        <NameField page={page} label={say(SET_UP, 'stationName')} name="name" example="nest-1" />
      ) : (
        <input type="hidden" name="name" value={station.name} />
      )}
      <SettingFields
        page={page}
        shape={shapeFor(page)}
        words={STATION_WORDS}
        of={station ?? copyOf(copied) ?? NEW}
        named={{ printer, product }}
        groups={groups}
      />
      <RolePrinters page={page} station={station ?? copied} known={known} />
      {product.map(([id, name]) => {
        const current = own(station?.workOrders, id);
        const orders = known.workOrders
          .filter((order) => order.product === id && !order.closed)
          .map((order) => order.id);
        // The list includes the station's current work order even if that work order has been closed.
        const offered = [...new Set([...orders, ...(current === undefined ? [] : [current])])];
        if (offered.length === 0) return null;
        const label = STATION_WORDS[language].workOrders.replace('{product}', name);
        const of = ['', ...offered].map((order) => [order, order || say(SET_UP, 'none')] as const);
        return <Choice label={label} name={`workOrders.${id}`} value={current} of={of} />;
      })}
    </>
  );
}

/** The printers for labels with roles other than `device`, if any product has such labels. */
function RolePrinters({ page, station, known }: Pick<SettingsProps, 'page' | 'station' | 'known'>) {
  const { say, who } = page;
  const roles = known.products.flatMap(labelSetOf).map(({ role }) => role);
  const others = new Set([...Object.keys(station?.printers ?? {}), ...roles].filter((role) => role !== DEVICE));
  if (!who.may.has('catalog:write')) return null;
  const of: [string, string][] = [
    ['', say(SET_UP, 'usual')],
    ...known.printers.map(({ name }): [string, string] => [name, name]),
  ];
  return (
    <>
      {[...others].map((role) => (
        <Choice
          label={say(LABEL_SET_WORDS, 'printer', { role: roleWord(say, role) })}
          name={`printers.${role}`}
          value={own(station?.printers, role)}
          of={of}
        />
      ))}
    </>
  );
}

/** Says when the station's last key expires, or when the first of its open screens is signed out. */
function Until({ page, words, at }: { page: PageContext; words: 'keyUntil' | 'screenUntil'; at: string | undefined }) {
  if (at === undefined) return null;
  return (
    <p>
      {page.say(SET_UP, words)} <Time page={page} at={at} />
    </p>
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

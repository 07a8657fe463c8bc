import type { Answer } from '../http/client.ts';
import { isReadable, placeOf, PRINTER_KINDS, type Printer, type PRINTER_SETTINGS } from '../model/printer.ts';
import { COMMON } from '../../words/console/common.ts';
import {
  Act,
  asked,
  Choice,
  Duplicate,
  Field,
  InFile,
  NameField,
  path,
  refuseStale,
  Secret,
  stampOf,
  Time,
} from './parts.tsx';
import { REMOVAL } from '../../words/console/removal.ts';
import { Removal } from './removal.tsx';
import { SET_UP } from '../../words/console/set-up.ts';
import { printFoldersOf } from '../model/printing/print-folders.ts';
import type { Services } from '../http/services.ts';
import { Shape } from './icons.tsx';
import { changeOfKind, KindFields } from './setting-fields.tsx';
import { PRINTER_WORDS } from './printer-setting-words.ts';
import { testSaid } from './station-view.tsx';
import { STATION } from '../../words/console/station.ts';
import type { Pages, PageContext } from './pages.tsx';
import { isKey, keysOf } from '../platform/own.ts';

type Listed = Answer<'GET /v1/printers'>['printers'][number];

/**
 * The pages for printers. On these pages, people see a printer's problems, print a test label, and change the printer's
 * settings.
 */
export function printerPages(pages: Pages): void {
  const { config } = pages.services;
  pages.page('/printers', 'catalog:read', async (page) => {
    const { printers } = await page.call('GET /v1/printers');
    return {
      title: page.say(SET_UP, 'printers'),
      body: <List page={page} services={pages.services} printers={printers} />,
    };
  });
  pages.page('/printer-settings', 'catalog:write', async (page) => {
    const { name, kind, from } = asked(page, ['name', 'kind', 'from']);
    const listed = await listedPrinter(page, name);
    const printer = listed && settingsOf(listed);
    const inFile = config.catalog.printers.some((one) => one.name === name);
    const source = await listedPrinter(page, from);
    const copied = source && settingsOf(source);
    return {
      crumbs: [['/printers', page.say(SET_UP, 'printers')]],
      title: name ?? page.say(SET_UP, 'newPrinter'),
      body: (
        <>
          <Settings
            page={page}
            {...{ printer, inFile }}
            kind={kindOf(kind ?? (printer ?? copied)?.kind)}
            of={printer ?? copied ?? { folder: printFoldersOf(config)[0] }}
            folders={printFoldersOf(config)}
          />
          {printer === undefined ? null : <Password page={page} printer={printer} passwordAt={listed?.passwordAt} />}
          {printer === undefined ? null : <RemovePrinter page={page} name={printer.name} inFile={inFile} />}
        </>
      ),
    };
  });
  pages.act('/printer-settings', 'catalog:write', async (page, fields) => {
    const name = fields.get('name')?.trim() ?? '';
    const before = await listedPrinter(page, name);
    refuseStale(fields, before && settingsOf(before));
    const kind = kindOf(fields.get('kind'));
    const body = { ...changeOfKind(fields, SHAPES, kind, shapeOf(kind)), kind };
    const { warning } = await page.call('PATCH /v1/printers/{name}', { params: { name }, body });
    // The page stays open, because the person must see the warning.
    if (warning !== undefined)
      return (
        <p class="bad">
          {page.say(SET_UP, 'printerSavedBut')}: {warning} ·{' '}
          <a href={`/printer-settings?${new URLSearchParams({ name }).toString()}`}>{name}</a>
        </p>
      );
    page.c.header('hx-redirect', '/printers');
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.act('/printers/:name/ask', 'catalog:write', async (page) => {
    const params = { name: page.param('name') };
    const { answers, stopped, says } = await page.call('POST /v1/printers/{name}/ask', { params });
    const word = page.say(SET_UP, answers ? 'printerAnswers' : 'printerSilent');
    return <p class={stopped ? 'bad' : 'good'}>{[word, ...says].join(': ')}</p>;
  });
  tokenActs(pages);
  passwordActs(pages);
  pages.act('/printers/:name/test', 'labels:print', async (page) => {
    const name = page.param('name');
    const test = await page.call('POST /v1/printers/{name}/test', { params: { name } });
    return (
      <p class={test.state === 'failed' || test.state === 'unknown' ? 'bad' : 'good'}>
        {[testSaid(page.say, test), test.reason].filter(Boolean).join(': ')}
      </p>
    );
  });
}

async function RemovePrinter({ page, name, inFile }: { page: PageContext; name: string; inFile: boolean }) {
  const { stations } = await page.call('GET /v1/stations');
  const names = stations.filter(({ printer }) => printer === name).map((station) => station.name);
  const blocked = names.length === 0 ? undefined : page.say(REMOVAL, 'printerUsed', { names: names.join(', ') });
  return <Removal page={page} what="printer" name={name} inFile={inFile} blocked={blocked} />;
}

/** Adds the actions for a print agent's token. A token can be withdrawn without making a new one. */
function tokenActs(pages: Pages): void {
  pages.act('/printer-settings/token', 'access:write', async (page, fields) => {
    const name = fields.get('name') ?? '';
    const { token } = await page.call('POST /v1/printers/{name}/token', { params: { name }, body: {} });
    return <Secret page={page} name={page.say(SET_UP, 'agentTokenMade')} text={token} />;
  });
  pages.act('/printer-settings/token/withdraw', 'access:write', async (page, fields) => {
    await page.call('DELETE /v1/printers/{name}/token', { params: { name: fields.get('name') ?? '' } });
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

function passwordActs(pages: Pages): void {
  pages.act('/printer-settings/password', 'catalog:write', async (page, fields) => {
    const body = { password: fields.get('password') ?? '' };
    const params = { name: fields.get('name') ?? '' };
    const { warning } = await page.call('PUT /v1/printers/{name}/password', { params, body });
    if (warning === undefined) return <p class="good">{page.say(COMMON, 'done')}</p>;
    return <p class="bad">{page.say(SET_UP, 'printerPasswordReadable')}</p>;
  });
  pages.act('/printer-settings/password/remove', 'catalog:write', async (page, fields) => {
    await page.call('DELETE /v1/printers/{name}/password', { params: { name: fields.get('name') ?? '' } });
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

/** The password of an IPP printer that has a user name. The password can be set and removed, but is never shown. */
function Password({
  page,
  printer,
  passwordAt,
}: {
  page: PageContext;
  printer: Printer;
  passwordAt?: string | undefined;
}) {
  const { say } = page;
  if (printer.kind !== 'ipp' || printer.user === undefined) return null;
  const said = passwordAt === undefined ? say(SET_UP, 'noPrinterPassword') : say(SET_UP, 'printerPasswordAt');
  return (
    <>
      <h2>{say(SET_UP, 'printerPassword')}</h2>
      <p>
        {said} {passwordAt === undefined ? null : <Time page={page} at={passwordAt} />}
      </p>
      {isReadable(printer) ? <p class="bad">{say(SET_UP, 'printerPasswordReadable')}</p> : null}
      <Act page={page} action="/printer-settings/password" into="set-password">
        <input type="hidden" name="name" value={printer.name} />
        <Field
          label={say(SET_UP, 'printerPassword')}
          name="password"
          type="password"
          hint={say(SET_UP, 'printerPasswordHint')}
          required
        />
        <button>{say(SET_UP, 'savePrinterPassword')}</button>
        <div id="set-password"></div>
      </Act>
      {passwordAt === undefined ? null : (
        <Act page={page} action="/printer-settings/password/remove" into="removed-password">
          <input type="hidden" name="name" value={printer.name} />
          <button class="danger">{say(SET_UP, 'removePrinterPassword')}</button>
          <div id="removed-password"></div>
        </Act>
      )}
    </>
  );
}

function AgentToken({ page, name }: { page: PageContext; name: string }) {
  const { say } = page;
  return (
    <>
      <h2>{say(SET_UP, 'agentToken')}</h2>
      <p>{say(SET_UP, 'agentTokenHint')}</p>
      <Act page={page} action="/printer-settings/token" into="made-token">
        <input type="hidden" name="name" value={name} />
        <button>{say(SET_UP, 'makeAgentToken')}</button>
      </Act>
      <div id="made-token"></div>
      <Act page={page} action="/printer-settings/token/withdraw" into="withdrawn-token">
        <input type="hidden" name="name" value={name} />
        <button class="danger">{say(SET_UP, 'withdrawAgentToken')}</button>
        <div id="withdrawn-token"></div>
      </Act>
    </>
  );
}

function List({ page, services, printers }: { page: PageContext; services: Services; printers: Listed[] }) {
  const { say, who } = page;
  const fixed = services.config.catalog.printers;
  return (
    <>
      <h1>{say(SET_UP, 'printers')}</h1>
      {printers.length === 0 ? <p>{say(SET_UP, 'noPrinters')}</p> : null}
      {printers.map((printer, index) => (
        <section class="item">
          <One page={page} services={services} printer={printer} into={`tested-${index}`} />
          {fixed.some(({ name }) => name === printer.name) ? <InFile page={page} /> : null}
          <div id={`tested-${index}`} role="status"></div>
        </section>
      ))}
      {who.may.has('catalog:write') ? (
        <p>
          <a class="btn btn-primary" href="/printer-settings">
            {say(SET_UP, 'newPrinter')}
          </a>
        </p>
      ) : null}
    </>
  );
}

interface OneProps {
  page: PageContext;
  services: Services;
  printer: Listed;
  into: string;
}

function One({ page, services, printer, into }: OneProps) {
  const { say, who } = page;
  const { name, dpi } = printer;
  const trouble = services.printing.trouble(name);
  return (
    <>
      <h2>
        {who.may.has('catalog:write') ? (
          <a href={`/printer-settings?name=${encodeURIComponent(name)}`}>{name}</a>
        ) : (
          name
        )}
      </h2>
      <p>
        {placeOf(printer)} · {dpi} dpi
      </p>
      <p class="state">
        <Shape name={trouble === undefined ? 'good' : 'warn'} />
        <span>
          {trouble === undefined
            ? say(STATION, 'printerFine')
            : say(STATION, `printer.${trouble.what}`, { printer: name })}
          {trouble === undefined ? null : <small lang="en">{trouble.detail}</small>}
        </span>
      </p>
      <div class="row-acts">
        {who.may.has('labels:print') ? (
          <Act page={page} action={path('printers', name, 'test')} into={into}>
            <button>{say(STATION, 'testLabel')}</button>
          </Act>
        ) : null}
        {who.may.has('catalog:write') && (printer.kind === 'raw9100' || printer.kind === 'ipp') ? (
          <Act page={page} action={path('printers', name, 'ask')} into={into}>
            <button title={say(SET_UP, 'askPrinterHelp')}>{say(SET_UP, 'askPrinter')}</button>
          </Act>
        ) : null}
      </div>
    </>
  );
}

async function listedPrinter(page: PageContext, name: string | undefined): Promise<Listed | undefined> {
  return (await page.call('GET /v1/printers')).printers.find((one) => one.name === name);
}

/** Returns a printer's settings without its current state. */
function settingsOf({ trouble: _trouble, passwordAt: _passwordAt, ...printer }: Listed): Printer {
  return printer;
}

type Kind = Printer['kind'];

function kindOf(text: string | undefined): Kind {
  return isKey(PRINTER_KINDS, text) ? text : 'raw9100';
}

function shapeOf(kind: Kind): Omit<typeof PRINTER_SETTINGS, 'kind'> {
  const { kind: _kind, ...shape } = PRINTER_KINDS[kind].shape;
  return shape as Omit<typeof PRINTER_SETTINGS, 'kind'>;
}

const SHAPES = Object.fromEntries(keysOf(PRINTER_KINDS).map((kind) => [kind, shapeOf(kind)]));

/** The printer's kind decides which fields are shown. People can change the kind of an existing printer. */
function Kinds({ page: { language }, kind }: { page: PageContext; kind: Kind }) {
  const words = PRINTER_WORDS[language];
  return (
    <Choice
      label={words.kind}
      name="kind"
      value={kind}
      of={keysOf(PRINTER_KINDS).map((one) => [one, words[`kind.${one}`]] as const)}
    />
  );
}

interface SettingsProps {
  page: PageContext;
  printer: Printer | undefined;
  /** The settings in the fields: those of this printer, of the printer that is copied, or of a new printer. */
  of: object;
  kind: Kind;
  inFile: boolean;
  /** The folders that printers may write to. */
  folders: string[];
}

function Settings({ page, printer, of, kind, inFile, folders }: SettingsProps) {
  const { say } = page;
  const more = { folder: say(SET_UP, 'printFolders', { folders: folders.join(', ') }) };
  return (
    <>
      <div class="page-head">
        <h1>{printer?.name ?? say(SET_UP, 'newPrinter')}</h1>
        {printer === undefined ? null : (
          <Duplicate page={page} address={`/printer-settings?from=${encodeURIComponent(printer.name)}`} />
        )}
      </div>
      {inFile ? <InFile page={page} /> : null}
      <Act page={page} action="/printer-settings" into="saved">
        <input type="hidden" name="stamp" value={stampOf(printer)} />
        {printer === undefined ? (
          <NameField page={page} label={say(SET_UP, 'printerName')} name="name" example="zebra-1" />
        ) : (
          <input type="hidden" name="name" value={printer.name} />
        )}
        <Kinds page={page} kind={kind} />
        <KindFields page={page} shapes={SHAPES} words={PRINTER_WORDS} of={of} more={more} />
        {inFile ? null : <button class="btn btn-primary">{say(COMMON, 'save')}</button>}
        <div id="saved"></div>
      </Act>
      {printer?.kind === 'agent' && page.who.may.has('access:write') ? (
        <AgentToken page={page} name={printer.name} />
      ) : null}
    </>
  );
}

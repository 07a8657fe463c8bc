import type { Fields } from '../http/form.ts';
import type { Answer } from '../http/client.ts';
import type { Printer } from '../model/printer.ts';
import { COMMON } from './common-words.ts';
import { Act, Choice, Field, filled, path } from './parts.tsx';
import { SET_UP } from './set-up-words.ts';
import { STATION } from './station-words.ts';
import type { Pages, PageContext } from './pages.tsx';

type Listed = Answer<'GET /v1/printers'>['printers'][number];

/** Printers: what is wrong with each, a test label, a new one. */
export function printerPages(pages: Pages): void {
  const { config } = pages.services;
  pages.page('/printers', 'catalog:read', async (page) => {
    const { printers } = await page.call('GET /v1/printers');
    return { title: page.say(SET_UP, 'printers'), body: <List page={page} printers={printers} /> };
  });
  pages.act('/printers', 'catalog:write', async (page, fields) => {
    const name = fields.get('name')?.trim() ?? '';
    await page.call('PUT /v1/printers/{name}', { params: { name }, body: settingsIn(fields) });
    page.c.header('hx-redirect', '/printers');
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.act('/printers/:name/test', 'labels:print', async (page) => {
    const name = page.c.req.param('name') as string;
    const { state, reason } = await page.call('POST /v1/printers/{name}/test', { params: { name } });
    const said = page.say(STATION, 'testSent', { state: reason === undefined ? state : `${state}, ${reason}` });
    return <p class={state === 'failed' || state === 'unknown' ? 'bad' : 'good'}>{said}</p>;
  });

  function List({ page, printers }: { page: PageContext; printers: Listed[] }) {
    const { say, who } = page;
    return (
      <>
        <h1>{say(SET_UP, 'printers')}</h1>
        {printers.length === 0 ? <p>{say(SET_UP, 'noPrinters')}</p> : null}
        {printers.map((printer, index) => (
          <section class="item">
            <h2>{printer.name}</h2>
            <p>
              {where(printer)} · {printer.dpi} dpi
              <br />
              <span class={printer.trouble === undefined ? 'soft' : 'bad'}>
                {printer.trouble ?? say(STATION, 'printerFine')}
              </span>
            </p>
            {config.catalog.printers.some(({ name }) => name === printer.name) ? (
              <p class="soft">{say(COMMON, 'inFile')}</p>
            ) : null}
            {who.may.has('labels:print') ? (
              <Act page={page} action={path('printers', printer.name, 'test')} into={`tested-${index}`}>
                <button>{say(STATION, 'testLabel')}</button>
              </Act>
            ) : null}
            <div id={`tested-${index}`} role="status"></div>
          </section>
        ))}
        {who.may.has('catalog:write') ? (
          <>
            <h2>{say(SET_UP, 'setPrinter')}</h2>
            <p>{say(SET_UP, 'setPrinterHint')}</p>
            <PrinterForm page={page} />
          </>
        ) : null}
      </>
    );
  }
}

function where(printer: Printer): string {
  if (printer.kind === 'ipp') return printer.url;
  return printer.kind === 'file' ? `${printer.folder} (${printer.format})` : `${printer.host}:${printer.port}`;
}

/** Only what its kind has: the address field stands for a host, a URL or a folder. */
function settingsIn(fields: Fields): Record<string, unknown> {
  const { kind = '', at = '', dpi = '203', media } = filled(fields, ['kind', 'at', 'dpi', 'media']);
  const common = { dpi: Number(dpi) };
  if (kind === 'ipp') return { kind, url: at, ...common, ...(media === undefined ? {} : { media }) };
  if (kind === 'raw9100') {
    const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(at) ?? [];
    return { kind, host, ...common, ...(port === undefined ? {} : { port: Number(port) }) };
  }
  const [, format = ''] = kind.split('-');
  return { kind: 'file', folder: at, format, ...common };
}

function PrinterForm({ page }: { page: PageContext }) {
  const { say } = page;
  return (
    <Act page={page} action="/printers" into="set">
      <Field label={say(SET_UP, 'printerName')} name="name" required max={64} />
      <Choice
        label={say(SET_UP, 'kind')}
        name="kind"
        of={[
          ['raw9100', say(SET_UP, 'kindRaw')],
          ['ipp', say(SET_UP, 'kindIpp')],
          ['file-pdf', say(SET_UP, 'kindPdf')],
          ['file-zpl', say(SET_UP, 'kindZpl')],
        ]}
      />
      <Field label={say(SET_UP, 'at')} name="at" hint={say(SET_UP, 'atHint')} required max={4096} />
      <Choice
        label={say(SET_UP, 'dpi')}
        name="dpi"
        of={[
          ['203', '203 dpi (8 dots/mm)'],
          ['300', '300 dpi (12 dots/mm)'],
          ['600', '600 dpi (24 dots/mm)'],
        ]}
      />
      <Field label={say(SET_UP, 'mediaName')} name="media" hint={say(SET_UP, 'mediaHint')} />
      <button>{say(COMMON, 'save')}</button>
      <div id="set"></div>
    </Act>
  );
}

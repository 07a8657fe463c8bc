import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from './children.ts';
import { parseJson5 } from '../src/platform/json5.ts';
import { spread, type Figure } from './figure.ts';
import { fill, PRODUCT, STATION } from './fill.ts';

/*
 * Measures how long the service takes for each page of the console, in a ledger with many units. An admin is signed in.
 * The time does not include the parts that a page fetches later, such as the figures of a shift, which take time to
 * count. If a page fetches its body later, this time is a figure of its own.
 */

/** The longest time, in ms, until the complete page has arrived. */
const BUDGET_MS = 100;

/** The longest time, in ms, until the label editor's preview has arrived. The preview shows what a person draws. */
const PREVIEW_BUDGET_MS = 50;

/** A label template of this program, with a QR code, bars, texts and a logo. */
const DRAWN = 'device-62x40';

/**
 * The number of requests for each page. The first requests do not count, because the service is still compiling code
 * and reading the file at that time.
 */
const ASKED = 20;
const WARM = 3;

const PASSWORD = 'four words are enough';

export async function benchPages(data: string, units: number, say: (text: string) => void): Promise<Figure[]> {
  fill(data, { units, workOrders: 1000, stations: 50, products: 20 }, say);
  const server = await startServer('claimstamp', data);
  try {
    const { token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { token: string };
    const api: Api = async <T>(method: string, path: string, body?: object): Promise<T> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(server.url + path, { method, headers, ...sent });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    };
    const cookie = await signIn(api);
    const { units: found } = await api<{ units: { uci: string }[] }>('GET', '/v1/units?newest=true&limit=1');
    const { workOrders } = await api<{ workOrders: { id: string }[] }>('GET', '/v1/work-orders');
    const figures: Figure[] = [];
    for (const path of pagesOf(found[0]?.uci ?? '', workOrders[0]?.id ?? '')) {
      say(`pages: ${path}`);
      const what = `${path.replace(found[0]?.uci ?? '?', '{uci}')}, ${units.toLocaleString('en-US')} units`;
      const page = await timesOf(server.url + path, { cookie, accept: 'text/html' });
      const budget = { of: 'value', bound: BUDGET_MS } as const;
      figures.push({ what: `page ${what}`, unit: 'ms', value: spread(page.times), budget });
      if (!page.text.includes('class="later"')) continue;
      const rest = await timesOf(server.url + path, { cookie, 'hx-request': 'true' });
      figures.push({ what: `fetched then: ${what}`, unit: 'ms', value: spread(rest.times) });
    }
    figures.push(await previewFigure(api));
    return figures;
  } finally {
    await server.stop();
  }
}

/** Returns the times in ms until each complete answer has arrived, and the text of the last one. */
async function timesOf(url: string, headers: Record<string, string>): Promise<{ times: number[]; text: string }> {
  const times: number[] = [];
  let text = '';
  for (let n = -WARM; n < ASKED; n++) {
    const begun = performance.now();
    const answer = await fetch(url, { headers, redirect: 'manual' });
    text = await answer.text();
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
    if (n >= 0) times.push(performance.now() - begun);
  }
  return { times, text };
}

/** Moves a box of the template with each request, as a person does, so that no answer is like the one before. */
async function previewFigure(api: Api): Promise<Figure> {
  const { source } = await api<{ source: string }>('GET', `/v1/label-templates/${DRAWN}/source`);
  const template = parseJson5(source) as { boxes: { x: number }[] };
  const times: number[] = [];
  for (let n = -WARM; n < ASKED; n++) {
    const [first, ...others] = template.boxes;
    const boxes = [{ ...first, x: (first?.x ?? 0) + (n + WARM) / 100 }, ...others];
    const begun = performance.now();
    await api('POST', '/v1/label-draft', { source: JSON.stringify({ ...template, boxes }), product: PRODUCT });
    if (n >= 0) times.push(performance.now() - begun);
  }
  const budget = { of: 'value', bound: PREVIEW_BUDGET_MS } as const;
  return { what: `preview of the label editor, ${DRAWN}`, unit: 'ms', value: spread(times), budget };
}

type Api = <T>(method: string, path: string, body?: object) => Promise<T>;

function pagesOf(uci: string, order: string): string[] {
  return [
    '/now',
    '/stations',
    `/stations/${STATION}`,
    '/exceptions',
    '/charts',
    '/units',
    `/units?product=${PRODUCT}&newest=true`,
    `/units/${uci}`,
    '/units/end',
    '/units/import',
    '/units/files',
    '/returns',
    '/work-orders',
    `/work-orders/${order}`,
    '/shipping-lists',
    '/printers',
    '/printer-settings',
    '/labels',
    '/rolls',
    '/badges',
    '/ledger',
    '/exports',
    '/audit',
    '/sign-ins',
    '/set-up',
    '/products',
    `/product-settings?id=${PRODUCT}`,
    `/station-settings?name=${STATION}`,
    '/forecasts',
    '/health',
    '/settings',
    '/people',
    '/tokens',
    '/reports',
  ];
}

/** Signs a new admin in, and returns the cookies of the session. */
async function signIn(api: Api): Promise<string> {
  await api('PUT', '/v1/people/bench', { role: 'admin' });
  const { link } = await api<{ link: string }>('POST', '/v1/people/bench/link');
  const page = await fetch(link);
  const csrf = /name="csrf" value="([^"]*)"/.exec(await page.text())?.[1] ?? '';
  const body = new URLSearchParams({ csrf, password: PASSWORD, again: PASSWORD });
  const answer = await fetch(link, { method: 'POST', body, headers: { cookie: cookiesOf(page) }, redirect: 'manual' });
  if (answer.status !== 303) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
  return cookiesOf(answer);
}

function cookiesOf({ headers }: Response): string {
  return headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0] ?? '')
    .join('; ');
}

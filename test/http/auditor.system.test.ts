import { beforeAll, describe, expect, it } from 'vitest';
import { auditor } from '../support/askers.ts';
import { readPdf } from '../support/pdf-reader.ts';
import { bytesOf } from '../support/response-bytes.ts';
import { invited, openBrowser, PASSWORD, type Browser } from '../support/form-client.ts';
import { until } from '../support/until.ts';
import { openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

/* Auditors: people who look, at named products, until a day. */

const DAY_MS = 24 * 60 * 60 * 1000;

/** A day in the time zone of the service, `later` days after today. */
function day(later: number): string {
  const date = new Date();
  date.setDate(date.getDate() + later);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

async function products(desk: Desk): Promise<void> {
  for (const id of ['THERMO', 'PUMP']) await desk.ask('PUT', `/v1/products/${id}`, {});
}

describe('the settings of an auditor', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
    await products(desk);
  });
  const set = (name: string, body: object) => desk.ask<Problem>('PATCH', `/v1/people/${name}`, body);
  const auditor = { role: 'auditor', ends: day(7), products: ['THERMO'] };

  it('are a last day and products, which are listed and recorded', async () => {
    expect((await set('aud', auditor)).status).toBe(200);
    const { body } = await desk.ask<{ people: object[] }>('GET', '/v1/people');
    expect(body.people).toMatchObject([{ name: 'aud', ...auditor }]);
  });

  it.each([
    ['no last day', { role: 'auditor', products: ['THERMO'] }, /without a last day/],
    ['no products', { role: 'auditor', ends: day(7) }, /without products/],
    ['an empty list of products', { ...auditor, products: [] }, /products/],
    ['a last day that is over', { ...auditor, ends: day(-1) }, /in the past/],
    ['a day that no calendar has', { ...auditor, ends: '2099-02-30' }, /ends/],
    ['a badge', { ...auditor, badge: 'OP-4711' }, /badge/],
    ['another role and a last day', { role: 'qa', ends: day(7) }, /not an auditor/],
    ['another role and products', { role: 'operator', products: ['THERMO'] }, /not an auditor/],
  ])('are refused with %s', async (_, body, why) => {
    const { status, body: said } = await set('new', body);
    expect({ status, why: why.test(said.detail) }, said.detail).toEqual({ status: 400, why: true });
  });

  it('name only products that are there', async () => {
    expect(await set('new', { ...auditor, products: ['NONE'] })).toMatchObject({ status: 422 });
  });

  it('go away with the role', async () => {
    await set('former', auditor);
    expect((await set('former', { role: 'qa' })).status).toBe(200);
    expect(await desk.house.ledger.person('former')).not.toHaveProperty('ends');
    expect(await desk.house.ledger.person('former')).not.toHaveProperty('products');
  });

  it('are given by who may write access, and by no lead', async () => {
    const scopes = ['access:operators', 'units:read', 'units:list', 'ledger:export', 'catalog:read', 'ledger:read'];
    const { body } = await desk.ask<{ token: string }>('POST', '/v1/tokens', { name: 'hr', role: 'service', scopes });
    const headers = { authorization: `Bearer ${body.token}` };
    const init = { method: 'PATCH', headers, body: JSON.stringify(auditor) };
    expect((await desk.app.request('/v1/people/late', init)).status).toBe(403);
    // Nor does who may not give the role prolong it.
    expect((await desk.app.request('/v1/people/aud', { ...init, body: JSON.stringify({ ends: day(9) }) })).status).toBe(
      403,
    );
  });

  it('are not for tokens', async () => {
    expect((await desk.ask('POST', '/v1/tokens', { name: 'audit', role: 'auditor' })).status).toBe(400);
  });
});

describe('the form of a person', () => {
  it('has the last day and the products for an admin, and for no lead', async () => {
    const desk = await openDesk();
    await products(desk);
    await desk.ask('PUT', '/v1/people/kim', { role: 'auditor', ends: day(7), products: ['THERMO'] });
    const admin = await invited(desk, 'ada', 'admin');
    const lead = await invited(desk, 'lena', 'lead');
    const { text } = await admin.get('/people?name=kim');
    expect(text).toContain(`name="ends" type="date" value="${day(7)}"`);
    expect(text).toMatch(/name="products" type="text" value="THERMO"/);
    expect((await lead.get('/people')).text).not.toMatch(/name="(ends|products)"/);
    const change = { role: 'auditor', ends: day(9), products: 'THERMO PUMP', badge: '' };
    const stamp = /name="stamp" value="([^"]*)"/.exec((await admin.get('/people?name=kim')).text)?.[1] ?? '';
    expect((await admin.send('/people', { name: 'kim', stamp, ...change })).status).toBe(200);
    const kim = { role: 'auditor', ends: day(9), products: ['THERMO', 'PUMP'] };
    expect(await desk.house.ledger.person('kim')).toMatchObject(kim);
  });
});

describe('the last day', () => {
  async function openOffice(): Promise<{ desk: Desk; later: (ms: number) => void; browser: Browser }> {
    let ahead = 0;
    const desk = await openDesk({}, tempFolder(), () => Date.now() + ahead);
    await products(desk);
    await desk.ask('PUT', '/v1/people/aud', { role: 'auditor', ends: day(0), products: ['THERMO'] });
    const browser = await invited(desk, 'aud', 'auditor');
    return { desk, later: (ms) => void (ahead += ms), browser };
  }

  it('ends sessions, and none comes back when an admin sets a later day', async () => {
    const { desk, later, browser } = await openOffice();
    const account = async (): Promise<number> => (await browser.get('/v1/account')).status;
    expect(await account()).toBe(200);
    const [session] = await desk.house.ledger.credentials('session');
    // In the morning, the session's own limit is earlier than the end of the auditor's last day.
    expect(session?.expiresAt).toBeLessThanOrEqual(new Date(`${day(1)}T00:00`).getTime());
    later(DAY_MS);
    expect(await account()).toBe(401);
    await desk.ask('PATCH', '/v1/people/aud', { ends: day(3) });
    expect(await account()).toBe(401);
  });

  it('cuts an answer that is still being made', async () => {
    const { desk, later, browser } = await openOffice();
    const exported = browser.call('GET', '/v1/ledger.csv');
    const underWay = async (): Promise<boolean> =>
      (await desk.ask<{ exports: object[] }>('GET', '/v1/ledger/exports')).body.exports.length > 0;
    await until(underWay);
    later(DAY_MS);
    expect((await exported).status).toBe(401);
  });

  it('ends an unused link', async () => {
    const { desk, later } = await openOffice();
    const { link } = (await desk.ask<{ link: string }>('POST', '/v1/people/aud/link')).body;
    const { pathname } = new URL(link);
    const browser = openBrowser(desk.app);
    expect((await browser.get(pathname)).status).toBe(200);
    later(DAY_MS);
    expect((await browser.get(pathname)).status).toBe(403);
    expect((await browser.send(pathname, { password: PASSWORD, again: PASSWORD })).status).toBe(403);
  });
});

describe('who has become an auditor, or sees fewer products than before', () => {
  it.each([
    ['qa', {}, { role: 'auditor', ends: day(2), products: ['THERMO'] }],
    ['auditor', { ends: day(2), products: ['THERMO', 'PUMP'] }, { products: ['THERMO'] }],
  ] as const)('gets no export that began before (%s)', async (role, held, change) => {
    const desk = await openDesk();
    await products(desk);
    await desk.ask('PUT', '/v1/people/kim', { role, ...held });
    const browser = await invited(desk, 'kim', role);
    const exported = browser.call('GET', '/v1/ledger.csv');
    await until(
      async () => (await desk.ask<{ exports: object[] }>('GET', '/v1/ledger/exports')).body.exports.length > 0,
    );
    expect((await desk.ask('PATCH', '/v1/people/kim', change)).status).toBe(200);
    expect((await exported).status).toBe(401);
    expect((await browser.call('GET', '/v1/ledger.csv')).status).toBe(200);
  });
});

describe('the next page of an auditor', () => {
  it('does not show how many units of other products there are', async () => {
    const desk = await openDesk();
    await products(desk);
    await desk.agent({ product: 'THERMO', mac: '02:00:00:00:00:01' });
    // Without an index, a page ends after 20,000 units.
    for (let n = 0; n < 21; n++)
      await desk.ask('POST', '/v1/reservations', { name: `ROLL-${n}`, product: 'PUMP', count: 1000 });
    await desk.agent({ product: 'THERMO', mac: '02:00:00:00:00:02' });
    const headers = await auditor(desk, 'aud', ['THERMO']);
    const page = async (after: number) => {
      const answer = await desk.app.request(`/v1/units?after=${after}`, { headers });
      return (await answer.json()) as { units: Made[]; next: number | null };
    };
    const shown: Made[] = [];
    let after: number | null = 0;
    while (after !== null) {
      const { units, next }: { units: Made[]; next: number | null } = await page(after);
      shown.push(...units);
      if (next !== null) expect(String(next)).toBe(units.at(-1)?.uci.split('.')[1]);
      after = next;
    }
    expect(shown).toHaveLength(2);
  });
});

/* What an auditor sees */

const OWN = 'THERMO';
const OTHER = 'PUMP';

interface Made {
  uci: string;
  serial: string;
}

/** A ledger in which Claim IDs are wherever people and devices can write them. */
async function openAudited() {
  const desk = await openDesk();
  const put = async (path: string, body: object): Promise<void> => {
    const { status, body: said } = await desk.ask('PUT', path, body);
    expect(status, JSON.stringify(said)).toBe(200);
  };
  const made: Record<string, Made[]> = {};
  for (const [index, product] of [OWN, OTHER].entries()) {
    const source = `10.0.8.${index + 1}`;
    await put(`/v1/products/${product}`, { name: `The ${product}`, serialPattern: `${product}{seq:5}` });
    await put(`/v1/work-orders/WO-${product}`, { product, planned: 9, lot: `LOT${product}` });
    const settings = { sources: [source], workOrders: { [product]: `WO-${product}` } };
    await put(`/v1/stations/AT-${product}`, settings);
    await desk.ask('POST', '/v1/reservations', { name: `ROLL-${product}`, product, count: 2 });
    for (const n of [1, 2, 3]) await desk.agent({ product, mac: `02:00:00:00:0${index}:0${n}` }, source);
    const { body } = await desk.ask<{ units: Made[] }>('GET', `/v1/units?product=${product}`);
    made[product] = body.units;
  }
  const [own, others] = [made[OWN] ?? [], made[OTHER] ?? []];
  const spelled = (uci = '') => `${uci.slice(0, 4)}-${uci.slice(4, 7).toLowerCase()} ${uci.slice(7)}`;
  const note = `like ${spelled(own[3]?.uci)}, and not id${others[3]?.uci}`;
  const [, , first, , last] = own;
  await desk.ask('POST', `/v1/units/${first?.uci}/scrap`, { reason: 'device-damaged', note });
  const peers = { [`peer ${own[3]?.uci}`]: `\n${others[3]?.uci}`, list: [own[2]?.uci.toLowerCase()] };
  const talking = { product: OWN, mac: '02:00:00:00:00:09', name: `clone of ${last?.uci}`, peers };
  const { body } = await desk.agent(talking, '10.0.8.1');
  const ucis = [...own, ...others].map(({ uci }) => uci).concat(body.id);
  return { desk, own, others, talking: body.id, ucis, headers: await auditor(desk, 'aud', [OWN]) };
}

type Audited = Awaited<ReturnType<typeof openAudited>>;

/** Everything that an answer says, as text. */
async function saidBy(answer: Response): Promise<string> {
  const bytes = await bytesOf(answer);
  const isPdf = answer.headers.get('content-type') === 'application/pdf' && answer.ok;
  const pages = isPdf ? readPdf(bytes).map(({ words }) => words.map(({ text }) => text).join(' ')) : [];
  return [...[...answer.headers].flat(), isPdf ? pages.join(' ') : bytes.toString()].join('\n');
}

/** Claim IDs in any spelling. */
function completeIn(text: string, ucis: string[]): string[] {
  const plain = text.replaceAll(/[\s\-\u2010-\u2015]|%20|\\n/g, '').toUpperCase();
  return ucis.filter((uci) => plain.includes(uci));
}

/** Addresses that are asked, each once with names of the own product, once of the other. */
function addresses({ desk }: Audited, unit: Made, uci: string, product: string): string[] {
  const fill = (path: string): string =>
    path
      .replace(/:uci/, encodeURIComponent(uci))
      .replace('/work-orders/:id', `/work-orders/WO-${product}`)
      .replace('/reservations/:name', `/reservations/ROLL-${product}`)
      .replace('/stations/:name', `/stations/AT-${product}`)
      .replace('/print-jobs/:id', '/print-jobs/1')
      .replace('/label-templates/:name', '/label-templates/device-62x40')
      .replace(':language', 'es')
      .replace(':link', 'no-link')
      .replace('/assets/:version/:name', '/assets/x/page.css');
  const paths = desk.app.routes
    .filter(({ method, path }) => method === 'GET' && !path.includes('*') && !path.startsWith('/language'))
    .map(({ path }) => fill(path));
  const more = [
    `/v1/units?find=${unit.serial}`,
    `/v1/units?find=${uci}`,
    `/v1/units?serial=${unit.serial}`,
    `/v1/units?identity=02:00:00:00:01:01`,
    `/v1/units?product=${product}`,
    `/v1/units?workOrder=WO-${product}`,
    `/v1/units?reservation=ROLL-${product}`,
    `/v1/units?station=AT-${product}`,
    `/v1/units?prefix=${uci.slice(0, 4)}`,
    `/v1/units?find=${uci.slice(0, 4)}`,
    `/units?find=${unit.serial}`,
    `/units?find=${uci}`,
    `/units?find=${uci.slice(0, 4)}`,
    `/units?product=${product}`,
    `/v1/ledger.csv?product=${product}`,
    `/v1/ledger.csv?workOrder=WO-${product}`,
    '/v1/ledger.csv?of=events',
    '/v1/figures?from=2026-11-25&to=2026-11-26',
    '/v1/reconciliation?day=2026-11-25',
    `/v1/labels/data?product=${product}`,
    '/v1/stations?reveal=true',
    '/v1/print-jobs?reveal=true',
  ];
  return [...new Set([...paths, ...more])];
}

describe('an auditor', () => {
  let audited: Audited;
  let sent = 0;
  beforeAll(async () => {
    audited = await openAudited();
  });

  /** Each from an address of its own, so that many wrong guesses do not slow down the test. */
  async function get(path: string): Promise<{ status: number; text: string }> {
    const remoteAddress = `10.1.${++sent >> 8}.${sent & 0xff}`;
    const { desk, headers } = audited;
    const answer = await desk.app.request(path, { headers }, { incoming: { socket: { remoteAddress } } });
    return { status: answer.status, text: await saidBy(answer) };
  }
  const json = async <T>(path: string): Promise<T> => {
    const { desk, headers } = audited;
    return (await (await desk.app.request(path, { headers })).json()) as T;
  };

  it('gets no complete Claim ID from any address, and nothing of other products', async () => {
    const { own, others, ucis } = audited;
    const asked = new Map<string, string>();
    const masked = (await json<{ units: Made[] }>(`/v1/units?find=${own[2]?.serial}`)).units[0]?.uci ?? '';
    for (const path of addresses(audited, own[2] as Made, own[2]?.uci ?? '', OWN)) asked.set(path, OWN);
    for (const path of addresses(audited, own[2] as Made, masked, OWN)) asked.set(path, OWN);
    for (const path of addresses(audited, others[2] as Made, others[2]?.uci ?? '', OTHER)) asked.set(path, OTHER);
    const leaks: string[] = [];
    let seen = 0;
    for (const [path, product] of asked) {
      const { status, text } = await get(path);
      if (status === 200) seen++;
      expect(status, `${path}: ${text}`).toBeLessThan(500);
      // An answer may repeat what the auditor typed.
      const typed = completeIn(decodeURIComponent(path), ucis);
      for (const uci of completeIn(text, ucis).filter((one) => !typed.includes(one))) leaks.push(`${path}: ${uci}`);
      // An answer may repeat the names in its address.
      if (product === OWN && /PUMP/.test(text)) leaks.push(`${path}: ${/.*PUMP.*/.exec(text)?.[0]}`);
      const named = decodeURIComponent(path);
      for (const word of text.replaceAll(/%[0-9A-F]{2}/g, ' ').match(/[\w-]*PUMP[\w-]*/g) ?? [])
        if (!named.includes(word)) leaks.push(`${path}: ${word}`);
    }
    expect(leaks).toEqual([]);
    expect(seen).toBeGreaterThan(30);
  });

  it('gets exactly these pages and operations', async () => {
    const { own } = audited;
    const uci = own[2]?.uci ?? '';
    const seen: string[] = [];
    for (const path of addresses(audited, own[2] as Made, uci, OWN).filter((one) => !one.includes('?')))
      if ((await get(path)).status === 200) seen.push(path.replace(uci, '{uci}'));
    const anybody = [
      '/assets/x/page.css',
      '/docs',
      '/healthz',
      '/help',
      '/help/card/es',
      '/help/search',
      '/licences.txt',
      '/openapi.json',
      '/readyz',
    ];
    const account = ['/account', '/account/confirm', '/v1/account', '/v1/account/sessions'];
    const pages = [
      '/exports',
      '/ledger',
      '/products',
      '/units',
      '/units/{uci}',
      '/work-orders',
      '/work-orders/WO-THERMO',
    ];
    const operations = [
      'ledger.csv',
      'ledger/exports',
      'ledger/key',
      'products',
      'reservations/ROLL-THERMO',
      'reservations/ROLL-THERMO/report.json',
      'reservations/ROLL-THERMO/report.pdf',
      'units',
      'units/{uci}',
      'units/{uci}/events',
      'units/{uci}/prints',
      'work-orders',
      'work-orders/WO-THERMO/reconciliation',
      'work-orders/WO-THERMO/report.json',
      'work-orders/WO-THERMO/report.pdf',
    ].map((path) => `/v1/${path}`);
    expect(seen.toSorted()).toEqual([...anybody, ...account, ...pages, ...operations].toSorted());
  });

  it('cannot see from an answer whether a Claim ID in the address exists', async () => {
    const { own, others, desk } = audited;
    const typed = { own: own[2]?.uci ?? '', other: others[2]?.uci ?? '', none: 'ZZZZZZZZZ5' };
    const paths = (uci: string): string[] => {
      const all = desk.app.routes.filter(({ method, path }) => method === 'GET' && !path.includes('*'));
      const given = all.map(({ path }) => path.replaceAll(/:\w+/g, uci));
      const searches = ['product', 'workOrder', 'station', 'find', 'status', 'from', 'after'];
      const names = ['product', 'workOrder', 'lot', 'station', 'status', 'from', 'ref', 'since', uci];
      return [
        ...given,
        ...all.filter(({ path }) => !path.includes(':')).map(({ path }) => `${path}?x=${uci}.${uci}`),
        ...searches.map((name) => `/units?${name}=${uci}`),
        ...names.flatMap((name) => [`/exports?${name}=${uci}`, `/v1/ledger.csv?${name}=${uci}`]),
        ...names.map((name) => `/v1/units?${name}=${uci}`),
        `/v1/units?serial=${uci}`,
        `/v1/units?identity=${uci}`,
        `/v1/units?find=${uci}`,
        `/work-orders/WO-THERMO?x=${uci}`,
      ];
    };
    // A unit of the own products is found, so these addresses say that it exists.
    const finds = /^(\/v1)?\/units(\/[^/?]+(\/(events|prints))?$|\?find=)/;
    const answer = async (path: string, uci: string): Promise<string> => {
      const { status, text } = await get(path);
      const same = text
        .replaceAll(/"requestId":"[^"]*"/g, '')
        .replaceAll(uci, 'UCI')
        .replaceAll(/\d+/g, '#');
      return `${status} ${same}`;
    };
    const [inOwn, inOther] = [paths(typed.own), paths(typed.other)];
    const different: string[] = [];
    for (const [index, path] of paths(typed.none).entries()) {
      const none = await answer(path, typed.none);
      if ((await answer(inOther[index] ?? '', typed.other)) !== none) different.push(`other product: ${path}`);
      if (!finds.test(path) && (await answer(inOwn[index] ?? '', typed.own)) !== none) different.push(`own: ${path}`);
    }
    expect(different).toEqual([]);
  });

  it('sees the name that the auditor gave to an export as it was given', async () => {
    const { desk, headers, own } = audited;
    const made = desk.app.request(`/v1/ledger.csv?ref=${own[2]?.uci}`, { headers });
    const refs = async () =>
      (await json<{ exports: { ref: string }[] }>('/v1/ledger/exports')).exports.map(({ ref }) => ref);
    await until(async () => (await refs()).length > 0);
    expect(await refs()).toEqual([own[2]?.uci]);
    await (await made).arrayBuffer();
  });

  it('gets no hash of the ledger, because hashes would confirm a guessed Claim ID offline', async () => {
    const { desk, own } = audited;
    const paths = addresses(audited, own[2] as Made, own[2]?.uci ?? '', OWN);
    for (let from = 0; from < 5; from++) paths.push(`/v1/ledger/consistency?from=${from}&to=${from + 1}`);
    const answers: string[] = [];
    for (const path of paths) answers.push(`${path}: ${(await get(path)).text}`);
    const size = await desk.size();
    const roots = await Promise.all(Array.from({ length: size + 1 }, (_, n) => desk.house.ledger.rootAt(n)));
    const spelled = roots.flatMap((root = new Uint8Array()) => [
      Buffer.from(root).toString('hex'),
      Buffer.from(root).toString('base64'),
    ]);
    const leaks = answers.filter((text) => spelled.some((root) => text.includes(root)));
    expect(leaks.map((text) => text.split(':')[0])).toEqual([]);
  });

  it('finds units by S/N, by identity, by the masked Claim ID and by a complete one', async () => {
    const { own } = audited;
    const { uci = '', serial = '' } = own[2] ?? {};
    const find = (text: string) =>
      json<{ units: Made[]; matched?: string }>(`/v1/units?find=${encodeURIComponent(text)}`);
    const { units, matched } = await find(serial);
    const [{ uci: masked } = { uci: '' }] = units;
    expect([matched, masked]).toEqual(['serial', expect.stringMatching(/^\*{8}[0-9A-Z]{2}\.\d+$/)]);
    expect(masked.slice(8, 10)).toBe(uci.slice(8));
    for (const [text, how] of [
      [masked, 'uci'],
      [uci, 'uci'],
      ['02:00:00:00:00:01', 'identity'],
    ] as const)
      expect(await find(text), text).toEqual({ units, next: null, matched: how });
    expect(await json(`/v1/units/${masked}`)).toMatchObject({ uci: masked, serial, product: OWN });
    expect(await json(`/v1/units/${uci}`)).toEqual(await json(`/v1/units/${masked}`));
  });

  it('gets for what belongs to another product the answer for what is not there', async () => {
    const { own, others } = audited;
    const [unit] = others;
    const numberOf = async (serial = ''): Promise<string> =>
      (await json<{ units: Made[] }>(`/v1/units?find=${serial}`)).units[0]?.uci.split('.')[1] ?? '';
    const next = Number(await numberOf(own[4]?.serial));
    const strange = { uci: 'ZZZZZZZZZZ', masked: `********ZZ.${next}` };
    const at = (names: { uci: string; order: string; roll: string; serial: string }) => [
      `/v1/units/${names.uci}`,
      `/v1/units/${names.uci}/events`,
      `/v1/units?find=${names.uci}`,
      `/v1/units?find=${names.serial}`,
      `/v1/work-orders/${names.order}/reconciliation`,
      `/v1/work-orders/${names.order}/report.pdf`,
      `/v1/reservations/${names.roll}`,
      `/v1/reservations/${names.roll}/report.json`,
      `/units/${names.uci}`,
      `/work-orders/${names.order}`,
    ];
    const there = { uci: unit?.uci ?? '', order: 'WO-PUMP', roll: 'ROLL-PUMP', serial: unit?.serial ?? '' };
    const nowhere = { uci: strange.uci, order: 'WO-NONE', roll: 'ROLL-NONE', serial: 'NONE00001' };
    const plain = (text: string): string =>
      text
        .replaceAll(/"requestId":"[^"]*"/g, '')
        // When the page was printed.
        .replaceAll(/\d\d:\d\d:\d\d/g, '')
        .replaceAll(/ZZZZZZZZZZ|\*{10}/g, 'UCI')
        .replaceAll(there.uci, 'UCI')
        .replaceAll(/PUMP\d{5}|NONE\d{5}/g, 'SERIAL')
        .replaceAll(/-PUMP|-NONE/g, '');
    for (const [index, path] of at(there).entries()) {
      const [here, none] = [await get(path), await get(at(nowhere)[index] ?? '')];
      expect([path, here.status, plain(here.text)]).toEqual([path, none.status, plain(none.text)]);
    }
    // The number of a unit of another product is no way around.
    for (const [id, { uci }] of others.map((one, n) => [next + n, one] as const))
      expect((await get(`/v1/units/********${uci.slice(8)}.${id}`)).status).toBe(404);
  });

  it('gets reports, work orders, products and an export of the own products', async () => {
    const { own, ucis } = audited;
    expect(await json('/v1/products')).toMatchObject({ products: [{ id: OWN }] });
    expect(await json('/v1/work-orders')).toMatchObject({ workOrders: [{ id: 'WO-THERMO' }] });
    const report = await json<{ lists: Record<string, (Made & { note?: string })[]> }>(
      '/v1/work-orders/WO-THERMO/report.json',
    );
    expect(report.lists['scrapped']).toMatchObject([{ serial: own[2]?.serial }]);
    // A note names an own unit and one of another product: of the latter only the length remains.
    expect(report.lists['scrapped']?.[0]?.note).toMatch(/^like \*{8}..\.\d+, and not id\*{10}$/);
    const { desk, headers } = audited;
    const csv = await (await desk.app.request('/v1/ledger.csv', { headers })).text();
    const rows = csv.trim().split('\r\n').slice(1);
    expect(rows).toHaveLength(own.length + 1);
    for (const row of rows) expect(row).toMatch(/^\d+,"\*{8}..\.\d+","THERMO/);
    expect(completeIn(csv, ucis)).toEqual([]);
    const { status, text } = await get('/v1/ledger.csv?of=events');
    expect([status, text.includes('ask QA')]).toEqual([403, true]);
  });

  it('who guesses Claim IDs has to wait', async () => {
    const { desk, headers } = audited;
    const guess = async (n: number): Promise<number> =>
      (await desk.app.request(`/v1/units?find=ZZZZZZZZ${n}`, { headers })).status;
    const answers: number[] = [];
    for (let n = 10; n < 35; n++) answers.push(await guess(n));
    expect(answers.slice(0, 15)).toEqual(Array(15).fill(200));
    expect(answers.at(-1)).toBe(429);
  });

  it('changes nothing but the own account', async () => {
    const { desk, headers } = audited;
    const size = await desk.size();
    const routes = desk.app.routes.filter(({ method }) => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method));
    const allowed: string[] = [];
    for (const { method, path } of routes) {
      if (/^\/(ioto|api)\/|account|sign-/.test(path)) continue;
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const isForm = !path.startsWith('/v1/');
      const body = isForm ? new URLSearchParams({ csrf: headers['x-csrf-token'] ?? '' }).toString() : '{}';
      const init = { method, headers: { ...headers, ...(isForm ? form : {}) } };
      const answer = await desk.app.request(path, method === 'DELETE' ? init : { ...init, body });
      if (answer.status !== 403) allowed.push(`${method} ${path}`);
    }
    expect(allowed).toEqual([]);
    expect(await desk.size()).toBe(size);
  });
});

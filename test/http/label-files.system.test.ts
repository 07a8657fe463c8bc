import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { pages, read, spool, type Drawn } from '../support/drawn-labels.ts';
import { ADMIN_TOKEN, expectQuiet, openDesk, type Desk } from '../support/service.ts';

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };

/** The Claim IDs of a ZPL file, in their order. */
const ucisIn = ({ bytes }: Drawn): string[] =>
  [...bytes.toString().matchAll(/\^FD[LMQH]A,([0-9A-HJKMNP-TV-Z]{10,20})\^FS/g)].map(([, uci = '']) => uci);

describe('labels over HTTP', () => {
  let desk: Desk;
  const get = async (path: string): Promise<Drawn> => read(await desk.app.request(path, { headers }));
  const post = async (body: object): Promise<Drawn> =>
    read(await desk.app.request('/v1/labels', { method: 'POST', headers, body: JSON.stringify(body) }));
  const make = async (count: number, more: object = {}): Promise<string[]> => {
    const { body } = await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/units', {
      product: 'DEMO',
      count,
      ...more,
    });
    return body.units.map(({ uci }) => uci);
  };
  it('one at a time are drawn, so that agents get their turn, and not more than twenty wait', async () => {
    const { id } = (await desk.agent({ product: 'DEMO', mac: 'many labels' })).body;
    const answers = await Promise.all(Array.from({ length: 40 }, () => get(`/v1/units/${id}/label.png?dpi=600`)));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(20);
    expect(new Set(refused.map(({ status, problem }) => `${status} ${problem.type}`))).toEqual(
      new Set(['503 urn:claimstamp:problem:busy']),
    );
  });

  it('more than 100,000 in one file are refused before one is drawn, of a list and of a filter', async () => {
    const [uci = ''] = await make(1);
    const list = await post({ units: Array<string>(1001).fill(uci), copies: 100 });
    expect([list.status, list.problem.detail]).toEqual([400, expect.stringMatching(/at most 100000 labels/)]);
    await desk.ask('PUT', '/v1/products/MANY', {});
    for (const count of [1000, 1]) await make(count, { product: 'MANY' });
    const filter = await post({ product: 'MANY', copies: 100 });
    expect([filter.status, filter.problem.detail]).toEqual([400, expect.stringMatching(/at most 100000 labels/)]);
  });

  beforeAll(async () => {
    desk = await openDesk();
    await desk.ask('PUT', '/v1/products/DEMO', { name: 'Demo Sensor', company: 'Müller & Söhne' });
  });

  describe('of one unit', () => {
    let uci: string;
    beforeAll(async () => {
      [uci = ''] = await make(1);
    });

    it.each([
      ['pdf', 'application/pdf', /^%PDF-/],
      ['zpl', 'application/zpl', /^~JX\^XA/],
      ['svg', 'image/svg+xml', /^<svg /],
      ['png', 'image/png', /^.PNG/],
    ])('%s has its type, is not kept by caches, and is the same every time', async (format, type, start) => {
      const answer = await desk.app.request(`/v1/units/${uci}/label.${format}`, { headers });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const drawn = await read(answer);
      expect({ status: drawn.status, type: drawn.type }).toEqual({ status: 200, type });
      expect(drawn.bytes.toString('latin1')).toMatch(start);
      expect((await get(`/v1/units/${uci}/label.${format}`)).bytes.equals(drawn.bytes)).toBe(true);
    });

    it('template and dpi are chosen, and a Claim ID is found however it is typed', async () => {
      const zpl = async (query: string): Promise<string> =>
        (await get(`/v1/units/${uci.toLowerCase()}/label.zpl?${query}`)).bytes.toString();
      expect(await zpl('')).toContain('^PW496');
      expect(await zpl('dpi=300')).toContain('^PW732');
      expect(await zpl('template=tiny-20x20')).toContain('^PW160');
      expect(await zpl('template=tiny-20x20&dpi=600')).toContain('^PW472');
    });

    it('the product says which template, until a request does', async () => {
      await desk.ask('PUT', '/v1/products/TINY', { label: 'tiny-20x20' });
      const [tiny] = await make(1, { product: 'TINY' });
      expect((await get(`/v1/units/${tiny}/label.zpl`)).bytes.toString()).toContain('^PW160');
      expect((await get(`/v1/units/${tiny}/label.zpl?template=device-62x40`)).bytes.toString()).toContain('^PW496');
    });

    it.each([
      ['a unit that is not there', '0000000000/label.pdf', 404, /no unit/],
      ['what is no Claim ID', 'UUU/label.pdf', 404, /not a Claim ID/],
      ['a template that is not there', 'UCI/label.pdf?template=nope', 404, /no label template nope: box-100x50/],
      ['a path for a template', 'UCI/label.pdf?template=../logos/x', 400, /template/],
      ['a resolution no printer has', 'UCI/label.zpl?dpi=150', 400, /dpi/],
      ['a setting that is none', 'UCI/label.pdf?copies=2', 400, /copies/],
      ['a format that is none', 'UCI/label.gif', 404, /nothing at this address/],
    ])('%s is refused', async (_, path, status, detail) => {
      const drawn = await get(`/v1/units/${path.replace('UCI', uci)}`);
      expect(drawn.status).toBe(status);
      expect(drawn.problem.detail).toMatch(detail);
    });

    it.each(['void', 'scrap'])('%s: an ended unit has no label', async (kind) => {
      const [ended] = await make(1);
      await desk.ask('POST', `/v1/units/${ended}/${kind}`, { reason: 'other', note: 'test' });
      for (const format of ['pdf', 'zpl', 'svg', 'png']) {
        expect((await get(`/v1/units/${ended}/label.${format}`)).status).toBe(409);
      }
    });

    it('text that does not fit is an error that names template and box', async () => {
      const { id } = (await desk.agent({ product: 'DEMO', name: 'W'.repeat(120) })).body;
      const drawn = await get(`/v1/units/${id}/label.pdf`);
      expect(drawn.status).toBe(422);
      expect(drawn.problem.detail).toMatch(/device-62x40.*"product name"/);
      const many = await post({ units: [id] });
      expect({ status: many.status, detail: many.problem.detail }).toEqual({
        status: 422,
        detail: drawn.problem.detail,
      });
    });
  });

  describe('of many', () => {
    it('a list comes in its own order, however the IDs are typed', async () => {
      const ucis = (await make(5)).toReversed();
      const typed = ucis.map((uci) => `${uci.slice(0, 5)} ${uci.slice(5)}`.toLowerCase());
      const zpl = await post({ units: typed, format: 'zpl' });
      expect({ status: zpl.status, type: zpl.type, labels: zpl.labels }).toEqual({
        status: 200,
        type: 'application/zpl',
        labels: '5',
      });
      expect(ucisIn(zpl)).toEqual(ucis);
      const pdf = await post({ units: ucis });
      expect(pdf.type).toBe('application/pdf');
      expect(pages(pdf)).toBe(5);
    });

    it('one unit in a list gives the bytes of its own label', async () => {
      const [uci = ''] = await make(1);
      const one = await get(`/v1/units/${uci}/label.pdf`);
      expect((await post({ units: [uci] })).bytes.equals(one.bytes)).toBe(true);
    });

    it('a work order, a reservation, a product, a status, and two of them together', async () => {
      await desk.ask('PUT', '/v1/products/ORDERED', {});
      await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'ORDERED', planned: 10 });
      const ordered = await make(3, { product: 'ORDERED', workOrder: 'WO-1' });
      const roll = { name: 'roll', product: 'ORDERED', count: 4 };
      const { body } = await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/reservations', roll);
      const reserved = body.units.map(({ uci }) => uci);
      await desk.ask('POST', `/v1/units/${ordered[1]}/void`, { reason: 'label-damaged' });
      const standing = [ordered[0], ordered[2]];
      for (const [filter, expected] of [
        [{ workOrder: 'WO-1' }, standing],
        [{ reservation: 'roll' }, reserved],
        [{ product: 'ORDERED' }, [...standing, ...reserved]],
        [{ product: 'ORDERED', status: 'issued' }, standing],
      ] as const) {
        expect(ucisIn(await post({ ...filter, format: 'zpl' }))).toEqual(expected);
      }
    });

    it('copies: pages in a PDF, a count in ZPL', async () => {
      const ucis = await make(2);
      expect(pages(await post({ units: ucis, copies: 3 }))).toBe(6);
      const zpl = (await post({ units: ucis, copies: 3, format: 'zpl' })).bytes.toString();
      expect(zpl.match(/\^PQ3/g)).toHaveLength(2);
    });

    it('a sheet is filled from its start on', async () => {
      const ucis = await make(21);
      expect(pages(await post({ units: ucis, sheet: 'L7160' }))).toBe(1);
      expect(pages(await post({ units: ucis, sheet: 'L7160', start: 2 }))).toBe(2);
      expect(pages(await post({ units: ucis, sheet: 'L7160', start: 21, copies: 2 }))).toBe(3);
    });

    it.each([
      ['nothing chosen', {}, 400, /name either "units" or a filter/],
      ['both list and filter', { units: ['UCI'], product: 'DEMO' }, 400, /name either/],
      ['what is no Claim ID', { units: ['UCI', 'UUU'] }, 400, /"units.1": is not a Claim ID/],
      ['an unknown unit in a list', { units: ['UCI', '0000000000'] }, 404, /no unit .*nothing was printed/],
      ['a void unit in a list', { units: ['UCI', 'VOID'] }, 409, /is void.*nothing was printed/],
      ['a filter that nothing fits', { station: 'default', status: 'registered' }, 404, /no unit matches/],
      ['a filter with a wrong name', { workOrder: 'WO-NONE' }, 404, /no work order WO-NONE/],
      ['a template that is not there', { units: ['UCI'], template: 'nope' }, 404, /no label template nope/],
      ['a sheet that is not there', { units: ['UCI'], sheet: 'L1' }, 404, /no sheet L1: 5160/],
      [
        'labels larger than the cells',
        { units: ['UCI'], sheet: 'L7651', template: 'device-62x40' },
        422,
        /does not fit the cells/,
      ],
      ['a start beyond the sheet', { units: ['UCI'], sheet: 'L7160', start: 22 }, 400, /1 to 21, not 22/],
      ['a start without a sheet', { units: ['UCI'], start: 2 }, 400, /"start" needs a sheet/],
      ['ZPL on a sheet', { units: ['UCI'], sheet: 'L7160', format: 'zpl' }, 400, /a sheet is printed from PDF/],
      ['too many copies', { units: ['UCI'], copies: 101 }, 400, /copies/],
    ])('%s is an answer, not half a file', async (_, body, status, detail) => {
      const [uci = '', ended = ''] = await make(2);
      await desk.ask('POST', `/v1/units/${ended}/void`, { reason: 'label-damaged' });
      const filled = JSON.parse(
        JSON.stringify(body).replace('"UCI"', `"${uci}"`).replace('"VOID"', `"${ended}"`),
      ) as object;
      const drawn = await post(filled);
      expect({ status: drawn.status, type: drawn.type }).toEqual({ status, type: 'application/problem+json' });
      expect(drawn.problem.detail).toMatch(detail);
      expect(drawn.problem.detail).not.toMatch(new RegExp(`${uci}|${ended}`));
      expect(spool(desk.data)).toEqual([]);
    });

    it('one job of a caller draws at a time, further ones wait for their turn, and nothing is left of any', async () => {
      await desk.ask('PUT', '/v1/products/BULK', {});
      for (let i = 0; i < 2; i++) await make(1000, { product: 'BULK' });
      let most = 0;
      const over = new AbortController();
      const watch = (async () => {
        for (; !over.signal.aborted; await pause(5)) most = Math.max(most, spool(desk.data).length);
      })();
      const drawn = await Promise.all(Array.from({ length: 4 }, () => post({ product: 'BULK' })));
      over.abort();
      await watch;
      expect(drawn.map(({ labels }) => labels)).toEqual(['2000', '2000', '2000', '2000']);
      expect(most).toBe(1);
      expect(spool(desk.data)).toEqual([]);
    });

    it('the log names no unit', () => {
      expectQuiet(desk.log(), audit(desk.data).ucis);
    });
  });
});

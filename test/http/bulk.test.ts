import { beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { openDesk, type Desk } from '../support/service.ts';
import { kiosk, token, type Headers } from '../support/askers.ts';

interface BulkRead {
  type: string;
  actor: string;
  data: { what: string; filter: object; count: number };
}

describe('reading many Claim IDs at once', () => {
  let desk: Desk;
  let auditor: Headers;
  const lastRead = (): BulkRead => {
    const { type, actor, data } = JSON.parse(audit(desk.data).lines.at(-1) ?? '{}') as BulkRead;
    return { type, actor, data };
  };
  const ask = async (method: string, path: string, body?: object): Promise<Response> => {
    const init = { method, headers: auditor };
    const answer = await desk.app.request(path, body === undefined ? init : { ...init, body: JSON.stringify(body) });
    await answer.clone().arrayBuffer();
    return answer;
  };
  beforeAll(async () => {
    desk = await openDesk();
    await desk.ask('PUT', '/v1/printers/P', { kind: 'file', folder: '/proc/nowhere', format: 'pdf' });
    for (const [product, count] of [
      ['ONE', 1],
      ['MANY', 3],
    ] as const) {
      const made = await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/units', { product, count });
      for (const { uci } of made.body.units) await desk.ask('POST', `/v1/units/${uci}/print`, { printer: 'P' });
    }
    auditor = await token(desk, 'auditor', 'admin');
  });

  it.each([
    ['GET', '/v1/units?product=MANY', undefined, 'units', { product: 'MANY', after: 0 }, 3],
    ['GET', '/v1/units?product=MANY&limit=2', undefined, 'units', { product: 'MANY', after: 0 }, 2],
    ['GET', '/v1/units?product=ONE', undefined, 'units', { product: 'ONE', after: 0 }, 1],
    ['GET', '/v1/labels/data?product=MANY', undefined, 'labels', { product: 'MANY', after: 0 }, 3],
    ['GET', '/v1/labels/data?product=MANY&limit=2', undefined, 'labels', { product: 'MANY', after: 0 }, 2],
    ['POST', '/v1/labels', { product: 'MANY', format: 'zpl' }, 'labels', { product: 'MANY' }, 3],
    [
      'GET',
      '/v1/print-jobs?printer=P&reveal=true',
      undefined,
      'print-jobs',
      { printer: 'P', before: Number.MAX_SAFE_INTEGER },
      4,
    ],
    [
      'GET',
      '/v1/print-jobs?printer=P&limit=2&state=queued&reveal=true',
      undefined,
      'print-jobs',
      { printer: 'P', state: 'queued', before: Number.MAX_SAFE_INTEGER },
      2,
    ],
  ] as const)('%s %s with %j is an event: who, which, how many', async (method, path, body, what, filter, count) => {
    const before = await desk.size();
    expect((await ask(method, path, body)).status).toBe(200);
    expect(await desk.size()).toBe(before + 1);
    expect(lastRead()).toEqual({ type: 'bulk-read', actor: 'token:auditor', data: { what, filter, count } });
  });

  it('is an event too where print jobs are read one by one', async () => {
    const newest = await desk.ask<{ next: number }>('GET', '/v1/print-jobs?limit=1');
    expect((await ask('GET', `/v1/print-jobs?limit=1&before=${newest.body.next}&reveal=true`)).status).toBe(200);
    expect(lastRead().data).toEqual({ what: 'print-jobs', filter: { before: newest.body.next }, count: 1 });
  });

  describe('in lists of stations and print jobs', () => {
    const MASK = /^\*{8}[0-9A-Z]{2}$/;
    let uci: string;
    let headers: Record<'operator' | 'qa' | 'reader' | 'here', Headers>;
    const read = async (path: string, by: Headers): Promise<{ status: number; text: string }> => {
      const answer = await desk.app.request(path, { headers: by });
      return { status: answer.status, text: await answer.text() };
    };
    beforeAll(async () => {
      await desk.ask('PUT', '/v1/stations/NEST', { mode: 'slot', sources: ['10.0.8.11'] });
      uci = (await desk.agent({ product: 'ONE' }, '10.0.8.11')).body.id;
      headers = {
        operator: await token(desk, 'an operator', 'operator'),
        qa: await token(desk, 'a qa', 'qa'),
        reader: await token(desk, 'a reader', 'service', ['stations:read']),
        here: await kiosk(desk, 'NEST'),
      };
    });

    it('Claim IDs are masked, and nothing is recorded', async () => {
      const before = await desk.size();
      const { stations } = (await desk.ask<{ stations: { slot: { uci?: string } }[] }>('GET', '/v1/stations')).body;
      expect(stations.flatMap(({ slot }) => slot.uci ?? [])).toEqual([expect.stringMatching(MASK)]);
      const { jobs } = (await desk.ask<{ jobs: { uci: string }[] }>('GET', '/v1/print-jobs')).body;
      expect(jobs).toHaveLength(4);
      for (const job of jobs) expect(job.uci).toMatch(MASK);
      for (const by of [headers.reader, headers.qa]) {
        expect((await read('/v1/stations/NEST', by)).text).toContain(`"uci":"********${uci.slice(-2)}"`);
      }
      expect(await desk.size()).toBe(before);
    });

    it('a caller who may list units gets complete ones, which the ledger records', async () => {
      const before = await desk.size();
      expect((await read('/v1/stations?reveal=true', headers.qa)).text).toContain(uci);
      expect(lastRead()).toEqual({
        type: 'bulk-read',
        actor: 'token:a qa',
        data: { what: 'stations', filter: {}, count: 1 },
      });
      expect((await read('/v1/stations/NEST?reveal=true', headers.qa)).text).toContain(uci);
      expect(lastRead().data).toEqual({ what: 'stations', filter: { station: 'NEST' }, count: 1 });
      expect(await desk.size()).toBe(before + 2);
    });

    it('no other caller gets them', async () => {
      const before = await desk.size();
      for (const path of ['/v1/stations', '/v1/stations/NEST', '/v1/print-jobs']) {
        const { status, text } = await read(`${path}?reveal=true`, headers.reader);
        expect({ status, shown: text.includes(uci) }, path).toEqual({ status: 403, shown: false });
      }
      for (const path of ['/v1/stations', '/v1/print-jobs'])
        expect((await read(`${path}?reveal=true`, headers.operator)).status).toBe(403);
      for (const wrong of ['1', 'TRUE', '', 'false'])
        expect((await read(`/v1/stations?reveal=${wrong}`, headers.qa)).status).toBe(400);
      expect(await desk.size()).toBe(before);
    });

    it('the screen of the station and its operators see the unit in the nest', async () => {
      const before = await desk.size();
      for (const by of [headers.here, headers.operator])
        expect((await read('/v1/stations/NEST', by)).text).toContain(uci);
      expect(await desk.size()).toBe(before);
    });
  });

  it('says of a list of Claim IDs how long it was, and none of them', async () => {
    const { units } = (await desk.ask<{ units: { uci: string }[] }>('GET', '/v1/units?product=MANY')).body;
    const ucis = units.map(({ uci }) => uci);
    expect((await ask('POST', '/v1/labels', { units: ucis })).status).toBe(200);
    expect(lastRead().data).toEqual({ what: 'labels', filter: { units: 3 }, count: 3 });
    for (const uci of ucis) expect(audit(desk.data).lines.at(-1)).not.toContain(uci);
  });

  it('is no event where there was nothing to read, or where Claim IDs are masked', async () => {
    const before = await desk.size();
    for (const path of [
      '/v1/units?product=NONE',
      '/v1/labels/data?station=default&status=registered',
      '/v1/print-jobs?printer=NONE&reveal=true',
      '/v1/print-jobs',
    ]) {
      expect((await ask('GET', path)).status, path).toBe(200);
    }
    expect((await ask('POST', '/v1/labels', { product: 'NONE' })).status).toBe(404);
    expect(await desk.size()).toBe(before);
  });
});

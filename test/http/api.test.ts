import { beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, expectQuiet, openDesk, type Desk, type Problem } from '../support/service.ts';

interface UnitBody {
  uci: string;
  serial?: string;
  product: string;
  status: string;
  facts: Record<string, string>;
  identity: Record<string, string>;
  attributes: Record<string, unknown>;
  repeats: { count: number };
  station: string;
  workOrder?: string;
}

interface Made extends Problem {
  units: { uci: string; serial: string }[];
}

describe('the API', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
  });

  describe('needs a bearer token', () => {
    it.each([
      ['none', {}],
      ['a wrong one', { authorization: 'Bearer an-admin-token-of-the-tests-9876543210' }],
      ['one that is too short', { authorization: `Bearer ${ADMIN_TOKEN.slice(0, -1)}` }],
      ['an empty one', { authorization: 'Bearer ' }],
      ['another scheme', { authorization: `Basic ${ADMIN_TOKEN}` }],
    ] as [string, Record<string, string>][])('and refuses %s with 401', async (_, headers) => {
      for (const [method, path] of [
        ['GET', '/v1/units'],
        ['POST', '/v1/units'],
        ['GET', '/v1/stations'],
        ['PUT', '/v1/products/DEMO'],
        ['POST', '/v1/stations/default/arm'],
        ['GET', '/v1/nothing-here'],
        ['GET', '/metrics'],
      ] as const) {
        const answer = await desk.app.request(path, { method, headers });
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(((await answer.json()) as Problem).type).toBe('urn:claimstamp:problem:unauthorized');
      }
    });

    it('and takes the admin token, and the one that commands on this machine find', async () => {
      for (const token of [ADMIN_TOKEN, desk.house.localToken]) {
        const headers = { authorization: `Bearer ${token}` };
        expect((await desk.app.request('/v1/units', { headers })).status).toBe(200);
      }
    });

    it('but not for /healthz and /readyz', async () => {
      expect((await desk.app.request('/healthz')).status).toBe(200);
      const ready = await desk.app.request('/readyz');
      expect(ready.status).toBe(200);
      expect(await ready.json()).toMatchObject({ status: 'ready', problems: [] });
    });
  });

  describe('GET /v1/units/{uci}', () => {
    it('gives the unit with what the agent sent', async () => {
      const body = { product: 'DEMO', name: 'Demo', model: 'Demo-01', mac: '02:00:00:00:00:01' };
      const { id } = (await desk.agent(body)).body;
      await desk.agent(body);
      const { status, body: unit } = await desk.ask<UnitBody>('GET', `/v1/units/${id}`);
      expect(status).toBe(200);
      expect(unit).toMatchObject({ uci: id, product: 'DEMO', status: 'issued', station: 'default', name: 'Demo' });
      expect(unit.identity).toEqual({ mac: '02:00:00:00:00:01' });
      expect(unit.attributes).toEqual(body);
      expect(unit.repeats.count).toBe(1);
      expect(Date.parse(unit.facts['issued'] ?? '')).toBeGreaterThan(Date.now() - 60_000);
    });

    it('takes an ID as people type it: lower case, hyphens, spaces, o for 0, i and l for 1', async () => {
      const uci = '0101ABCDEF';
      const units = [{ place: 'line 1', uci, device: { product: 'DEMO' } }];
      expect((await desk.ask('POST', '/v1/units/import', { units })).status).toBe(201);
      for (const typed of [
        '0101abcdef',
        '0101-ABC-DEF',
        'o1o1abcdef',
        'OiOlabcdef',
        '0L0I-abcd-ef',
        '01%2001 abcdef',
      ]) {
        const { status, body } = await desk.ask<UnitBody>('GET', `/v1/units/${typed}`);
        expect(status, typed).toBe(200);
        expect(body.uci).toBe(uci);
      }
    });

    it('is 404 for an ID nobody has, and for what is no Claim ID', async () => {
      for (const typed of [
        'ZZZZZZZZZZ',
        'ABC',
        'UUUUUUUUUU',
        'A'.repeat(21),
        "'OR 1=1--",
        '%00%00%00%00%00%00%00%00%00%00',
      ]) {
        const { status, body } = await desk.ask<Problem>('GET', `/v1/units/${typed}`);
        expect(status, typed).toBe(404);
        expect(body.type).toBe('urn:claimstamp:problem:not-found');
      }
    });

    it('has its events as the ledger holds them, byte for byte', async () => {
      const { id } = (await desk.agent('{"product":"DEMO",  "mac":"m-7", "note":"\\u00fc ü"}')).body;
      const answer = await desk.app.request(`/v1/units/${id}/events`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      const lines = audit(desk.data).lines.filter((line) => line.includes(`"uci":"${id}"`));
      expect(await answer.text()).toBe(`{"events":[${lines.join(',')}]}`);
      expect(lines[0]).toContain('"attributes":{"product":"DEMO",  "mac":"m-7", "note":"\\u00fc ü"}');
    });

    it('has the two lines that go onto the device', async () => {
      const { id } = (await desk.agent({ product: 'DEMO' })).body;
      const answer = await desk.app.request(`/v1/units/${id}/device.json5`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      expect(await answer.text()).toBe(`{\n    "id": "${id}",\n    "product": "DEMO"\n}\n`);
    });
  });

  it('sets the printer of the address, and none that the body names otherwise', async () => {
    const file = { kind: 'file', folder: '/proc/nowhere', format: 'pdf' };
    for (const name of ['other', { toString: 1 }, null, '']) {
      expect((await desk.ask('PUT', '/v1/printers/P', { ...file, name })).status).toBe(400);
    }
    expect((await desk.ask('PUT', '/v1/printers/P', { ...file, name: 'P' })).status).toBe(200);
  });

  it('lists units page by page, none twice and none left out', async () => {
    const { units } = (await desk.ask<Made>('POST', '/v1/units', { product: 'PAGED', count: 25 })).body;
    const found: string[] = [];
    for (let after: number | null = 0; after !== null;) {
      const page: { units: UnitBody[]; next: number | null } = (
        await desk.ask<{ units: UnitBody[]; next: number | null }>(
          'GET',
          `/v1/units?product=PAGED&limit=10&after=${after}`,
        )
      ).body;
      found.push(...page.units.map(({ uci }) => uci));
      after = page.next;
      if (found.length > 25) break;
    }
    expect(found).toEqual(units.map(({ uci }) => uci));
    for (const query of ['limit=0', 'limit=1001', 'after=-1', 'status=lost', 'colour=red']) {
      expect((await desk.ask('GET', `/v1/units?${query}`)).status, query).toBe(400);
    }
  });

  describe('void and scrap', () => {
    it('end a unit with a reason, once', async () => {
      for (const [verb, status] of [
        ['void', 'void'],
        ['scrap', 'scrapped'],
      ] as const) {
        const { id } = (await desk.agent({ product: 'DEMO', mac: `to-${verb}` })).body;
        expect((await desk.ask('POST', `/v1/units/${id}/${verb}`, {})).status).toBe(400);
        for (const wrong of [{ reason: 'burnt' }, { reason: 'other' }, { reason: 'other', note: '  ' }])
          expect((await desk.ask('POST', `/v1/units/${id}/${verb}`, wrong)).status).toBe(400);
        expect((await desk.ask('POST', `/v1/units/${id}/${verb}`, { reason: 'other', note: 'burnt' })).status).toBe(
          200,
        );
        expect((await desk.ask<UnitBody>('GET', `/v1/units/${id}`)).body.status).toBe(status);
        const again = await desk.ask<Problem>('POST', `/v1/units/${id}/${verb}`, { reason: 'other', note: 'burnt' });
        expect(again.status).toBe(409);
        expect(again.body.detail).not.toContain(id);
      }
    });

    it('a void ID is never given out again, and its device gets another', async () => {
      const device = { product: 'DEMO', mac: 'voided' };
      const { id } = (await desk.agent(device)).body;
      await desk.ask('POST', `/v1/units/${id}/void`, { reason: 'label-damaged' });
      const next = (await desk.agent(device)).body.id;
      expect(next).not.toBe(id);
      const units = [{ place: 'line 1', uci: id, device: { product: 'DEMO' } }];
      expect((await desk.ask('POST', '/v1/units/import', { units })).status).toBe(409);
    });

    it('are 404 for a unit that is not there', async () => {
      expect((await desk.ask('POST', '/v1/units/ZZZZZZZZZZ/void', { reason: 'label-damaged' })).status).toBe(404);
    });
  });

  describe('units made by hand', () => {
    it('are as many as asked, each with an S/N of its own', async () => {
      const { status, body } = await desk.ask<Made>('POST', '/v1/units', { product: 'HAND', count: 300 });
      expect(status).toBe(201);
      expect(new Set(body.units.map(({ uci }) => uci)).size).toBe(300);
      expect(new Set(body.units.map(({ serial }) => serial)).size).toBe(300);
    });

    it.each([
      [{ count: 1 }, /product/],
      [{ product: 'HAND', count: 0 }, /count/],
      [{ product: 'HAND', count: 10_001 }, /count/],
      [{ product: 'HAND', count: 1.5 }, /count/],
      [{ product: 'HAND', colour: 'red' }, /colour/],
      [{ product: 'HAND', count: 2, serial: 'S-1' }, /an S\/N is for one unit only/],
      [{ product: 'HAND', workOrder: 'NONE' }, /no work order NONE/],
    ])('%j is refused and writes nothing', async (body, detail) => {
      const before = await desk.size();
      const answer = await desk.ask<Problem>('POST', '/v1/units', body);
      expect([400, 404]).toContain(answer.status);
      expect(answer.body.detail).toMatch(detail);
      expect(await desk.size()).toBe(before);
    });

    it('a body that is not JSON, or over 64 KiB, is refused', async () => {
      expect((await desk.ask('POST', '/v1/units', '{"product"')).status).toBe(400);
      expect((await desk.ask('POST', '/v1/units', JSON.stringify({ product: 'x'.repeat(65_536) }))).status).toBe(413);
    });
  });

  it('reserved units are given to nobody until their label is scanned', async () => {
    const reserved = await desk.ask<Made>('POST', '/v1/reservations', { name: 'ROLL-1', product: 'ROLL', count: 3 });
    expect(reserved.status).toBe(201);
    const [first] = reserved.body.units;
    const { id } = (await desk.agent({ product: 'ROLL' })).body;
    expect(reserved.body.units.map(({ uci }) => uci)).not.toContain(id);
    const unit = (await desk.ask<UnitBody>('GET', `/v1/units/${first?.uci}`)).body;
    expect(unit).toMatchObject({ status: 'reserved', reservation: 'ROLL-1', serial: first?.serial });
    expect((await desk.ask('POST', '/v1/stations/default/arm', { code: first?.uci })).status).toBe(200);
    expect((await desk.agent({ product: 'ROLL' })).body.id).toBe(first?.uci);
  });

  describe('an import', () => {
    const unit = (line: number, uci: string, rest = {}): object => ({
      place: `line ${line}`,
      uci,
      device: { product: 'IMP', ...rest },
    });

    it('takes all, or nothing and names the line', async () => {
      const good = [unit(2, '1111111111'), unit(3, '2222222222', { serial: 'A-1' })];
      expect((await desk.ask('POST', '/v1/units/import', { units: good })).body).toEqual({
        imported: 2,
        unidentified: { count: 1, first: ['line 2'] },
      });
      const before = await desk.size();
      for (const [units, why] of [
        [
          [unit(2, '3333333333'), unit(3, '1111111111')],
          /^line 3: the Claim ID \*+11 is already in the ledger; nothing/,
        ],
        [[unit(2, '3333333333'), unit(3, '3333333333')], /^line 3: the Claim ID \*+33 is already in line 2; nothing/],
        [[unit(2, '3333333333'), unit(3, '4444444444', { serial: 'A-1' })], /^line 3: S\/N A-1 belongs to unit/],
        [
          [unit(2, '3333333333', { serial: 'A-2' }), unit(3, '4444444444', { serial: 'A-2' })],
          /^line 3: the S\/N A-2 is already in line 2/,
        ],
      ] as [object[], RegExp][]) {
        const answer = await desk.ask<Problem>('POST', '/v1/units/import', { units });
        expect(answer.status).toBe(409);
        expect(answer.body.detail).toMatch(why);
      }
      expect(await desk.size()).toBe(before);
      expect((await desk.ask('GET', '/v1/units/3333333333')).status).toBe(404);
    });

    it.each(['1150123456', 'a4c138bb00', 'a4:c1:38:bb::1'])(
      'refuses the MAC %s that a program damaged, and names the line',
      async (mac) => {
        const units = [unit(7, '3333333333', { mac })];
        const { status, body } = await desk.ask<Problem>('POST', '/v1/units/import', { units, check: true });
        expect([status, body.detail]).toEqual([400, expect.stringMatching(/^line 7: mac: this is not a MAC/)]);
      },
    );

    it('refuses what is no Claim ID in the form the ledger holds it', async () => {
      const before = await desk.size();
      for (const uci of ['abcdefghjk', 'IIIIIIIIII', '123', '1'.repeat(21), '']) {
        expect((await desk.ask('POST', '/v1/units/import', { units: [unit(1, uci)] })).status, uci).toBe(400);
      }
      expect(await desk.size()).toBe(before);
    });

    it.each([
      ['that names no product', { product: undefined }],
      ['whose product is no name', { product: 'no name' }],
      ['with an empty identity', { mac: '' }],
      ['with an S/N that no label takes', { serial: 'a*b' }],
      ['nested too deep', { a: { b: { c: { d: { e: { f: { g: { h: { i: 1 } } } } } } } } }],
    ])('refuses a device section %s, and names the line', async (_, rest) => {
      const before = await desk.size();
      const answer = await desk.ask<Problem>('POST', '/v1/units/import', { units: [unit(7, '5555555555', rest)] });
      expect(answer.status).toBe(400);
      expect(answer.body.detail).toMatch(/^line 7: .*; nothing was imported$/);
      expect(await desk.size()).toBe(before);
    });

    it('binds the identity of a device section, and keeps the section', async () => {
      const units = [unit(1, '7777777777', { mac: 'imported', x: 'two\nlines' })];
      expect((await desk.ask('POST', '/v1/units/import', { units })).status).toBe(201);
      expect(audit(desk.data).lines.at(-1)).toContain(
        '"attributes":{"product":"IMP","mac":"imported","x":"two\\nlines"}',
      );
      expect((await desk.agent({ product: 'IMP', mac: 'imported' })).body.id).toBe('7777777777');
    });
  });

  it('answers with a problem for what is not there', async () => {
    for (const [method, path] of [
      ['GET', '/nothing'],
      ['GET', '/v1/nothing'],
      ['DELETE', '/v1/nothing/at-all'],
    ] as const) {
      const { status, body } = await desk.ask<Problem>(method, path);
      expect(status).toBe(404);
      expect(body.type).toBe('urn:claimstamp:problem:not-found');
    }
  });

  it('says of a known address which methods it takes', async () => {
    for (const [method, path, allowed] of [
      ['DELETE', '/v1/units/ZZZZZZZZZZ', 'GET, HEAD'],
      ['PATCH', '/v1/units', 'GET, HEAD, POST'],
      ['GET', '/ioto/serialize', 'POST'],
    ] as const) {
      const { status, body, headers } = await desk.ask<Problem>(method, path);
      expect(status).toBe(405);
      expect(body.type).toBe('urn:claimstamp:problem:method-not-allowed');
      expect(headers.get('allow')).toBe(allowed);
    }
  });

  it('refuses a query parameter that is given twice', async () => {
    const { status, body } = await desk.ask<Problem>('GET', '/v1/units?limit=2&limit=3');
    expect(status).toBe(400);
    expect(body.detail).toBe('the parameter limit is given twice: give it only once');
  });

  it('leaves a ledger that an auditor can check, and no Claim ID in the log', () => {
    expectQuiet(desk.log(), audit(desk.data).ucis, [desk.house.localToken]);
  });
});

describe('health and metrics', () => {
  it('metrics are Prometheus text, and count what was issued, repeated and refused', async () => {
    const desk = await openDesk();
    await desk.agent({ product: 'DEMO', mac: 'm-1' });
    await desk.agent({ product: 'DEMO', mac: 'm-1' });
    for (let i = 0; i < 3; i++) await desk.agent({ mac: 'm-2' });
    const answer = await desk.app.request('/metrics', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    expect(text.endsWith('\n')).toBe(true);
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? \d+(\.\d+)?)$/);
    }
    expect(text).toContain('\nclaimstamp_issued_total 1\n');
    expect(text).toContain('\nclaimstamp_repeats_total 1\n');
    expect(text).toContain('\nclaimstamp_ledger_writable 1\n');
    expect(Number(/\nclaimstamp_ledger_commit_seconds_total (.+)\n/.exec(text)?.[1])).toBeGreaterThan(0);
    expect(text).toContain('\nclaimstamp_refusals_total{station="default",reason="product-missing"} 3\n');
  });

  it('/readyz says when the service is stopping', async () => {
    const desk = await openDesk();
    desk.house.retire();
    const answer = await desk.app.request('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ status: 'not ready', problems: ['the service is stopping'] });
  });
});

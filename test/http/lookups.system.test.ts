import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { countLookups } from '../../src/http/lookups.ts';
import { openDesk, type Desk, type Problem } from '../support/service.ts';
import { mask } from '../../src/model/claim-id.ts';
import { kiosk, token, type Headers } from '../support/askers.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('looking up what is not there', () => {
  let now = 0;
  const open = () => {
    now = 1_800_000_000_000;
    const lookups = countLookups(() => now);
    const misses = (count: number, actor = 'token:mes', address = '10.0.8.1'): void => {
      for (let i = 0; i < count; i++) lookups.missed(actor, address);
    };
    const waits = (actor = 'token:mes', address = '10.0.8.1'): number => {
      try {
        lookups.refuse(actor, address);
        return 0;
      } catch (error) {
        return (error as { retryAfterS: number }).retryAfterS;
      }
    };
    return { misses, waits };
  };

  it('is free twenty times, then once in three seconds', () => {
    const { misses, waits } = open();
    misses(19);
    expect(waits()).toBe(0);
    misses(1);
    expect(waits()).toBe(3);
    now += 2900;
    expect(waits()).toBe(1);
    now += 100;
    expect(waits()).toBe(0);
    misses(1);
    expect(waits()).toBe(3);
    now += 60_000;
    misses(19);
    expect(waits()).toBe(0);
  });

  it('gains nothing by asking all at once: every miss has to be waited for', () => {
    const { misses, waits } = open();
    misses(500);
    expect(waits()).toBe(481 * 3);
    now += 480 * 3000;
    expect(waits()).toBe(3);
  });

  it('hurts nobody else: neither another asker there, nor the same one elsewhere', () => {
    const { misses, waits } = open();
    misses(20);
    expect(waits()).toBe(3);
    expect(waits('token:other')).toBe(0);
    expect(waits('token:mes', '10.0.8.2')).toBe(0);
  });

  it('from another address of the same IPv6 network is the same', () => {
    const { misses, waits } = open();
    misses(20, 'token:mes', '2001:db8:1:2::7');
    expect(waits('token:mes', '2001:db8:1:2:ffff:1:2:3')).toBe(3);
    expect(waits('token:mes', '2001:db8:1:3::7')).toBe(0);
    misses(20, 'token:mes', '::1');
    expect(waits('token:mes', '0:0:0:0:0:0:0:1')).toBe(3);
  });

  it('from ever new addresses comes to an end too, and hurts nobody who was known before', () => {
    const { misses, waits } = open();
    misses(1, 'token:line', '10.9.9.9');
    for (let i = 0; i < 10_000; i++) misses(1, 'token:mes', `10.1.${i >> 8}.${i & 255}`);
    misses(20, 'token:mes', '10.2.0.1');
    expect(waits('token:mes', '10.2.0.2')).toBeGreaterThan(0);
    expect(waits('token:line', '10.9.9.9')).toBe(0);
    // Whoever waited is forgotten, and there is room again.
    now += 3_600_000;
    misses(1, 'token:mes', '10.2.0.3');
    expect(waits('token:mes', '10.2.0.2')).toBe(0);
  });

  it('that happens five times a minute, as people misread, never waits', () => {
    const { misses, waits } = open();
    for (let minute = 0; minute < 60; minute++) {
      misses(5);
      expect(waits()).toBe(0);
      now += 60_000;
    }
  });

  it('is not counted for commands on the machine, and a clock set back makes nobody wait longer', () => {
    const { misses, waits } = open();
    misses(1000, 'local', '127.0.0.1');
    expect(waits('local', '127.0.0.1')).toBe(0);
    misses(20);
    now -= 3_600_000;
    expect(waits()).toBe(3);
  });
});

/** More guesses than a caller has free, also if the machine is slow. */
const MAX_GUESSES = 60;

describe('a look-up over HTTP', () => {
  let desk: Desk;
  let known: string;
  const ask = async (headers: Headers, method: string, path: string, body?: object): Promise<Response> => {
    const init = { method, headers };
    return desk.app.request(path, body === undefined ? init : { ...init, body: JSON.stringify(body) });
  };
  beforeAll(async () => {
    desk = await openDesk();
    await desk.ask('PUT', '/v1/printers/P', { kind: 'file', folder: '/proc/nowhere', format: 'pdf' });
    await desk.ask('PUT', '/v1/stations/NEST', { sources: ['10.0.8.11'], printer: 'P' });
    await desk.ask('PUT', '/v1/stations/OTHER', { sources: ['10.0.8.12'], printer: 'P' });
    known = (await desk.agent({ product: 'DEMO' }, '10.0.8.11')).body.id;
  });

  type Row = [method: string, path: string, body?: object | undefined];
  const LOOKUPS: Row[] = [
    ['GET', ''],
    ['GET', '/events'],
    ['GET', '/device.json5'],
    ['GET', '/label.pdf'],
    ['GET', '/label.zpl'],
    ['GET', '/label.svg'],
    ['GET', '/label.png'],
    ['GET', '/label.json'],
    ['GET', '/prints'],
    ['POST', '/print', { printer: 'P' }],
  ];

  it.each(LOOKUPS)(
    '%s /v1/units/{uci}%s tells a kiosk the same of a unit elsewhere as of none',
    async (method, rest, body) => {
      const { id } = (await desk.agent({ product: 'DEMO' }, '10.0.8.12')).body;
      const screen = await kiosk(desk, 'NEST');
      const own = await ask(screen, method, `/v1/units/${known}${rest}`, body);
      expect(own.status).toBe(method === 'GET' ? 200 : 202);
      const size = await desk.size();
      const said = async (uci: string): Promise<object> => {
        const answer = await ask(screen, method, `/v1/units/${uci}${rest}`, body);
        const text = (await answer.text()).replace(/"requestId":"[0-9a-f-]{36}"/, '"requestId":""');
        return { status: answer.status, headers: [...answer.headers], text };
      };
      const elsewhere = await said(id);
      expect(elsewhere).toEqual(await said('ZZZZZZZZZZ'));
      expect(elsewhere).toMatchObject({ status: 404, text: expect.not.stringContaining(id) });
      expect(await desk.size()).toBe(size);
    },
  );

  const REFUSED: Row[] = [
    ...LOOKUPS.map(([method, rest, body]): Row => [method, `/v1/units/UCI${rest}`, body]),
    ['POST', '/v1/units/UCI/void', { reason: 'label-damaged' }],
    ['POST', '/v1/units/UCI/scrap', { reason: 'device-damaged' }],
    ['POST', '/v1/stations/NEST/arm', { code: 'UCI', reason: 'rework' }],
    ['POST', '/v1/stations/NEST/verify', { label: 'UCI', device: 'UCI' }],
    ['POST', '/v1/labels', { units: ['UCI'] }],
  ];
  const of = (uci: string, [method, path, body]: Row): Row => [
    method,
    path.replace('UCI', uci),
    body && (JSON.parse(JSON.stringify(body).replaceAll('UCI', uci)) as object),
  ];

  it.each(REFUSED)('%s %s of what is not there is a miss', async (...row: Row) => {
    const [method, path] = row;
    const name = `misser-${method}-${path}`.replace(/[^A-Za-z0-9]+/g, '-');
    const headers = await token(desk, name, 'admin');
    // A slow machine would make up for misses meanwhile, one each three seconds, so the clock stands still.
    const clock = performance.now();
    vi.spyOn(performance, 'now').mockReturnValue(clock);
    for (let i = 0; i < 19; i++) await ask(headers, 'GET', '/v1/units/ZZZZZZZZZZ');
    expect([404, 200]).toContain((await ask(headers, ...of('ZZZZZZZZZZ', row))).status);
    expect((await ask(headers, ...of('ZZZZZZZZZZ', row))).status).toBe(429);
  });

  it('is refused alike for what exists and what does not once too many were not there, and nothing is written', async () => {
    const scanner = await token(desk, 'scanner', 'admin');
    for (let i = 0; i < 20; i++) await ask(scanner, 'GET', '/v1/units/ZZZZZZZZZZ');
    const size = await desk.size();
    for (const row of REFUSED) {
      for (const uci of ['ZZZZZZZZZZ', known]) {
        const answer = await ask(scanner, ...of(uci, row));
        expect(answer.status, `${row[0]} ${row[1]}`).toBe(429);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        const problem = (await answer.json()) as Problem;
        expect(problem.type).toBe('urn:claimstamp:problem:lookups-throttled');
        expect(problem.detail).toMatch(/^too many look-ups of Claim IDs that do not exist: try again in [1-3] s/);
      }
    }
    expect(await desk.size()).toBe(size);
    // What looks nothing up goes on.
    expect((await ask(scanner, 'GET', '/v1/stations')).status).toBe(200);
  });

  it('by importing guesses that are refused is slowed down by how many there were', async () => {
    const maker = await token(desk, 'maker', 'service', ['units:make']);
    const guesses = (count: number): object => ({
      // The last one stands there twice, so that nothing is taken in.
      units: Array.from({ length: count }, (_, i) => ({
        place: `line ${i}`,
        uci: `0000000${String(Math.min(i, count - 2)).padStart(3, '0')}`,
        device: { product: 'DEMO' },
      })),
    });
    const size = await desk.size();
    expect((await ask(maker, 'POST', '/v1/units/import', guesses(900))).status).toBe(409);
    expect((await ask(maker, 'POST', '/v1/units/import', guesses(900))).status).toBe(409);
    expect((await ask(maker, 'POST', '/v1/units/import', guesses(900))).status).toBe(409);
    const refused = await ask(maker, 'POST', '/v1/units/import', guesses(2));
    expect(refused.status).toBe(429);
    // 27 misses, of which 19 are free.
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(22);
    expect(await desk.size()).toBe(size);
  });

  it('by signing off guesses is slowed down too', async () => {
    await desk.ask('PUT', '/v1/products/DEMO', {});
    await desk.ask('PUT', '/v1/work-orders/WO-G', { product: 'DEMO', planned: 1 });
    await desk.ask('POST', '/v1/units', { product: 'DEMO', workOrder: 'WO-G' });
    const closer = await token(desk, 'closer', 'service', ['orders:close']);
    const guess = { signOff: [{ uci: 'ZZZZZZZZZZ', reason: 'guess' }] };
    // A child process decides, and meanwhile some misses are forgotten.
    const statuses: number[] = [];
    while (statuses.at(-1) !== 429 && statuses.length < MAX_GUESSES)
      statuses.push((await ask(closer, 'POST', '/v1/work-orders/WO-G/close', guess)).status);
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 400));
    expect(statuses.at(-1)).toBe(429);
    expect((await ask(closer, 'POST', '/v1/work-orders/WO-G/close', { signOff: { all: 'x' } })).status).toBe(429);
  });

  it('of others goes on meanwhile, and that of commands on the machine always', async () => {
    const scanner = await token(desk, 'scanner-2', 'operator');
    const operator = await token(desk, 'at-the-line', 'operator');
    const local = { authorization: `Bearer ${desk.house.localToken}` };
    for (let i = 0; i < 30; i++) {
      await ask(scanner, 'GET', '/v1/units/ZZZZZZZZZZ');
      expect((await ask(local, 'GET', '/v1/units/ZZZZZZZZZZ')).status).toBe(404);
    }
    expect((await ask(scanner, 'GET', `/v1/units/${known}`)).status).toBe(429);
    expect((await ask(operator, 'GET', `/v1/units/${known}`)).status).toBe(200);
    expect((await ask(local, 'GET', `/v1/units/${known}`)).status).toBe(200);
    const from = { incoming: { socket: { remoteAddress: '10.0.9.9' } } };
    expect((await desk.app.request(`/v1/units/${known}`, { headers: scanner }, from)).status).toBe(200);
  });

  it('of what is there is never slowed down', async () => {
    const reader = await token(desk, 'reader', 'operator');
    for (let i = 0; i < 100; i++) expect((await ask(reader, 'GET', `/v1/units/${known}`)).status).toBe(200);
  });
});

describe('a kiosk that scans', () => {
  let desk: Desk;
  const ucis: string[] = [];
  let stations = 0;

  beforeAll(async () => {
    desk = await openDesk();
    await desk.ask('PUT', '/v1/products/DEMO', { deviceCode: 'mac' });
    await desk.ask('PUT', '/v1/stations/OTHER', { sources: ['10.0.8.12'] });
    await desk.ask('PUT', '/v1/stations/THIRD', {});
    for (const n of [1, 2, 3, 4]) ucis[n] = (await desk.agent({ product: 'DEMO', mac: `m-${n}` }, '10.0.8.12')).body.id;
    await desk.ask('POST', `/v1/units/${ucis[3] as string}/void`, { reason: 'label-damaged' });
    await desk.ask('POST', '/v1/stations/THIRD/arm', { code: ucis[4], reason: 'rework' });
  });

  type Scan = (action: string, body: object, address?: string) => Promise<{ status: number; text: string }>;
  /** The screen of a station of its own, because misses count for each kiosk. */
  async function screen(): Promise<{ name: string; scan: Scan; read: (path: string) => Promise<string> }> {
    const name = `NEST-${++stations}`;
    await desk.ask('PUT', `/v1/stations/${name}`, {});
    const headers = await kiosk(desk, name);
    const scan: Scan = async (action, body, remoteAddress = '10.0.8.50') => {
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      const answer = await desk.app.request(`/v1/stations/${name}/${action}`, init, {
        incoming: { socket: { remoteAddress } },
      });
      return { status: answer.status, text: await answer.text() };
    };
    // Returns the first part of the answer, because a stream of events does not end by itself.
    const read = async (path: string): Promise<string> => {
      const parts = (await desk.app.request(path, { headers })).body?.getReader();
      const first = await parts?.read();
      await parts?.cancel();
      return new TextDecoder().decode(first?.value);
    };
    return { name, scan, read };
  }
  const reserve = async (count: number): Promise<string[]> => {
    const made = { name: `roll-${++stations}`, product: 'DEMO', count };
    const { units } = (await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/reservations', made)).body;
    return units.map(({ uci }) => uci);
  };
  /** How many answers come before the first wait. A slow machine makes up for a miss each three seconds. */
  const untilWait = async (act: () => Promise<{ status: number }>, most = 40): Promise<number> => {
    for (let n = 0; n < most; n++) if ((await act()).status === 429) return n;
    return Infinity;
  };

  it('labels of other units has to wait, and the ledger does not grow meanwhile', async () => {
    const { scan } = await screen();
    const size = await desk.size();
    expect(await untilWait(() => scan('verify', { label: ucis[1], device: 'm-2' }))).toBeLessThan(40);
    const grown = (await desk.size()) - size;
    expect(grown).toBeGreaterThanOrEqual(20);
    for (const label of [ucis[1], 'ZZZZZZZZZZ'])
      expect((await scan('verify', { label, device: label })).text).toContain('lookups-throttled');
    expect((await desk.size()) - size).toBe(grown);
  });

  it.each<[string, () => object]>([
    ['has a device', () => ({ code: ucis[1], reason: 'label' })],
    ['is void', () => ({ code: ucis[3], reason: 'rework' })],
    ['is armed elsewhere', () => ({ code: ucis[4], reason: 'rework' })],
  ])('what %s to arm has to wait, as for what does not exist', async (_what, body) => {
    const { scan } = await screen();
    const first = await scan('arm', body());
    expect(first.status).toBe(409);
    expect(await untilWait(() => scan('arm', body()))).toBeLessThan(40);
    const said = (await scan('arm', body())).text.replace(/"requestId":"[^"]*"/, '');
    expect(said).toContain('lookups-throttled');
    expect((await scan('arm', { code: 'ZZZZZZZZZZ' })).status).toBe(429);
  });

  it('at an armed station does not learn without a limit which codes exist', async () => {
    const { scan } = await screen();
    const [label] = await reserve(1);
    expect((await scan('arm', { code: label })).status).toBe(200);
    expect(await untilWait(() => scan('arm', { code: ucis[2], reason: 'rework' }))).toBeLessThan(40);
  });

  describe('the S/N of a device at another station', () => {
    const given = async (serial: string, station: string): Promise<string> => {
      const mac = `mac of ${serial}`;
      const attributes = JSON.stringify({ product: 'DEMO', serial, mac });
      const identity: [string, string][] = [
        ['serial', serial],
        ['mac', mac],
      ];
      const device = { product: 'DEMO', serial, identity, attributes };
      const asked = { kind: 'issue', ...device, station, source: '10.0.8.61', strict: false } as const;
      return (await desk.house.ledger.record(asked)).uci;
    };

    it('learns no Claim ID and passes nothing, until its label shows the Claim ID', async () => {
      const { scan } = await screen();
      const uci = await given('ACME-1000', 'OTHER');
      const twice = await scan('verify', { label: 'ACME-1000', device: 'ACME-1000' });
      expect(twice.text).toContain('that is the label again');
      const both = await scan('verify', { label: 'ACME-1000', device: 'mac of ACME-1000' });
      expect(JSON.parse(both.text)).toEqual({
        result: 'FAIL',
        read: 'ACME-1000',
        reason: "device of another station: scan the label's Claim ID",
      });
      expect((await desk.house.ledger.unit(uci))?.unit.facts.verified).toBeUndefined();
      expect((await scan('verify', { label: uci, device: 'mac of ACME-1000' })).text).toContain('PASS');
    });

    it('arms without showing the Claim ID, in no answer and on no screen', async () => {
      const { name, scan, read } = await screen();
      const uci = await given('ACME-1001', 'OTHER');
      const masked = mask(uci);
      const armed = await scan('arm', { code: 'ACME-1001', reason: 'rework' });
      expect(JSON.parse(armed.text)).toEqual({ station: name, uci: masked });
      for (const path of [`/v1/stations/${name}`, `/v1/stations/${name}/events`, `/stations/${name}`]) {
        const shown = await read(path);
        expect(shown).toContain(masked);
        expect(shown).not.toContain(uci);
        expect(shown).not.toContain(`${uci.slice(0, 5)} ${uci.slice(5)}`);
      }
      expect(JSON.parse((await scan('cancel', {})).text)).toEqual({ station: name, uci: masked });
      expect(JSON.parse((await scan('arm', { code: uci, reason: 'rework' })).text)).toEqual({ station: name, uci });
    });

    it('is told apart from the S/N of its own device, which passes', async () => {
      const { name, scan } = await screen();
      const uci = await given('ACME-1002', name);
      const twice = await scan('verify', { label: 'ACME-1002', device: 'ACME-1002' });
      expect(JSON.parse(twice.text)).toEqual({ result: 'PASS', uci, serial: 'ACME-1002' });
      const armed = await scan('arm', { code: 'ACME-1002', reason: 'rework' });
      expect(JSON.parse(armed.text)).toEqual({ station: name, uci });
    });
  });

  it('from ever new addresses has to wait too', async () => {
    const { scan } = await screen();
    let n = 0;
    const verify = () => scan('verify', { label: ucis[1], device: 'm-2' }, `10.0.9.${++n}`);
    expect(await untilWait(verify, 100)).toBeLessThan(100);
  });

  it('correct S/Ns never waits, however many there are', async () => {
    const { name, scan } = await screen();
    for (let n = 0; n < 30; n++) {
      const attributes = JSON.stringify({ product: 'DEMO' });
      const from = { station: name, source: '10.0.8.60', strict: false };
      const issued = { product: 'DEMO', identity: [], attributes, ...from };
      const { uci } = await desk.house.ledger.record({ kind: 'issue', ...issued });
      const serial = (await desk.house.ledger.unit(uci))?.unit.serial;
      expect((await scan('verify', { label: serial })).text).toContain('PASS');
    }
  });

  it('labels that nobody has waits also where no unit is open, because an answer tells which unit passed', async () => {
    const { scan } = await screen();
    expect(await untilWait(() => scan('verify', { label: 'ZZZZZZZZZZ' }))).toBeLessThan(40);
  });

  it('parts of codes and codes of another keyboard layout is told each time, and right labels still pass', async () => {
    const { name, scan } = await screen();
    await desk.ask('PUT', `/v1/stations/${name}`, { mode: 'slot' });
    const attributes = JSON.stringify({ product: 'DEMO' });
    const issued = { product: 'DEMO', identity: [], attributes, station: name, source: '10.0.8.60', strict: false };
    const { uci } = await desk.house.ledger.record({ kind: 'issue', ...issued });
    const serial = (await desk.house.ledger.unit(uci))?.unit.serial ?? '';
    expect(serial.length).toBeGreaterThan(6);
    for (let n = 0; n < 60; n++) {
      const broken = [uci.slice(0, 6), serial.slice(0, -2), `${uci}${uci}`][n % 3] as string;
      const answer = await scan('verify', { label: broken });
      expect(answer, broken).toMatchObject({ status: 200, text: expect.stringContaining('FAIL') as string });
    }
    expect((await scan('arm', { code: uci.slice(0, 6) })).text).toContain('scan-not-clear');
    expect((await scan('verify', { label: uci })).text).toContain('PASS');
  });

  it('parts of codes without end has to wait at last, and one guess among them counts in full', async () => {
    const { scan } = await screen();
    const part = () => scan('verify', { label: 'JT08F' });
    expect(await untilWait(part, 400)).toBeGreaterThan(100);
    expect((await part()).status).toBe(429);
    const other = await screen();
    expect(await untilWait(() => other.scan('verify', { label: 'ZZZZZZZZZZ JT08F' }, '10.0.8.51'))).toBeLessThan(40);
  });

  it('reserved labels to arm, its own labels, and labels that are compared with nothing never waits', async () => {
    const { name, scan } = await screen();
    for (let n = 0; n < 30; n++) {
      const answer = await scan('verify', { label: ucis[2] });
      expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('no unit is open') as string });
    }
    for (const code of await reserve(30)) {
      expect((await scan('arm', { code })).status).toBe(200);
      const issued = { product: 'DEMO', identity: [], station: name, source: '10.0.8.60', strict: false };
      await desk.house.ledger.record({ kind: 'issue', ...issued });
      expect((await scan('verify', { label: code, device: code })).text).toContain('PASS');
    }
  });
});

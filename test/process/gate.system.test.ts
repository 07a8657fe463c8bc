import { expect, it } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import { api, run, startService, tempFolder, type Service } from '../support/service.ts';

/*
 * A shift at the gate: 1,200 finished units, of which 40 must not leave. Devices ask the real service, and what is scanned
 * is what the rendered labels have.
 */

const UNITS = 1200;
const ENGINEERING = 5;
const FAILED = 20;
const UNVERIFIED = 10;
const VOID = 5;
const AT_ONCE = 20;

interface Label {
  uci: string;
  qr: string;
  serial: string;
}

interface Answered {
  result: string;
  reasonCode?: string;
  uci?: string;
  list?: { count: number; target: number };
}

const macOf = (index: number): string => `A4:C1:38:00:${hex(index >> 8)}:${hex(index & 255)}`;
const hex = (byte: number): string => byte.toString(16).padStart(2, '0').toUpperCase();

async function inBatches<T, R>(items: T[], act: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE)
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map((item, i) => act(item, from + i)))));
  return results;
}

/** Reads the codes of a label from the bytes that a printer gets. */
async function labelOf({ url }: Service, token: string, uci: string): Promise<Label> {
  const answer = await fetch(`${url}/v1/units/${uci}/label.zpl`, { headers: { authorization: `Bearer ${token}` } });
  const zpl = await answer.text();
  const plain = (text = ''): string =>
    text.replaceAll(/_([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  const qr = plain(/\^BQN[^^]*(?:\^FH_)?\^FD[A-Z]A,([^^]*)\^FS/.exec(zpl)?.[1]);
  const serial = plain(/\^BC[^^]*(?:\^FH_)?\^FD([^^]*)\^FS/.exec(zpl)?.[1]).replace(/^>[:;9]/, '');
  return { uci, qr, serial };
}

it('finds exactly the 40 of 1,200 units that must not leave, each with its reason and in one scan', async () => {
  const service = await startService(tempFolder());
  const set = async (path: string, body: object): Promise<void> => {
    const { status, body: said } = await api(service, 'PUT', path, body);
    expect(status, JSON.stringify(said)).toBe(200);
  };
  await set('/v1/products/DEMO', { name: 'Thermostat', qr: 'https://example.com/claim/{uci}', deviceCode: 'mac' });
  await set('/v1/work-orders/WO-1', { product: 'DEMO', planned: UNITS });
  await set('/v1/stations/default', { workOrders: { DEMO: 'WO-1' } });
  await set('/v1/work-orders/WO-E', { product: 'DEMO', planned: ENGINEERING, purpose: 'engineering' });
  await set('/v1/shipping-lists/PALLET-1', { target: UNITS, product: 'DEMO' });
  await set('/v1/stations/gate', { mode: 'gate', shippingList: 'PALLET-1' });
  const { body: made } = await api<{ token: string }>(service, 'POST', '/v1/tokens', { name: 'scans', role: 'admin' });

  // Every 30th unit is one of the 40, so that they are hidden among the others.
  const kinds = [
    ...Array<string>(FAILED).fill('test-failed'),
    ...Array<string>(UNVERIFIED).fill('not-verified'),
    ...Array<string>(VOID).fill('void'),
    ...Array<string>(ENGINEERING).fill('engineering'),
  ];
  const kindOf = (index: number): string | undefined => (index % 30 === 7 ? kinds[(index - 7) / 30] : undefined);
  const macs = Array.from({ length: UNITS }, (_, index) => macOf(index));
  const ask = async (mac: string): Promise<string> =>
    idOf(await attempt(service.port, JSON.stringify({ product: 'DEMO', mac })));
  const ucis = await inBatches(macs, async (mac, index) => (kindOf(index) === 'engineering' ? '' : ask(mac)));
  await set('/v1/stations/default', { workOrders: { DEMO: 'WO-E' } });
  for (const [index, mac] of macs.entries()) if (kindOf(index) === 'engineering') ucis[index] = await ask(mac);
  const wrong = new Map(ucis.flatMap((uci, index) => [[uci, kindOf(index)] as const]).filter(([, kind]) => kind));
  expect(wrong.size).toBe(kinds.length);
  const labels = await inBatches(ucis, (uci) => labelOf(service, made.token, uci));
  expect(labels.filter(({ uci, qr }) => qr !== `https://example.com/claim/${uci}`)).toEqual([]);

  const verify = (body: object, at = 'default') => api<Answered>(service, 'POST', `/v1/stations/${at}/verify`, body);
  await inBatches(labels, async ({ uci, qr }, index) => {
    if (wrong.get(uci) !== 'not-verified')
      expect((await verify({ label: qr, device: macs[index] })).body).toMatchObject({ result: 'PASS' });
    const result = { procedure: 'functional', outcome: wrong.get(uci) === 'test-failed' ? 'failed' : 'passed' };
    expect((await api(service, 'POST', `/v1/units/${uci}/results`, result)).status).toBe(201);
  });
  const voided = [...wrong].flatMap(([uci, reason]) => (reason === 'void' ? [uci] : []));
  await api(service, 'POST', '/v1/units/void', { units: voided, reason: 'other', note: 'the test' });

  const times: number[] = [];
  const stopped = new Map<string, string | undefined>();
  for (const [index, { uci, qr, serial }] of labels.entries()) {
    const at = performance.now();
    const { body } = await verify({ label: index % 4 < 2 ? qr : serial }, 'gate');
    times.push(performance.now() - at);
    expect(body.uci).toBe(uci);
    if (body.result === 'STOP') stopped.set(uci, body.reasonCode);
    else expect(body.result).toBe('SHIP');
  }
  expect(stopped).toEqual(wrong);
  const median = times.toSorted((a, b) => a - b)[UNITS / 2] ?? Infinity;
  console.log(`a scan at the gate: median ${median.toFixed(1)} ms`);

  const { body: list } = await api(service, 'GET', '/v1/shipping-lists/PALLET-1');
  expect(list).toMatchObject({ units: UNITS - wrong.size, target: UNITS });
  const { body: report } = await api<{ figures: { shipped: number } }>(
    service,
    'GET',
    '/v1/work-orders/WO-1/reconciliation',
  );
  expect(report.figures.shipped).toBe(UNITS - wrong.size);
  const csv = await (
    await fetch(`${service.url}/v1/shipping-lists/PALLET-1/units.csv`, {
      headers: { authorization: `Bearer ${made.token}` },
    })
  ).text();
  expect(csv.trimEnd().split('\r\n')).toHaveLength(1 + UNITS - wrong.size);
  const { data } = service;
  await service.end('SIGTERM');
  const check = await run('claimstamp', ['verify'], data);
  expect(check.stdout + check.stderr).toContain('No problem found');
  expect(check.code).toBe(0);
});

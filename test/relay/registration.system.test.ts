import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, api, secrets, startService, tempFolder, type Problem, type Service } from '../support/service.ts';
import { openStandIn, unclaimed, type StandIn } from '../support/cloud-stand-in.ts';

const PRODUCT = '01H4R15D3478JD26YDYK408XE6';
const TOKEN = 'an-access-token-of-the-cloud-0123456789';
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\\nMIIBcertificate0123456789';
/** Of a device whose firmware sends something else than its product. */
const BEARER = 'a-bearer-that-is-no-product-0123456789';
secrets.add(TOKEN, CERTIFICATE, BEARER);

interface UnitBody {
  status: string;
  alarm?: string;
  outcome?: string;
  facts: Record<string, string>;
}

interface Answer {
  status: number;
  type: string | null;
  body: string;
}

async function serialize(service: Service, device: object = {}): Promise<string> {
  const body = JSON.stringify({ product: PRODUCT, name: 'Demo', ...device });
  const answer = await fetch(`${service.url}/ioto/serialize`, { method: 'POST', body });
  return ((await answer.json()) as { id: string }).id;
}

/** As the agent does it: the device section with its id, and the product as bearer. */
async function register(
  service: Service,
  id: string,
  device: { product?: string; [name: string]: string } = {},
  path = '/api/device/register',
  from?: string,
): Promise<Answer> {
  const body = JSON.stringify({ product: PRODUCT, name: 'Demo', ...device, id, created: '1970-01-01T00:00:00.000Z' });
  const headers = {
    authorization: `bearer ${(device as { product?: string }).product ?? PRODUCT}`,
    'content-type': 'application/json',
    ...(from === undefined ? {} : { 'x-forwarded-for': from }),
  };
  const answer = await fetch(service.url + path, { method: 'POST', headers, body, redirect: 'manual' });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
}

/** The first `count` answers that come. */
async function firstOf<T>(answers: Promise<T>[], count: number): Promise<T[]> {
  const come: T[] = [];
  for (const answer of answers) void answer.then((one) => come.push(one));
  await expect.poll(() => come.length, { timeout: 60_000 }).toBe(count);
  return [...come];
}

const unitOf = async (service: Service, id: string): Promise<UnitBody> =>
  (await api<UnitBody>(service, 'GET', `/v1/units/${id}`)).body;
const typesOf = (data: string, id: string): string[] =>
  audit(data)
    .lines.map((line) => JSON.parse(line) as { type: string; uci?: string })
    .filter(({ uci }) => uci === id)
    .map(({ type }) => type);

/** An export or a backup, as whoever may take it gets it. */
async function taking(service: Service, what: string): Promise<Buffer> {
  const answer = await fetch(`${service.url}/v1/${what}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(answer.status, what).toBe(200);
  expect(bytes.includes(PRODUCT), 'it holds what devices said').toBe(true);
  return bytes;
}

/** Every file of the data folder, byte by byte. */
function held(data: string, text: string): string[] {
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text))
    .map(({ name }) => name);
}

describe('with a device cloud behind it', () => {
  let cloud: StandIn;
  let service: Service;
  beforeAll(async () => {
    cloud = await openStandIn();
    service = await startService(tempFolder(), {
      CLAIMSTAMP_BUILDER_URL: cloud.url,
      NODE_EXTRA_CA_CERTS: cloud.authority,
      // Nobody makes the relay careless, or sends it elsewhere.
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      // So a test can be many devices.
      CLAIMSTAMP_TRUSTED_PROXIES: '127.0.0.1',
    });
  });
  afterAll(async () => {
    const taken = await Promise.all(
      ['ledger.csv', 'ledger.jsonl', 'ledger/backup'].map((what) => taking(service, what)),
    );
    await service.end('SIGTERM');
    await cloud.close();
    // Whatever the cloud said, it is in no file, no log, and nothing that is taken away.
    for (const secret of [TOKEN, 'MIIBcertificate', BEARER]) {
      expect(held(service.data, secret)).toEqual([]);
      for (const bytes of taken) expect(bytes.includes(secret)).toBe(false);
      expect(service.log()).not.toContain(secret);
    }
  });

  it('a registration is passed on as it is, answered as it was, and in the ledger before that', async () => {
    cloud.answer(unclaimed);
    const id = await serialize(service, { mac: 'm1' });
    const answer = await register(service, id, { mac: 'm1' });
    expect(answer).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: JSON.stringify({ registered: true, id }),
    });
    const { path, headers, body } = cloud.requests.at(-1)!;
    expect(path).toBe('/api/device/register');
    expect(headers['authorization']).toBe(`bearer ${PRODUCT}`);
    expect(headers['content-type']).toBe('application/json');
    expect(Object.keys(headers).toSorted()).toEqual([
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
    ]);
    expect(body).toBe(
      `{"product":"${PRODUCT}","name":"Demo","mac":"m1","id":"${id}","created":"1970-01-01T00:00:00.000Z"}`,
    );
    expect(await unitOf(service, id)).toMatchObject({ status: 'registered', outcome: 'registered' });
    for (let n = 0; n < 30; n++) await register(service, id, { mac: 'm1' });
    expect(typesOf(service.data, id), 'repeats are counted, not written').toEqual(['issued', 'reported', 'registered']);
    const metrics = await (
      await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
    ).text();
    expect(metrics).toContain('claimstamp_registrations_total{outcome="registered"} 31');
  });

  it('a claimed device is told its secrets, and nobody else is', async () => {
    const id = await serialize(service);
    const said = `{"registered":true,"id":"${id}","token":"${TOKEN}","certificate":"${CERTIFICATE}"}`;
    cloud.answer((response) => response.end(said));
    expect((await register(service, id)).body).toBe(said);
    expect(await unitOf(service, id)).toMatchObject({ status: 'registered', outcome: 'claimed' });
  });

  it.each<[string, (response: Parameters<typeof unclaimed>[0]) => void, number, string]>([
    ['refuses', (response) => response.writeHead(401).end('{"error":"unknown product"}'), 401, 'refused'],
    ['is asked too often', (response) => response.writeHead(429).end('later'), 429, 'unreachable'],
    ['says nothing', (response) => response.writeHead(204).end(), 204, 'unreachable'],
    ['says that nothing changed', (response) => response.writeHead(304).end(), 304, 'unreachable'],
    ['has a status of its own', (response) => response.writeHead(999).end('?'), 999, 'unreachable'],
    ['fails', (response) => response.writeHead(503).end('away'), 503, 'unreachable'],
    ['says what no agent understands', (response) => response.end('<html>'), 200, 'unreachable'],
    ['says 200 and one property', (response) => response.end('{"ok":true}'), 200, 'unreachable'],
    [
      'hangs up half-way',
      (response) => void (response.write('{"registered":tr'), setTimeout(() => response.destroy(), 50)),
      502,
      'unreachable',
    ],
    ['hangs up at once', (response) => response.destroy(), 502, 'unreachable'],
    ['answers with 20 MB', (response) => response.end(`{"a":1,"b":"${'x'.repeat(20_000_000)}"}`), 502, 'unreachable'],
  ])('a cloud that %s: the device gets the failure, and the report stands', async (_, answering, status, outcome) => {
    const id = await serialize(service);
    cloud.answer(answering);
    expect((await register(service, id)).status).toBe(status);
    const unit = await unitOf(service, id);
    expect(unit).toMatchObject({ status: 'reported', outcome });
    expect(unit.facts['registered'], 'nothing is registered before the cloud said so').toBeUndefined();
    cloud.answer(unclaimed);
    expect((await register(service, id)).status).toBe(200);
    expect(await unitOf(service, id)).toMatchObject({ status: 'registered', outcome: 'registered' });
  });

  it('a redirect is followed by nobody', async () => {
    let visits = 0;
    const inner = createServer((_request, response) => void (visits++, response.end('{"a":1,"b":2}')));
    await new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve));
    const target = `http://127.0.0.1:${(inner.address() as AddressInfo).port}/`;
    cloud.answer((response) => response.writeHead(307, { location: target }).end());
    const id = await serialize(service);
    expect((await register(service, id)).status).toBe(307);
    expect(visits).toBe(0);
    expect(await unitOf(service, id)).toMatchObject({ status: 'reported', outcome: 'unreachable' });
    inner.close();
  });

  it('a slow cloud holds up no other device, and more than 64 at once are told to come back', async () => {
    const held: (() => void)[] = [];
    cloud.answer((response, request) => void held.push(() => unclaimed(response, request)));
    const ids = await Promise.all(Array.from({ length: 80 }, () => serialize(service)));
    const answers = Promise.all(ids.map((id, n) => register(service, id, {}, undefined, `10.0.8.${n}`)));
    await expect.poll(() => held.length, { timeout: 60_000 }).toBe(64);
    await serialize(service);
    cloud.answer(unclaimed);
    for (const answer of held) answer();
    const statuses = (await answers).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(64);
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
    for (const id of ids) expect((await register(service, id)).status, 'asking again works').toBe(200);
  });

  it('one source takes eight of the places at most, and another source is served meanwhile', async () => {
    const held: (() => void)[] = [];
    cloud.answer((response, request) => void held.push(() => unclaimed(response, request)));
    const ids = await Promise.all(Array.from({ length: 13 }, () => serialize(service)));
    const own = ids.pop()!;
    // All addresses of a /64 network are one source.
    const answers = ids.map((id, n) => register(service, id, {}, undefined, `2001:db8::${n + 1}`));
    const refused = await firstOf(answers, 4);
    expect(refused.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    expect(refused[0]!.body).toContain('8 registrations of 2001:db8:0:0::/64 are in progress');
    await expect.poll(() => held.length, { timeout: 60_000 }).toBe(8);
    cloud.answer(unclaimed);
    expect((await register(service, own, {}, undefined, '10.0.9.1')).status).toBe(200);
    for (const answer of held) answer();
    expect((await Promise.all(answers)).filter(({ status }) => status === 200)).toHaveLength(8);
    for (const id of ids) expect((await register(service, id, {}, undefined, '2001:db8::1')).status).toBe(200);
  });

  it('a pre-claimed product gets its account and cloud added where the firmware left them out', async () => {
    await api(service, 'PUT', '/v1/products/PRE', { claiming: 'pre', account: 'ACCT', cloud: 'CLOUD' });
    const id = await serialize(service, { product: 'PRE' });
    await register(service, id, { product: 'PRE' });
    expect(JSON.parse(cloud.requests.at(-1)!.body)).toMatchObject({ account: 'ACCT', cloud: 'CLOUD', id });
    await register(service, id, { product: 'PRE', account: 'OWN' });
    expect(JSON.parse(cloud.requests.at(-1)!.body)).toMatchObject({ account: 'OWN', cloud: 'CLOUD' });
  });

  it('a device that holds an ID which is not its own is shown, and what nobody knows is not written', async () => {
    cloud.answer(unclaimed);
    const id = await serialize(service, { mac: 'right' });
    const { size } = await sizeOf(service);
    expect((await register(service, 'ZZZZZZZZZZ')).status, 'passed on all the same').toBe(200);
    expect((await sizeOf(service)).size).toBe(size);
    await register(service, id, { mac: 'wrong' });
    const station = await api<{ alarms: { count: number; detail: string }[] }>(service, 'GET', '/v1/stations/default');
    expect(station.body.alarms, 'one hides no other').toMatchObject([
      { code: 'report-alarm', alarm: 'unknown', count: 1 },
      { code: 'report-alarm', alarm: 'other-identity', count: 1 },
    ]);
    expect(station.body.alarms[1]?.detail).toMatch(
      /the device that holds this Claim ID is not the device to which it was issued/,
    );
    expect(JSON.stringify(station.body)).not.toContain(id);
    const listed = await api<{ units: { uci: string; alarm: string }[] }>(service, 'GET', '/v1/units?alarm=true');
    expect(listed.body.units).toMatchObject([{ uci: id, alarm: 'other-identity' }]);
  });

  it.each(['', ' \n', '{}'])('a body of %j is refused as naming no Claim ID', async (body) => {
    const answer = await fetch(`${service.url}/api/device/register`, { method: 'POST', body });
    expect(answer.status).toBe(400);
  });

  it('two devices with one ID are an alarm that stands, and do not fill the ledger', async () => {
    cloud.answer(unclaimed);
    const id = await serialize(service, { mac: 'first' });
    for (let n = 0; n < 20; n++) for (const mac of ['first', 'second']) await register(service, id, { mac });
    // Issued, reported, registered; seven alarms and the six ends between them.
    expect(typesOf(service.data, id)).toHaveLength(3 + 7 + 6);
    expect(await unitOf(service, id)).toMatchObject({ alarm: 'other-identity' });
  });

  it('a device that the ledger knows by its identity and that holds an ID of a unit without one is an alarm', async () => {
    await serialize(service, { mac: 'known' });
    const id = await serialize(service);
    await register(service, id);
    await register(service, id, { mac: 'known' });
    expect(await unitOf(service, id)).toMatchObject({ alarm: 'other-identity' });
    await register(service, id);
    expect((await unitOf(service, id)).alarm).toBeUndefined();
  });

  it('a bearer that is no product is an alarm, and is kept nowhere', async () => {
    const id = await serialize(service);
    const body = JSON.stringify({ product: PRODUCT, id });
    const headers = { authorization: `bearer ${BEARER}` };
    await fetch(`${service.url}/api/device/register`, { method: 'POST', headers, body });
    expect(cloud.requests.at(-1)!.headers['authorization']).toBe(`bearer ${BEARER}`);
    expect(await unitOf(service, id)).toMatchObject({ alarm: 'other-product:?' });
  });

  it('a body that names no Claim ID is refused with what to change', async () => {
    for (const id of ['', 'jt08ffqxwq', 'TOOSHORT', 7]) {
      const answer = await register(service, id as string);
      expect(answer.status).toBe(400);
      expect((JSON.parse(answer.body) as Problem).detail).toMatch(/"id" is not a Claim ID/);
    }
  });
});

const sizeOf = async (service: Service): Promise<{ size: number }> => ({ size: audit(service.data).lines.length });

describe('without a device cloud', () => {
  it('the report is recorded, and the answer is 503', async () => {
    const service = await startService(tempFolder());
    const id = await serialize(service);
    const answer = await register(service, id);
    expect(answer.status).toBe(503);
    expect((JSON.parse(answer.body) as Problem).type).toBe('urn:claimstamp:problem:no-builder');
    const unit = await unitOf(service, id);
    expect(unit.status).toBe('reported');
    expect(unit.outcome, 'nobody was asked').toBeUndefined();
    await service.end('SIGTERM');
  });

  it('a test mode answers as for an unclaimed device, says so, and calls nothing registered', async () => {
    const service = await startService(tempFolder(), { CLAIMSTAMP_BUILDER_LOCAL: 'accept' });
    const id = await serialize(service);
    expect(JSON.parse((await register(service, id)).body)).toEqual({ registered: true, id });
    expect((await unitOf(service, id)).status).toBe('reported');
    expect(service.log()).toContain('TEST MODE');
    const station = await api<object>(service, 'GET', '/v1/stations/default');
    expect(station.body).toMatchObject({ testMode: true });
    await service.end('SIGTERM');
  });

  it('a cloud whose certificate nobody vouches for is not asked', async () => {
    const cloud = await openStandIn();
    const service = await startService(tempFolder(), { CLAIMSTAMP_BUILDER_URL: cloud.url });
    const id = await serialize(service);
    expect((await register(service, id)).status).toBe(502);
    expect(cloud.requests).toEqual([]);
    await service.end('SIGTERM');
    await cloud.close();
  });

  it('by setting, a device with an ID which is not its own is refused before anybody is asked', async () => {
    const cloud = await openStandIn();
    const service = await startService(tempFolder(), {
      CLAIMSTAMP_BUILDER_URL: cloud.url,
      NODE_EXTRA_CA_CERTS: cloud.authority,
      CLAIMSTAMP_REPORT_ALARMS: 'refuse',
    });
    const id = await serialize(service, { mac: 'right' });
    for (const [named, mac] of [
      [id, 'wrong'],
      ['ZZZZZZZZZZ', 'right'],
    ] as const) {
      const answer = await register(service, named, { mac });
      expect(answer.status).toBe(409);
      expect((JSON.parse(answer.body) as Problem).type).toBe('urn:claimstamp:problem:report-alarm');
    }
    expect(cloud.requests).toEqual([]);
    const { alarms } = (await api<{ alarms: { alarm: string }[] }>(service, 'GET', '/v1/stations/default')).body;
    expect(alarms.map(({ alarm }) => alarm)).toEqual(['other-identity', 'unknown']);
    expect((await register(service, id, { mac: 'right' })).status).toBe(200);
    await service.end('SIGTERM');
    await cloud.close();
  });

  it('a station is told by its key in the address, and a wrong key is refused', async () => {
    const service = await startService(tempFolder(), { CLAIMSTAMP_BUILDER_LOCAL: 'accept' });
    await api(service, 'PUT', '/v1/stations/line-1', {});
    const { key } = (await api<{ key: string }>(service, 'POST', '/v1/stations/line-1/key')).body;
    const id = await serialize(service);
    expect((await register(service, id, {}, `/api/${key}/device/register`)).status).toBe(200);
    const { events } = (
      await api<{ events: { type: string; station: string }[] }>(service, 'GET', `/v1/units/${id}/events`)
    ).body;
    expect(events.at(-1)).toMatchObject({ type: 'reported', station: 'line-1' });
    expect((await register(service, id, {}, '/api/no-such-key-0123456789012/device/register')).status).toBe(404);
    await service.end('SIGTERM');
  });
});

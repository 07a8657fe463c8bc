import { beforeAll, describe, expect, it } from 'vitest';
import { openDesk, type Desk, type Problem } from '../support/service.ts';
import { kiosk, type Headers } from '../support/askers.ts';
import { until } from '../support/until.ts';

/* The screen of one station prints and sees only what belongs to this station. */

const PRODUCT = '01H4R15D3478JD26YDYK408XE6';

let desk: Desk;
let here: Headers;
let rolls = 0;

beforeAll(async () => {
  desk = await openDesk();
  await desk.ask('PUT', `/v1/products/${PRODUCT}`, {});
  for (const name of ['one', 'two']) {
    await desk.ask('PUT', `/v1/printers/P-${name}`, { kind: 'file', folder: `/nowhere/${name}`, format: 'zpl' });
    await desk.ask('PUT', `/v1/stations/${name}`, { mode: 'slot', printer: `P-${name}` });
  }
  here = await kiosk(desk, 'one');
});

interface Reply {
  status: number;
  body: Problem & { queued: number; left: number; jobs: { id: number; station?: string }[] };
}

async function ask(method: string, path: string, body?: object): Promise<Reply> {
  const answer = await desk.app.request(path, {
    method,
    headers: here,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Reply['body'] };
}

/** A roll of which these labels were printed at a station, in full or up to a number. */
async function roll(printed: { station?: string; printer?: string }[]): Promise<{ name: string; ucis: string[] }> {
  const name = `roll-${++rolls}`;
  const made = { name, product: PRODUCT, count: 6 };
  const { units } = (await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/reservations', made)).body;
  const ucis = units.map(({ uci }) => uci);
  for (const [at, where] of printed.entries()) {
    const { job } = (await desk.ask<{ job: number }>('POST', `/v1/units/${ucis[at] as string}/print`, where)).body;
    await desk.house.ledger.record({ kind: 'move-print', job, to: 'sending', actor: 'test' });
    await desk.house.ledger.record({ kind: 'move-print', job, to: 'sent', actor: 'test' });
  }
  return { name, ucis };
}

const resume = (how: object): Promise<Reply> => ask('POST', '/v1/stations/one/roll', { ...how, reason: 'roll torn' });

describe('a kiosk resumes a roll', () => {
  it('that its station printed', async () => {
    const { name, ucis } = await roll([{ station: 'one' }]);
    expect(await resume({ after: ucis[0] })).toMatchObject({ status: 202, body: { queued: 5, left: 0 } });
    const again = await roll([{ station: 'one' }]);
    expect(await resume({ reservation: again.name, from: 2 })).toMatchObject({ status: 202, body: { queued: 5 } });
    expect((await ask('GET', '/v1/print-jobs?limit=5')).body.jobs.every(({ station }) => station === 'one')).toBe(true);
    expect(name).not.toBe(again.name);
  });

  it("that its station's printer printed for no station", async () => {
    const { ucis } = await roll([{ printer: 'P-one' }]);
    expect((await resume({ after: ucis[0] })).status).toBe(202);
  });

  it('only: the roll of another station, or of none, is as unknown as one that does not exist', async () => {
    const [foreign, unprinted] = [await roll([{ station: 'two' }]), await roll([])];
    const size = await desk.size();
    const unknown = await resume({ after: 'ZZZZZZZZZZ' });
    for (const { ucis } of [foreign, unprinted]) {
      const { requestId: _id, ...said } = (await resume({ after: ucis[0] })).body as never as Record<string, unknown>;
      expect(unknown.body).toMatchObject(said);
    }
    const none = await resume({ reservation: 'no-such-roll', from: 1 });
    for (const { name } of [foreign, unprinted])
      for (const from of [1, 2, 4]) {
        const { requestId: _id, ...said } = (await resume({ reservation: name, from })).body as never as Record<
          string,
          unknown
        >;
        expect(none.body).toMatchObject(said);
      }
    expect(await desk.size()).toBe(size);
  });

  it('up to the first label that another station printed', async () => {
    const { ucis } = await roll([{ station: 'one' }, { station: 'one' }, { station: 'two' }]);
    expect(await resume({ after: ucis[0] })).toMatchObject({ status: 202, body: { queued: 1, left: 0 } });
    expect((await resume({ after: ucis[2] })).status).toBe(404);
  });

  it('not because a device of another roll came to its station and its label was printed there', async () => {
    const { name, ucis } = await roll([{ station: 'two' }]);
    const [uci] = ucis as [string];
    expect((await ask('POST', '/v1/stations/one/arm', { code: uci })).status).toBe(200);
    await desk.house.ledger.record({
      kind: 'issue',
      product: PRODUCT,
      identity: [],
      attributes: `{"product":"${PRODUCT}"}`,
      station: 'one',
      source: '10.0.0.9',
      strict: false,
    });
    expect((await ask('POST', `/v1/units/${uci}/print`, { reason: 'damaged' })).status).toBe(202);
    expect((await resume({ after: uci })).status).toBe(404);
    const none = (await resume({ reservation: name, from: 2 })).status;
    expect(none).toBe((await resume({ reservation: 'no-such-roll', from: 2 })).status);
  });
});

it('labels of a roll stay in the queue when a device comes to the station', async () => {
  const { ucis } = await roll([{ station: 'one' }]);
  expect((await resume({ after: ucis[0] })).status).toBe(202);
  await desk.house.ledger.record({ kind: 'next', station: 'one', actor: 'test' }).catch(() => null);
  await desk.house.ledger.record({
    kind: 'issue',
    product: PRODUCT,
    identity: [],
    attributes: `{"product":"${PRODUCT}"}`,
    station: 'one',
    source: '10.0.0.10',
    strict: false,
  });
  const jobs = await desk.house.ledger.printJobs({ before: Number.MAX_SAFE_INTEGER, limit: 100, state: 'cancelled' });
  expect(jobs.filter(({ uci }) => ucis.includes(uci))).toEqual([]);
});

describe('a kiosk reads print jobs', () => {
  it('of its station only', async () => {
    const [own, foreign] = [await roll([{ station: 'one' }]), await roll([{ station: 'two' }])];
    const all = await desk.house.ledger.printJobs({ before: Number.MAX_SAFE_INTEGER, limit: 100 });
    const idOf = ({ ucis }: { ucis: string[] }): number => all.find(({ uci }) => uci === ucis[0])?.id as number;
    expect((await ask('GET', `/v1/print-jobs/${idOf(own)}`)).status).toBe(200);
    const [theirs, none] = [
      await ask('GET', `/v1/print-jobs/${idOf(foreign)}`),
      await ask('GET', '/v1/print-jobs/9999999'),
    ];
    expect([theirs.status, none.status]).toEqual([404, 404]);
    expect(theirs.body.detail).toBe(none.body.detail.replace('9999999', String(idOf(foreign))));
    const { jobs } = (await ask('GET', '/v1/print-jobs')).body;
    expect(new Set(jobs.map(({ station }) => station))).toEqual(new Set(['one']));
    for (const filter of ['station=two', 'station=nowhere', 'printer=P-two'])
      expect((await ask('GET', `/v1/print-jobs?${filter}`)).body.jobs).toEqual([]);
  });
});

describe('a badge', () => {
  const scan = async (
    code: string,
    from: Headers,
    remoteAddress: string,
    station = 'one',
  ): Promise<{ status: number; wait: string | null; text: string }> => {
    const body = new URLSearchParams({ csrf: from['x-csrf-token'] ?? '', code, intent: 'verify' });
    const answer = await desk.app.request(
      `/stations/${station}/scan`,
      {
        method: 'POST',
        headers: { cookie: from['cookie'] ?? '', 'content-type': 'application/x-www-form-urlencoded' },
        body: body.toString(),
      },
      { incoming: { socket: { remoteAddress } } },
    );
    return { status: answer.status, wait: answer.headers.get('retry-after'), text: await answer.text() };
  };

  it('is not found by guessing, from any address and at any screen of the station, and works afterwards', async () => {
    await desk.ask('PUT', '/v1/people/olga', { role: 'operator', badge: 'UP-4711' });
    const screens = [await kiosk(desk, 'one'), await kiosk(desk, 'one')];
    let refused = 0;
    for (let guess = 0; guess < 30; guess++) {
      const answer = await scan(`UP-${4600 + guess}`, screens[guess % 2] as Headers, `10.9.${guess}.1`);
      if (answer.status !== 429) continue;
      refused++;
      expect(Number(answer.wait)).toBeGreaterThan(0);
    }
    expect(refused).toBeGreaterThanOrEqual(8);
    const right = await scan('UP-4711', screens[0] as Headers, '10.9.99.1');
    expect(right.status).toBe(429);
    expect(right.text).not.toContain('olga');
    // A label is scanned as ever.
    const { ucis } = await roll([]);
    expect((await scan(ucis[0] as string, screens[0] as Headers, '10.9.99.2')).status).toBe(200);
    await until(async () => (await scan('UP-4711', screens[0] as Headers, '10.9.99.3')).text.includes('olga'));
  });

  it('that looks like a part of a code is not found by guessing either, and each such scan is told', async () => {
    await desk.ask('PUT', '/v1/people/pia', { role: 'operator', badge: 'PA-4711' });
    await desk.ask('PUT', '/v1/stations/parts', { mode: 'slot' });
    const screen = await kiosk(desk, 'parts');
    for (let guess = 0; guess < 30; guess++) {
      const answer = await scan(`PA-${4600 + guess}`, screen, `10.7.${guess}.1`, 'parts');
      expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('Scan again') as string });
    }
    expect((await scan('PA-4711', screen, '10.7.99.1', 'parts')).text).not.toContain('pia');
    await until(async () => (await scan('PA-4711', screen, '10.7.99.2', 'parts')).text.includes('pia'));
  });

  it('that is guessed does not show which labels exist, and labels of the station are scanned as ever', async () => {
    for (const name of ['guessed', 'foreign']) await desk.ask('PUT', `/v1/stations/${name}`, { printer: 'P-one' });
    const issue = async (station: string): Promise<string> => {
      const attributes = `{"product":"${PRODUCT}"}`;
      const asked = { product: PRODUCT, identity: [], attributes, station, source: '10.0.0.11', strict: false };
      return (await desk.house.ledger.record({ kind: 'issue', ...asked })).uci;
    };
    const [own, foreign] = [await issue('guessed'), await issue('foreign')];
    const printed = (await roll([{ station: 'guessed' }])).ucis[0] as string;
    const unprinted = (await roll([])).ucis[0] as string;
    const screen = await kiosk(desk, 'guessed');
    let address = 0;
    const status = async (code: string): Promise<number> =>
      (await scan(code, screen, `10.8.${++address}.1`, 'guessed')).status;
    const guess = (): Promise<number> => status(`UP-${5000 + address}`);

    expect(await status(foreign)).toBe(200);
    while ((await guess()) !== 429);
    const said = async (code: string): Promise<object> => {
      const { wait, ...rest } = await scan(code, screen, `10.8.${++address}.1`, 'guessed');
      return { ...rest, text: rest.text.replace(` ${String(wait)} s`, '') };
    };
    const refused = await said(foreign);
    expect(refused).toMatchObject({ status: 429 });
    expect(await said('ZZZZZZZZZZ')).toEqual(refused);
    for (const code of [own, printed, unprinted]) expect(await status(code)).toBe(200);
    // A reserved label that no station printed is answered until the guesses go on for long.
    for (let n = 0; n < 100 && (await status(unprinted)) !== 429; n++) await guess();
    expect(await status(unprinted)).toBe(429);
    for (const code of [own, printed]) expect(await status(code)).toBe(200);
  });
});

it('a kiosk offers nothing that closes it, and does not close itself', async () => {
  const cookie = { cookie: here['cookie'] ?? '' };
  const page = await (await desk.app.request('/account', { headers: cookie })).text();
  expect(page).not.toContain('<form');
  expect(page).not.toContain('<button');
  expect([...page.matchAll(/href="(\/[^"]*)"/g)].map(([, path]) => path).filter((path) => path === '/docs')).toEqual(
    [],
  );
  const out = await desk.app.request('/sign-out', {
    method: 'POST',
    headers: { ...cookie, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrf: here['x-csrf-token'] ?? '' }).toString(),
  });
  expect(out.status).toBe(403);
  expect((await ask('GET', '/v1/stations/one')).status).toBe(200);
});

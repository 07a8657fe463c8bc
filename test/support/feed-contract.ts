import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { token, type Headers } from './askers.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk } from './service.ts';
import { until } from './until.ts';

/* The feed of events, the same over every store. `settings` opens a service on a new, empty ledger each time. */

const ADMIN: Headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
const DAY_MS = 24 * 60 * 60 * 1000;

interface Line {
  seq: number;
  at: string;
  type: string;
  uci?: string;
  actor: string;
  station?: string;
  data: { [name: string]: unknown };
}

interface Read {
  status: number;
  text: string;
  lines: Line[];
  next: string;
}

async function read({ app }: Pick<Desk, 'app'>, query: string, headers: Headers = ADMIN): Promise<Read> {
  const answer = await app.request(`/v1/events?${query}`, { headers });
  const text = await answer.text();
  const lines = answer.status === 200 ? text.split('\n').slice(0, -1) : [];
  return {
    status: answer.status,
    text,
    lines: lines.map((line) => JSON.parse(line) as Line),
    next: answer.headers.get('claimstamp-next') ?? '',
  };
}

interface Stream {
  received: () => string;
  ids: () => string[];
  lines: () => Line[];
  ended: () => boolean;
  leave: () => Promise<void>;
}

const streams: Stream[] = [];
afterEach(async () => {
  await Promise.all(streams.splice(0).map(({ leave }) => leave()));
});

async function follow({ app }: Pick<Desk, 'app'>, query: string, headers: Headers = ADMIN): Promise<Stream> {
  const answer = await app.request(`/v1/events?${query}`, { headers: { ...headers, accept: 'text/event-stream' } });
  expect(answer.status).toBe(200);
  const reader = answer.body?.getReader();
  let text = '';
  let done = false;
  const readAll = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read())
      text += decoder.decode(piece.value);
    done = true;
  };
  void readAll();
  const stream: Stream = {
    received: () => text,
    ids: () => [...text.matchAll(/^id: (.*)$/gm)].map(([, id = '']) => id),
    lines: () => [...text.matchAll(/^data: (.*)$/gm)].map(([, line = '']) => JSON.parse(line) as Line),
    ended: () => done,
    leave: async () => {
      await reader?.cancel();
    },
  };
  streams.push(stream);
  return stream;
}

export function feedContract(store: string, settings: () => Promise<Record<string, string>>): void {
  const open = async (): Promise<Desk> => openDesk(await settings());
  const issue = async (desk: Desk, mac: string, product = 'DEMO', source?: string): Promise<string> =>
    (await desk.agent({ product, mac }, source)).body.id;

  describe(`the feed of events over ${store}`, () => {
    it('refuses a place that the ledger does not have, and one of a restored ledger', async () => {
      const desk = await open();
      await issue(desk, 'a');
      const { next } = await read(desk, '');
      const [seq = '', at = ''] = next.split('-');
      for (const after of ['999', `${seq}-${Number(at) + 1}`]) {
        const { status, text } = await read(desk, `after=${after}`);
        expect({ status, type: (JSON.parse(text) as { type: string }).type }).toEqual({
          status: 409,
          type: 'urn:claimstamp:problem:cursor-unknown',
        });
      }
      expect((await read(desk, `after=${next}`)).status).toBe(200);
      for (const query of ['after=x', 'after=-1', 'wait=26', 'wait=-1', 'limit=0', 'type=nothing', 'type=', 'product='])
        expect((await read(desk, query)).status, query).toBe(400);
      for (const query of ['product=NONE', 'station=none']) expect((await read(desk, query)).status, query).toBe(404);
      const headers = { ...ADMIN, accept: 'text/event-stream', 'last-event-id': 'made-elsewhere' };
      expect((await desk.app.request('/v1/events', { headers })).status).toBe(409);
    });

    it('has every event once, in order, in parts of any size', async () => {
      const desk = await open();
      await Promise.all(Array.from({ length: 40 }, (_, i) => issue(desk, `m${i}`)));
      await read(desk, 'reveal=true');
      const all = (await read(desk, 'reveal=true')).text;
      expect((await read(desk, 'reveal=true')).lines.map(({ seq }) => seq)).toEqual(
        Array.from({ length: await desk.size() }, (_, i) => i + 1),
      );
      for (const limit of [1, 7]) {
        let text = '';
        for (let after = '0'; ;) {
          const part = await read(desk, `reveal=true&limit=${limit}&after=${after}`);
          if (part.lines.length === 0) break;
          expect(part.lines.length).toBeLessThanOrEqual(limit);
          text += part.text;
          after = part.next;
        }
        expect(text).toBe(all);
      }
    });

    it('masks Claim IDs wherever they are, unless the scopes of the token allow them and the caller asks', async () => {
      const desk = await open();
      const uci = await issue(desk, 'a');
      const other = await issue(desk, uci);
      await desk.ask('POST', `/v1/units/${uci}/void`, { reason: 'other', note: `see ${other.toLowerCase()}` });
      await desk.ask('GET', `/v1/units?prefix=${uci.slice(0, 6)}`);
      const masked = await token(desk, 'erp', 'service', ['events:read']);
      const whole = await token(desk, 'mes', 'service', ['events:read', 'units:list']);
      for (const headers of [masked, whole, ADMIN]) {
        const { text, lines } = await read(desk, '', headers);
        for (const secret of [uci, other, uci.toLowerCase(), other.toLowerCase(), uci.slice(0, 6)])
          expect(text).not.toContain(secret);
        const units = lines.filter(({ type }) => type === 'issued').map((line) => line.uci);
        expect(units).toEqual([
          expect.stringMatching(new RegExp(`^\\*{8}${uci.slice(-2)}\\.\\d+$`)),
          expect.stringMatching(new RegExp(`^\\*{8}${other.slice(-2)}\\.\\d+$`)),
        ]);
        expect(lines.find(({ type }) => type === 'void')?.uci).toBe(units[0]);
      }
      expect((await read(desk, 'reveal=true', masked)).status).toBe(403);
      expect((await read(desk, 'reveal=true', whole)).text).toContain(`"uci":"${uci}"`);
      const { text: exported } = {
        text: await (await desk.app.request('/v1/ledger.jsonl?of=events', { headers: ADMIN })).text(),
      };
      const revealed = (await read(desk, 'reveal=true')).text;
      expect(revealed.startsWith(exported)).toBe(true);
      expect((await read(desk, '', await token(desk, 'none', 'service', ['units:list']))).status).toBe(403);
    });

    it('is filtered by type, product and station, and goes on after what did not match', async () => {
      const desk = await open();
      await desk.ask('PUT', '/v1/stations/line-2', { mode: 'open', sources: ['10.0.8.2'] });
      await desk.ask('PUT', '/v1/products/PUMP', {});
      await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'PUMP', planned: 3 });
      const thermo = await issue(desk, 'a', 'THERMO');
      const pump = await issue(desk, 'b', 'PUMP', '10.0.8.2');
      await desk.ask('POST', `/v1/units/${thermo}/void`, { reason: 'other', note: 'x' });
      await desk.ask('POST', `/v1/units/${pump}/void`, { reason: 'other', note: 'x' });
      await desk.ask('POST', '/v1/work-orders/WO-1/close', {});
      const types = async (query: string): Promise<string[]> => (await read(desk, query)).lines.map(({ type }) => type);
      expect(await types('type=issued,void')).toEqual(['issued', 'issued', 'void', 'void']);
      expect(await types('product=THERMO')).toEqual(['product-set', 'issued', 'void']);
      expect(await types('product=PUMP')).toEqual([
        'product-set',
        'work-order-set',
        'issued',
        'void',
        'work-order-closing',
        'work-order-closed',
      ]);
      expect(await types('station=line-2')).toEqual(['issued']);
      expect(await types('product=PUMP&type=void')).toEqual(['void']);
      await desk.ask('PUT', '/v1/work-orders/WO-2', { product: 'PUMP', planned: 3 });
      await desk.ask('DELETE', '/v1/work-orders/WO-2');
      expect(await types('product=PUMP&type=work-order-set,work-order-removed')).toEqual([
        'work-order-set',
        'work-order-set',
        'work-order-removed',
      ]);
      expect(await types('product=THERMO&type=work-order-removed')).toEqual([]);
      const none = await read(desk, 'type=scrapped');
      expect(none.lines).toEqual([]);
      expect(Number(none.next.split('-')[0])).toBe(await desk.size());
    });

    it('knows a station and a product that were removed, but no name that never was', async () => {
      const desk = await open();
      await desk.ask('PUT', '/v1/stations/line-9', { mode: 'open', sources: ['10.0.8.9'] });
      await desk.ask('PUT', '/v1/products/OLD', {});
      await issue(desk, 'a', 'DEMO', '10.0.8.9');
      expect((await desk.ask('DELETE', '/v1/stations/line-9')).status).toBe(200);
      expect((await desk.ask('DELETE', '/v1/products/OLD')).status).toBe(200);
      const types = async (query: string): Promise<string[]> => (await read(desk, query)).lines.map(({ type }) => type);
      expect(await types('station=line-9')).toEqual(['issued']);
      expect(await types('product=OLD')).toEqual(['product-set', 'product-removed']);
      for (const query of ['station=line-8', 'product=NONE']) expect((await read(desk, query)).status, query).toBe(404);
      const csv = await desk.app.request('/v1/ledger.csv?station=line-9', { headers: ADMIN });
      expect(csv.status).toBe(200);
    });

    it('waits for an event, and answers without one after the time', async () => {
      const desk = await open();
      await issue(desk, 'a');
      const { next } = await read(desk, '');
      const late = await read(desk, `after=${(await read(desk, `after=${next}`)).next}&wait=1&type=issued`);
      expect(late).toMatchObject({ status: 200, lines: [] });
      const waiting = read(desk, `after=${late.next}&wait=20&type=issued`);
      await issue(desk, 'b');
      expect((await waiting).lines.map(({ type }) => type)).toEqual(['issued']);
    });

    it('is recorded once for a consumer, a day and a kind of reading, and this wakes no one', async () => {
      let ahead = 0;
      const env = await settings();
      const desk = await openDesk(env, tempFolder(), () => Date.now() + ahead);
      await issue(desk, 'a');
      const [one, two] = [
        await token(desk, 'one', 'service', ['events:read', 'units:list']),
        await token(desk, 'two', 'service', ['events:read']),
      ];
      const reads = async (): Promise<[string, unknown][]> =>
        (await read(desk, 'type=bulk-read')).lines
          .filter(({ actor }) => actor !== 'admin')
          .map(({ actor, data }) => [actor, (data['filter'] as { masked: boolean }).masked]);
      // The admin reads first, so that later reads of the admin record nothing.
      await read(desk, '');
      const place = (await read(desk, '', two)).next;
      const stream = await follow(desk, '', two);
      await until(() => stream.lines().length > 0);
      const waiting = read(desk, `after=${(await read(desk, `after=${place}`, two)).next}&wait=2`, two);
      for (let i = 0; i < 3; i++) await read(desk, '', one);
      await read(desk, 'reveal=true', one);
      expect(await reads()).toEqual([
        ['token:two', true],
        ['token:one', true],
        ['token:one', false],
      ]);
      const before = performance.now();
      const { lines } = await waiting;
      expect(lines.every(({ type }) => type === 'bulk-read')).toBe(true);
      expect(performance.now() - before).toBeGreaterThan(500);
      ahead = DAY_MS;
      for (let i = 0; i < 3; i++) await read(desk, '', one);
      expect((await reads()).length).toBe(4);
    });

    it('is recorded once, although the service starts again', async () => {
      const env = await settings();
      const desk = await openDesk(env);
      await issue(desk, 'a');
      await read(desk, '');
      const size = await desk.size();
      await desk.close();
      const again = await openDesk(env, desk.data);
      await read(again, '');
      expect((await read(again, `after=${size}&type=bulk-read`)).lines).toEqual([]);
    });

    it('streams events with ids from which a client goes on', async () => {
      const desk = await open();
      const first = await follow(desk, 'type=issued');
      const ucis = [await issue(desk, 'a'), await issue(desk, 'b')];
      await until(() => first.lines().length === 2);
      const id = first.ids().at(-1) ?? '';
      await first.leave();
      ucis.push(await issue(desk, 'c'));
      const second = await follow(desk, 'type=issued', { ...ADMIN, 'last-event-id': id });
      await until(() => second.lines().length === 1);
      ucis.push(await issue(desk, 'd'));
      await until(() => second.lines().length === 2);
      const ends = [...first.lines(), ...second.lines()].map(({ uci }) => uci?.slice(8, 10));
      expect(ends).toEqual(ucis.map((uci) => uci.slice(-2)));
      expect(second.received()).toMatch(/^retry: \d+\n\n/);
      expect(second.received()).toContain('event: issued\n');
    });

    it('ends with the access of the consumer, and with the scope that shows complete Claim IDs', async () => {
      const desk = await open();
      const headers = await token(desk, 'mes', 'service', ['events:read', 'units:list']);
      const stream = await follow(desk, 'reveal=true', headers);
      const waiting = read(desk, 'reveal=true&wait=20&type=scrapped', headers);
      await until(() => stream.received() !== '');
      await desk.ask('DELETE', '/v1/tokens/mes');
      await until(() => stream.ended());
      expect((await waiting).status).toBe(401);
      const uci = await issue(desk, 'a');
      expect(stream.received()).not.toContain(uci);
    });

    it('lets a token have eight streams: a ninth ends the oldest', async () => {
      const desk = await open();
      const headers = await token(desk, 'mes', 'service', ['events:read']);
      const oldest = await follow(desk, '', headers);
      const others: Stream[] = [];
      for (let n = 0; n < 8; n++) others.push(await follow(desk, '', headers));
      await until(() => oldest.ended());
      expect(others.some(({ ended }) => ended())).toBe(false);
      // A waiting request gives way too, with an answer.
      await others[0]?.leave();
      const waiting = read(desk, 'wait=20&type=scrapped', headers);
      for (let n = 0; n < 8; n++) await follow(desk, '', headers);
      expect(await waiting).toMatchObject({ status: 200, lines: [] });
    });

    it('reads no more for a consumer that does not take what it has', async () => {
      const desk = await open();
      for (let n = 0; n < 5; n++) await desk.ask('POST', '/v1/units', { product: 'DEMO', count: 500 });
      const { ledger } = desk.house;
      const read = ledger.feed.bind(ledger);
      let pages = 0;
      ledger.feed = (page) => {
        pages++;
        return read(page);
      };
      const headers = { ...ADMIN, accept: 'text/event-stream' };
      const { body } = await desk.app.request('/v1/events', { headers });
      await until(() => pages > 0);
      await pause(500);
      const [before, size] = [pages, await desk.size()];
      expect(before).toBeLessThan(6);
      const reader = body?.getReader();
      const decoder = new TextDecoder();
      let text = '';
      while (!text.includes(`"seq":${size},`)) text += decoder.decode((await reader?.read())?.value);
      expect(pages).toBeGreaterThan(before);
      await reader?.cancel();
    });

    it('ends when the service stops', async () => {
      const desk = await open();
      const stream = await follow(desk, '');
      const waiting = read(desk, 'wait=20&type=scrapped');
      await until(() => stream.received() !== '');
      desk.house.retire();
      await until(() => stream.ended());
      expect((await waiting).lines).toEqual([]);
    });
  });
}

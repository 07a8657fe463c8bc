import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS } from '../../../src/contract/feed/webhooks.ts';
import { openDesk, type Desk } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { openReceiver, type Receiver } from '../../support/webhook-receiver.ts';
import { BEGUN, dice, openRig, type Rig } from '../../support/webhook-rig.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Set {
  desk: Desk;
  receiver: Receiver;
  rig: Rig;
  /** Makes so many units. Each is one event. */
  make: (count: number) => Promise<void>;
  /** Waits until the receiver has all events. */
  all: () => Promise<void>;
}

async function set(): Promise<Set> {
  const desk = await openDesk();
  const receiver = await openReceiver();
  const rig = openRig(desk.data);
  closing.push(
    () => desk.close(),
    () => receiver.close(),
    () => rig.senders.close(),
  );
  return {
    desk,
    receiver,
    rig,
    async make(count) {
      for (let left = count; left > 0; left -= 1000)
        await desk.ask('POST', '/v1/reservations', { name: 'roll', product: 'DEMO', count: Math.min(left, 1000) });
    },
    all: async () => {
      const size = await desk.size();
      await until(async () => (await rig.status()).delivered === size);
    },
  };
}

function expectAll({ receiver }: Set, size: number): void {
  expect(receiver.wrong()).toEqual([]);
  expect(receiver.stored.map(({ data }) => data.seq)).toEqual(Array.from({ length: size }, (_, at) => at + 1));
}

describe('a webhook', () => {
  it('sends each event once, in order, as a signed CloudEvent', async () => {
    const all = await set();
    const requests = all.receiver.keep();
    await all.make(30);
    await all.rig.add(all.receiver);
    await all.all();
    expectAll(all, await all.desk.size());
    expect(all.receiver.repeated()).toBe(0);
    const { headers, body } = requests.at(-1) ?? { headers: {}, body: '' };
    const event = JSON.parse(body) as { [name: string]: unknown };
    const { seq, at, type } = event['data'] as { [name: string]: string | number };
    expect(event).toEqual({
      specversion: '1.0',
      id: `${seq}-${Date.parse(String(at))}`,
      source: 'serials.example.com/plant-2',
      type: `claimstamp.${type}`,
      time: at,
      sequence: String(seq).padStart(15, '0'),
      datacontenttype: 'application/json',
      data: event['data'],
    });
    expect(headers).toMatchObject({
      'webhook-id': event['id'],
      'webhook-timestamp': String(BEGUN / 1000),
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': 'claimstamp',
    });
  });

  it('loses nothing to a receiver that loses half of its answers', async () => {
    const all = await set();
    const roll = dice();
    all.receiver.does(() => (roll() < 0.5 ? 'lose' : 'accept'));
    await all.make(300);
    await all.rig.add(all.receiver);
    await all.all();
    expectAll(all, await all.desk.size());
    expect(all.receiver.repeated()).toBeGreaterThan(100);
  });

  it('waits for a receiver that is down for an hour, and asks it seldom', async () => {
    const all = await set();
    const { receiver, rig } = all;
    receiver.does(() => (rig.at < BEGUN + HOUR_MS ? 'drop' : 'accept'));
    await all.make(50);
    await rig.add(receiver);
    await all.all();
    expectAll(all, await all.desk.size());
    expect(rig.at - BEGUN).toBeLessThan(HOUR_MS + 6 * MINUTE_MS);
    const failed = (await rig.attempts()).filter(({ result }) => !result.startsWith('2'));
    expect(failed.length).toBeLessThan(30);
    expect(failed.map(({ seq }) => seq)).toEqual(failed.map(() => 1));
    expect(rig.log.map((line) => line.split(':')[0])).toEqual([
      'warn a receiver did not accept an event',
      'info a webhook delivers events again',
    ]);
    expect((await rig.status()).state).toBe('running');
  });

  it('waits as long as the receiver asks, and at most an hour', async () => {
    for (const [asked, waitMs, date = ''] of [
      ['120', 2 * MINUTE_MS],
      ['999999', HOUR_MS],
      ['0', 1000],
      ['Mon, 30 Nov 2026 00:02:00 GMT', 2 * MINUTE_MS],
      ['Mon, 30 Nov 2026 10:00:00 GMT', HOUR_MS],
      // The clock of the receiver is a day behind.
      ['Sun, 29 Nov 2026 00:02:00 GMT', 2 * MINUTE_MS, 'Sun, 29 Nov 2026 00:00:00 GMT'],
    ] as const) {
      const all = await set();
      all.receiver.does((requests) => {
        if (requests > 1) return 'accept';
        return (answer) => {
          answer.sendDate = false;
          answer.writeHead(503, { 'retry-after': asked, ...(date === '' ? {} : { date }) }).end();
        };
      });
      await all.rig.add(all.receiver);
      await all.all();
      expect(all.rig.at - BEGUN, asked).toBe(waitMs);
    }
  });

  it('is paused after four days without a delivery, and continues with the same event', async () => {
    const all = await set();
    const { receiver, rig } = all;
    await all.make(10);
    receiver.does((requests) => (requests <= 5 ? 'accept' : 500));
    await rig.add(receiver);
    const { paused } = await until(async () => {
      const status = await rig.status();
      return status.state === 'paused' && status;
    });
    expect(paused?.why).toBe('failing');
    expect(rig.at - BEGUN).toBeGreaterThanOrEqual(4 * DAY_MS);
    expect(rig.at - BEGUN).toBeLessThan(4 * DAY_MS + 6 * MINUTE_MS);
    expect(rig.log.at(-1)).toMatch(/^error a webhook is paused.*failing$/);
    const sent = receiver.requests();
    await rig.restart();
    expect((await rig.status()).state).toBe('paused');
    expect(receiver.requests()).toBe(sent);
    receiver.does(() => 'accept');
    await rig.senders.ask({ what: 'resume', name: 'erp' });
    await all.all();
    expectAll(all, await all.desk.size());
    expect(receiver.repeated()).toBe(0);
  });

  it('is paused at once when the receiver wants no more', async () => {
    const all = await set();
    all.receiver.does(() => 410);
    await all.rig.add(all.receiver);
    await until(async () => (await all.rig.status()).paused?.why === 'gone');
    expect(all.receiver.requests()).toBe(1);
  });

  it('counts no redirect, and no other answer than 2xx, as a delivery', async () => {
    const all = await set();
    const answers = [301, 302, 307, 308, 400, 404, 429, 500];
    all.receiver.does((requests) => {
      const status = answers[requests - 1];
      if (status === undefined) return 'accept';
      return (answer) => void answer.writeHead(status, { location: `${all.receiver.url}/other` }).end();
    });
    await all.rig.add(all.receiver);
    await all.all();
    expectAll(all, await all.desk.size());
    const results = (await all.rig.attempts()).map(({ result }) => result).toReversed();
    expect(results.slice(0, answers.length)).toEqual(answers.map(String));
  });

  it('accepts a long answer, and one that is cut after its status', async () => {
    const all = await set();
    all.receiver.does((requests) => {
      if (requests % 3 === 0) return 'accept';
      return (answer) => {
        answer.writeHead(200);
        if (requests % 3 === 1) answer.end('x'.repeat(1024 * 1024));
        else answer.write('x', () => answer.destroy());
      };
    });
    await all.make(9);
    await all.rig.add(all.receiver);
    await all.all();
    expect(all.receiver.requests()).toBe(await all.desk.size());
  });
});

describe('an answer without an end', () => {
  it.each([
    ['a body that never comes', (answer: ServerResponse) => answer.writeHead(200).flushHeaders()],
    ['a body that never ends', (answer: ServerResponse) => void answer.writeHead(202).write('stored')],
    [
      'fewer bytes than it said',
      (answer: ServerResponse) => void answer.writeHead(200, { 'content-length': 9 }).write('x'),
    ],
  ])('counts by its status: %s', async (_what, answers) => {
    const all = await set();
    all.receiver.does((requests) => (requests === 1 ? answers : 'accept'));
    await all.rig.add(all.receiver);
    await all.all();
    expect(all.receiver.requests()).toBe(await all.desk.size());
    expect((await all.rig.attempts()).map(({ result }) => result[0])).toEqual(['2']);
  });

  it('of status 503 is a failure', async () => {
    const all = await set();
    all.receiver.does((requests) => (requests === 1 ? (answer) => answer.writeHead(503).flushHeaders() : 'accept'));
    await all.rig.add(all.receiver);
    await all.all();
    expectAll(all, await all.desk.size());
    expect((await all.rig.attempts()).map(({ result }) => result)).toEqual(['204', '503']);
  });
});

describe('the place of a webhook', () => {
  it('survives a restart, also in the middle', async () => {
    const all = await set();
    await all.make(100);
    await all.rig.add(all.receiver);
    for (let count = 20; count <= 80; count += 20) {
      await until(() => all.receiver.stored.length >= count);
      await all.rig.restart();
    }
    await all.all();
    expectAll(all, await all.desk.size());
  });

  it('can be any event, and only one that exists', async () => {
    const all = await set();
    const { receiver, rig } = all;
    await all.make(20);
    await rig.add(receiver, {}, 15);
    await all.all();
    expect(receiver.stored.map(({ data }) => data.seq)[0]).toBe(16);
    receiver.stored.length = 0;
    await rig.senders.ask({ what: 'resume', name: 'erp', after: 3 });
    await until(() => receiver.repeated() > 0);
    await all.all();
    const size = await all.desk.size();
    expect(receiver.requests()).toBe(size - 15 + (size - 3));
    await expect(rig.senders.ask({ what: 'resume', name: 'erp', after: size + 1 })).rejects.toMatchObject({
      code: 'cursor-unknown',
    });
    expect((await rig.status()).delivered).toBe(size);
  });

  it('moves past events that do not match', async () => {
    const all = await set();
    await all.make(250);
    await all.rig.add(all.receiver, { types: ['product-set', 'reserved'] });
    await until(async () => (await all.rig.status()).waiting === 0);
    expect(all.receiver.stored.every(({ type }) => /^claimstamp\.(product-set|reserved)$/.test(type))).toBe(true);
    expect(all.receiver.stored.filter(({ type }) => type === 'claimstamp.reserved')).toHaveLength(250);
  });

  it('is unknown after the ledger was restored to an older state', async () => {
    const all = await set();
    const { rig, receiver } = all;
    await all.make(8);
    await rig.add(receiver);
    await all.all();
    // The same number, at another time.
    await rig.move({ seq: 7, at: 1 });
    await until(async () => (await rig.status()).paused?.why === 'restored');
    await expect(rig.senders.ask({ what: 'resume', name: 'erp' })).rejects.toMatchObject({ code: 'cursor-unknown' });
    await rig.senders.ask({ what: 'resume', name: 'erp', after: 2 });
    await all.all();
    expect(receiver.repeated()).toBe((await all.desk.size()) - 2);
  });
});

describe('what a webhook may send', () => {
  it('has masked Claim IDs, unless the webhook shows them', async () => {
    const all = await set();
    await all.make(3);
    const { receiver, rig, desk } = all;
    await rig.add(receiver);
    await all.all();
    const requests = receiver.keep();
    const shown = receiver.stored.flatMap(({ data }) => data.uci ?? []);
    expect(shown).toHaveLength(3);
    for (const uci of shown) expect(uci).toMatch(/^\*{8}..\.\d+$/);
    await rig.senders.ask({ what: 'change', name: 'erp', patch: { reveal: true } });
    await rig.senders.ask({ what: 'resume', name: 'erp', after: 0 });
    await until(() => requests.length >= 3);
    await all.all();
    const { body } = await desk.ask<{ units: { uci: string }[] }>('GET', '/v1/units');
    const sent = requests.map((request) => request.body).join('\n');
    for (const { uci } of body.units) expect(sent).toContain(`"uci":"${uci}"`);
    expect(rig.readings.map(({ masked }) => masked)).toEqual(expect.arrayContaining([true, false]));
    expect(rig.readings[0]).toMatchObject({ actor: 'webhook:erp', from: { seq: 0 }, masked: true });
  });

  it('is nothing while the ledger cannot record that it is read', async () => {
    const all = await set();
    all.rig.records = false;
    await all.make(3);
    await all.rig.add(all.receiver);
    await until(() => all.rig.readings.length >= 3);
    expect(all.receiver.requests()).toBe(0);
    expect(all.rig.log).toHaveLength(1);
    all.rig.records = true;
    await all.all();
    expectAll(all, await all.desk.size());
  });

  it('is signed with both secrets while they change', async () => {
    const all = await set();
    const { receiver, rig } = all;
    const former = await rig.add(receiver);
    await all.all();
    const keepMs = DAY_MS;
    const next = (await rig.senders.ask({ what: 'newSecret', name: 'erp', keepMs })) as string;
    // The receiver does not have the new secret yet.
    await all.make(1);
    await all.all();
    expect((await rig.status()).formerUntil).toBe(rig.at + DAY_MS);
    receiver.secrets.splice(0, 1, next);
    await all.make(1);
    await all.all();
    expect(receiver.wrong()).toEqual([]);
    rig.at += DAY_MS;
    receiver.secrets.splice(0, 1, former);
    await all.make(1);
    await all.all();
    expect(receiver.wrong()).toHaveLength(1);
    expect((await rig.status()).formerUntil).toBeUndefined();
  });

  it('goes nowhere if the list does not have the address', async () => {
    const desk = await openDesk();
    const receiver = await openReceiver();
    const rig = openRig(desk.data, ['127.0.0.2', 'localhost']);
    closing.push(
      () => desk.close(),
      () => receiver.close(),
      () => rig.senders.close(),
    );
    await rig.add(receiver);
    await until(async () => (await rig.status()).failing?.result === 'NOT_ALLOWED');
    const named = { url: receiver.url.replace('127.0.0.1', 'localhost') };
    await rig.senders.ask({ what: 'change', name: 'erp', patch: named });
    await until(async () => (await rig.status()).failing?.result === 'PRIVATE_ADDRESS');
    expect(receiver.requests()).toBe(0);
  });
});

it('the last attempts are kept, and no more', async () => {
  const all = await set();
  const more = 100;
  await all.make(MAX_ATTEMPTS + more);
  await all.rig.add(all.receiver);
  await all.all();
  const size = await all.desk.size();
  const attempts = await all.rig.attempts();
  expect(attempts).toHaveLength(MAX_ATTEMPTS);
  expect(attempts.map(({ seq }) => seq)).toEqual(Array.from({ length: MAX_ATTEMPTS }, (_, at) => size - at));
  expect(attempts[0]).toEqual({ seq: size, at: BEGUN, ms: 0, result: '204' });
});

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lowestPriority, yieldProcessor } from '../src/platform/spool.ts';
import { agentsBeside, whileAsking, type Beside, type BesideEffort } from './beside.ts';
import { acceptLedger, startServer } from './children.ts';
import { spread, type Figure } from './figure.ts';
import { fill } from './fill.ts';
import { built } from '../src/platform/package-root.ts';

/** The build may put this code into another file, so `import.meta.url` is not always the address of this program. */
const script = built('../bench/webhooks.js');

/*
 * Measures how much consumers of a long history slow down agents: a webhook, a webhook whose receiver fails at random,
 * and programs that read the change feed. Also measures how many events the webhook sends meanwhile.
 */

/** The highest allowed ratio: the agents' p99 while the webhook sends, divided by their p99 without the webhook. */
const BOUND = 1.2;

/**
 * The highest allowed ratio: the agents' p99 while four consumers read the history as fast as possible, divided by the
 * agents' p99 alone.
 */
const FEED_BOUND = 3;

/** A webhook sends fewer than 1,000 events per second while agents have priority, so the history lasts long enough. */
const UNITS = 100_000;

/** How long, in ms, to wait until the webhook is sending. Then the measurement begins. */
const ARRIVAL_MS = 1000;

/** The share of requests that the failing receiver refuses or does not answer. */
const FAILING = 0.2;

/** How many consumers read the change feed at the same time. The service serves one page at a time. */
const CONSUMERS = 4;

export async function benchWebhooks(
  data: string,
  effort: BesideEffort,
  say: (text: string) => void,
): Promise<Figure[]> {
  const events = fill(data, { units: UNITS, workOrders: 10, stations: 10, products: 2 }, say);
  const receiver = await startReceiver();
  const server = await startServer('claimstamp', data, { CLAIMSTAMP_WEBHOOK_ALLOW: '127.0.0.0/8' });
  try {
    await acceptLedger(server.url, data, events);
    const { token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { token: string };
    const call = async <T>(method: string, path: string, body: object): Promise<T> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(server.url + path, { method, headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    };
    await call('POST', '/v1/webhooks', { name: 'bench', url: receiver.url });
    const sent: number[] = [];
    const during = async (act: () => Promise<number[]>): Promise<number[]> => {
      await call('POST', '/v1/webhooks/bench/resume', { after: 0 });
      await pause(ARRIVAL_MS);
      const [before, begun] = [await receiver.count(), performance.now()];
      try {
        return await act();
      } finally {
        sent.push(((await receiver.count()) - before) / ((performance.now() - begun) / 1000));
        await call('POST', '/v1/webhooks/bench/pause', {});
      }
    };
    const beside = (what: string, bound: number, act: Beside['during']): Promise<Figure> =>
      agentsBeside(server.url, what, { than: 'alone', bound, during: act }, effort, say);
    const webhook = await beside('a webhook', BOUND, during);
    const rates = sent.map(Math.round);
    receiver.fail(FAILING);
    const failing = await beside('a webhook whose receiver fails', BOUND, during);
    const pages = Array.from({ length: CONSUMERS }, (_, nth) => ({
      url: `${server.url}/v1/events?limit=1000&after=${(nth * UNITS) / CONSUMERS}`,
      method: 'GET' as const,
      headers: { authorization: `Bearer ${token}` },
    }));
    const feed = await beside('readers of the change feed', FEED_BOUND, (act) => whileAsking(pages, act));
    return [
      webhook,
      failing,
      feed,
      { what: 'events sent by a webhook while agents ask', unit: '/s', value: spread(rates) },
    ];
  } finally {
    await server.stop();
    receiver.stop();
  }
}

/** In production, the receiver is another machine. In this benchmark, it is a process with the lowest priority. */
async function startReceiver(): Promise<{
  url: string;
  count: () => Promise<number>;
  fail: (share: number) => void;
  stop: () => void;
}> {
  const child = fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], ...lowestPriority() });
  const [port] = (await once(child, 'message')) as [number];
  return {
    url: `http://127.0.0.1:${port}/`,
    async count() {
      child.send('count');
      const [count] = (await once(child, 'message')) as [number];
      return count;
    },
    fail: (share) => void child.send(share),
    stop: () => child.disconnect(),
  };
}

if (process.argv[1] === script && process.send) {
  let [count, failing] = [0, 0];
  const server = createServer((request, answer) => {
    count++;
    yieldProcessor();
    const draw = Math.random();
    if (draw < failing / 2) request.destroy();
    else request.resume().once('end', () => answer.writeHead(draw < failing ? 503 : 204).end());
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.on('message', (asked: 'count' | number) => {
    if (asked === 'count') process.send?.(count);
    else failing = asked;
  });
  process.once('disconnect', () => process.exit(0));
}

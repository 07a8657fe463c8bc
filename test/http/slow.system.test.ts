import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { agentBytes, attempt, idOf } from '../support/agent-wire.ts';
import { ADMIN_TOKEN, api, expectQuiet, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/*
 * 500 slow clients: they send half of their headers and go on letter by letter, stop in the middle of a body, or ask for
 * more than a socket holds and never read. Meanwhile 50 agents keep asking, each time on a new connection.
 */

const AGENTS = 50;
const SLOW = 500;
/** Few: each has asked for some megabytes. */
const READERS = 5;

/** Devices of a line ask seldom; this many keep the service busy without filling the machine. ms */
const PAUSE_MS = 100;

let service: Service;
beforeAll(async () => {
  service = await startService(tempFolder(), { CLAIMSTAMP_LOG_LEVEL: 'info' });
  await api(service, 'POST', '/v1/units', { product: 'DEMO', count: 1000 });
});
afterAll(async () => {
  expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expectQuiet(service.log(), audit(service.data).ucis);
});

/** All agents ask for this long, and everyone gets an ID each time. How long each took, sorted. ms */
async function ask(forMs: number): Promise<number[]> {
  const took: number[] = [];
  const end = performance.now() + forMs;
  const agent = async (i: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, (PAUSE_MS * i) / AGENTS));
    while (performance.now() < end) {
      const begun = performance.now();
      idOf(await attempt(service.port, '{"product":"DEMO"}'));
      took.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  await Promise.all(Array.from({ length: AGENTS }, (_, i) => agent(i)));
  return took.toSorted((a, b) => a - b);
}

const p99 = (sorted: number[]): number => sorted[Math.floor(sorted.length * 0.99)] as number;

interface Slow {
  kind: 'headers' | 'body' | 'reader';
  socket: Socket;
  begun: number;
  /** When the service had cut it. ms since `begun` */
  cut?: number;
  heard: string;
}

/** Fifteen times a list of a thousand units: more than both ends of a socket hold. */
const UNREAD =
  `GET /v1/units?limit=1000 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${ADMIN_TOKEN}\r\n\r\n`.repeat(15);

function dawdle(kind: Slow['kind']): Slow {
  const socket = connect({ port: service.port, host: '127.0.0.1', allowHalfOpen: kind !== 'reader' });
  const slow: Slow = { kind, socket, begun: performance.now(), heard: '' };
  const ended = (): void => void (slow.cut ??= performance.now() - slow.begun);
  socket.on('close', ended).on('error', ended);
  if (kind === 'reader') {
    socket.pause().write(UNREAD);
    return slow;
  }
  const whole = agentBytes('{"product":"DEMO"}').toString();
  const half = kind === 'headers' ? 40 : whole.length - 5;
  socket.write(whole.slice(0, half));
  socket.on('data', (bytes: Buffer) => (slow.heard += bytes.toString()));
  socket.on('end', () => socket.destroy());
  // Each in its own time: in step they would be one large client, and the test's own process the slow one.
  const step = 1500 + Math.random() * 1000;
  const more = setInterval(() => void (kind === 'headers' && socket.writable && socket.write('x')), step);
  socket.on('close', () => clearInterval(more));
  return slow;
}

async function figure(name: string): Promise<number> {
  const text = await (
    await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
  ).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1],
  );
}
const megabytes = async (): Promise<number> => Math.round((await figure('process_resident_memory_bytes')) / 2 ** 20);

it('500 slow clients are cut in time, and 50 agents are answered meanwhile as if they were not there', async () => {
  await ask(2000);
  const alone = await ask(5000);
  const before = await megabytes();

  // What the readers ask for is made first: it is work, and here the question is what waiting clients cost.
  const crowd = Array.from({ length: READERS }, () => dawdle('reader'));
  await until(async () => (await figure('claimstamp_connections_open')) > READERS || undefined);
  await api(service, 'GET', '/v1/units?limit=1000');
  for (let i = READERS; i < SLOW; i++) crowd.push(dawdle(i % 2 === 0 ? 'headers' : 'body'));
  // 495 connections in one moment are work for both ends; after it they only wait.
  const arriving = await ask(1000);
  const beside = await ask(5000);
  const during = await megabytes();
  // Those who do not read cannot see that they were cut: a byte more tells them.
  const probe = setInterval(() => {
    for (const { kind, socket, begun } of crowd)
      if (kind === 'reader' && performance.now() - begun > 30_000 && socket.writable) socket.write('\r\n');
  }, 500);
  const rest = await ask(31_000);
  await until(async () => crowd.every(({ cut }) => cut !== undefined) || undefined);
  clearInterval(probe);
  await until(async () => (await figure('claimstamp_connections_open')) < 10 || undefined);
  const after = await megabytes();

  const ms = (sorted: number[]): string => `${p99(sorted).toFixed(1)} ms of ${sorted.length}`;
  process.stdout.write(
    `p99 of ${AGENTS} agents: ${ms(alone)} alone, ${ms(arriving)} while they arrive, ${ms(beside)} beside ${SLOW} slow clients, ${ms(rest)} until all were cut; ` +
      `resident ${before} MB before, ${during} MB during, ${after} MB after\n`,
  );
  const cuts = (kind: Slow['kind']): number[] =>
    crowd.filter((slow) => slow.kind === kind).map(({ cut }) => cut as number);
  for (const [kind, limitMs] of [
    ['headers', 10_000],
    ['body', 30_000],
    ['reader', 30_000],
  ] as const) {
    expect(Math.max(...cuts(kind)), kind).toBeLessThan(limitMs + 15_000);
    expect(Math.min(...cuts(kind)), kind).toBeGreaterThan(limitMs - 1000);
  }
  for (const { kind, heard } of crowd) {
    if (kind !== 'reader') expect(heard).toMatch(/^HTTP\/1\.1 408 [^]*"urn:claimstamp:problem:too-slow"/);
  }
  // A sanity check, not a measurement: on a busy machine both are whatever the machine does.
  expect(p99(beside)).toBeLessThan(Math.max(10 * p99(alone), 500));
  // The engine keeps what a busy minute took, about 100 MB, and gives it back when it must.
  expect(after).toBeLessThan(before + 250);
});

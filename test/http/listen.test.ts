import { hostname } from 'node:os';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { agentBytes, attempt, idOf, Wire } from '../support/agent-wire.ts';
import {
  ADMIN_TOKEN,
  expectQuiet,
  openDesk,
  startService,
  tempFolder,
  type Problem,
  type Service,
} from '../support/service.ts';
import { until } from '../support/until.ts';

let service: Service;
beforeAll(async () => {
  service = await startService(tempFolder());
});
afterAll(async () => {
  expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expectQuiet(service.log(), audit(service.data).ucis);
  expect(service.log()).not.toMatch(/"level":(50|60)/);
});

interface Refusal {
  status: number;
  head: string;
  problem: Problem & { requestId: string };
}

/** What the service says to these bytes before it ends the connection, which must be one whole RFC 9457 answer. */
async function refusalOf(bytes: string | Uint8Array): Promise<Refusal> {
  const wire = new Wire(service.port);
  wire.send(bytes);
  const text = await wire.rest();
  wire.close();
  const at = text.indexOf('\r\n\r\n');
  const head = text.slice(0, at);
  expect(head).toMatch(/\r\ncontent-type: application\/problem\+json(\r\n|$)/i);
  expect(head).toMatch(/\r\nconnection: close(\r\n|$)/i);
  const problem = JSON.parse(text.slice(at + 4)) as Refusal['problem'];
  expect(Object.keys(problem)).toEqual(['type', 'title', 'status', 'detail', 'requestId', 'help']);
  expect(problem.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(problem.detail).not.toMatch(/\.js|\.ts|node:|HPE_| at /);
  expect(head).toContain(`HTTP/1.1 ${problem.status} `);
  return { status: problem.status, head, problem };
}

/** One answer on a connection that may stay open. */
async function answerTo(bytes: string): Promise<{ status: number; headers: Record<string, string>; body: string }> {
  const wire = new Wire(service.port);
  wire.send(bytes);
  try {
    return await wire.answer();
  } finally {
    wire.close();
  }
}

const get = (path: string, host = '127.0.0.1', more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;

async function metric(name: string): Promise<number> {
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

describe('what is no request', () => {
  it.each([
    ['zeros', '\0\0\0\0'],
    ['a TLS handshake', Buffer.from('16030100a5010000a10303', 'hex')],
    ['no version', 'POST /ioto/serialize\r\n\r\n'],
    ['HTTP/9.9', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['a negative length', 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\r\n b\r\n\r\n'],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n'],
    ['a control letter in a header', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: \x01\r\n\r\n'],
  ])('%s, is refused as 400 problem+json and the connection ends', async (_what, bytes) => {
    expect((await refusalOf(bytes)).status).toBe(400);
  });

  it.each([
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['an empty Host', 'GET /healthz HTTP/1.1\r\nHost: \r\n\r\n'],
    ['a Host that is none', get('/healthz', 'a b')],
    ['a Host with a path', get('/healthz', '127.0.0.1/x')],
    ['a target that is no path', 'GET healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
  ])('%s, is refused as 400 problem+json', async (_what, bytes) => {
    const answer = await answerTo(bytes);
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/problem+json']);
    expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect((JSON.parse(answer.body) as Problem).type).toBe('urn:claimstamp:problem:invalid');
  });

  it.each(['127.0.0.1', '::1'])('HTTP/1.0 needs no Host, as a balancer asks %s whether it is well', async (host) => {
    const asked = await startService(tempFolder(), { HOST: host });
    const body = '{"product":"DEMO"}';
    const post = (more = ''): string =>
      `POST /ioto/serialize HTTP/1.0\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
    const status = async (bytes: string): Promise<number> => {
      const wire = new Wire(asked.port, host);
      wire.send(bytes);
      const head = await wire.rest();
      return Number(/^HTTP\/1.1 (\d+) /.exec(head)?.[1]);
    };
    expect(await status('GET /healthz HTTP/1.0\r\n\r\n')).toBe(200);
    expect(await status('GET /readyz HTTP/1.0\r\n\r\n')).toBe(200);
    expect(await status(post())).toBe(200);
    expect(await status(post('Host: evil.example\r\n'))).toBe(421);
    await asked.end('SIGTERM');
  });

  it('headers over 16 KiB are refused as 431', async () => {
    for (const more of [`X: ${'x'.repeat(17_000)}\r\n`, 'Name: value\r\n'.repeat(4000)]) {
      const { status, problem } = await refusalOf(get('/healthz', '127.0.0.1', more));
      expect([status, problem.type]).toEqual([431, 'urn:claimstamp:problem:headers-too-large']);
    }
    expect((await answerTo(get('/healthz', '127.0.0.1', `X: ${'x'.repeat(15_000)}\r\n`))).status).toBe(200);
  });

  it('a request line over 16 KiB is refused as 431', async () => {
    expect((await refusalOf(get(`/${'x'.repeat(20_000)}`))).status).toBe(431);
  });

  it('CONNECT is refused: this is no proxy', async () => {
    const { status, problem } = await refusalOf(
      'CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example:443\r\n\r\n',
    );
    expect([status, problem.type]).toEqual([405, 'urn:claimstamp:problem:method-not-allowed']);
  });

  it('an offer to upgrade is not taken, and the request is answered as if it were not there', async () => {
    const websocket =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
    expect(
      (await answerTo(get('/healthz', '127.0.0.1', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n'))).status,
    ).toBe(200);
    const nowhere = await answerTo(get('/socket', '127.0.0.1', websocket));
    expect([nowhere.status, nowhere.headers['content-type']]).toEqual([404, 'application/problem+json']);
  });

  it('an expectation other than 100-continue is refused as 417, and that one is met', async () => {
    const body = '{"product":"DEMO"}';
    const post = (expectation: string): string =>
      `POST /ioto/serialize HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\nExpect: ${expectation}\r\n\r\n`;
    expect((await refusalOf(post('a-miracle') + body)).status).toBe(417);
    const wire = new Wire(service.port);
    wire.send(post('100-continue'));
    await new Promise((resolve) => wire.socket.once('data', resolve));
    wire.send(body);
    wire.socket.end();
    expect(await wire.rest()).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    wire.close();
  });

  it('behind a good request takes nothing from that one', async () => {
    const wire = new Wire(service.port);
    wire.send(Buffer.concat([agentBytes('{"product":"DEMO"}'), Buffer.from('\0\0\0\0\r\n\r\n')]));
    idOf(await wire.answer());
    expect(await wire.rest()).toBe('');
    wire.close();
  });

  it('is counted, and the service goes on', async () => {
    expect(await metric('claimstamp_connections_cut_total{reason="malformed"}')).toBeGreaterThan(10);
    idOf(await attempt(service.port, '{"product":"DEMO"}'));
  });
});

describe('a body without end', () => {
  const heads = {
    'of a declared length': 'POST /ioto/serialize HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10000000000\r\n\r\n',
    'in chunks': 'POST /ioto/serialize HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n',
  };
  for (const [what, head] of Object.entries(heads)) {
    it(`${what} is refused with 413, and soon nobody reads on`, async () => {
      const before = audit(service.data).lines.length;
      const wire = new Wire(service.port);
      const closed = new Promise<void>((resolve) => wire.socket.once('close', () => resolve()));
      wire.send(head);
      const chunk = `400\r\n${'x'.repeat(0x400)}\r\n`;
      const pour = setInterval(() => wire.socket.writable && wire.send(chunk.repeat(20)), 5);
      const answer = await wire.answer();
      expect([answer.status, (JSON.parse(answer.body) as Problem).type]).toEqual([
        413,
        'urn:claimstamp:problem:too-large',
      ]);
      await closed;
      clearInterval(pour);
      // What was poured in until the connection broke: far below what was promised.
      expect(wire.socket.bytesWritten).toBeLessThan(64 * 1024 * 1024);
      expect(audit(service.data).lines.length).toBe(before);
    });
  }
});

describe('a host name', () => {
  const own = [
    '127.0.0.1',
    '127.0.0.1:4100',
    '[::1]',
    '[::1]:4100',
    '10.0.8.5',
    'localhost',
    'LOCALHOST:80',
    'localhost.',
    hostname(),
  ];
  it.each(own)('%s is one that DNS cannot turn against this service', async (host) => {
    expect((await answerTo(get('/healthz', host))).status).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:4100',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '1.evil',
    'xn--lcalhost-9bb',
  ])('%s is not, and is told what to set', async (host) => {
    for (const path of ['/healthz', '/v1/units', '/nowhere']) {
      const answer = await answerTo(get(path, host));
      expect([answer.status, answer.headers['content-type']]).toEqual([421, 'application/problem+json']);
      const { type, detail } = JSON.parse(answer.body) as Problem;
      expect(type).toBe('urn:claimstamp:problem:misdirected');
      expect(detail).toMatch(/is not known by the name .*: set CLAIMSTAMP_PUBLIC_URL/);
    }
    const before = audit(service.data).lines.length;
    const bytes = agentBytes('{"product":"DEMO"}').toString().replace('127.0.0.1:4100', host);
    expect((await answerTo(bytes)).status).toBe(421);
    expect(audit(service.data).lines.length).toBe(before);
  });

  it.each(['2130706433', '0177.0.0.1', '0x7f000001', '127.1'])(
    '%s, which some read as 127.0.0.1, is none',
    async (host) => {
      expect([400, 421]).toContain((await answerTo(get('/healthz', host))).status);
    },
  );

  it('in an absolute target counts more than the Host header', async () => {
    expect((await answerTo('GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')).status).toBe(421);
    expect((await answerTo('GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')).status).toBe(200);
  });

  it('that was set is ours, and devices refused for theirs are shown', async () => {
    const desk = await openDesk({
      HOST: '0.0.0.0',
      CLAIMSTAMP_AGENT_ACCESS: 'open',
      CLAIMSTAMP_PUBLIC_URL: 'https://Claims.factory.example:8443/',
    });
    const status = async (url: string): Promise<number> => (await desk.app.request(url)).status;
    expect(await status('http://claims.factory.example/healthz')).toBe(200);
    expect(await status('http://10.0.0.9/healthz')).toBe(200);
    expect(await status('http://evil.example/healthz')).toBe(421);
    await desk.app.request('http://old-name.example/ioto/serialize', { method: 'POST', body: '{"product":"DEMO"}' });
    const shown = await desk.ask<{ refusals: { code: string }[] }>('GET', '/v1/stations/default');
    expect(shown.body.refusals).toEqual([
      expect.objectContaining({ code: 'misdirected', count: 1, lastSource: '127.0.0.1' }),
    ]);
  });

  it('is accepted by a service for all addresses that has no public URL', async () => {
    const desk = await openDesk({ HOST: '0.0.0.0', CLAIMSTAMP_AGENT_ACCESS: 'open' });
    expect((await desk.app.request('http://whatever.example/healthz')).status).toBe(200);
  });
});

describe('a web page', () => {
  it.each(['https://evil.example', 'null', 'http://127.0.0.1:4100'])('of %s burns no Claim ID', async (origin) => {
    const before = audit(service.data).lines.length;
    for (const path of ['/ioto/serialize', '/ioto/serialize/abcdefghijklmnopqrstuv', '/api/device/register']) {
      const answer = await fetch(service.url + path, {
        method: 'POST',
        headers: { origin },
        body: '{"product":"DEMO"}',
      });
      expect([answer.status, ((await answer.json()) as Problem).type]).toEqual([
        403,
        'urn:claimstamp:problem:web-origin',
      ]);
    }
    expect(audit(service.data).lines.length).toBe(before);
  });

  it('is told on every answer but the agents how little it may do with it', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/v1/units', '/nowhere']) {
      const { headers } = await fetch(service.url + path, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
        'permissions-policy': expect.stringContaining('camera=()'),
      });
    }
    const agent = await attempt(service.port, '{"product":"DEMO"}');
    expect(agent.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(agent.headers['content-security-policy']).toBeUndefined();
  });

  it('that is one of ours takes scripts and styles from here and nothing inline', async () => {
    const desk = await openDesk();
    desk.app.get('/page', (c) => c.html('<p>'));
    desk.app.get('/logo', (c) => c.body('x', 200, { 'cache-control': 'max-age=60' }));
    const policy = (await desk.app.request('/page')).headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
    expect(policy).not.toMatch(/unsafe|\*/);
    expect((await desk.app.request('/logo')).headers.get('cache-control')).toBe('max-age=60');
  });
});

describe('connections', () => {
  /** `count` connections from one of this machine's own addresses; tells which of them are open after a while. */
  async function hold(count: number, localAddress: string): Promise<{ open: () => number; close: () => void }> {
    const sockets: Socket[] = [];
    for (let i = 0; i < count; i++) {
      const socket = connect({ port: service.port, host: '127.0.0.1', localAddress }).on('error', () => {});
      socket.resume().on('end', () => socket.destroy());
      sockets.push(socket);
      // Slower than the queue of connections that the kernel has not handed over yet fills up.
      if (i % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return {
      open: () => sockets.filter((socket) => !socket.destroyed).length,
      close: () => sockets.forEach((socket) => void socket.destroy()),
    };
  }

  it('over a thousand from one address are closed at once, and other addresses keep theirs', async () => {
    const crowd = await hold(1050, '127.0.0.9');
    await until(async () => crowd.open() === 1000 || undefined);
    idOf(await attempt(service.port, '{"product":"DEMO"}'));
    expect(await metric('claimstamp_connections_cut_total{reason="address-cap"}')).toBe(50);
    crowd.close();
    await until(async () => (await metric('claimstamp_connections_open')) < 10 || undefined);
    // Who left makes room.
    const again = await hold(10, '127.0.0.9');
    await until(async () => (await metric('claimstamp_connections_open')) >= 10);
    expect(again.open()).toBe(10);
    again.close();
  });

  it('over four thousand in all are closed at once, and there is room again when they go', async () => {
    const crowds: Awaited<ReturnType<typeof hold>>[] = [];
    for (const last of [10, 11, 12, 13, 14]) crowds.push(await hold(950, `127.0.0.${last}`));
    await until(async () => crowds.reduce((sum, { open }) => sum + open(), 0) <= 4000 || undefined);
    for (const { close } of crowds) close();
    await until(async () => attempt(service.port, '{"product":"DEMO"}').then(idOf, () => undefined));
    expect(await metric('claimstamp_connections_cut_total{reason="cap"}')).toBeGreaterThanOrEqual(750);
    await until(async () => (await metric('claimstamp_connections_open')) < 10 || undefined);
  });

  it('that send far ahead are closed, and what they still had in line is not carried out', async () => {
    const before = audit(service.data).lines.length;
    const wire = new Wire(service.port);
    wire.send(Buffer.concat(Array.from({ length: 300 }, () => agentBytes('{"product":"DEMO"}'))));
    await wire.rest();
    wire.close();
    expect(await metric('claimstamp_connections_cut_total{reason="pipelined"}')).toBe(1);
    expect(audit(service.data).lines.length - before).toBeLessThanOrEqual(17);
  });

  it('are told of in the log once a minute for each reason, however many there were', () => {
    const told = service
      .log()
      .split('\n')
      .filter((line) => line.includes('"reason":"address-cap"'));
    expect(told.length).toBe(1);
  });
});

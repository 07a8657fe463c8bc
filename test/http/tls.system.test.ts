import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certify, makeAuthority, type Authority } from '../support/pki.ts';
import { agentBytes, Wire } from '../support/agent-wire.ts';
import { ADMIN_TOKEN, expectQuiet, run, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/*
 * Real handshakes with the real process. The certificate is made by an authority of the test's own, as docs/admin.md
 * has it, and clients trust that authority and nothing else, as an agent with its authority file does.
 */

let authority: Authority;
let files: { cert: string; key: string };
let service: Service;
let port: number;

/** What the service is given is a copy: a renewal writes over it. */
function use(name: string, days?: number): void {
  const pair = certify(authority, name, days);
  copyFileSync(pair.cert, files.cert);
  copyFileSync(pair.key, files.key);
}

beforeAll(async () => {
  authority = makeAuthority();
  files = { cert: join(authority.folder, 'in-use.pem'), key: join(authority.folder, 'in-use.key') };
  use('first');
  service = await startService(tempFolder(), { CLAIMSTAMP_TLS_CERT: files.cert, CLAIMSTAMP_TLS_KEY: files.key });
  port = Number(/"url":"https:\/\/127\.0\.0\.1:(\d+)"/.exec(service.log())?.[1]);
});
afterAll(async () => {
  expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expectQuiet(service.log(), []);
});

/** A handshake; rejects with what it failed of. */
function shake(options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const to = { port, host: '127.0.0.1', ca: authority.pem, allowHalfOpen: true, ...options };
    const socket: TLSSocket = connect(to, () => resolve(socket));
    socket.on('error', reject);
  });
}

async function certificateName(): Promise<string> {
  const socket = await shake();
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return CN as string;
}

/** What the service says on this connection until it ends it. */
async function said(socket: TLSSocket): Promise<string> {
  let text = '';
  for await (const bytes of socket) text += String(bytes);
  return text;
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

function get(path: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    request({ port, host: '127.0.0.1', path, ca: authority.pem, headers, ...(agent ? { agent } : {}) }, (answer) => {
      let body = '';
      answer.on('data', (bytes: Buffer) => (body += bytes.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode as number, headers: answer.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

/** Waits until the log has one more line with this in it. */
async function logged(part: string, act: () => void): Promise<string> {
  const lines = (): string[] =>
    service
      .log()
      .split('\n')
      .filter((line) => line.includes(part));
  const before = lines().length;
  act();
  return until(async () => lines()[before]);
}

const hangUp = (): void =>
  void process.kill(
    (JSON.parse(readFileSync(join(service.data, 'serve.json'), 'utf8')) as { pid: number }).pid,
    'SIGHUP',
  );

describe('the service with a certificate', () => {
  it('is what a client finds that trusts the authority, and one that does not turns away', async () => {
    const socket = await shake();
    expect(socket.authorized).toBe(true);
    expect(socket.getProtocol()).toBe('TLSv1.3');
    socket.destroy();
    await expect(shake({ ca: makeAuthority().pem })).rejects.toThrow(/unable to verify|self.signed|issuer/i);
    await expect(shake({ host: 'localhost', servername: 'elsewhere.example' })).rejects.toThrow(/altnames/);
  });

  it('speaks TLS 1.2 and nothing older', async () => {
    const socket = await shake({ maxVersion: 'TLSv1.2' });
    expect(socket.getProtocol()).toBe('TLSv1.2');
    socket.destroy();
    const old = { ciphers: 'DEFAULT@SECLEVEL=0', minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
    await expect(shake(old)).rejects.toThrow(/alert protocol version|unsupported protocol/);
  });

  it('gives an agent its Claim ID, even one that closes its side behind the request', async () => {
    const socket = await shake();
    socket.end(agentBytes('{"product":"DEMO"}'));
    expect(await said(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n\{"id":"[0-9A-Z]{10}"\}$/);
  });

  it('answers nothing to who speaks plain HTTP, and counts it', async () => {
    const wire = new Wire(port);
    wire.send(agentBytes('{"product":"DEMO"}'));
    expect(await wire.rest()).not.toContain('HTTP/');
    expect((await get('/metrics')).body).toMatch(/claimstamp_connections_cut_total\{reason="handshake"\} [1-9]/);
  });

  it('tells browsers to stay with TLS, and only there', async () => {
    expect((await get('/healthz')).headers['strict-transport-security']).toMatch(/^max-age=\d+$/);
    const token = (JSON.parse(readFileSync(join(service.data, 'serve.json'), 'utf8')) as { token: string }).token;
    const own = await fetch(`${service.url}/healthz`, { headers: { authorization: `Bearer ${token}` } });
    expect([own.status, own.headers.get('strict-transport-security')]).toEqual([200, null]);
  });

  it('keeps a door for commands on this machine, which shows nothing without their token', async () => {
    expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    for (const headers of [{}, { authorization: `Bearer ${ADMIN_TOKEN}` }, { authorization: 'Bearer undefined' }]) {
      for (const path of ['/healthz', '/metrics', '/v1/stations', '/ioto/serialize']) {
        const answer = await fetch(service.url + path, { headers });
        expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
      }
    }
    // The certificate is the service's affair: a command needs none of its settings.
    expect(await run('claimstamp', ['station', 'list'], service.data)).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout } = await run('serialize', ['DEMO'], service.data);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^[0-9A-Z]{10}$/)]);
  });

  it('takes a renewed certificate on SIGHUP, and the connections that are open stay open', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await get('/healthz', agent)).status).toBe(200);
    const held = Object.values(agent.freeSockets).flat()[0] as TLSSocket;
    expect(await certificateName()).toBe('first');
    use('second');
    await logged('certificate read', hangUp);
    expect(await certificateName()).toBe('second');
    expect((await get('/healthz', agent)).status).toBe(200);
    expect(Object.values(agent.freeSockets).flat()).toEqual([held]);
    expect(held.getPeerCertificate().subject.CN).toBe('first');
    agent.destroy();
    await expect(
      shake({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    ).rejects.toThrow();
  });

  it('keeps the former certificate when the renewed one cannot be used, and says what to mend', async () => {
    const former = await certificateName();
    copyFileSync(certify(authority, 'stranger').key, files.key);
    expect(await logged('was not renewed', hangUp)).toMatch(/"level":50.*is not the key of the first certificate/);
    expect(await certificateName()).toBe(former);
    writeFileSync(files.cert, 'half a fi');
    expect(await logged('was not renewed', hangUp)).toContain('is not PEM');
    expect(await certificateName()).toBe(former);
    use('third');
    await logged('certificate read', hangUp);
    expect(await certificateName()).toBe('third');
  });

  it('warns of a certificate that is over, or soon will be, and serves it all the same', async () => {
    use('soon', 2);
    expect(await logged('expires within two weeks', hangUp)).toContain('"level":40');
    use('over', 0);
    expect(await logged('is not valid today', hangUp)).toContain('"level":40');
    expect((await shake({ rejectUnauthorized: false })).authorizationError).toBe('CERT_HAS_EXPIRED');
    use('fourth');
    await logged('certificate read', hangUp);
  });

  it('cuts who connects and never begins a handshake, and lets nobody wait for him', async () => {
    const silent = Array.from({ length: 20 }, () => connectTcp(port, '127.0.0.1').on('error', () => {}));
    const begun = performance.now();
    const ends = silent.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve)));
    expect((await get('/healthz')).status).toBe(200);
    await Promise.all(ends);
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(service.log()).not.toContain('"level":60');
  });
});

describe('the service without a certificate', () => {
  it('outlives SIGHUP', async () => {
    const plain = await startService(tempFolder());
    const { pid } = JSON.parse(readFileSync(join(plain.data, 'serve.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGHUP');
    await until(async () => plain.log().includes('nothing to reload') || undefined);
    expect((await fetch(`${plain.url}/healthz`)).headers.get('strict-transport-security')).toBeNull();
    await plain.end('SIGTERM');
  });
});

it.each([
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-RSA-AES256-SHA',
  'AES128-SHA',
  'AES128-GCM-SHA256',
])('TLS 1.2 without authenticated encryption or forward secrecy is refused: %s', async (ciphers) => {
  const shaken = shake({ maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` });
  await expect(shaken).rejects.toThrow(/handshake failure/);
});

it('TLS 1.2 with authenticated encryption is spoken', async () => {
  const socket = await shake({ maxVersion: 'TLSv1.2' });
  expect(socket.getCipher().name).toMatch(/GCM|POLY1305/);
  socket.destroy();
});

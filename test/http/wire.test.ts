import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { audit } from '../support/audit.ts';
import { agentBytes, attempt, idOf, Wire } from '../support/agent-wire.ts';
import { expectQuiet, startService, tempFolder, type Problem, type Service } from '../support/service.ts';

/** What agent 3.0.0 puts on the wire, byte for byte. */
const CONTRACT = readFileSync(join(packageRoot, 'test', 'fixtures', 'serialize-request.http'));

const TOO_LARGE = JSON.stringify({ product: 'DEMO', note: 'x'.repeat(16 * 1024) });

describe("an agent's request on the wire", () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService(tempFolder());
  });
  afterAll(async () => {
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expectQuiet(service.log(), audit(service.data).ucis);
  });

  it('is answered 200 and nothing else, each on a connection of its own', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      const wire = new Wire(service.port);
      wire.send(CONTRACT);
      const answer = await wire.answer();
      expect(answer.headers['content-type']).toBe('application/json');
      ids.push(idOf(answer));
      wire.close();
    }
    expect(new Set(ids).size).toBe(5);
    expect(audit(service.data).ucis).toEqual(expect.arrayContaining(ids));
    expect(audit(service.data).lines.at(-1)).toContain('"product":"01H4R15D3478JD26YDYK408XE6"');
  });

  it('is answered when it comes one byte at a time', async () => {
    const wire = new Wire(service.port);
    for (const byte of CONTRACT) {
      wire.send(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    idOf(await wire.answer());
    wire.close();
  });

  it('is answered when a second one follows at once on the same connection', async () => {
    const wire = new Wire(service.port);
    wire.send(Buffer.concat([CONTRACT, CONTRACT]));
    const first = idOf(await wire.answer());
    const second = idOf(await wire.answer());
    expect(second).not.toBe(first);
    wire.close();
  });

  it('is answered when the agent closes its side behind it', async () => {
    const wire = new Wire(service.port);
    wire.socket.end(CONTRACT);
    idOf(await wire.answer());
    expect(await wire.rest()).toBe('');
    wire.close();
  });

  it('writes nothing when the connection ends in the middle of it', async () => {
    const before = audit(service.data).lines.length;
    for (const bytes of [20, CONTRACT.length - 40, CONTRACT.length - 1]) {
      const wire = new Wire(service.port);
      wire.socket.end(CONTRACT.subarray(0, bytes));
      expect(await wire.rest()).toMatch(/^(HTTP\/1\.1 400 |$)/);
      wire.close();
    }
    expect(audit(service.data).lines.length).toBe(before);
  });

  it('is refused with 413 when its Content-Length is over 16 KiB, and the ledger does not grow', async () => {
    const before = audit(service.data).lines.length;
    const answer = await attempt(service.port, TOO_LARGE);
    expectTooLarge(answer.status, answer.body);
    expect(audit(service.data).lines.length).toBe(before);
  });

  it.each(['Host: 127.0.0.1\r\nHost: 127.0.0.1', 'Host: 127.0.0.1\r\nhOST: evil.example'])(
    'is refused with 400 when it names its host twice (RFC 9112, 3.2): %j',
    async (hosts) => {
      const before = audit(service.data).lines.length;
      const wire = new Wire(service.port);
      wire.send(`POST /ioto/serialize HTTP/1.1\r\n${hosts}\r\nContent-Length: 18\r\n\r\n{"product":"DEMO"}`);
      const answer = await wire.answer();
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ detail: expect.stringMatching(/two Host lines/) });
      expect(audit(service.data).lines.length).toBe(before);
      wire.close();
    },
  );

  it.each([
    'Authorization: Bearer a',
    'Content-Type: application/json',
    'Cookie: a=b',
    'Origin: http://a',
    'Idempotency-Key: a',
    'X-CSRF-Token: a',
    'X-Forwarded-Proto: https',
    'Transfer-Encoding: chunked',
    'Content-Length: 18',
  ])('is refused with 400 when it has two lines %j', async (line) => {
    const before = audit(service.data).lines.length;
    const [name = ''] = line.split(':');
    for (const second of [line, `${name.toUpperCase()}:${line.slice(name.length + 1)}2`]) {
      const wire = new Wire(service.port);
      const framing = /^(Content-Length|Transfer)/.test(line) ? '' : 'Content-Length: 18\r\n';
      wire.send(`POST /ioto/serialize HTTP/1.1\r\nHost: a\r\n${framing}${line}\r\n${second}\r\n\r\n{"product":"DEMO"}`);
      expect((await wire.answer()).status).toBe(400);
      wire.close();
    }
    expect(audit(service.data).lines.length).toBe(before);
  });

  it('is refused with 413 when its chunks add up to more than 16 KiB, and the ledger does not grow', async () => {
    const before = audit(service.data).lines.length;
    const wire = new Wire(service.port);
    wire.send('POST /ioto/serialize HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let at = 0; at < TOO_LARGE.length; at += 1000) {
      const chunk = TOO_LARGE.slice(at, at + 1000);
      wire.send(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    }
    wire.send('0\r\n\r\n');
    const answer = await wire.answer();
    expectTooLarge(answer.status, answer.body);
    wire.close();
    expect(audit(service.data).lines.length).toBe(before);
  });

  it('is refused with 413 before a body without end has ended', async () => {
    const wire = new Wire(service.port);
    wire.send('POST /ioto/serialize HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let i = 0; i < 20; i++) wire.send(`400\r\n${'x'.repeat(0x400)}\r\n`);
    const answer = await wire.answer();
    expectTooLarge(answer.status, answer.body);
    wire.close();
  });

  it('in chunks of an allowed size is answered like any other', async () => {
    const wire = new Wire(service.port);
    wire.send('POST /ioto/serialize HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n');
    wire.send('a\r\n{"product"\r\n8\r\n:"DEMO"}\r\n0\r\n\r\n');
    idOf(await wire.answer());
    wire.close();
  });

  it('of 16 KiB to the byte is answered', async () => {
    const frame = JSON.stringify({ product: 'DEMO', note: '' });
    const body = JSON.stringify({ product: 'DEMO', note: 'x'.repeat(16 * 1024 - frame.length) });
    expect(body.length).toBe(16 * 1024);
    idOf(await attempt(service.port, body));
  });

  it('with another method is told which one, as 405', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await fetch(`${service.url}/ioto/serialize`, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('POST');
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
  });

  it('that is not HTTP gets no 200 and does not stop the service', async () => {
    for (const bytes of [
      '\0\0\0\0',
      'POST /ioto/serialize\r\n\r\n',
      'POST /ioto/serialize HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
    ]) {
      const wire = new Wire(service.port);
      wire.socket.end(bytes);
      expect(await wire.rest()).toMatch(/^HTTP\/1\.1 400 /);
      wire.close();
    }
    idOf(await attempt(service.port, '{"product":"DEMO"}'));
  });

  it('does not go to another address than the one it asked', async () => {
    for (const path of ['/ioto/serialize/', '/ioto//serialize', '/IOTO/serialize', '/ioto/serialize/..']) {
      const wire = new Wire(service.port);
      wire.send(agentBytes('{"product":"DEMO"}', path));
      const { status } = await wire.answer();
      // Not a redirect: the agent follows none.
      expect([200, 404]).toContain(status);
      wire.close();
    }
  });
});

function expectTooLarge(status: number, body: string): void {
  expect(status).toBe(413);
  expect((JSON.parse(body) as Problem).detail).toMatch(/16384/);
}

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createServer, get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handOut } from '../../src/http/send-file.ts';
import { refusal } from '../../src/platform/error.ts';
import { until } from '../support/until.ts';

describe('a file that is handed out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'claimstamp-hand-out-'));
  // More than all buffers on the way hold, and no whole number of pieces.
  const content = randomBytes(9_000_001);
  const opened: FileHandle[] = [];
  const app = new Hono();
  let allowed = true;
  const stillAllowed = async (): Promise<void> => {
    if (!allowed) throw refusal('unauthorized', 'token');
  };
  app.onError((_, c) => c.text('refused', 401));
  app.get('/:name', async (c) => {
    const file = await open(join(folder, c.req.param('name')));
    opened.push(file);
    return handOut(c, stillAllowed, { file, bytes: (await file.stat()).size }, { 'content-type': 'text/plain' });
  });
  const listener = getRequestListener(app.fetch);
  const server = createServer((request, response) => void listener(request, response));
  const ask = async (name: string): Promise<IncomingMessage> => {
    const { port } = server.address() as AddressInfo;
    const [answer] = await once(get({ port, path: `/${name}`, agent: false }), 'response');
    return answer as IncomingMessage;
  };
  const isClosed = (): true | undefined => opened.at(-1)?.fd === -1 || undefined;

  beforeAll(async () => {
    writeFileSync(join(folder, 'long'), content);
    writeFileSync(join(folder, 'empty'), '');
    await once(server.listen(0), 'listening');
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it('comes byte for byte with its headers, and is closed', async () => {
    const answer = await ask('long');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain',
      'content-length': String(content.length),
      'cache-control': 'no-store',
    });
    expect((await bytesOf(answer)).equals(content)).toBe(true);
    await until(async () => isClosed());
  });

  it('comes byte for byte to a client that reads slowly', async () => {
    const answer = await ask('long');
    const parts: Buffer[] = [];
    for await (const part of answer) {
      parts.push(part as Buffer);
      if (parts.length % 20 === 0) await pause(5);
    }
    expect(Buffer.concat(parts).equals(content)).toBe(true);
  });

  it('is closed when its client hangs up', async () => {
    const answer = await ask('long');
    await once(answer, 'data');
    expect(isClosed()).toBeUndefined();
    answer.destroy();
    await until(async () => isClosed());
  });

  it('is cut when the access of its client ends, even if the client does not read', async () => {
    const answer = await ask('long');
    await once(answer, 'readable');
    // The connection may be reset before the test reads again.
    answer.on('error', () => {});
    allowed = false;
    try {
      await until(async () => isClosed());
      await expect(bytesOf(answer)).rejects.toThrow();
    } finally {
      allowed = true;
    }
  });

  it('is not sent, and is closed, when the access ended before', async () => {
    allowed = false;
    try {
      const answer = await ask('long');
      expect(answer.statusCode).toBe(401);
      expect((await bytesOf(answer)).toString()).toBe('refused');
      await until(async () => isClosed());
    } finally {
      allowed = true;
    }
  });

  it('is cut in a call inside the process too', async () => {
    const answer = await app.request('/long');
    const reader = (answer.body as ReadableStream).getReader();
    await reader.read();
    allowed = false;
    try {
      await until(async () => isClosed());
      const rest = async (): Promise<void> => {
        while (!(await reader.read()).done);
      };
      await expect(rest()).rejects.toThrow();
    } finally {
      allowed = true;
    }
  });

  it('is closed when its client hangs up while another answer is before it', async () => {
    const { port } = server.address() as AddressInfo;
    const before = opened.length;
    const socket = connect(port).pause();
    socket.write('GET /long HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2));
    await until(async () => opened.length === before + 2 || undefined);
    socket.destroy();
    await until(async () => opened.every(({ fd }) => fd === -1) || undefined);
  });

  it('may be empty', async () => {
    const answer = await ask('empty');
    expect(answer.headers['content-length']).toBe('0');
    expect(await bytesOf(answer)).toEqual(Buffer.alloc(0));
    await until(async () => isClosed());
  });

  it('is the same inside the process', async () => {
    const answer = await app.request('/long');
    expect(answer.headers.get('content-length')).toBe(String(content.length));
    expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
    await until(async () => isClosed());
  });
});

async function bytesOf(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

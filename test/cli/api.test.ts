import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { remote } from '../../src/cli/api.ts';

it.each([
  ['broke off', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"units":'],
  ['is a page of HTML', 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>'],
])('an answer that %s is told in a sentence', async (_what, answer) => {
  const server = createServer((socket) => socket.on('data', () => socket.end(answer)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const api = remote(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token');
    await expect(api.request('GET', '/v1/units')).rejects.toMatchObject({ code: 'ledger-unavailable' });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { remote, type Api } from '../../src/cli/api.ts';

/** A service that answers every request with these bytes. Resolves to what the first request asked for. */
async function answering(answer: string, act: (api: Api) => Promise<void>): Promise<string> {
  let asked = '';
  const server = createServer((socket) =>
    socket.on('data', (bytes) => {
      asked ||= bytes.toString().split('\r\n', 1)[0] ?? '';
      socket.end(answer);
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await act(remote(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token'));
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  return asked;
}

function json(body: object): string {
  const text = JSON.stringify(body);
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

it.each([
  ['broke off', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"units":'],
  ['is a page of HTML', 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>'],
  ['lacks what is needed of it', json({ units: [{ uci: 'JT08FFQXWQ' }], next: null })],
])('an answer that %s is told in a sentence', async (_what, answer) => {
  await answering(answer, async (api) => {
    await expect(api.call('GET /v1/units')).rejects.toMatchObject({ code: 'ledger-unavailable' });
  });
});

it('an answer of a newer service, with more fields and new words, is taken as it is', async () => {
  const station = {
    name: 'line-1',
    mode: 'carousel',
    next: 'manual',
    sources: [],
    autoPrint: false,
    workOrders: {},
    slot: { state: 'paused', since: 'today' },
    operators: ['lin'],
  };
  await answering(json({ stations: [station], weather: 'fine' }), async (api) => {
    expect(await api.call('GET /v1/stations')).toEqual({ stations: [station], weather: 'fine' });
  });
});

it('what stands in an address is percent-encoded, and what is undefined is left out', async () => {
  const asked = await answering(json({ events: [] }), async (api) => {
    await api.call('GET /v1/units/{uci}/events', { params: { uci: 'a/b c?' } });
  });
  expect(asked).toBe('GET /v1/units/a%2Fb%20c%3F/events HTTP/1.1');
  const found = await answering(json({ units: [], next: null }), async (api) => {
    await api.call('GET /v1/units', { query: { find: 'a&b', serial: undefined, after: 7 } });
  });
  expect(found).toBe('GET /v1/units?find=a%26b&after=7 HTTP/1.1');
});

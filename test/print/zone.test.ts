import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { job, sendTo, somePdf } from '../support/print-jobs.ts';

/** The interface of ::1, `lo` on Linux: a zone that every machine with IPv6 has. */
const [zone = 'lo'] = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
  addresses.some(({ address }) => address === '::1') ? [name] : [],
);

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  await once(server.listen(0, '::1'), 'listening');
  return (server.address() as AddressInfo).port;
}

describe('an IPv6 address with a zone', () => {
  it('takes a label on a raw port', async () => {
    const received: Promise<string>[] = [];
    const port = await portOf(createTcpServer((socket) => received.push(text(socket))));
    const { outcome } = await sendTo(
      { kind: 'raw9100', host: `[::1%${zone}]:${port}` },
      job('zpl', Buffer.from('^XA^XZ')),
    );
    expect(outcome).toEqual({ state: 'sent' });
    expect(await received[0]).toBe('^XA^XZ');
  });

  it.for(['%', '%25'])('takes a label over IPP, written with %s, and is not told its zone', async (sign) => {
    const hosts: (string | undefined)[] = [];
    const bodies: Promise<string>[] = [];
    const server = createServer((request, response) => {
      hosts.push(request.headers.host);
      bodies.push(text(request).finally(() => response.writeHead(503).end()));
    });
    const port = await portOf(server);
    await sendTo({ kind: 'ipp', url: `ipp://[::1${sign}${zone}]:${port}/q` }, job('pdf', somePdf()));
    expect(hosts[0]).toBe(`[::1]:${port}`);
    expect(await bodies[0]).toContain(`ipp://[::1]:${port}/q`);
  });
});

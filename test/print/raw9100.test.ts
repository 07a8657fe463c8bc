import { randomBytes } from 'node:crypto';
import { getEventListeners, once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Printer } from '../../src/model/printer.ts';
import type { Stop } from '../../src/model/printing/sending.ts';
import { freePort } from '../support/free-port.ts';
import { job, send, sendTo } from '../support/print-jobs.ts';
import { until } from '../support/until.ts';

/** More than the kernels of both ends hold for a connection that nobody reads. */
const MORE_THAN_BUFFERS = 48 * 1024 * 1024;
const LABEL = '^XA^FO10,10^FDhello^FS^XZ\n';

interface RawPrinter {
  port: number;
  connections: Socket[];
  received: () => Buffer;
}

const servers: { server: Server; connections: Socket[] }[] = [];
afterEach(() => {
  for (const { server, connections } of servers.splice(0)) {
    for (const socket of connections) socket.destroy();
    server.close();
  }
});

/** `behave` is the printer's mind: what it does with a connection. Until it reads, nothing is read. */
async function rawPrinter(behave: (socket: Socket, read: () => void) => void): Promise<RawPrinter> {
  const connections: Socket[] = [];
  const chunks: Buffer[] = [];
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    connections.push(socket);
    socket.on('error', () => {});
    behave(socket, () => socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume());
  });
  servers.push({ server, connections });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, connections, received: () => Buffer.concat(chunks) };
}

const at = (port: number, limits: object = {}): object => ({ kind: 'raw9100', host: '127.0.0.1', port, ...limits });

const reads = (socket: Socket, read: () => void): void => {
  socket.on('end', () => socket.end());
  read();
};

describe('everything handed over', () => {
  it('a printer that takes the job and closes: sent, byte for byte, over one connection', async () => {
    const printer = await rawPrinter(reads);
    const zpl = randomBytes(300_000);
    const { outcome, sending } = await sendTo(at(printer.port), job('zpl', zpl));
    expect(outcome).toEqual({ state: 'sent' });
    expect(sending).toBe(1);
    expect(printer.received().equals(zpl)).toBe(true);
    expect(printer.connections).toHaveLength(1);
  });

  it('after the job, nothing waits for the printer any more', async () => {
    const printer = await rawPrinter(reads);
    const { signal } = new AbortController();
    await sendTo(at(printer.port), job('zpl', LABEL), signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('nothing leaves before onSending is done', async () => {
    const printer = await rawPrinter(reads);
    const onSending = async (): Promise<void> => {
      // Long enough for bytes on this machine to arrive, had any been sent.
      await pause(100);
      expect(printer.connections).toHaveLength(1);
      expect(printer.received()).toHaveLength(0);
    };
    const settings = Printer.parse({ name: 'bench-1', ...at(printer.port) });
    const outcome = await send(settings, job('zpl', LABEL), { onSending }, new AbortController().signal);
    expect(outcome).toEqual({ state: 'sent' });
    expect(printer.received().toString()).toBe(LABEL);
  });

  it('a slow printer is waited for as long as it takes something', async () => {
    const printer = await rawPrinter((socket, read) => {
      socket.on('end', () => socket.end());
      socket.on('data', () => {
        socket.pause();
        setTimeout(() => socket.resume(), 2);
      });
      read();
    });
    const zpl = randomBytes(12 * 1024 * 1024);
    const { outcome } = await sendTo(at(printer.port, { stallMs: 2_000 }), job('zpl', zpl));
    expect(outcome).toEqual({ state: 'sent' });
    expect(printer.received().equals(zpl)).toBe(true);
    expect(printer.connections).toHaveLength(1);
  });

  it('a printer that never closes holds nobody longer than closeMs', async () => {
    const printer = await rawPrinter((_socket, read) => read());
    const began = performance.now();
    const { outcome } = await sendTo(at(printer.port, { closeMs: 300 }), job('zpl', LABEL));
    expect(outcome).toEqual({ state: 'sent' });
    expect(performance.now() - began).toBeGreaterThan(250);
    expect(printer.received().toString()).toBe(LABEL);
    expect(printer.connections).toHaveLength(1);
  });

  it('a printer that talks back is listened to and not believed', async () => {
    const printer = await rawPrinter((socket, read) => {
      socket.write('status: '.repeat(10_000));
      reads(socket, read);
    });
    expect((await sendTo(at(printer.port), job('zpl', LABEL))).outcome).toEqual({ state: 'sent' });
  });
});

describe('nothing left: the job waits', () => {
  it('a printer that refuses', async () => {
    const port = await freePort();
    const { outcome, sending } = await sendTo(at(port), job('zpl', LABEL));
    expect(outcome).toEqual({
      state: 'queued',
      what: 'notReached',
      reason: `printer bench-1: 127.0.0.1:${port} refused the connection: is it switched on, and are its host and port correct?`,
    });
    expect(sending).toBe(0);
  });

  it('a busy printer that closes as soon as it has accepted', async () => {
    const printer = await rawPrinter((socket) => socket.end());
    // Until the end of the connection has come.
    const onSending = (): Promise<void> => pause(100);
    const settings = Printer.parse({ name: 'bench-1', ...at(printer.port) });
    const outcome = await send(settings, job('zpl', LABEL), { onSending }, new AbortController().signal);
    expect(outcome).toMatchObject({
      state: 'queued',
      reason: expect.stringContaining('closed the connection before anything was sent') as string,
    });
    expect(printer.connections).toHaveLength(1);
  });

  it('a ledger that cannot note the sending', async () => {
    const printer = await rawPrinter(reads);
    const onSending = (): Promise<void> => Promise.reject(new Error('the ledger cannot be written'));
    const settings = Printer.parse({ name: 'bench-1', ...at(printer.port) });
    const outcome = await send(settings, job('zpl', LABEL), { onSending }, new AbortController().signal);
    expect(outcome).toMatchObject({ state: 'queued', what: 'notReached' });
    await once(printer.connections[0] as Socket, 'close');
    expect(printer.received()).toHaveLength(0);
  });

  it('a stop before the connection, and one while the ledger notes the sending', async () => {
    const printer = await rawPrinter(reads);
    const early = await sendTo(at(printer.port), job('zpl', LABEL), AbortSignal.abort());
    expect(early).toMatchObject({ outcome: { state: 'queued', what: 'notReached' }, sending: 0 });
    expect(printer.connections).toHaveLength(0);

    const stop = new AbortController();
    const settings = Printer.parse({ name: 'bench-1', ...at(printer.port) });
    const outcome = await send(settings, job('zpl', LABEL), { onSending: () => stop.abort() }, stop.signal);
    expect(outcome).toMatchObject({ state: 'queued', what: 'notReached' });
    expect(printer.received()).toHaveLength(0);
  });
});

describe('bytes may have left: unknown, never sent again', () => {
  it('a printer that resets half-way', async () => {
    const printer = await rawPrinter((socket, read) => {
      let size = 0;
      socket.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > 100_000) socket.resetAndDestroy();
      });
      read();
    });
    const { outcome, sending } = await sendTo(at(printer.port), job('zpl', randomBytes(MORE_THAN_BUFFERS)));
    expect(outcome).toEqual({
      state: 'unknown',
      reason: 'printer bench-1: it broke the connection; the label may have been printed: check the printer',
    });
    expect(sending).toBe(1);
    expect(printer.connections).toHaveLength(1);
  });

  it('a printer that resets after the last byte, as one does that had not read it', async () => {
    const printer = await rawPrinter((socket) => setTimeout(() => socket.destroy(), 100));
    const { outcome } = await sendTo(at(printer.port), job('zpl', LABEL));
    expect(outcome).toMatchObject({ state: 'unknown' });
    expect(printer.connections).toHaveLength(1);
  });

  it('a printer that closes in the middle of the job', async () => {
    const printer = await rawPrinter((socket, read) => {
      read();
      setTimeout(() => socket.pause().end(), 50);
    });
    const zpl = randomBytes(MORE_THAN_BUFFERS);
    const { outcome } = await sendTo(at(printer.port, { stallMs: 500 }), job('zpl', zpl));
    expect(outcome).toMatchObject({ state: 'unknown' });
    expect(printer.connections).toHaveLength(1);
  });

  it('a printer that stops reading is in trouble, and its job is followed to its end', async () => {
    const reading: (() => void)[] = [];
    const printer = await rawPrinter((socket, read) => reading.push(() => reads(socket, read)));
    const zpl = randomBytes(MORE_THAN_BUFFERS);
    const said: (Stop | undefined)[] = [];
    const hooks = {
      onSending: () => {},
      onAccepted: (stopped?: Stop) => {
        said.push(stopped);
        // Someone puts labels in.
        if (stopped) for (const read of reading.splice(0)) read();
      },
    };
    const settings = Printer.parse({ name: 'bench-1', ...at(printer.port, { stallMs: 100 }) });
    expect(await send(settings, job('zpl', zpl), hooks, new AbortController().signal)).toEqual({ state: 'sent' });
    expect(said.find(Boolean)).toMatchObject({
      what: 'stopped',
      said: expect.stringContaining('no byte for 0.1 s') as string,
    });
    expect(said.at(-1)).toBeUndefined();
    await until(() => printer.received().length === zpl.length);
    expect(printer.received().equals(zpl)).toBe(true);
    expect(printer.connections).toHaveLength(1);
  });

  it('a stop in the middle of the job', async () => {
    const printer = await rawPrinter(() => {});
    const zpl = randomBytes(MORE_THAN_BUFFERS);
    const { outcome } = await sendTo(at(printer.port), job('zpl', zpl), AbortSignal.timeout(300));
    expect(outcome).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('sending was stopped') as string,
    });
    expect(printer.connections).toHaveLength(1);
  });
});

it('a stop after the last byte changes nothing: it is sent', async () => {
  const printer = await rawPrinter((_socket, read) => read());
  const { outcome } = await sendTo(at(printer.port, { closeMs: 60_000 }), job('zpl', LABEL), AbortSignal.timeout(300));
  expect(outcome).toEqual({ state: 'sent' });
});

import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { atFileEnd } from './file-end.ts';

/*
 * Printers that take ZPL on a port, and what they may do with a connection. All are gone when a file's tests are done.
 */

export interface RawPrinter {
  port: number;
  connections: Socket[];
  /** What each connection brought, in order. */
  received: () => string[];
  off: () => Promise<void>;
}

const printers = new Set<RawPrinter>();
atFileEnd(async () => {
  await Promise.all([...printers].map((printer) => printer.off()));
  printers.clear();
});

/** `behave` is the printer's mind. Until it calls `read`, nothing is read. `port` 0 takes a free one. */
export async function startRawPrinter(
  behave: (socket: Socket, read: () => void) => void = takesAll,
  port = 0,
): Promise<RawPrinter> {
  const connections: Socket[] = [];
  const chunks: Buffer[][] = [];
  const server: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    const mine: Buffer[] = [];
    connections.push(socket);
    chunks.push(mine);
    socket.on('error', () => {});
    behave(socket, () => socket.on('data', (chunk: Buffer) => mine.push(chunk)).resume());
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const printer: RawPrinter = {
    port: (server.address() as AddressInfo).port,
    connections,
    received: () => chunks.map((mine) => Buffer.concat(mine).toString()),
    async off() {
      printers.delete(printer);
      for (const socket of connections) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
  printers.add(printer);
  return printer;
}

/** Reads to the end and closes. */
export function takesAll(socket: Socket, read: () => void): void {
  socket.on('end', () => socket.end());
  read();
}

/** Reads and never closes: whoever sends waits for `closeMs`. */
export function neverCloses(_socket: Socket, read: () => void): void {
  read();
}

/** Accepts, and does not read. */
export function neverReads(): void {}

/** Takes the first bytes and breaks off. */
export function resetsHalfWay(socket: Socket, read: () => void): void {
  socket.once('data', () => socket.resetAndDestroy());
  read();
}

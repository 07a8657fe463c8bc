import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A network connection to a printer. Tests can break the connection or slow it down. */
export interface Wire {
  port: number;
  /** Refuses connections. */
  off: () => Promise<void>;
  on: () => Promise<void>;
  close: () => Promise<void>;
}

/** The fault of a connection: it breaks after `cutAfter` bytes to the printer, or each chunk is delayed. */
export interface WireTrouble {
  cutAfter?: number;
  delayMs?: number;
}

export async function openWire(to: number, trouble: () => WireTrouble): Promise<Wire> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const far = connect(to, '127.0.0.1');
    const { cutAfter = Infinity, delayMs = 0 } = trouble();
    let passed = 0;
    for (const one of [socket, far]) {
      sockets.add(one.on('error', () => {}));
      one.on('close', () => sockets.delete(one));
    }
    socket.on('data', (chunk: Buffer) => {
      const rest = cutAfter - passed;
      passed += chunk.length;
      if (rest < chunk.length) {
        // The printer receives part of the job, and then the connection ends.
        far.end(chunk.subarray(0, rest));
        socket.resetAndDestroy();
      } else if (delayMs === 0) far.write(chunk);
      else {
        socket.pause();
        setTimeout(() => {
          far.write(chunk);
          socket.resume();
        }, delayMs);
      }
    });
    socket.on('end', () => setTimeout(() => far.end(), delayMs));
    // If a client is killed, its side of the connection breaks. The printer still sees a normal end of the connection.
    socket.on('close', () => far.end());
    far.on('data', (chunk) => void (socket.writable && socket.write(chunk)));
    far.on('close', () => socket.destroy());
  });
  const listen = async (port: number): Promise<void> =>
    void (await once(server.listen(port, '127.0.0.1'), 'listening'));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const off = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port, off, on: () => listen(port), close: async () => (server.listening ? off() : undefined) };
}

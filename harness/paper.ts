import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A printer on a TCP port that prints each complete document, like a printer that gets its documents from a CUPS queue.
 * An incomplete document is not printed.
 */
export interface Paper {
  port: number;
  /** The printed documents, in the order of printing. */
  documents: Buffer[];
  /**
   * Makes the printer stop reading from new connections. Resolves when every document that the printer was already
   * reading is printed.
   */
  hold: () => Promise<void>;
  /** Returns the number of connections that are waiting because the printer is held. */
  waiting: () => number;
  /** Makes the printer resume reading. With `drop`, the printer first drops the waiting connections. */
  release: (drop: boolean) => void;
  /** Sets how long, in ms, the printer takes for the next document. */
  slowDown: (ms: number) => void;
  /** Makes the printer refuse new connections. The printer still prints what it has already accepted. */
  off: () => void;
  on: () => Promise<void>;
  close: () => Promise<void>;
}

const END = '%%EOF';

export async function openPaper(): Promise<Paper> {
  const documents: Buffer[] = [];
  const sockets = new Set<Socket>();
  const reading = new Map<Socket, Promise<unknown>>();
  const held = new Set<Socket>();
  let [isHeld, nextMs] = [false, 0];

  const read = (socket: Socket): void => {
    const chunks: Buffer[] = [];
    reading.set(socket, once(socket, 'close'));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
    socket.on('end', () => {
      const document = Buffer.concat(chunks);
      if (document.includes(END)) documents.push(document);
      setTimeout(() => socket.end(), nextMs);
      nextMs = 0;
    });
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const set of [sockets, held]) set.delete(socket);
      reading.delete(socket);
    });
    if (isHeld) held.add(socket);
    else read(socket);
  });
  const listen = async (port: number): Promise<void> =>
    void (await once(server.listen(port, '127.0.0.1'), 'listening'));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    documents,
    async hold() {
      isHeld = true;
      await Promise.all(reading.values());
    },
    waiting: () => held.size,
    release(drop) {
      isHeld = false;
      for (const socket of held)
        if (drop) socket.destroy();
        else read(socket);
      held.clear();
    },
    slowDown: (ms) => void (nextMs = ms),
    off: () => void server.close(),
    on: () => listen(port),
    async close() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

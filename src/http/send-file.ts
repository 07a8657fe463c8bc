import type { FileHandle } from 'node:fs/promises';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Spooled } from '../platform/spool.ts';

/** At a time. Less costs the server's thread more; more keeps it from agents for longer. Bytes */
const PIECE_BYTES = 256 * 1024;

/** The answer that is this file. It is closed behind its last byte, or when the client has hung up. */
export function handOut(
  c: Context,
  { file, bytes }: Pick<Spooled<unknown>, 'file' | 'bytes'>,
  headers: Record<string, string>,
): Response {
  const { incoming, outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
  // Inside this process there is neither.
  const body =
    incoming !== undefined && outgoing instanceof ServerResponse
      ? written(file, incoming.socket, outgoing)
      : Readable.toWeb(file.createReadStream());
  return c.body(body as ReadableStream, 200, {
    ...headers,
    'content-length': String(bytes),
    'cache-control': 'no-store',
  });
}

/**
 * A body without pieces: when it is read it writes the file onto Node's answer by itself, with one buffer for all of it.
 * With a new buffer for each piece V8 sweeps its heap some ten times for 150 MB, and each time agents wait for some ms.
 * Headers and end are the adapter's, as for any other body.
 */
function written(file: FileHandle, socket: Socket, outgoing: ServerResponse): ReadableStream {
  let leave = (): void => {};
  const left = new Promise<true>((resolve) => (leave = () => resolve(true)));
  return new ReadableStream(
    {
      async pull(controller) {
        // An answer that waits behind another one never hears that the connection is gone.
        socket.once('close', leave);
        if (socket.destroyed) leave();
        try {
          await writeAll(file, outgoing, left);
          controller.close();
        } catch (error) {
          controller.error(error);
        } finally {
          socket.off('close', leave);
          await file.close();
        }
      },
      cancel: () => leave(),
    },
    { highWaterMark: 0 },
  );
}

/** Returns when all of it was taken, or the client has left. Throws where the file cannot be read. */
async function writeAll(file: FileHandle, outgoing: ServerResponse, left: Promise<true>): Promise<void> {
  // The adapter looks for a first piece before it writes the headers.
  while (!outgoing.headersSent) if (await Promise.race([left, pause(1)])) return;
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
    if (bytesRead === 0) return;
    // Called back once the system has taken it: not before then is the buffer free again. An error is a client that left.
    const taken = new Promise((resolve) => outgoing.write(buffer.subarray(0, bytesRead), resolve));
    if (await Promise.race([left, taken])) return;
  }
}

import type { FileHandle } from 'node:fs/promises';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Spooled } from '../platform/spool.ts';

/** With smaller pieces, the server's thread has more work. With larger pieces, agents wait longer for this thread. */
const PIECE_BYTES = 256 * 1024;

/** Answers with a file. The file is closed after the last byte, or when the client disconnects. */
export function handOut(
  c: Context,
  { file, bytes }: Pick<Spooled<unknown>, 'file' | 'bytes'>,
  headers: Record<string, string>,
): Response {
  const { incoming, outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
  // A call inside this process has no socket, and no response object of Node.
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
 * When this body is read, it writes the file to Node's response through one buffer. A new buffer for each piece would
 * cost about ten garbage collections for 150 MB, and each delays agents by some ms. The adapter writes headers and end.
 */
function written(file: FileHandle, socket: Socket, outgoing: ServerResponse): ReadableStream {
  let leave = (): void => {};
  const left = new Promise<true>((resolve) => (leave = () => resolve(true)));
  return new ReadableStream(
    {
      async pull(controller) {
        // When the connection closes, an answer that is queued after another answer gets no event of its own.
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

/** Returns when all bytes are sent, or when the client has left. Throws if the file cannot be read. */
async function writeAll(file: FileHandle, outgoing: ServerResponse, left: Promise<true>): Promise<void> {
  // The adapter waits for the first piece before it writes the headers.
  while (!outgoing.headersSent) if (await Promise.race([left, pause(1)])) return;
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
    if (bytesRead === 0) return;
    // The buffer can be used again after the callback. An error means that the client has left.
    const taken = new Promise((resolve) => outgoing.write(buffer.subarray(0, bytesRead), resolve));
    if (await Promise.race([left, taken])) return;
  }
}

import type { FileHandle } from 'node:fs/promises';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from 'hono';
import type { Spooled } from '../platform/spool.ts';
import { bindingsOf } from './source.ts';
import { watchAccess } from './watch-access.ts';

/**
 * With smaller pieces, the server's thread has more work. With larger pieces, agents wait longer for the server's
 * thread.
 */
const PIECE_BYTES = 256 * 1024;

/**
 * Answers with a file. The file is closed after the last byte, or when the client disconnects. If the access of the
 * caller ends while the file is sent, the connection is cut before the next piece.
 */
export async function handOut(
  c: Context,
  stillAllowed: () => Promise<unknown>,
  { file, bytes }: Pick<Spooled<unknown>, 'file' | 'bytes'>,
  headers: Record<string, string>,
): Promise<Response> {
  // The access may have ended while the file was made.
  await stillAllowed().catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  const { incoming, outgoing } = bindingsOf(c);
  // A call inside this process has no socket, and no response object of Node.
  const body =
    incoming !== undefined && outgoing instanceof ServerResponse
      ? written(file, incoming.socket, outgoing, stillAllowed)
      : piped(file, stillAllowed);
  return c.body(body, 200, {
    ...headers,
    'content-length': String(bytes),
    'cache-control': 'no-store',
  });
}

function piped(file: FileHandle, stillAllowed: () => Promise<unknown>): ReturnType<typeof Readable.toWeb> {
  const source = file.createReadStream();
  const access = watchAccess(stillAllowed);
  access.ended.addEventListener('abort', () => source.destroy(access.ended.reason));
  source.once('close', access.stop);
  return Readable.toWeb(source);
}

/** If data of a stream waits because the client does not read, cuts the connection of the stream. */
export function cutUnsent(c: Context): void {
  const { incoming, outgoing } = bindingsOf(c);
  if (incoming !== undefined && outgoing instanceof ServerResponse && outgoing.writableLength > 0) cut(incoming.socket);
}

/**
 * Closes the socket, and discards data that the operating system has not sent yet. With TLS, Node cannot discard data
 * that was not sent yet.
 */
function cut(socket: Socket): void {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

/**
 * Returns a body. When the body is read, it writes the file to Node's response through one buffer. A new buffer for
 * each piece would cost about ten garbage collections for 150 MB. Each garbage collection delays agents by some ms. The
 * HTTP adapter writes the headers and ends the response.
 */
function written(
  file: FileHandle,
  socket: Socket,
  outgoing: ServerResponse,
  stillAllowed: () => Promise<unknown>,
): ReadableStream {
  let leave = (): void => {};
  const left = new Promise<true>((resolve) => (leave = () => resolve(true)));
  return new ReadableStream(
    {
      async pull(controller) {
        // When the connection closes, an answer that is queued after another answer gets no event of its own.
        socket.once('close', leave);
        if (socket.destroyed) leave();
        const access = watchAccess(stillAllowed);
        access.ended.addEventListener('abort', () => cut(socket));
        try {
          await writeAll(file, outgoing, left);
          controller.close();
        } catch (error) {
          controller.error(error);
        } finally {
          access.stop();
          socket.off('close', leave);
          await file.close();
        }
      },
      async cancel() {
        leave();
        await file.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Returns when all bytes are sent, or when the client has left. Throws if the file cannot be read. */
async function writeAll(file: FileHandle, outgoing: ServerResponse, left: Promise<true>): Promise<void> {
  // The HTTP adapter waits for the first piece before it writes the headers.
  while (!outgoing.headersSent) if (await Promise.race([left, pause(1)])) return;
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
    if (bytesRead === 0) return;
    // The buffer can be used again after the callback. A failed write means that the client has left.
    const taken = new Promise((resolve) => outgoing.write(buffer.subarray(0, bytesRead), resolve));
    if (await Promise.race([left, taken])) return;
  }
}

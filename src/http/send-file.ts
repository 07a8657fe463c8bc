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
 * Smaller pieces would mean more work for the server's thread. Larger pieces would make agents wait longer for that
 * thread.
 */
const PIECE_BYTES = 256 * 1024;

/**
 * Answers with a file. The file is closed after the last byte, or when the client disconnects. If the caller's access
 * ends while the file is being sent, the connection is cut before the next piece.
 */
export async function handOut(
  c: Context,
  stillAllowed: () => Promise<unknown>,
  { file, bytes }: Pick<Spooled<unknown>, 'file' | 'bytes'>,
  headers: Record<string, string>,
): Promise<Response> {
  // The caller's access may have ended while the file was being made.
  await stillAllowed().catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  const { incoming, outgoing } = bindingsOf(c);
  // A call inside this process has neither a socket nor a Node response object.
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

/** Cuts a stream's connection if data is still waiting because the client does not read. */
export function cutUnsent(c: Context): void {
  const { incoming, outgoing } = bindingsOf(c);
  if (incoming !== undefined && outgoing instanceof ServerResponse && outgoing.writableLength > 0) cut(incoming.socket);
}

/**
 * Closes the socket and discards data that the operating system has not sent yet. With TLS, Node cannot discard such
 * data.
 */
function cut(socket: Socket): void {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

/**
 * Returns a body that writes the file to Node's response when the HTTP adapter begins to read the body. The body uses a
 * single buffer. A new buffer for each piece would cause about ten garbage collections per 150 MB. Each garbage
 * collection delays agents by several ms. The HTTP adapter writes the headers and ends the response.
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
        // This answer may be waiting for an earlier answer on the same connection. If the connection closes meanwhile,
        // the response object of this answer gets no event. So this code watches the socket.
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

/** Resolves when all bytes have been sent, or when the client has disconnected. Throws if the file cannot be read. */
async function writeAll(file: FileHandle, outgoing: ServerResponse, left: Promise<true>): Promise<void> {
  // The HTTP adapter waits for the first piece before it writes the headers.
  while (!outgoing.headersSent) if (await Promise.race([left, pause(1)])) return;
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
    if (bytesRead === 0) return;
    // When the callback is called, the buffer can be reused. If a write fails, the client has disconnected.
    const taken = new Promise((resolve) => outgoing.write(buffer.subarray(0, bytesRead), resolve));
    if (await Promise.race([left, taken])) return;
  }
}

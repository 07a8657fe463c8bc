import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import type { Attempt, Job, Outcome, Raw9100Printer } from '../model/printer.ts';
import { connect, pause, seconds, within } from './socket.ts';

/**
 * The printer must accept a slice of this size within `stallMs`. Printers buffer some tens of KiB, so smaller slices
 * would show nothing more.
 */
const SLICE_BYTES = 64 * 1024;

/**
 * Sends ZPL to a TCP port. Printers do not answer, so the best result is `sent`: all bytes were accepted, and the
 * connection was not reset. After a reset the result is `unknown`, because the printer may not have read all bytes.
 */
export async function sendRaw(printer: Raw9100Printer, job: Job, attempt: Attempt): Promise<Outcome> {
  const { host, port, connectMs, stallMs, closeMs } = printer;
  const socket = await connect({ host, port, places: attempt.places }, connectMs, attempt.signal);
  try {
    await attempt.firstByte(socket);
    for (let at = 0; at < job.bytes.length; at += SLICE_BYTES) {
      if (socket.readableEnded) throw new Error('the printer closed the connection during the job');
      const slice = job.bytes.subarray(at, at + SLICE_BYTES);
      await within(
        write(socket, slice),
        stallMs,
        `the printer accepted no byte for ${seconds(stallMs)}`,
        attempt.signal,
      );
    }
    socket.end();
    // Close this side of the connection, and give the printer time to close its side. The socket backend of CUPS ends a
    // connection in the same way.
    const isClosed = new AbortController();
    const late = pause(closeMs, AbortSignal.any([attempt.signal, isClosed.signal]));
    await Promise.race([finished(socket), late]).finally(() => isClosed.abort());
    return { state: 'sent' };
  } finally {
    socket.destroy();
  }
}

/** Resolves when the operating system has accepted all bytes. */
function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

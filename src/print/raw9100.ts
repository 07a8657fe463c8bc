import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import type { Attempt, Job, Outcome, Raw9100Printer } from '../model/printer.ts';
import { connect, pause, seconds, within } from './socket.ts';

/** One slice must be taken within `stallMs`. Printers buffer a few tens of KiB, so smaller slices would show nothing more. */
const SLICE_BYTES = 64 * 1024;

/**
 * ZPL to a TCP port. The protocol has no answer, so the best result is `sent`: this computer handed over every
 * byte and the printer did not reset the connection. A reset at any time after the first byte is `unknown`: a printer that
 * closes with bytes unread, as one does that was switched off half-way, resets.
 */
export async function sendRaw(printer: Raw9100Printer, job: Job, attempt: Attempt): Promise<Outcome> {
  const { host, port, connectMs, stallMs, closeMs } = printer;
  const socket = await connect({ host, port }, connectMs, attempt.signal);
  try {
    await attempt.firstByte(socket);
    for (let at = 0; at < job.bytes.length; at += SLICE_BYTES) {
      if (socket.readableEnded) throw new Error('it closed the connection in the middle of the job');
      const slice = job.bytes.subarray(at, at + SLICE_BYTES);
      await within(write(socket, slice), stallMs, `it took no byte for ${seconds(stallMs)}`, attempt.signal);
    }
    socket.end();
    // As the socket backend of CUPS does: close our side, and give the printer time to close its own.
    await Promise.race([finished(socket), pause(closeMs, attempt.signal)]);
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

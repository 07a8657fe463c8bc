import { once } from 'node:events';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import type { Attempt, Job, Outcome, Raw9100Printer } from '../model/printer.ts';
import { connect, pause, seconds } from './socket.ts';

/**
 * A printer that accepts no slice of this size within `stallMs` counts as stopped. Printers buffer some tens of KiB, so smaller slices
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
      await accepted(socket, job.bytes.subarray(at, at + SLICE_BYTES), stallMs, attempt);
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

/**
 * Writes a slice, however long the printer takes: a printer without labels stops reading, and reads on when it has
 * labels. After `stallMs`, the printer counts as stopped. Rejects if the printer closes or breaks the connection.
 */
async function accepted(socket: Socket, slice: Uint8Array, stallMs: number, attempt: Attempt): Promise<void> {
  if (socket.readableEnded) throw new Error('the printer closed the connection during the job');
  const said = `it accepted no byte for ${seconds(stallMs)}: look at its screen`;
  const stalled = setTimeout(() => attempt.accepted({ what: 'stopped', said }), stallMs);
  const over = new AbortController();
  const end = AbortSignal.any([attempt.signal, over.signal]);
  const closed = once(socket, 'end', { signal: end }).then(
    () => Promise.reject(new Error('the printer closed the connection during the job')),
    (error: Error) => Promise.reject(end.aborted ? new Error('sending was stopped') : error),
  );
  try {
    await Promise.race([write(socket, slice), closed]);
  } finally {
    clearTimeout(stalled);
    over.abort();
  }
  attempt.accepted();
}

/** Resolves when the operating system has accepted all bytes. */
function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import type { Raw9100Printer } from '../model/printer.ts';
import type { Attempt, Job, Outcome } from '../model/printing/sending.ts';
import { connect, pause, seconds } from './socket.ts';
import { isIdle, openTalk, PREAMBLE, stopOf, type Talk, type ZebraReport } from './zebra.ts';

/**
 * The size of a slice. A printer that does not accept a slice within `stallMs` counts as stopped. Printers buffer a few
 * tens of KiB, so smaller slices would not detect a stop any sooner.
 */
const SLICE_BYTES = 64 * 1024;

/**
 * Sends ZPL to a TCP port. If the printer is known to answer, it is queried over the same connection before and after
 * the job. In that case, the job is `done` when the answers prove that it was printed. For other printers, the best
 * result is `sent`: all bytes were accepted, and the connection was not reset. After a reset the result is `unknown`,
 * because the printer may not have read all bytes.
 */
export async function sendRaw(printer: Raw9100Printer, job: Job, attempt: Attempt): Promise<Outcome> {
  const { host, port, connectMs, stallMs, closeMs } = printer;
  const socket = await connect({ host, port, places: attempt.places }, connectMs, attempt.signal);
  try {
    const talk = printer.answers && job.format === 'zpl' ? openTalk(socket) : undefined;
    if (talk) socket.write(PREAMBLE);
    const before = await talk?.ask(attempt.signal);
    const waits = before && whyNot(before);
    if (waits) return waits;
    await attempt.firstByte(socket);
    for (let at = 0; at < job.bytes.length; at += SLICE_BYTES) {
      await accepted(socket, job.bytes.subarray(at, at + SLICE_BYTES), stallMs, attempt);
    }
    if (talk && before) return await follow(talk, before, labelsIn(job.bytes), attempt);
    socket.end();
    // Closes this side of the connection, and gives the printer time to close its side. The CUPS socket backend ends
    // connections in the same way.
    const isClosed = new AbortController();
    const late = pause(closeMs, AbortSignal.any([attempt.signal, isClosed.signal]));
    await Promise.race([finished(socket), late]).finally(() => isClosed.abort());
    return { state: 'sent' };
  } finally {
    socket.destroy();
  }
}

/** The printer counts each row of media only once, even if the row has several labels side by side. */
function labelsIn(zpl: Uint8Array): number {
  const counts = Buffer.from(zpl)
    .toString('latin1')
    .matchAll(/\^PQ(\d+)/g);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Returns why the printer gets no job at the moment, or undefined. */
function whyNot(before: ZebraReport): Outcome | undefined {
  const stop = stopOf(before);
  if (stop) return { state: 'queued', what: stop.what, reason: stop.said };
  // The job has to wait for the labels of the other program. Otherwise, the printer's label count would include the
  // labels of that program.
  if (!isIdle(before))
    return { state: 'queued', what: 'refuses', reason: 'it is still printing labels from another program' };
  return undefined;
}

/**
 * A label takes only a moment to print, so the first queries are frequent. Later queries are less frequent, but the
 * screen still shows a stop within a second.
 */
const FIRST_ASK_MS = 50;
const ASK_EVERY_MS = 250;
/**
 * If a printer has counted too few labels and has had nothing left to print for this long (ms), the missing labels
 * count as not printed.
 */
const SETTLED_MS = 1500;
/**
 * How long, in ms, to wait for an answer over an open connection. Without an answer, there is no proof that the printer
 * printed.
 */
const SILENT_MS = 30_000;

/**
 * Queries the printer until it has printed the job, no matter how long the printer is stopped in between. The proof is
 * the printer's label count. If the printer does not count, or also counted other labels, there is no proof.
 */
async function follow(talk: Talk, before: ZebraReport, labels: number, attempt: Attempt): Promise<Outcome> {
  let heard = performance.now();
  let idleSince: number | undefined;
  for (let ms = FIRST_ASK_MS; !attempt.signal.aborted; ms = Math.min(ms * 2, ASK_EVERY_MS)) {
    const now = await talk.ask(attempt.signal);
    if (now === undefined) {
      if (performance.now() - heard > SILENT_MS) return { state: 'sent' };
      attempt.accepted({ what: 'noAnswer', said: 'it does not answer: look at its screen' });
      continue;
    }
    heard = performance.now();
    const stop = stopOf(now);
    attempt.accepted(stop);
    const printed = printedSince(before, now);
    // After the last label of a roll, the printer stops. Even then, a correct count proves that the job was printed.
    if (isIdle(now) && printed === labels) return { state: 'done' };
    const isDone = isIdle(now) && !stop;
    if (isDone && (printed === undefined || printed > labels)) return { state: 'sent' };
    idleSince = isDone ? (idleSince ?? heard) : undefined;
    if (idleSince !== undefined && heard - idleSince > SETTLED_MS) return shortOf(printed ?? 0, labels);
    await pause(ms, attempt.signal);
  }
  return { state: 'sent' };
}

function printedSince(before: ZebraReport, now: ZebraReport): number | undefined {
  return before.odometer === undefined || now.odometer === undefined ? undefined : now.odometer - before.odometer;
}

function shortOf(printed: number, labels: number): Outcome {
  const reason = `the printer accepted the job, but counted only ${printed} of ${labels} labels: look at the last label`;
  return { state: 'failed', reason, mayHaveLeft: true };
}

/**
 * Writes a slice, no matter how long the printer takes. A printer that has run out of labels stops reading. The
 * printer continues when someone has loaded new labels. After `stallMs`, the printer counts as stopped. Rejects if
 * the printer closes or breaks the connection.
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

import { once } from 'node:events';
import * as net from 'node:net';
import { setTimeout as timer } from 'node:timers/promises';
import * as tls from 'node:tls';
import { own } from '../platform/own.ts';

export interface Endpoint {
  host: string;
  port: number;
  /** Undefined for plain TCP. `fingerprint`: SHA-256 of the only certificate accepted; without it, the usual authorities. */
  tls?: { fingerprint: string | undefined };
}

/**
 * An open connection; with TLS, the printer's certificate has been checked. Nothing has been sent yet. Bytes that the
 * printer sends before anyone reads are discarded. Throws when there is none within `limitMs`.
 */
export async function connect(to: Endpoint, limitMs: number, signal: AbortSignal): Promise<net.Socket> {
  const { host, port } = to;
  // The certificate is checked below, where its fingerprint can be shown.
  const socket = to.tls ? tls.connect({ host, port, rejectUnauthorized: false }) : net.connect({ host, port });
  // An error at a moment when no promise waits still shows in `destroyed` and in the next write.
  socket.on('error', () => {});
  try {
    const open = once(socket, to.tls ? 'secureConnect' : 'connect');
    await within(open, limitMs, `${host}:${port} did not answer in ${seconds(limitMs)}: is it switched on?`, signal);
    if (to.tls) checkCertificate(socket as tls.TLSSocket, to.tls.fingerprint);
  } catch (error) {
    socket.destroy();
    throw new Error(sentenceOf(error, `${host}:${port} `), { cause: error });
  }
  socket.setNoDelay(true);
  // Without reading, the end of the connection would go unnoticed.
  socket.resume();
  return socket;
}

function checkCertificate(socket: tls.TLSSocket, wanted: string | undefined): void {
  const shown = socket.getPeerCertificate().fingerprint256;
  const bare = (text: string): string => text.replaceAll(':', '').toLowerCase();
  if (wanted !== undefined && bare(wanted) !== bare(shown)) {
    throw new Error(`its certificate is not the one in the settings but ${shown}: find out who answers there`);
  }
  if (wanted === undefined && !socket.authorized) {
    throw new Error(
      `its certificate is not trusted (${String(socket.authorizationError)}): if ${shown} is what the printer itself shows, put it into "certificate"`,
    );
  }
}

/**
 * The result of `work`. Rejects with the sentence `late` after `limitMs`, and when the signal aborts; `work` itself goes
 * on then, and the caller has to end it.
 */
export async function within<T>(work: Promise<T>, limitMs: number, late: string, signal: AbortSignal): Promise<T> {
  let giveUp: (reason: string) => void = () => {};
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = (reason) => reject(new Error(reason));
  });
  const alarm = setTimeout(() => giveUp(late), limitMs);
  const stop = (): void => giveUp('sending was stopped');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, givenUp]);
  } finally {
    clearTimeout(alarm);
    signal.removeEventListener('abort', stop);
  }
}

/** Resolves after `ms`, or at once when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await timer(ms, undefined, { signal }).catch(() => {});
}

export function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

/** Network errors of the operating system, for the person beside the printer. */
const SENTENCES: { [code: string]: string } = {
  ECONNREFUSED: 'refused the connection: is it switched on, and are host and port right?',
  ECONNRESET: 'broke the connection',
  EPIPE: 'broke the connection',
  // Node's code for a connection that it already knows to be closed.
  ERR_STREAM_DESTROYED: 'broke the connection',
  ERR_STREAM_PREMATURE_CLOSE: 'broke the connection',
  ETIMEDOUT: 'did not answer: is it switched on?',
  EHOSTUNREACH: 'cannot be reached: is it switched on and plugged in?',
  ENETUNREACH: 'cannot be reached: this computer has no way into that network',
  ENOTFOUND: 'is not known by that name: check the host in the settings',
  EAI_AGAIN: 'cannot be looked up: the name server does not answer',
  EPROTO: 'does not speak TLS at that port: change the address in the settings',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS at that port: change the address in the settings',
};

/** An error as a sentence that goes on from the printer's name, or from `subject`. */
export function sentenceOf(error: unknown, subject = 'it '): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : own(SENTENCES, code);
  return known === undefined ? message : subject + known;
}

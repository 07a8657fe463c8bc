import { once } from 'node:events';
import * as net from 'node:net';
import { setTimeout as timer } from 'node:timers/promises';
import * as tls from 'node:tls';
import { addressOf } from '../model/printer.ts';
import type { Places } from '../model/printing/sending.ts';
import { ClaimstampError, errorCode, messageOf } from '../platform/error.ts';
import { own } from '../platform/own.ts';
import { checkedLookup } from './places.ts';

export interface Endpoint {
  host: string;
  port: number;
  /**
   * Undefined for plain TCP. `fingerprint` is the SHA-256 hash of the only certificate that is accepted. Without a
   * fingerprint, Node decides which certificates are valid.
   */
  tls?: { fingerprint: string | undefined };
  places: Places;
}

/**
 * Opens a connection. If TLS is used, the printer's certificate is also checked. Bytes that arrive while nothing reads
 * them are discarded. Throws if the connection is not open within `limitMs`. Throws a refusal if the rules do not allow
 * any of the host's addresses.
 */
export async function connect(to: Endpoint, limitMs: number, signal: AbortSignal): Promise<net.Socket> {
  const { host, port, places } = to;
  // Node calls `lookup` for names, but not for IP addresses. So if the host is an IP address, it is checked here.
  const refused = net.isIP(host) === 0 ? undefined : places.address(host, host);
  if (refused) throw refused;
  const address = { host, port, lookup: checkedLookup(places) };
  // The certificate is checked below and not by Node, so that the error can contain the fingerprint.
  const secure = to.tls && tls.connect({ ...address, rejectUnauthorized: false });
  const socket = secure || net.connect(address);
  // An error may occur while no code waits for the socket. After such an error, the socket's `destroyed` is true, and
  // the next write fails.
  socket.on('error', () => {});
  try {
    const open = once(socket, secure ? 'secureConnect' : 'connect');
    await within(open, limitMs, `${addressOf(to)} did not answer in ${seconds(limitMs)}: is it switched on?`, signal);
    if (to.tls && secure) checkCertificate(secure, to.tls.fingerprint);
  } catch (error) {
    socket.destroy();
    if (error instanceof ClaimstampError) throw error;
    throw new Error(sentenceOf(error, `${addressOf(to)} `), { cause: error });
  }
  socket.setNoDelay(true);
  // Reads from the socket. Otherwise, Node would not notice that the connection has ended.
  socket.resume();
  return socket;
}

function checkCertificate(socket: tls.TLSSocket, wanted: string | undefined): void {
  const shown = socket.getPeerCertificate().fingerprint256;
  const bare = (text: string): string => text.replaceAll(':', '').toLowerCase();
  if (wanted !== undefined && bare(wanted) !== bare(shown)) {
    throw new Error(
      `the printer's certificate is ${shown}, but the settings have another one: check which device uses this address`,
    );
  }
  if (wanted === undefined && !socket.authorized) {
    throw new Error(
      `the printer's certificate is not trusted (${String(socket.authorizationError)}): if the printer itself shows ${shown}, set it as "certificate"`,
    );
  }
}

/**
 * Returns the result of `work`. Rejects with the message `late` after `limitMs`. Rejects with `sending was stopped`
 * when the signal aborts. After a rejection, `work` may still be running, and the caller must stop it.
 */
export async function within<T>(work: Promise<T>, limitMs: number, late: string, signal: AbortSignal): Promise<T> {
  const over = new AbortController();
  const end = AbortSignal.any([signal, over.signal]);
  const waiting = timer(limitMs, undefined, { signal: end }).then(
    () => Promise.reject(new Error(late)),
    () => Promise.reject(new Error('sending was stopped')),
  );
  try {
    return await Promise.race([work, waiting]);
  } finally {
    over.abort();
  }
}

/** Resolves after `ms`, or immediately when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await timer(ms, undefined, { signal }).catch(() => {});
}

export function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

/** Network errors, described for the person at the printer. */
const SENTENCES: { [code: string]: string } = {
  ECONNREFUSED: 'refused the connection: is it switched on, and are its host and port correct?',
  ECONNRESET: 'broke the connection',
  EPIPE: 'broke the connection',
  // The code ERR_STREAM_DESTROYED means that the connection was already closed before the write.
  ERR_STREAM_DESTROYED: 'broke the connection',
  ERR_STREAM_PREMATURE_CLOSE: 'broke the connection',
  ETIMEDOUT: 'did not answer: is it switched on?',
  EHOSTUNREACH: 'cannot be reached: is it switched on and plugged in?',
  ENETUNREACH: 'cannot be reached: this computer has no route to that network',
  ENOTFOUND: 'has a name that cannot be resolved: check the host in the settings',
  EAI_AGAIN: 'cannot be resolved: the name server does not answer',
  EPROTO: 'does not use TLS at that port: change the address in the settings',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not use TLS at that port: change the address in the settings',
};

/** Describes an error in a sentence that starts with `subject`. */
export function sentenceOf(error: unknown, subject = 'it '): string {
  const known = own(SENTENCES, errorCode(error));
  return known === undefined ? messageOf(error) : subject + known;
}

import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { Server as TlsServer } from 'node:https';
import type { Config } from '../config.ts';
import { ClaimstampError, errorCode, refusal, messageOf } from '../platform/error.ts';
import type { Log } from '../platform/log.ts';
import { readPair, type Pair } from '../platform/tls.ts';
import { problem } from './problems.ts';
import { createServer, tlsOptions, type Fetch, type Guarded } from './server.ts';
import type { Traffic } from './traffic.ts';
import { defined, own } from '../platform/own.ts';

export interface Listeners {
  /** The address for devices and people. */
  url: string;
  /** All addresses on which devices and people may reach the service, `url` first. */
  urls: string[];
  /**
   * The address for commands on this machine. With TLS, this is the address of a separate listener. Without TLS, this
   * address is the same as `url`.
   */
  localUrl: string;
  /** Rereads the certificate files. If the new certificate is unusable, the current certificate stays in use. */
  reload: () => void;
  /** Returns the certificate in use, or undefined if TLS is off. */
  certificate: () => Pick<Pair, 'names' | 'chainEnds'> | undefined;
  /** Stops accepting connections, and answers all requests that were accepted before. */
  close: () => Promise<void>;
}

export interface Served {
  fetch: Fetch;
  traffic: Traffic;
  localToken: string;
}

export async function openListeners(config: Config, served: Served, log: Log): Promise<Listeners> {
  let pair = pairOf(config, log);
  const main = createServer({ ...served, log, ...(pair ? { pair } : {}), trustedProxies: config.trustedProxies });
  const port = await listen(main.server, config);
  const hosts = hostsOf(config.host);
  const addressOf = (host: string): string => `${pair ? 'https' : 'http'}://${host}:${port}`;
  const url = addressOf(hosts[0]);
  const servers = [main];
  let localUrl = url;
  if (pair) {
    const own = createServer({ ...served, fetch: onlyWith(served.localToken, served.fetch), log, trustedProxies: [] });
    servers.push(own);
    try {
      localUrl = `http://127.0.0.1:${await listen(own.server, { host: '127.0.0.1', port: 0 })}`;
    } catch (error) {
      main.server.close();
      throw error;
    }
  }
  const reload = (): void => {
    if (!(main.server instanceof TlsServer)) return log.info('nothing to reload: no certificate is set');
    try {
      const renewed = defined(pairOf(config, log));
      main.server.setSecureContext(tlsOptions(renewed));
      pair = renewed;
    } catch (error) {
      log.error({ detail: messageOf(error) }, 'the certificate was not renewed: the current one stays in use');
    }
  };
  return {
    url,
    urls: hosts.map(addressOf),
    localUrl,
    reload,
    certificate: () => pair,
    close: async () => void (await Promise.all(servers.map(close))),
  };
}

/** If the automatic renewal fails, an admin has this much time, in ms, to renew the certificate manually. */
const SOON_MS = 14 * 24 * 60 * 60 * 1000;

/** Reads the certificate's files. Throws `invalid`. */
function pairOf({ tlsCert, tlsKey }: Config, log: Log): Pair | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const pair = readPair(tlsCert, tlsKey);
  const { names, validFrom, validTo } = pair;
  const now = new Date().toISOString();
  // An expired certificate causes only a warning. Devices decide whether they accept an expired certificate, so
  // production can continue.
  if (now < validFrom || now > validTo) log.warn({ names, validFrom, validTo }, 'the certificate is not valid today');
  else if (Date.parse(validTo) - Date.parse(now) < SOON_MS)
    log.warn({ names, validTo }, 'the certificate expires within two weeks: renew it, then send SIGHUP');
  else log.info({ names, validTo }, 'certificate read');
  return pair;
}

/**
 * Limits the listener for commands on this machine to requests with the token in serve.json; others get 404. The
 * listener does not use TLS, because commands would then need the CA certificate, and the service's certificate is not
 * valid for 127.0.0.1.
 */
function onlyWith(token: string, fetch: Fetch): Fetch {
  const hash = sha256(`Bearer ${token}`);
  return (request, bindings) => {
    if (timingSafeEqual(sha256(request.headers.get('authorization') ?? ''), hash)) return fetch(request, bindings);
    return problem(refusal('not-found', 'address', { method: 'GET' }), randomUUID());
  };
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** What to change for each error code of `listen`. */
const UNHEARD: Record<string, (at: { host: string; port: number }) => string> = {
  EADDRINUSE: ({ port }) => `port ${port} is in use: stop the program that uses it, or set PORT`,
  EACCES: ({ port }) =>
    `PORT=${port}: the system lets only root use ports below 1024: set PORT to a higher one, and put a reverse proxy before the service (docs/admin.md)`,
  EADDRNOTAVAIL: ({ host }) =>
    `HOST=${host}: this machine does not have this address: set HOST to one of its addresses (ip address shows them), or to 0.0.0.0 for all of them`,
  ENOTFOUND: ({ host }) => `HOST=${host}: this name has no address: set HOST to an address of this machine`,
};

/** Why the service cannot listen at this address, and what to do. */
export function listenProblem(error: unknown, at: { host: string; port: number }): string {
  const why = own(UNHEARD, errorCode(error));
  return why?.(at) ?? `HOST=${at.host} PORT=${at.port}: ${messageOf(error)}`;
}

/** Returns the port. If the given port is 0, the operating system chooses one. */
function listen(server: Server, { host, port }: Pick<Config, 'host' | 'port'>): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new ClaimstampError('invalid', listenProblem(error, { host, port })));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(address instanceof Object ? address.port : port);
    });
  });
}

/**
 * How long, in ms, open requests may take to finish after SIGTERM. After that, the ledger is closed. Process
 * supervisors allow ten seconds for the two steps together.
 */
const DRAIN_MS = 8000;

/** The interval in ms at which idle connections are closed while the service stops. */
const IDLE_CHECK_MS = 100;

async function close({ server, sockets }: Guarded): Promise<void> {
  // Without the header `connection: close`, a client would keep its connection open and might send a request just when
  // the service closes the connection.
  server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
  const drained = new Promise((resolve) => server.close(resolve));
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, DRAIN_MS);
  await drained;
  clearInterval(idle);
  clearTimeout(cut);
}

/**
 * The hosts of the addresses at which a service with this HOST setting can be reached. The first host can be used by
 * programs on this machine. Link-local IPv6 addresses are left out, because they need the name of the caller's network
 * interface.
 */
export function hostsOf(host: string, found = networkInterfaces()): [string, ...string[]] {
  const all = Object.values(found).flatMap((one) => one ?? []);
  const v4 = all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
  if (host === '0.0.0.0') return ['127.0.0.1', ...v4];
  const v6 = all
    .filter(({ family, internal, address }) => family === 'IPv6' && !internal && !address.startsWith('fe80:'))
    .map(({ address }) => `[${address}]`);
  // The operating system also accepts IPv4 on `::`.
  if (host === '::') return ['[::1]', ...v4, ...v6];
  return [host.includes(':') ? `[${host}]` : host];
}

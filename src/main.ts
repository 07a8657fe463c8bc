import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Config } from './config.ts';
import { ClaimstampError, isCode } from './error.ts';
import { openGate } from './http/admit.ts';
import { createApp } from './http/app.ts';
import type { Counted, Line } from './http/line.ts';
import { countRefusals } from './http/refusals.ts';
import { drawSecret, secretHash } from './http/secret.ts';
import { firstLinkFile, makeFirstLink, type FirstLink } from './jobs/first-link.ts';
import { openPrintRoom } from './jobs/printing.ts';
import { openLabels } from './label/labels.ts';
import type { Ledger } from './ledger.ts';
import type { Log } from './log.ts';
import type { DeskOptions } from './sqlite/desk.ts';
import { ledgerFile, openSqliteLedger } from './sqlite/ledger.ts';
import { ownData, type Ownership } from './sqlite/own.ts';
import { DEFAULT_STATION, StationDefinition } from './station.ts';
import { writeWhole } from './whole.ts';

/** Ledger and routes, wired, in this process. Who opens it owns the data folder until it is closed. */
export interface House {
  app: Hono;
  ledger: Ledger;
  localToken: string;
  /** Works off the print queue from now on. */
  startPrinting: () => void;
  /** No more requests: /readyz says so. */
  retire: () => void;
  close: () => Promise<void>;
}

/** How the ledger is opened. The benchmarks hand in others, to show what this one costs. */
export type OpenLedger = (options: DeskOptions) => Promise<Ledger>;

export async function openHouse(
  config: Config,
  log: Log,
  own: Ownership,
  openLedger: OpenLedger = openSqliteLedger,
  now: () => number = Date.now,
): Promise<House> {
  const onFault = (fault: string): void => log.error({ fault }, 'the ledger failed inside');
  const onEnd = (): void => {
    log.fatal('the ledger ended by itself: the process ends, for its supervisor to start anew');
    process.exit(1);
  };
  const ledger = await openLedger({ file: ledgerFile(config.data), onFault, onEnd }).catch((error: unknown) => {
    own.close();
    throw error;
  });
  try {
    await applyCatalog(ledger, config, log);
    const counts: Record<Counted, number> = { issued: 0, repeats: 0 };
    let stopping = false;
    const labels = openLabels({ ledger: ledgerFile(config.data), spool: join(config.data, 'spool') });
    const room = openPrintRoom(ledger, labels, log);
    const line: Line = {
      ledger,
      labels,
      printing: room.printing,
      config,
      gate: await openGate(ledger, config, now),
      refusals: countRefusals(log, now),
      log,
      now,
      count: (what) => void counts[what]++,
      counts: () => counts,
      stopping: () => stopping,
      localToken: drawSecret(),
      dropFirstLink: () => rmSync(firstLinkFile(config.data), { force: true }),
      sessionKey: sessionKey(config.data),
    };
    const close = async (): Promise<void> => {
      await room.close();
      await ledger.close();
      own.close();
    };
    return {
      app: createApp(line),
      startPrinting: room.start,
      ledger,
      localToken: line.localToken,
      retire: () => void (stopping = true),
      close,
    };
  } catch (error) {
    await ledger.close();
    own.close();
    throw error;
  }
}

/** Made once, beside the ledger, for its owner only: sessions outlive a restart. */
function sessionKey(data: string): string {
  const file = join(data, 'session.key');
  if (!existsSync(file)) writeWhole(file, drawSecret());
  return readFileSync(file, 'utf8');
}

/** What the configuration file says of the line becomes events where it is news. */
async function applyCatalog(ledger: Ledger, { catalog }: Config, log: Log): Promise<void> {
  const actor = 'file';
  for (const product of catalog.products) {
    await ledger.record({ kind: 'set-product', product, together: catalog.products, actor });
  }
  for (const workOrder of catalog.workOrders) await ledger.record({ kind: 'set-work-order', workOrder, actor });
  for (const printer of catalog.printers) await ledger.record({ kind: 'set-printer', printer, actor });
  for (const { key, ...station } of catalog.stations) {
    try {
      await ledger.record({ kind: 'set-station', station, takeOver: true, actor });
    } catch (error) {
      if (!isCode(error, 'station-busy')) throw error;
      // The line must run so that the operator can empty the nest.
      log.warn(
        { station: station.name, detail: (error as Error).message },
        'station keeps its former settings: restart once its nest is empty',
      );
    }
    if (key !== undefined) await applyKey(ledger, station.name, secretHash(key), actor);
  }
  const stations = await ledger.stations();
  if (stations.some(({ name }) => name === DEFAULT_STATION)) return;
  await ledger.record({
    kind: 'set-station',
    station: StationDefinition.parse({ name: DEFAULT_STATION }),
    actor: 'system',
  });
}

/** The file says which key is right: a former one gets no overlap. */
async function applyKey(ledger: Ledger, station: string, hash: Uint8Array, actor: string): Promise<void> {
  const known = await ledger.credential(hash);
  if (known?.kind === 'station-key' && known.name === station && known.expiresAt === undefined) return;
  await ledger.record({ kind: 'set-station-key', station, hash, actor });
}

export interface Service {
  url: string;
  /** As long as nobody ever came in. */
  firstLink?: FirstLink;
  stop: () => Promise<void>;
}

/** A command that works with the ledger by itself holds it for a moment only: a start waits that long. */
const OWN_TRIES = 10;
const OWN_WAIT_MS = 200;

/** Time for requests under way at SIGTERM; with the ledger's close it stays below the ten seconds supervisors give. */
const DRAIN_MS = 8000;

/** How often connections that fell silent meanwhile are closed; a client that keeps one waits no longer than this. */
const IDLE_CHECK_MS = 100;

export async function startService(config: Config, log: Log, openLedger?: OpenLedger): Promise<Service> {
  const own = await becomeOwner(config.data);
  rmSync(serveFile(config.data), { force: true });
  const house = await openHouse(config, log, own, openLedger);
  const server = createAdaptorServer({
    fetch: house.app.fetch,
    // An agent's request is one small packet; who needs longer than this is not one.
    serverOptions: { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5000 },
  }) as Server;
  // An agent may close its side behind its request and still wait for the answer. Node knows this only
  // as a property; without it the unit is issued and nobody is told.
  Object.assign(server, { httpAllowHalfOpen: true });
  let address: AddressInfo;
  try {
    address = await listen(server, config);
  } catch (error) {
    await house.close();
    throw error;
  }
  const url = `http://${reachable(config.host)}:${address.port}`;
  house.startPrinting();
  writeServeFile(config.data, { url, token: house.localToken, pid: process.pid });
  const firstLink = await makeFirstLink(house.ledger, config, url, log);

  const stop = async (): Promise<void> => {
    house.retire();
    // Else a client that never lets go of its connection is served until it is cut off in the middle of an answer.
    server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
    const drained = new Promise((resolve) => server.close(resolve));
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    await drained;
    clearInterval(idle);
    clearTimeout(cut);
    rmSync(serveFile(config.data), { force: true });
    await house.close();
  };
  return { url, stop, ...(firstLink === undefined ? {} : { firstLink }) };
}

export async function becomeOwner(data: string): Promise<Ownership> {
  for (let tries = 0; tries < OWN_TRIES; tries++) {
    const own = ownData(data);
    if (own) return own;
    await sleep(OWN_WAIT_MS);
  }
  throw new ClaimstampError(
    'busy',
    `another Claimstamp works with the data folder ${data}: stop it, or set CLAIMSTAMP_DATA to another folder`,
  );
}

function listen(server: Server, { host, port }: Config): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `port ${port} is in use: stop what uses it, or set PORT`
          : `HOST=${host} PORT=${port}: ${error.message}`;
      reject(new ClaimstampError('invalid', why));
    });
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

/** An address that this machine can call when the service listens on all of them. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** How commands on this machine find the running service. */
export interface ServeFile {
  url: string;
  token: string;
  pid: number;
}

export function serveFile(data: string): string {
  return join(data, 'serve.json');
}

function writeServeFile(data: string, content: ServeFile): void {
  writeWhole(serveFile(data), JSON.stringify(content));
}

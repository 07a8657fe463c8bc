import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { FoundLink, Neighbours } from '../contract/neighbours.ts';
import { plainAddress } from '../model/station.ts';
import type { Log } from '../platform/log.ts';
import { openIpProgram } from './ip-program.ts';
import { openProcFile } from './proc-file.ts';
import { openLookup, readArp, readGateways4, readGateways6, readNeighbours6, type Lookup } from './tables.ts';

/** The longest time, in ms, that an agent's request waits for its link address. A read usually takes about 50 µs. */
const TIMEOUT_MS = 1000;

/** The interval in ms at which the log repeats that the table cannot be read. */
const LOG_EVERY_MS = 60_000;

/** Finds link addresses in the neighbour tables of the Linux kernel. On other systems, no link address is known. */
export function openNeighbours(log: Log, clock: () => number): Neighbours {
  if (process.platform !== 'linux') return { linkOf: () => Promise.resolve({ none: 'system' }), close: () => {} };
  const { read4, read6, close } = openTables(clock);
  const find = async (address: string, device: string | undefined): Promise<FoundLink> => {
    const read = isIPv4(address) ? read4 : read6;
    for (let again = false; ; again = true) {
      const { lookup, pieces } = await read();
      const found = lookup(address, device);
      // If the table changed between two pieces, an entry may have been missed. So the table is reread.
      if (found.none === 'routed' && pieces > 1 && !again) continue;
      return found.none === 'routed' && isOwn(address) ? {} : found;
    }
  };
  let loggedAt = -Infinity;
  return {
    async linkOf(address) {
      const [bare = '', device] = address.split('%');
      const plain = plainAddress(bare);
      if (isLoopback(plain)) return {};
      try {
        return await find(plain, device);
      } catch (error) {
        if (clock() - loggedAt >= LOG_EVERY_MS) {
          loggedAt = clock();
          log.warn({ err: error }, 'the neighbour table cannot be read, so link addresses are unknown');
        }
        return { none: 'unreadable' };
      }
    },
    close,
  };
}

interface Tables {
  lookup: Lookup;
  /** If more than 1, the table was read in several pieces, and the kernel may have changed it between two of them. */
  pieces: number;
}

function openTables(clock: () => number): {
  read4: () => Promise<Tables>;
  read6: () => Promise<Tables>;
  close: () => void;
} {
  const arp = openProcFile('/proc/net/arp');
  const routes4 = openProcFile('/proc/net/route');
  const routes6 = openProcFile('/proc/net/ipv6_route');
  const ip = openIpProgram(clock, TIMEOUT_MS);
  const lookup4 = remembering((table, routes) => openLookup(readArp(table), readGateways4(routes)));
  const lookup6 = remembering((table, routes) => openLookup(readNeighbours6(table), readGateways6(routes)));
  return {
    read4: sharing(async () => {
      const [table, routes] = await Promise.all([arp.read(), routes4.read()]);
      return { lookup: lookup4(table.text, routes.text), pieces: table.pieces };
    }),
    read6: sharing(async () => {
      const [table, routes] = await Promise.all([ip.read(), routes6.read()]);
      return { lookup: lookup6(table, routes.text), pieces: 1 };
    }),
    close() {
      for (const one of [arp, routes4, routes6, ip]) one.close();
    },
  };
}

/**
 * Returns a function that reads once for all calls that arrive before the read begins. If a read has already begun, a
 * new call waits for the next one.
 */
export function sharing<T>(read: () => Promise<T>): () => Promise<T> {
  let next: Promise<T> | undefined;
  let former: Promise<unknown> = Promise.resolve();
  const begin = (): Promise<T> => {
    next = undefined;
    const now = read();
    former = now.catch(() => {});
    return now;
  };
  return () => (next ??= inTime(former.then(begin)));
}

async function inTime<T>(reading: Promise<T>): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([reading, timeout]);
  } finally {
    clearTimeout(late);
  }
}

/** Reuses the last `Lookup` as long as the texts of the tables stay the same, because the tables seldom change. */
function remembering(open: (table: string, routes: string) => Lookup): (table: string, routes: string) => Lookup {
  let last: { table: string; routes: string; lookup: Lookup } | undefined;
  return (table, routes) => {
    if (last?.table !== table || last.routes !== routes) last = { table, routes, lookup: open(table, routes) };
    return last.lookup;
  };
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** True if the address is one of this machine's own, so that the request does not come from a neighbour. */
function isOwn(address: string): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => plainAddress(one.address) === address));
}

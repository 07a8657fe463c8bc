import { isIP } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { refusal } from '../platform/error.ts';
import { blocks, plainAddress } from '../model/station.ts';

export interface Source {
  /**
   * Returns the client's address in canonical form. Throws `proxy-header` if a trusted proxy sends no valid address.
   */
  address: (c: Context) => string;
  /** Returns the other end of the connection, which is either the client or its proxy. */
  peer: (c: Context) => string;
  /** Returns the client's address, or the trusted proxy's own address if the proxy sends no valid address. */
  orPeer: (c: Context) => string;
  /** Returns true if the other end of the connection is a trusted proxy. */
  isProxy: (c: Context) => boolean;
  /** Returns true if the client's own connection is encrypted, either to this service or to a trusted proxy. */
  https: (c: Context) => boolean;
}

/** The address used for requests inside this process. */
const INSIDE = '127.0.0.1';

/**
 * Returns functions that determine a client's address. The address decides the station, so a client must not be able to
 * choose it. Normally, the socket's address is used; only a trusted proxy may provide another one. Each proxy appends
 * to X-Forwarded-For the address that it saw. So the client's address is the rightmost address that is not a trusted
 * proxy. The client may have invented the addresses further to the left in the header.
 */
export function readsSource(trustedProxies: string[]): Source {
  const inTrusted = blocks(trustedProxies);
  const trusted = (address: string): boolean => trustedProxies.length > 0 && inTrusted(address);

  const address = (c: Context): string => {
    const peer = peerOf(c);
    // A proxy's own health checks have no X-Forwarded-For header.
    const header = trusted(peer) ? c.req.header('x-forwarded-for') : undefined;
    if (header === undefined) return peer;
    let client = peer;
    for (const entry of header.split(',').toReversed()) {
      client = literal(entry);
      if (!trusted(client)) return client;
    }
    return client;
  };

  return {
    address,
    peer: peerOf,
    isProxy: (c) => trusted(peerOf(c)),
    orPeer(c) {
      try {
        return address(c);
      } catch {
        return peerOf(c);
      }
    },
    https(c) {
      const { incoming } = bindingsOf(c);
      if (incoming !== undefined && 'encrypted' in incoming.socket) return true;
      if (!trusted(peerOf(c))) return false;
      return c.req.header('x-forwarded-proto')?.split(',').at(-1)?.trim().toLowerCase() === 'https';
    },
  };
}

/** Returns the data that the Node adapter adds to a request. A request inside this process has no such data. */
export function bindingsOf({ env }: { env?: Partial<HttpBindings> }): Partial<HttpBindings> {
  return env ?? {};
}

function peerOf(c: Context): string {
  const { incoming } = bindingsOf(c);
  return plainAddress(incoming?.socket.remoteAddress ?? INSIDE);
}

/**
 * Reads a plain IPv4 or IPv6 address. Refuses names, ports and brackets. Also refuses forms such as 2130706433 or
 * 0177.0.0.1, because programs interpret them differently. An invalid address is refused, because a default address
 * would lead to the wrong station.
 */
function literal(entry: string): string {
  const text = entry.trim();
  if (isIP(text) !== 0) return plainAddress(text);
  throw refusal('proxy-header', 'noAddress');
}

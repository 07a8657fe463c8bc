import { isIPv4, isIPv6 } from 'node:net';
import { endianness } from 'node:os';
import { linkAddress } from '../model/link/link.ts';
import { plainAddress } from '../model/station.ts';
import type { FoundLink } from '../contract/neighbours.ts';

/* Reads the tables of the Linux kernel. Each function skips lines that it does not understand. */

/** An address on one of this machine's network segments, and the MAC that uses it. */
export interface Neighbour {
  address: string;
  mac: string;
  /** This machine's network interface. */
  device: string;
}

const ETHERNET = 0x1;
/** The kernel knows this entry's MAC (ATF_COM). Entries that are being looked up do not have this flag. */
const COMPLETE = 0x2;
/** The route leads to a gateway (RTF_GATEWAY). */
const GATEWAY = 0x2;

/** Reads /proc/net/arp: address, hardware type, flags, MAC, mask, interface. */
export function readArp(text: string): Neighbour[] {
  return rows(text).flatMap(([address = '', type, flags, mac, , device = '']) =>
    isIPv4(address) && Number(type) === ETHERNET && (Number(flags) & COMPLETE) !== 0
      ? neighbour(address, mac, device)
      : [],
  );
}

/** Reads the answer of `ip -6 neigh show`: `fe80::1 dev eth0 lladdr 00:0a:cd:12:34:56 REACHABLE`. */
export function readNeighbours6(text: string): Neighbour[] {
  return rows(text).flatMap(([address = '', , device = '', word, mac]) =>
    isIPv6(address) && word === 'lladdr' ? neighbour(plainAddress(address), mac, device) : [],
  );
}

function neighbour(address: string, mac: string | undefined, device: string): Neighbour[] {
  const link = linkAddress(mac ?? '');
  return link === undefined || link === NO_MAC ? [] : [{ address, mac: link, device }];
}

const NO_MAC = '00:00:00:00:00:00';

/**
 * Reads the gateways in /proc/net/route. The kernel writes each address as one number, in this machine's byte order.
 */
export function readGateways4(text: string): string[] {
  return rows(text).flatMap(([, , gateway = '', flags = '']) => {
    if (!/^[0-9A-F]{8}$/.test(gateway) || (parseInt(flags, 16) & GATEWAY) === 0) return [];
    const bytes = (gateway.match(/../g) ?? []).map((byte) => parseInt(byte, 16));
    return [(endianness() === 'LE' ? bytes.toReversed() : bytes).join('.')];
  });
}

/** Reads the gateways in /proc/net/ipv6_route: the fifth column is the gateway, and the ninth contains the flags. */
export function readGateways6(text: string): string[] {
  return rows(text).flatMap(([, , , , gateway = '', , , , flags = '']) =>
    /^[0-9a-f]{32}$/.test(gateway) && (parseInt(flags, 16) & GATEWAY) !== 0
      ? [plainAddress((gateway.match(/.{4}/g) ?? []).join(':'))]
      : [],
  );
}

function rows(text: string): string[][] {
  return text.split('\n').map((line) => line.trim().split(/\s+/));
}

/** Finds the link address that belongs to an IP address. */
export type Lookup = (address: string, device: string | undefined) => FoundLink;

/**
 * A MAC with several addresses belongs to a router that answers for devices (proxy ARP, RFC 1027), or to a device with
 * several addresses. The table does not show which of the two has this MAC, so such a MAC identifies no device. A
 * device has a link-local IPv6 address in addition to its other IPv6 address, so the two kinds are counted separately.
 */
export function openLookup(neighbours: Neighbour[], gateways: string[]): Lookup {
  const byAddress = new Map<string, Map<string, string>>();
  const addresses = new Map<string, Set<string>>();
  const isGateway = new Set(gateways);
  const gatewayMacs = new Set<string>();
  for (const { address, mac, device } of neighbours) {
    byAddress.set(address, (byAddress.get(address) ?? new Map<string, string>()).set(device, mac));
    const key = `${mac} ${kindOf(address)}`;
    addresses.set(key, (addresses.get(key) ?? new Set()).add(address));
    if (isGateway.has(address)) gatewayMacs.add(mac);
  }
  return (address, device) => {
    const found = byAddress.get(address);
    const macs = device === undefined ? new Set(found?.values()) : new Set([found?.get(device)]);
    const [mac] = macs;
    if (mac === undefined) return { none: 'routed' };
    if (macs.size > 1) return { none: 'twice' };
    if (gatewayMacs.has(mac)) return { none: 'gateway' };
    return (addresses.get(`${mac} ${kindOf(address)}`)?.size ?? 0) > 1 ? { none: 'shared' } : { mac };
  };
}

function kindOf(address: string): 'link-local' | 'other' {
  return /^fe[89ab]/i.test(address) ? 'link-local' : 'other';
}

import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net';
import { z } from 'zod';
import { LINK_SETTINGS } from './link/link.ts';
import { DEVICE, RoleName } from './labels/label-set.ts';
import { Name, ProductId, type ProductEntry } from './product.ts';

/** An address or a CIDR block, for IPv4 or IPv6. */
export const Cidr = z.string('must be a string').refine(isCidr, 'must be an IP address or a block such as 10.0.8.0/24');

/**
 * The maximum number of stations on one screen. With more stations, people could not read the screen from two metres
 * away.
 */
export const MAX_ON_SCREEN = 4;

export const StationSettings = z.strictObject({
  mode: z
    .enum(['open', 'slot', 'gate'])
    .default('open')
    .describe(
      'Mode `open`: every new device gets a unit. Mode `slot`: one device at a time, for firmware that sends no identity. Mode `gate`: for each scanned label, the screen says SHIP or STOP, and devices get no Claim ID',
    ),
  next: z
    .enum(['manual', 'auto'])
    .default('manual')
    .meta({
      description:
        'After a PASS in slot mode: wait until the operator presses Next (manual), or be ready at once (auto)',
      'x-when': { setting: 'mode', is: ['slot'] },
    }),
  sources: z
    .array(Cidr)
    .max(64)
    .default([])
    .describe("Addresses of the station's devices, such as 10.0.8.11 or 10.0.8.0/24, for URLs without a station key"),
  printer: Name.optional().meta({ description: 'Printer of its labels', 'x-names': 'printer' }),
  printers: z
    .record(
      RoleName.refine(
        (role) => role !== DEVICE,
        'must be another role: the printer of devices\' labels is the setting "printer"',
      ),
      Name,
    )
    .optional()
    .describe('Other printers for labels of certain roles, such as box'),
  scanPrefix: z
    .string()
    .regex(/^[!-~]{1,16}$/, 'must be 1 to 16 letters, digits or other characters, without spaces')
    .optional()
    .describe('Text that the scanner adds before each code, such as ~'),
  nests: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .meta({
      description:
        'Number of nests in open mode. If the station has several nests, each of its products needs a device code',
      'x-when': { setting: 'mode', is: ['open'] },
    }),
  autoPrint: z.boolean().default(false).describe('Print the label as soon as a device gets its Claim ID'),
  tests: z.enum(['optional', 'required']).optional().meta({
    description: 'Result of a scan if the unit has not passed its tests: PASS anyway (optional), or FAIL (required)',
    'x-default': 'optional',
  }),
  product: ProductId.optional().meta({ description: 'Product of requests that name no product', 'x-names': 'product' }),
  workOrders: z.record(ProductId, Name).default({}).describe('Current work orders, one for each product'),
  screen: z
    .array(Name)
    .max(MAX_ON_SCREEN - 1)
    .optional()
    .describe("Other stations to show on this station's screen, so that one operator can run them with one scanner"),
  theme: z.enum(['auto', 'light', 'dark']).optional().meta({
    description: "Colours of the station's screen: as set in the browser (auto), light, or dark for dim factory floors",
    'x-default': 'auto',
  }),
  badge: z.enum(['optional', 'required']).optional().meta({
    description:
      "Scans and button presses without a badge at the station's screen (kiosk): record them under the screen's name (optional), or ask for the badge first (required). Tokens need no badge",
    'x-default': 'optional',
  }),
  shippingList: Name.optional().meta({
    description: 'Current shipping list of a station in gate mode',
    'x-names': 'shippingList',
    'x-when': { setting: 'mode', is: ['gate'] },
  }),
  scanner: z
    .string()
    .max(300)
    .optional()
    .describe("Result of the last scanner test at the station's screen: prefix, suffix, layout, symbology"),
  ...LINK_SETTINGS,
  size: z.enum(['normal', 'far']).optional().meta({
    description: "Text size on the station's screen, readable from two metres (normal) or three (far)",
    'x-default': 'normal',
  }),
});

export const StationDefinition = StationSettings.extend({ name: Name });
export type StationDefinition = z.infer<typeof StationDefinition>;

/** The station for requests that do not match the key or the source addresses of any station. */
export const DEFAULT_STATION = 'default';

/**
 * For a station with several nests in open mode, returns one of its products that has no device code. If the station
 * names no product, any of the products can be the result, because devices of all products may ask there.
 */
export function unprovenProduct(station: StationDefinition, products: ProductEntry[]): string | undefined {
  const { mode, nests = 1, product, workOrders } = station;
  if (mode !== 'open' || nests < 2) return undefined;
  const named = [...(product === undefined ? [] : [product]), ...Object.keys(workOrders)];
  const isMade = ({ id }: ProductEntry): boolean => named.length === 0 || named.includes(id);
  return products.find((one) => isMade(one) && one.deviceCode === undefined)?.id;
}

export type Slot =
  /** The next request opens a unit. */
  | { state: 'ready' }
  /** The unit `uci` is being made in the nest. Repeated requests from `source` get the same unit. */
  | { state: 'open'; uci: string; source: string }
  /** The unit `uci` was verified. Every request at the station is refused until the operator chooses the next step. */
  | { state: 'closed'; uci: string; source: string };

export type Station = StationDefinition & {
  /** True if the station was removed. Only the stores read removed stations. */
  removed?: true;
  armed?: { uci: string; reason: string };
  slot: Slot;
};

export function newStation(definition: StationDefinition): Station {
  return { ...definition, slot: { state: 'ready' } };
}

/**
 * True if a unit is being made at this station. Until the nest is empty, a change-over or a change of mode is refused.
 */
export function isBusy(station: Station): boolean {
  return station.armed !== undefined || station.slot.state === 'open';
}

/** The actor of events that an agent causes. The actor contains the agent's address. */
export function agentActor(source: string): string {
  return `${AGENT}${source}`;
}

/** Returns the address of an agent. Returns the actor unchanged if the actor is not an agent. */
export function agentAddress(actor: string): string {
  return actor.startsWith(AGENT) ? actor.slice(AGENT.length) : actor;
}

const AGENT = 'agent:';

/**
 * Returns an address in the form that is used for comparing and storing addresses. Dual-stack sockets and proxies
 * report IPv4 addresses as `::ffff:10.0.0.1` or `::ffff:a00:1`. Both become 10.0.0.1. IPv6 addresses get the form of
 * RFC 5952. The zone is removed, because it names a network interface of this machine, not a device.
 */
export function plainAddress(address: string): string {
  if (!address.includes(':') || !isIPv6(address)) return address;
  const plain = new SocketAddress({ address, family: 'ipv6' }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1] ?? plain;
}

export function isCidr(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  if (rest.length > 0 || address.includes('%') || (!isIPv4(address) && !isIPv6(address))) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128));
}

export function blocks(cidrs: string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => {
    const plain = plainAddress(address);
    return list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
  };
}

/**
 * All addresses of an IPv6 network count as one address, because someone who has one of them usually has 2^64 (RFC
 * 6177).
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array<string>(Math.max(missing, 0)).fill('0'), ...after].slice(0, 4).join(':');
}

/**
 * Returns the sender of an agent's request: the station's key if the URL has one, and otherwise the address. All
 * addresses of an IPv6 network count as one sender.
 */
export function senderOf(address: string, keyOf: string | undefined): string {
  if (keyOf !== undefined) return `${KEY}${keyOf}`;
  return isIPv6(address) ? `${networkOf(address)}::/64` : address;
}

/** Returns the station whose key this sender has, or undefined if the sender is an address. */
export function keyStationOf(sender: string): string | undefined {
  return sender.startsWith(KEY) ? sender.slice(KEY.length) : undefined;
}

const KEY = 'key:';

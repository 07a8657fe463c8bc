import { variableOf, type Config } from '../config.ts';
import type { ProductEntry } from '../model/product.ts';
import type { Printer } from '../model/printer.ts';
import type { StationDefinition } from '../model/station.ts';

/*
 * Finds settings that are set but have no effect because of another setting. Such settings do no harm, so the service
 * starts and only logs a warning. Settings that contradict each other are not allowed at all (config.ts).
 */

interface Rule<T, Name extends keyof T = keyof T> {
  /** The setting that has no effect. */
  name: Name;
  isUnused: (of: T) => boolean;
  /** The end of a sentence that begins with "it has no effect": the reason, and what to do. */
  why: string;
}

const OF_SERVICE: Rule<Config, 'productCap' | 'identityMacs' | 'identityPlaceholders' | 'ordersEvery'>[] = [
  {
    name: 'productCap',
    isUnused: ({ products }) => products === 'strict',
    why: 'with CLAIMSTAMP_PRODUCTS=strict, no products are added automatically: remove one of the two settings',
  },
  {
    name: 'identityMacs',
    isUnused: ({ identityMacs, identityProperties }) => identityMacs.some((name) => !identityProperties.includes(name)),
    why: 'only the names in CLAIMSTAMP_IDENTITY_PROPERTIES identify devices: add this name there too',
  },
  {
    name: 'identityPlaceholders',
    isUnused: ({ identityProperties }) => identityProperties.length === 0,
    why: 'CLAIMSTAMP_IDENTITY_PROPERTIES is empty, so no value identifies a device',
  },
  {
    name: 'ordersEvery',
    isUnused: ({ ordersFolder }) => ordersFolder === undefined,
    why: 'CLAIMSTAMP_ORDERS_FOLDER is not set: no files are exchanged with an ERP',
  },
];

const isPreClaimed = ({ claiming }: ProductEntry): boolean => claiming === 'pre';

const OF_PRODUCTS: Rule<ProductEntry>[] = [
  { name: 'account', isUnused: (product) => !isPreClaimed(product), why: 'only claiming "pre" uses it' },
  { name: 'cloud', isUnused: (product) => !isPreClaimed(product), why: 'only claiming "pre" uses it' },
  {
    name: 'deviceCodeExample',
    isUnused: ({ deviceCode }) => deviceCode === undefined,
    why: 'the product has no deviceCode',
  },
];

const OF_STATIONS: Rule<StationDefinition>[] = [
  { name: 'next', isUnused: ({ mode, next }) => next === 'auto' && mode !== 'slot', why: 'only mode "slot" uses it' },
  {
    name: 'nests',
    isUnused: ({ mode, nests = 1 }) => nests > 1 && mode !== 'open',
    why: 'only mode "open" has several nests',
  },
  { name: 'shippingList', isUnused: ({ mode }) => mode !== 'gate', why: 'only mode "gate" uses it' },
  {
    name: 'product',
    isUnused: ({ mode }) => mode === 'gate',
    why: 'a station in mode "gate" gives devices no Claim ID',
  },
  {
    name: 'workOrders',
    isUnused: ({ mode, workOrders }) => mode === 'gate' && Object.keys(workOrders).length > 0,
    why: 'a station in mode "gate" gives devices no Claim ID',
  },
  {
    name: 'fixtureAdapters',
    isUnused: ({ linkAddress, fixtureAdapters = [] }) => linkAddress === false && fixtureAdapters.length > 0,
    why: 'the station does not use link addresses',
  },
];

const OF_PRINTERS: Rule<Printer>[] = [
  {
    name: 'acrossGap',
    isUnused: ({ across = 1 }) => across === 1,
    why: 'the printer has one label per row. For labels side by side, set `across` to their number',
  },
];

/** Returns a sentence for each setting that is set but has no effect. */
export function unusedSettings(config: Config): string[] {
  const { catalog, sources = {} } = config;
  const isGiven = (name: string): boolean => sources[name] !== undefined && sources[name] !== 'default';
  return [
    ...unused(config, OF_SERVICE).flatMap(({ name, why }) => (isGiven(name) ? [sentence(variableOf(name), why)] : [])),
    ...catalog.products.flatMap((one) => named(one, OF_PRODUCTS, `products "${one.id}"`)),
    ...catalog.stations.flatMap((one) => named(one, OF_STATIONS, `stations "${one.name}"`)),
    ...catalog.printers.flatMap((one) => named(one, OF_PRINTERS, `printers "${one.name}"`)),
  ];
}

function unused<T, Name extends keyof T>(of: T, rules: Rule<T, Name>[]): Rule<T, Name>[] {
  return rules.filter(({ name, isUnused }) => of[name] !== undefined && isUnused(of));
}

function named<T>(of: T, rules: Rule<T>[], place: string): string[] {
  return unused(of, rules).map(({ name, why }) => sentence(`${place}: ${String(name)}`, why));
}

function sentence(setting: string, why: string): string {
  return `${setting} has no effect: ${why}`;
}

import type { Context } from 'hono';
import { identityRules, type Config } from '../config.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Neighbours, NoLink } from '../contract/neighbours.ts';
import { isPlaceholderLink } from '../model/link/link-identity.ts';
import { refusal } from '../platform/error.ts';
import type { At } from './admission.ts';
import type { Refusals } from './refusals.ts';
import { bindingsOf, type Source } from './source.ts';

/** Finds the link addresses of agents, for the stations and products that use link addresses. */
export interface LinkAddresses {
  /**
   * Returns the agent's link address on this connection. The result is empty if the station and the product do not use
   * link addresses, or if the address is not known. `product` is the product named in the body. Call this after the
   * entire request has arrived.
   */
  of: (c: Context, at: At, product: string | undefined) => Promise<{ link?: string }>;
  /** Reloads the settings of stations and products after a change. */
  refresh: () => Promise<void>;
}

interface Parts {
  ledger: Ledger;
  config: Config;
  neighbours: Neighbours;
  source: Source;
  alarms: Refusals;
}

export async function openLinkAddresses({ ledger, config, ...parts }: Parts): Promise<LinkAddresses> {
  const { neighbours, source, alarms } = parts;
  const rules = identityRules(config);
  let stations = new Set<string>();
  let products = new Set<string>();
  const refresh = async (): Promise<void> => {
    const [allStations, allProducts] = await Promise.all([ledger.stations(), ledger.products()]);
    stations = new Set(allStations.flatMap(({ name, linkAddress }) => (linkAddress ? [name] : [])));
    products = new Set(allProducts.flatMap(({ id, linkAddress }) => (linkAddress ? [id] : [])));
  };
  await refresh();

  // In a shared ledger, other processes can change these settings, so they are read for each request.
  const isUsedInShared = async ({ station }: At, id: string | undefined): Promise<boolean> => {
    const here = await ledger.station(station);
    if (here?.linkAddress) return true;
    const named = id ?? here?.product ?? config.defaultProduct;
    return named !== undefined && (await ledger.product(named))?.linkAddress === true;
  };
  const isUsed = ({ station }: At, id: string | undefined): boolean =>
    stations.has(station) || (id === undefined ? products.size > 0 : products.has(id));

  const find = async (c: Context): Promise<{ mac?: string; none?: NoLink }> => {
    if (source.isProxy(c)) return { none: 'proxy' };
    const { remoteAddress } = bindingsOf(c).incoming?.socket ?? {};
    const found = remoteAddress === undefined ? {} : await neighbours.linkOf(remoteAddress);
    return found.mac !== undefined && isPlaceholderLink(found.mac, rules) ? { none: 'placeholder' } : found;
  };
  return {
    refresh,
    async of(c, at, product) {
      const isWanted = config.ledger === undefined ? isUsed(at, product) : await isUsedInShared(at, product);
      if (!isWanted) return {};
      const { mac, none } = await find(c);
      if (none !== undefined) alarms.note(at.station, at.source, refusal('link-unknown', none, { source: at.source }));
      return mac === undefined ? {} : { link: mac };
    },
  };
}

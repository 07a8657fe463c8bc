import { lookalikeProblems, type ProductEntry } from './product.ts';
import { hasSite } from './serial.ts';
import { unprovenProduct, type StationDefinition } from './station.ts';
import type { WorkOrderDefinition } from './work-order.ts';

interface Catalog {
  products: ProductEntry[];
  stations: (StationDefinition & { key?: string | undefined })[];
  workOrders: WorkOrderDefinition[];
}

/**
 * Finds entries in the configuration file's catalog that contradict each other, although each entry alone is correct.
 */
export function catalogProblems({ products, stations, workOrders }: Catalog, site: string | undefined): string[] {
  const keys = stations.flatMap(({ key }) => key ?? []);
  return [
    ...twice(
      'product',
      products.map(({ id }) => id),
    ),
    ...twice(
      'station',
      stations.map(({ name }) => name),
    ),
    ...twice(
      'work order',
      workOrders.map(({ id }) => id),
    ),
    ...twice(
      'source',
      stations.flatMap(({ sources }) => sources),
    ),
    ...twice('station key', keys).map(() => 'catalog: two stations have the same key: give each station its own key'),
    ...lookalikeProblems(products),
    ...(site === undefined ? products.flatMap(siteProblems) : []),
    ...stations.flatMap((station) => {
      const product = unprovenProduct(station, products);
      if (product === undefined) return [];
      return [
        `catalog: station ${station.name} has several nests in open mode, but product ${product} has no deviceCode: set it, or use slot mode`,
      ];
    }),
    ...stations
      .filter(({ autoPrint, printer }) => autoPrint && printer === undefined)
      .map(({ name }) => `catalog: station ${name} cannot print automatically without a printer: set one`),
    ...dangling({ products, stations, workOrders }),
  ];
}

/**
 * Finds references to entries that are not in the catalog. A catalog may refer only to its own entries. The service
 * checks these references when it starts.
 */
function dangling({ products, stations, workOrders }: Catalog): string[] {
  const orphans = workOrders
    .filter(({ product }) => !products.some(({ id }) => id === product))
    .map(({ id, product }) => `catalog: work order ${id} is for product ${product}, which is not in catalog.products`);
  const lost = stations.flatMap(({ name, workOrders: current }) =>
    Object.entries(current).flatMap(([product, id]) => {
      const order = workOrders.find((one) => one.id === id);
      if (order?.product === product) return [];
      const why = order ? `is for product ${order.product}, not ${product}` : 'is not in catalog.workOrders';
      return [`catalog: work order ${id} of station ${name} ${why}`];
    }),
  );
  return [...orphans, ...lost];
}

function siteProblems({ id, serialPattern: pattern }: ProductEntry): string[] {
  if (pattern == null || !hasSite(pattern)) return [];
  return [
    `catalog: the S/N pattern ${pattern} of product ${id} has {site}: set CLAIMSTAMP_SITE to two capital letters or digits, such as P2`,
  ];
}

function twice(what: string, names: string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))].map(
    (name) => `catalog: ${what} ${name} is listed twice: remove one`,
  );
}

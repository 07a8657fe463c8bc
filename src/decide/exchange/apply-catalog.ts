import type { Happening } from '../../model/event.ts';
import {
  differing,
  STATION_OF_SHIFT,
  type Difference,
  type StationEntry,
  type TemplateEntry,
} from '../../model/exchange/catalog.ts';
import { logoKey } from '../../model/labels/saved-logo.ts';
import { hashOfSource } from '../../model/labels/saved-template.ts';
import { settingsOf, type Product, type ProductEntry } from '../../model/product.ts';
import { newStation, StationDefinition, type Station } from '../../model/station.ts';
import { plannedProduct, refuseTogether, setOneOfProducts, setStation } from '../catalog.ts';
import { saveLogo, type SaveLogo } from '../labels/logos.ts';
import { saveTemplate } from '../labels/save-template.ts';
import type { AtSite } from '../new-unit.ts';
import type { Decision, Seen } from '../seen.ts';

/**
 * Takes over a catalogue from another site. All changes are one transaction: if one entry is refused, nothing changes.
 * Entries that the catalogue does not have stay as they are.
 */
export interface ApplyCatalog extends AtSite {
  kind: 'apply-catalog';
  products: ProductEntry[];
  templates: TemplateEntry[];
  /** The caller has redrawn each picture. */
  pictures: Omit<SaveLogo, 'kind' | 'actor'>[];
  stations: StationEntry[];
  /** If true, answers what would change, but changes nothing. */
  check?: true;
  actor: string;
}

export function applyCatalog(seen: Seen, command: ApplyCatalog): Decision<{ changes: Difference[] }> {
  const { check, products, site, actor } = command;
  const events: Happening[] = [];
  const changes: Difference[] = [];
  const note = (part: Difference['part'], name: string, more: Happening[], settings?: string[]): void => {
    if (more.length === 0) return;
    events.push(...more);
    changes.push({ part, name, ...(settings === undefined ? {} : { settings }) });
  };
  for (const picture of command.pictures) {
    const known = seen.template(logoKey(picture.name));
    const { events: more } = saveLogo(seen, { kind: 'save-logo', ...picture, actor });
    note('picture', picture.name, more, known && ['png']);
  }
  for (const { name, source } of command.templates) {
    const known = seen.template(name);
    if (known?.hash === hashOfSource(source)) continue;
    const revision = known?.revision ?? 0;
    const { events: more } = saveTemplate(seen, { kind: 'save-template', name, source, revision, actor });
    note('template', name, more, known && ['source']);
  }
  // Each entry is checked against the new settings of the others, so that the order of the entries does not matter.
  const stations = stationsAfter(seen, command.stations);
  const after = productsAfter(seen, products);
  const view: Seen = { ...seen, stations: () => stations, products: after.all, product: after.get };
  for (const entry of products) {
    const known = seen.product(entry.id);
    const product = { ...entry, ...poolsAtSite(known) };
    // Comparing a pattern with those of all other products takes a long time, so unchanged products are left out.
    if (known && differing(settingsOf(known), product).length === 0) continue;
    const set = setOneOfProducts(view, { kind: 'set-product', product, site, actor });
    after.set({ ...known, ...set.answer });
    note('product', product.id, set.events, known && differing(settingsOf(known), set.answer));
  }
  if (changes.some(({ part }) => part === 'product')) refuseTogether(view, after.all());
  for (const station of definitionsIn(seen, command.stations)) {
    const before = seen.station(station.name);
    const { events: more } = setStation(view, { kind: 'set-station', station, actor });
    note('station', station.name, more, before && differing(entryOf(before), entryOf(station)));
  }
  return { events: check ? [] : events, answer: { changes } };
}

/**
 * Returns all products. Those that the catalogue changes already have their new settings in `all`; `get` returns a
 * product as it is in the ledger until `set` is called with its new settings.
 */
function productsAfter(
  seen: Seen,
  entries: ProductEntry[],
): Pick<Map<string, Product>, 'get'> & { all: () => Product[]; set: (product: Product) => void } {
  const all = [...seen.products()];
  const places = new Map(all.map(({ id }, index) => [id, index]));
  const done = new Map<string, Product>();
  const put = (product: Product): void => {
    const place = places.get(product.id) ?? all.length;
    places.set(product.id, place);
    all[place] = product;
  };
  for (const entry of entries) {
    const planned = plannedProduct(seen, { ...entry, ...poolsAtSite(seen.product(entry.id)) });
    if (planned !== undefined) put(planned);
  }
  return {
    get: (id) => done.get(id) ?? seen.product(id),
    all: () => all,
    set(product) {
      done.set(product.id, product);
      put(product);
    },
  };
}

/** Pools belong to the site, so the product keeps the pools that it has at this site. */
function poolsAtSite({ pools, poolAnswers }: Partial<ProductEntry> = {}): Pick<ProductEntry, 'pools' | 'poolAnswers'> {
  return { ...(pools === undefined ? {} : { pools }), ...(poolAnswers === undefined ? {} : { poolAnswers }) };
}

/**
 * Adds to each entry of the catalogue the work orders, shipping list and scanner test that the station has at this
 * site.
 */
function definitionsIn(seen: Seen, entries: StationEntry[]): StationDefinition[] {
  return entries.map((entry) => {
    const before = seen.station(entry.name);
    const kept = STATION_OF_SHIFT.filter((name) => before?.[name] !== undefined).map((name) => [name, before?.[name]]);
    return StationDefinition.parse({ ...entry, ...Object.fromEntries(kept) });
  });
}

function stationsAfter(seen: Seen, entries: StationEntry[]): Station[] {
  const set = definitionsIn(seen, entries);
  const others = seen.stations().filter(({ name }) => !set.some((one) => one.name === name));
  return [...others, ...set.map((one) => ({ ...newStation(one), ...stateOf(seen.station(one.name)) }))];
}

function stateOf(station: Station | undefined): Partial<Pick<Station, 'slot' | 'armed'>> {
  if (station === undefined) return {};
  return { slot: station.slot, ...(station.armed === undefined ? {} : { armed: station.armed }) };
}

function entryOf({
  slot: _slot,
  armed: _armed,
  ...station
}: Station | (StationDefinition & { slot?: never; armed?: never })): object {
  return station;
}

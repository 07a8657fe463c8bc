import type { Config } from '../config.ts';
import { DEFAULT_TEMPLATE, type SavedSource, type TemplateCheck } from '../contract/labels.ts';
import type { Ledger } from '../contract/ledger.ts';
import { refuseUnfitCode, refuseUnknownPools } from '../http/device-code.ts';
import { outsideWarnings, refuseUnfitRoles } from '../http/label-roles.ts';
import { secretHash } from '../http/secret.ts';
import { openTemplate } from '../label/saved.ts';
import { isMarked, isSecret, placeholdersOf } from '../label/template.ts';
import { templatesOf } from '../model/labels/label-set.ts';
import { firstShared, numberingOf, type Product, type ProductEntry } from '../model/product.ts';
import { hasSite } from '../model/serial.ts';
import { DEFAULT_STATION, StationDefinition } from '../model/station.ts';
import { ClaimstampError, isCode, messageOf, refusal } from '../platform/error.ts';
import type { Log } from '../platform/log.ts';
import { inLanguage } from '../platform/refusal-words.ts';

/** The actor of the events for changes that come from the configuration file. */
const ACTOR = 'file';

/** Looks up a label template in the ledger. */
type SavedOf = (name: string) => Promise<SavedSource | undefined>;

/**
 * Records the configuration file's catalog, and adds the default station. An entry that did not change adds no event.
 */
export async function applyCatalog(
  ledger: Ledger,
  { catalog, site, identityProperties }: Pick<Config, 'catalog' | 'site' | 'identityProperties'>,
  log: Log,
): Promise<void> {
  const [problem] = await deviceCodeProblems(catalog.products, identityProperties, (name) => ledger.template(name));
  if (problem !== undefined) throw problem;
  await warnOfSecrets(ledger, catalog.products, log);
  for (const product of catalog.products)
    await ledger.record({ kind: 'set-product', product, together: catalog.products, site, actor: ACTOR });
  const products = await ledger.products();
  if (site === undefined && products.length === 0)
    log.warn(
      'set CLAIMSTAMP_SITE to a code of this site, such as P2: without it, S/Ns of new products have no site, and two sites can give the same S/N',
    );
  checkNumbering(products, site, log);
  for (const workOrder of catalog.workOrders) await ledger.record({ kind: 'set-work-order', workOrder, actor: ACTOR });
  for (const printer of catalog.printers) {
    // If the file does not say which labels are in the printer, keeps the label size that an operator entered last.
    const loaded = printer.loaded ?? (await ledger.printer(printer.name))?.loaded;
    const set = loaded === undefined ? printer : { ...printer, loaded };
    await ledger.record({ kind: 'set-printer', printer: set, actor: ACTOR });
  }
  for (const { key, ...station } of catalog.stations) {
    await applyStation(ledger, station, log);
    if (key !== undefined) await applyKey(ledger, station.name, secretHash(key));
  }
  await addDefaultStation(ledger);
}

/** Warns of labels that show a secret to people who see only the outside of a box. */
async function warnOfSecrets(ledger: Ledger, products: ProductEntry[], log: Log): Promise<void> {
  for (const product of products) {
    const roleOf = async (name: string) => (await printsOf((one) => ledger.template(one), name)).role;
    for (const why of await outsideWarnings(product, roleOf)) log.warn({ product: product.id }, inLanguage(why, 'en'));
  }
}

/**
 * Returns a refusal for each product whose device code would prove nothing. If the device code were also on the label,
 * each scan of the label would count as a pair of codes and result in a PASS.
 */
export async function deviceCodeProblems(
  products: ProductEntry[],
  properties: string[],
  savedOf: SavedOf = () => Promise.resolve(undefined),
): Promise<ClaimstampError[]> {
  const problems: ClaimstampError[] = [];
  for (const product of products) {
    const { id, deviceCode, label, pools } = product;
    try {
      refuseUnknownPools(properties, { pools });
      await refuseUnfitCode((name) => printsOf(savedOf, name), properties, { deviceCode, label });
      await refuseUnfitRoles(
        product,
        async () => templatesOf(product),
        (name) => printsOf(savedOf, name),
      );
    } catch (error) {
      if (!(error instanceof ClaimstampError)) throw error;
      problems.push(new ClaimstampError(error.code, `catalog: product ${id}: ${error.message}`));
    }
  }
  return problems;
}

/**
 * Returns the fields that a template prints. The renderers are not loaded for this, because loading them takes too
 * long.
 */
async function printsOf(
  savedOf: SavedOf,
  name = DEFAULT_TEMPLATE,
): Promise<Pick<TemplateCheck, 'name' | 'prints' | 'secret' | 'marked' | 'role'>> {
  const saved = await savedOf(name);
  const template = openTemplate(name, saved && [saved]);
  const { boxes, role } = template;
  const ofRole = role === undefined ? {} : { role };
  return {
    name,
    prints: placeholdersOf(template),
    secret: isSecret(template),
    marked: boxes.some(isMarked),
    ...ofRole,
  };
}

/**
 * Throws if a product's S/N pattern has `{site}` and the service has no site. Otherwise, agents would be refused later.
 * Also warns about products that can make the same S/N. Earlier versions allowed such products, so they still exist and
 * keep their patterns.
 */
function checkNumbering(products: Product[], site: string | undefined, log: Log): void {
  for (const [i, product] of products.entries()) {
    for (const numbering of numberingOf(product)) {
      const { pattern } = numbering;
      if (site === undefined && hasSite(pattern)) {
        const values = { product: product.id, pattern, site: '{site}', setting: 'CLAIMSTAMP_SITE' };
        throw refusal('site-missing', 'product', values);
      }
      const shared = firstShared(numbering, products.slice(i + 1));
      if (shared === undefined) continue;
      log.warn(
        { product: product.id, other: shared.other.id, pattern },
        'two products can make the same S/N: give one of them another S/N pattern with {code}',
      );
    }
  }
}

async function applyStation(ledger: Ledger, station: StationDefinition, log: Log): Promise<void> {
  try {
    await ledger.record({ kind: 'set-station', station, takeOver: true, actor: ACTOR });
  } catch (error) {
    if (!isCode(error, 'station-busy')) throw error;
    // The service must start even if a device is in a station's nest, so that the operator can empty the nest.
    log.warn(
      { station: station.name, detail: messageOf(error) },
      'the station keeps its previous settings: empty the nest, then restart the service',
    );
  }
}

/** Sets the station key that is in the configuration file. The station's former keys become invalid immediately. */
async function applyKey(ledger: Ledger, station: string, hash: Uint8Array): Promise<void> {
  const known = await ledger.credential(hash);
  if (known?.kind === 'station-key' && known.name === station && known.expiresAt === undefined) return;
  await ledger.record({ kind: 'set-station-key', station, hash, actor: ACTOR });
}

async function addDefaultStation(ledger: Ledger): Promise<void> {
  const stations = await ledger.stations();
  if (stations.some(({ name }) => name === DEFAULT_STATION)) return;
  const station = StationDefinition.parse({ name: DEFAULT_STATION });
  await ledger.record({ kind: 'set-station', station, actor: 'system' });
}

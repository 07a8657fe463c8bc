import type { Config } from '../config.ts';
import type { Ledger } from '../contract/ledger.ts';
import { secretHash } from '../http/secret.ts';
import { DEFAULT_STATION, StationDefinition } from '../model/station.ts';
import { isCode, messageOf } from '../platform/error.ts';
import type { Log } from '../platform/log.ts';

/** The actor in the ledger's events for changes that come from the configuration file. */
const ACTOR = 'file';

/** Records the catalog of the configuration file and adds the default station. Unchanged entries add no event. */
export async function applyCatalog(ledger: Ledger, { catalog }: Pick<Config, 'catalog'>, log: Log): Promise<void> {
  for (const product of catalog.products)
    await ledger.record({ kind: 'set-product', product, together: catalog.products, actor: ACTOR });
  for (const workOrder of catalog.workOrders) await ledger.record({ kind: 'set-work-order', workOrder, actor: ACTOR });
  for (const printer of catalog.printers) await ledger.record({ kind: 'set-printer', printer, actor: ACTOR });
  for (const { key, ...station } of catalog.stations) {
    await applyStation(ledger, station, log);
    if (key !== undefined) await applyKey(ledger, station.name, secretHash(key));
  }
  await addDefaultStation(ledger);
}

async function applyStation(ledger: Ledger, station: StationDefinition, log: Log): Promise<void> {
  try {
    await ledger.record({ kind: 'set-station', station, takeOver: true, actor: ACTOR });
  } catch (error) {
    if (!isCode(error, 'station-busy')) throw error;
    // The service must start even if a station is busy, so that the operator can empty the nest.
    log.warn(
      { station: station.name, detail: messageOf(error) },
      'station keeps its previous settings: restart the service after the nest is emptied',
    );
  }
}

/** Sets the key from the file. The station's former keys become invalid at once. */
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

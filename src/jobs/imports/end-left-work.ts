import type { Config } from '../../config.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { Log } from '../../platform/log.ts';
import { processOf, releaseOrders } from '../orders/close-order.ts';
import { openImports, type RunningImports } from './import-in-parts.ts';

/**
 * When the service starts, cleans up what its previous process left unfinished. Releases work orders that were being
 * closed, and completes or drops an import.
 */
export async function endLeftWork(
  ledger: Ledger,
  { config, log, now }: { config: Config; log: Log; now: () => number },
): Promise<RunningImports> {
  const here = { process: processOf(config.data), isShared: config.ledger !== undefined, log, now };
  await releaseOrders(ledger, here);
  const imports = openImports({ ledger, ...here });
  await imports.resume();
  return imports;
}

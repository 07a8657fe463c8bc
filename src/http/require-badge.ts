import { refusal } from '../platform/error.ts';
import type { Principal } from './auth.ts';
import type { Services } from './services.ts';

/**
 * Throws `badge-required` if no badge was scanned at a kiosk, and one of the stations on its screen requires a badge. A
 * screen has only one operator. So if one station on the screen requires a badge, all stations on the screen require
 * it. Tokens and signed-in people already have a name.
 */
export async function refuseWithoutBadge(
  { ledger }: Pick<Services, 'ledger'>,
  { kiosk, operator, nests = [] }: Principal,
): Promise<void> {
  if (kiosk === undefined || operator !== undefined) return;
  const stations = await Promise.all(nests.map((nest) => ledger.station(nest)));
  const requiring = stations.find((station) => station?.badge === 'required');
  if (requiring !== undefined) throw refusal('badge-required', 'scan', { station: requiring.name });
}

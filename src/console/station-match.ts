import type { Station } from '../model/station.ts';
import { scannedUnit } from '../http/routes/stations.ts';
import type { Services } from '../http/services.ts';

/** The nest that a scan means, on a screen of several stations. Nests are numbered from 1 in the order of the screen. */
export type Match =
  | { at: 'nest'; station: string; nest: number }
  /** The unit has passed in this nest already. */
  | { at: 'passed'; nest: number }
  /** Several nests wait for a scan, and the code belongs to none of their units. */
  | { at: 'none' }
  /** No nest waits for a scan. */
  | { at: 'nothing' };

/** Matches a scanned code to the nest whose open unit it names. */
export async function matchScan(
  services: Pick<Services, 'ledger' | 'config'>,
  stations: Station[],
  code: string,
): Promise<Match> {
  const unit = await scannedUnit(services, stations[0]?.name, code);
  const nests = stations.map((station, index) => ({ ...station, nest: index + 1 }));
  const meant = (found: { name: string; nest: number }): Match => ({
    at: 'nest',
    station: found.name,
    nest: found.nest,
  });
  const holding = nests.find(({ slot }) => slot.state !== 'ready' && slot.uci === unit?.uci);
  if (holding !== undefined)
    return holding.slot.state === 'open' ? meant(holding) : { at: 'passed', nest: holding.nest };
  const issuing = nests.find(({ mode, name }) => mode === 'open' && name === unit?.station);
  if (issuing !== undefined) return meant(issuing);
  const waiting = nests.filter(({ mode, slot }) => mode === 'open' || slot.state === 'open');
  const [only, ...others] = waiting;
  if (only === undefined) return { at: 'nothing' };
  return others.length === 0 ? meant(only) : { at: 'none' };
}

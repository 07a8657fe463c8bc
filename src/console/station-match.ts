import { DOUBLE_MS, PREVIOUS_MS } from '../decide/scans/verify.ts';
import type { Station } from '../model/station.ts';
import { codeIdentity } from '../http/find-unit.ts';
import type { Services } from '../http/services.ts';

/**
 * On a screen with several stations: the nest that a scan belongs to. Nests are numbered from 1, in the order on the
 * screen.
 */
export type Match =
  | { at: 'nest'; station: string; nest: number }
  /** The unit has already passed in this nest. */
  | { at: 'passed'; nest: number }
  /** The code could not be read, so it belongs to no nest. Any station can answer, because all give the same reason. */
  | { at: 'told'; station: string }
  /** Several nests are waiting for a scan, and the code does not belong to any of their units. */
  | { at: 'none' }
  /** No nest waits for a scan. */
  | { at: 'nothing' };

/** Finds the nest that holds the unit of the scanned code. */
export async function matchScan(
  services: Pick<Services, 'ledger' | 'config'>,
  stations: Station[],
  code: string,
  now: number,
): Promise<Match> {
  const identity = codeIdentity(services.config);
  const [scan, ...more] = await services.ledger.scanned(code, { station: stations[0]?.name, identity });
  const unit = more.length === 0 ? scan?.unit : undefined;
  const [first] = stations;
  if (first && scan && 'told' in scan.meaning && scan.meaning.told !== 'not-ours')
    return { at: 'told', station: first.name };
  const nests = stations.map((station, index) => ({ ...station, nest: index + 1 }));
  const meant = (found: { name: string; nest: number }): Match => ({
    at: 'nest',
    station: found.name,
    nest: found.nest,
  });
  const holding = nests.find(({ slot }) => slot.state !== 'ready' && slot.uci === unit?.uci);
  const verified = unit?.facts.verified;
  // If a label is scanned twice in a row, the station repeats the answer PASS.
  const isDouble = verified !== undefined && now - verified <= DOUBLE_MS;
  if (holding !== undefined)
    return holding.slot.state === 'open' || isDouble ? meant(holding) : { at: 'passed', nest: holding.nest };
  const issuing = nests.find(({ mode, name }) => mode === 'open' && name === unit?.station);
  if (issuing !== undefined) return meant(issuing);
  // The unit's nest is already free. The label of the device that just left must not cause a FAIL in another nest.
  const left = nests.find(({ name }) => name === unit?.station);
  if (left !== undefined && verified !== undefined && now - verified <= PREVIOUS_MS)
    return isDouble ? meant(left) : { at: 'passed', nest: left.nest };
  const waiting = nests.filter(({ mode, slot }) => mode === 'open' || slot.state === 'open');
  const [only, ...others] = waiting;
  if (only === undefined) return { at: 'nothing' };
  return others.length === 0 ? meant(only) : { at: 'none' };
}

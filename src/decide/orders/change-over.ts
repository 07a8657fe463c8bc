import { refusal } from '../../platform/error.ts';
import type { StationDefinition } from '../../model/station.ts';
import { setStation } from '../catalog.ts';
import { setPrinter } from '../print-jobs.ts';
import type { Decision, Seen } from '../seen.ts';
import { knownStation } from '../station-actions.ts';
import { refuseClosed } from './close-order.ts';

/**
 * A lead changes a station over to this work order. From then on, the station makes units only for this work order. The
 * order, the printer and the size of the loaded labels change together, or none of them changes.
 */
export interface ChangeOver {
  kind: 'change-over';
  station: string;
  workOrder: string;
  /** If absent, the station keeps its current printer. `null` means that the station then has no printer. */
  printer?: string | null;
  /** The size of the labels that are in the printer from now on. */
  loaded?: string;
  actor: string;
}

export function changeOver(seen: Seen, command: ChangeOver): Decision<StationDefinition> {
  const { workOrder: id, printer, loaded, actor } = command;
  const { name, workOrders } = knownStation(seen, command.station);
  const order = seen.workOrder(id);
  if (!order) throw refusal('not-found', 'workOrderSet', { workOrder: id });
  refuseClosed(order);
  const former = Object.fromEntries(Object.keys(workOrders).map((product) => [product, null]));
  const station = {
    name,
    product: order.product,
    workOrders: { ...former, [order.product]: id },
    ...(printer === undefined ? {} : { printer }),
  };
  const { events, answer } = setStation(seen, { kind: 'set-station', merge: true, station, changeOver: true, actor });
  if (loaded === undefined) return { events, answer };
  if (answer.printer === undefined) throw refusal('no-printer', 'set', { station: name });
  const labels = { kind: 'set-printer', merge: true, printer: { name: answer.printer, loaded }, actor } as const;
  return { events: [...events, ...setPrinter(seen, labels).events], answer };
}

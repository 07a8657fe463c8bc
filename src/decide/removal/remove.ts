import { setPrinterToken, setStationKey } from '../access.ts';
import { closeKiosk } from '../people.ts';
import type { Decision, Seen } from '../seen.ts';
import { DEFAULT_STATION, isBusy } from '../../model/station.ts';
import { refusal } from '../../platform/error.ts';

/*
 * Commands that remove stations, printers and work orders. The ledger keeps their events and their names, so the
 * history of a unit still shows a station or printer that was removed.
 */

export interface RemoveStation {
  kind: 'remove-station';
  name: string;
  actor: string;
}

/** Removes a station that holds no unit. Its key and its screens are withdrawn. */
export function removeStation(seen: Seen, { name, actor }: RemoveStation, now: number): Decision<null> {
  const station = seen.station(name);
  if (station === undefined) throw refusal('not-found', 'station', { station: name });
  // The default station serves agents that have no key and come from unknown addresses.
  if (name === DEFAULT_STATION) throw refusal('station-in-use', 'default', { station: name });
  if (isBusy(station)) throw refusal('station-in-use', 'unit', { station: name });
  if (seen.openPrintJobs({ station: name }).length > 0) throw refusal('station-in-use', 'job', { station: name });
  const key = setStationKey(seen, { kind: 'set-station-key', station: name, actor, overlapMs: 0 }, now);
  const kiosk = closeKiosk(seen, { kind: 'close-kiosk', station: name, actor });
  return {
    events: [...key.events, ...kiosk.events, { type: 'station-removed', actor, data: { name } }],
    kept: [...(key.kept ?? []), ...(kiosk.kept ?? [])],
    answer: null,
  };
}

export interface RemovePrinter {
  kind: 'remove-printer';
  name: string;
  actor: string;
}

/** Removes a printer that no station uses and that has no open job. The token of its print agent is withdrawn. */
export function removePrinter(seen: Seen, { name, actor }: RemovePrinter, now: number): Decision<null> {
  if (seen.printer(name) === undefined) throw refusal('not-found', 'printer', { printer: name });
  const stations = seen
    .stations()
    .filter(({ printer, printers }) => [printer, ...Object.values(printers ?? {})].includes(name));
  if (stations.length > 0) {
    const names = stations.map((station) => station.name).join(', ');
    throw refusal('printer-in-use', 'stations', { printer: name, stations: names });
  }
  const jobs = seen.openPrintJobs({ printer: name });
  if (jobs.length > 0) throw refusal('printer-in-use', 'jobs', { printer: name, jobs: jobs.length });
  const token = setPrinterToken(seen, { kind: 'set-printer-token', printer: name, actor }, now);
  return {
    events: [...token.events, { type: 'printer-removed', actor, data: { name } }],
    kept: token.kept ?? [],
    answer: null,
  };
}

export interface RemoveWorkOrder {
  kind: 'remove-work-order';
  id: string;
  actor: string;
}

/** Removes a work order that has no unit and that no station works on. */
export function removeWorkOrder(seen: Seen, { id, actor }: RemoveWorkOrder): Decision<null> {
  const order = seen.workOrder(id);
  if (order === undefined) throw refusal('not-found', 'workOrderSet', { workOrder: id });
  if (order.units > 0 || seen.orderHasUnit(id)) throw refusal('work-order-in-use', 'units', { workOrder: id });
  if (order.closed !== undefined || order.closing !== undefined)
    throw refusal('work-order-in-use', 'closed', { workOrder: id });
  const stations = seen.stations().filter(({ workOrders }) => Object.values(workOrders).includes(id));
  if (stations.length > 0) {
    const names = stations.map(({ name }) => name).join(', ');
    throw refusal('work-order-in-use', 'stations', { workOrder: id, stations: names });
  }
  return { events: [{ type: 'work-order-removed', actor, data: { id, product: order.product } }], answer: null };
}

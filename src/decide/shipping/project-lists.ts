import type { Event } from '../../model/event.ts';
import { listDefinition, type ShippingList } from '../../model/shipping/shipping-list.ts';
import type { Row, Seen } from '../seen.ts';

type Looked = Pick<Seen, 'shippingList' | 'unit'>;

/** Returns the row of a shipping list after an event that concerns the list itself. */
export function listRows(event: Event<'shipping-list-set' | 'shipping-list-closed'>, seen: Looked): Row[] {
  const before = seen.shippingList(event.data.id);
  const { seq, at, actor: by } = event;
  if (event.type === 'shipping-list-set') {
    const { closed } = before ?? {};
    const list: ShippingList = { ...event.data, units: before?.units ?? 0, ...(closed ? { closed } : {}) };
    return [{ table: 'shipping-list', list }];
  }
  const { units } = existing(before, event);
  const list = { ...listDefinition(existing(before, event)), units, closed: { seq, at, by } };
  return [{ table: 'shipping-list', list }];
}

/** Returns the list's rows after a unit was added to the list or taken off it. */
export function shipmentRows(event: Event<'shipped' | 'unshipped'>, seen: Looked): Row[] {
  const { seq, at, uci } = event;
  const list = existing(seen.shippingList(event.data.list), event);
  if (event.type === 'shipped')
    return [
      { table: 'shipment', seq, list: list.id, uci, at },
      { table: 'shipping-list', list: { ...list, units: list.units + 1 } },
    ];
  const shipped = existing(seen.unit(uci)?.extra?.shipped, event);
  return [
    { table: 'dropped-shipment', seq: shipped.seq },
    { table: 'shipping-list', list: { ...list, units: list.units - 1 } },
  ];
}

function existing<T>(value: T | undefined, event: Event): T {
  if (value === undefined)
    throw new Error(`event ${event.seq} (${event.type}) names a shipping list that does not exist`);
  return value;
}

import type { Event } from '../event.ts';
import { dayOf, withExtra, type Unit } from '../unit.ts';

/* What tests and gates say about a unit. */

/** Returns the unit with what this event says about its tests and its shipping. */
export function shippingAfter(unit: Unit, event: Event): Unit {
  const { tests, stopped } = unit.extra ?? {};
  const { at, seq } = event;
  switch (event.type) {
    case 'issued':
      // The device was repaired, so earlier results no longer apply to it.
      return event.data.armed === 'rework' && tests !== undefined ? withExtra(unit, { tests: undefined }) : unit;
    case 'tested':
      return withExtra(unit, { tests: { ...tests, [event.data.procedure]: { outcome: event.data.outcome, at } } });
    case 'ship-stopped':
      return withExtra(unit, { stopped: { ...stopped, [event.data.reason]: dayOf(at) } });
    case 'shipped':
      return withExtra(unit, { shipped: { list: event.data.list, seq, at }, stopped: undefined });
    case 'unshipped':
      return withExtra(unit, { shipped: undefined });
    default:
      return unit;
  }
}

import type { Event } from '../event.ts';
import { dayOf, withExtra, type Unit } from '../unit.ts';

/* Changes a unit after an event of a test or a gate. */

/** Returns the unit after this event has changed its test results and its shipping data. */
export function shippingAfter(unit: Unit, event: Event): Unit {
  const { tests, stopped } = unit.extra ?? {};
  const { at, seq } = event;
  switch (event.type) {
    case 'issued':
      // The device was repaired, so its earlier test results are no longer valid.
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

import type { Say } from '../http/words.ts';
import { otherName, type WorkOrder } from '../model/work-order.ts';
import { STATION } from '../../words/console/station.ts';
import type { Nest } from './station-nests.ts';
import type { PageContext } from './pages.tsx';

/** Shows the work orders at the nests of a screen, each with the number of units made so far. */
export function Orders({ page, nests }: { page: PageContext; nests: Nest[] }) {
  return (
    <div id="orders">
      {ordersIn(nests).map((order) => (
        <OrderView say={page.say} order={order} />
      ))}
    </div>
  );
}

function ordersIn(nests: Nest[]): WorkOrder[] {
  const orders = nests.flatMap(({ workOrder }) => workOrder ?? []);
  return orders.filter(({ id }, index) => orders.findIndex((order) => order.id === id) === index);
}

function OrderView({ say, order }: { say: Say; order: WorkOrder }) {
  const { id, units, planned } = order;
  const other = otherName(order);
  const said = say(STATION, units > planned ? 'progressOver' : 'progress', { units, planned });
  return (
    <p class="station-order">
      <span>
        {id} {other === undefined ? null : `(${other}) `}
        <b>{said}</b>
      </span>
      <svg class="meter" width="100%" height="10" role="img" aria-label={`${id}: ${said}`}>
        <rect class="meter-track" width="100%" height="10" />
        <rect class="m-good" width={`${Math.min(100, (units / planned) * 100).toFixed(1)}%`} height="10" />
      </svg>
    </p>
  );
}

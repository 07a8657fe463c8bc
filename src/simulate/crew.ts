import { sendThroughGate } from './gate.ts';
import { openLead, type Equipment, type Lead } from './lead.ts';
import { closeOrders, compareOrders, makeOrders, type Order } from './orders.ts';
import type { Left, ReportParts } from './report.ts';
import { receiveReturns, type Passed } from './returns.ts';
import { figuresOf, openShift, type Shift } from './shift.ts';
import type { Floor } from './stations.ts';
import { readCharts, today, type LedgerUnit, type LineCharts } from './units.ts';

/** The people who work in a shift, and their work orders. */
export interface Crew {
  shift: Shift;
  lead: Lead;
  orders: Order[];
  firstDay: string;
  /**
   * Closes the work orders. The returned function then compares the work orders with the units that were issued in the
   * shift.
   */
  closeOrders: () => Promise<(left: Left[], issued: LedgerUnit[]) => Promise<ReportParts>>;
}

export async function openCrew(equipment: Equipment, floor: Floor): Promise<Crew> {
  const { service, options, nests, tester } = equipment;
  const shift = openShift(floor);
  const orders = await makeOrders(service, options);
  const lead = openLead(equipment, shift);
  await lead.begin();
  const firstDay = today();
  const charts = await readCharts(service, [firstDay, firstDay]);
  return {
    shift,
    lead,
    orders,
    firstDay,
    async closeOrders() {
      // If there is a gate, late test results are reported only after the work orders are closed.
      if (!options.gate) await tester?.reportAllLate();
      const closed = await closeOrders(service, orders, nests);
      return async (left, issued) => {
        const counted = unitsIn(await readCharts(service, [firstDay, today()])) - unitsIn(charts);
        const faults = compareOrders(issued, closed, left, tester);
        const parts: ReportParts = {
          ...(tester === undefined ? {} : { tester: tester.figures }),
          shift: figuresOf(shift.tally, floor),
          lead: { ...lead.figures, ...faults, referenceInFigures: Math.abs(counted - issued.length) },
        };
        // The gate and the returns come last, because they change what the ledger says about the units of the shift.
        const { gate, shipped } = options.gate ? await sendThroughGate(service, options, left, tester) : {};
        if (gate !== undefined) parts.gate = gate;
        if (options.returns === 0) return parts;
        const passed = left.flatMap((one) => passedOf(one, shipped));
        return { ...parts, returns: await receiveReturns(equipment, shift, orders, passed) };
      };
    },
  };
}

/** Returns the devices that a customer can send back. Such a device has passed and, if there is a gate, was shipped. */
function passedOf({ device, label, verdict, order }: Left, shipped: Set<string> | undefined): Passed[] {
  if (label === undefined || order === undefined || verdict !== 'PASS') return [];
  return shipped?.has(label) === false ? [] : [{ device, uci: label, order }];
}

function unitsIn({ issued }: LineCharts): number {
  return issued.reduce((sum, { units }) => sum + units, 0);
}

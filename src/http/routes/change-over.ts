import { z } from 'zod';
import { loadedOf } from '../../model/printer.ts';
import { isSameSize, Loaded, sizeOf } from '../../model/printing/setup.ts';
import { Name } from '../../model/product.ts';
import { isCode, refusal } from '../../platform/error.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { StationParams } from '../schemas.ts';
import type { Services } from '../services.ts';
import { refuseFixed } from './catalog.ts';

export const changeOverOperations = {
  'POST /v1/stations/{name}/change-over': {
    tag: 'stations',
    summary: 'Change a station over to a work order, optionally with another printer and other labels',
    description:
      "The station then runs only this work order and its product. Either everything changes or nothing does. If the labels in the printer are not the size that the product needs, the change-over is refused, unless `despiteLabels` is set. At a kiosk, a lead's badge must be scanned first.",
    may: 'stations:changeover',
    kiosk: 'own-station',
    params: StationParams,
    body: z.strictObject({
      workOrder: Name,
      printer: Name.nullish().meta({ description: 'If omitted, the station keeps its printer. null: no printer' }),
      loaded: Loaded.optional(),
      despiteLabels: z.literal(true).optional().meta({ description: 'Change over even though the labels do not fit' }),
    }),
    example: { workOrder: 'WO-1001' },
    answer: z.object({
      station: z.string(),
      workOrder: z.string(),
      product: z.string(),
      printer: z.string().optional(),
      loaded: z.string().optional().meta({ description: 'Size of the labels in the printer, in mm' }),
      needed: z.string().optional().meta({ description: 'Size of the labels that the product needs, in mm' }),
    }),
    refusals: [
      'not-found',
      'read-only',
      'station-busy',
      'station-armed',
      'work-order-closed',
      'no-printer',
      'device-code-needed',
      'labels-differ',
    ],
  },
  'POST /v1/stations/{name}/loaded': {
    tag: 'stations',
    summary: "Record which labels are now in the station's printer",
    description: 'The next row begins at the first column, because new labels were loaded.',
    may: 'stations:operate',
    kiosk: 'own-station',
    params: StationParams,
    body: z.strictObject({ loaded: Loaded }),
    example: { loaded: '62x40' },
    answer: z.object({ printer: z.string(), loaded: z.string() }),
    refusals: ['not-found', 'read-only', 'no-printer'],
  },
} satisfies Declarations;

export function changeOverRoutes(on: On, services: Services): void {
  const { ledger, config } = services;
  loadedRoute(on, services);
  on(changeOverOperations, 'POST /v1/stations/{name}/change-over', async ({ params: { name }, body, who }) => {
    const { despiteLabels, ...change } = body;
    refuseFixed('station', name, config.catalog.stations);
    const station = await ledger.station(name);
    if (station === undefined) throw refusal('not-found', 'station', { station: name });
    const printer = change.printer === undefined ? station.printer : (change.printer ?? undefined);
    if (change.loaded !== undefined && printer !== undefined) refuseFixed('printer', printer, config.catalog.printers);
    const needed = await neededFor(services, change.workOrder);
    const known = printer === undefined ? undefined : await ledger.printer(printer);
    const loaded = change.loaded ?? (known && loadedOf(known));
    if (needed !== undefined && loaded !== undefined && !isSameSize(sizeOf(loaded), sizeOf(needed)) && !despiteLabels)
      throw refusal('labels-differ', 'size', { printer: printer ?? '', loaded, needed });
    const {
      workOrders: _orders,
      product = '',
      ...set
    } = await ledger.record({
      kind: 'change-over',
      station: name,
      ...present(change),
      actor: who.actor,
    });
    // If the next device still names the former product, it is also refused. The refusal then names the new work
    // order.
    services.refusals.forget(name, 'order-required');
    return {
      station: name,
      workOrder: change.workOrder,
      product,
      ...present({ printer: set.printer, loaded, needed }),
    };
  });
}

/**
 * Operators change the labels in a printer on the line. So even if the printer is in the configuration file, `labels`
 * can be changed, unless the file itself sets `labels`.
 */
function loadedRoute(on: On, { ledger, config }: Services): void {
  on(changeOverOperations, 'POST /v1/stations/{name}/loaded', async ({ params: { name }, body: { loaded }, who }) => {
    const station = await ledger.station(name);
    if (station === undefined) throw refusal('not-found', 'station', { station: name });
    const { printer } = station;
    if (printer === undefined) throw refusal('no-printer', 'set', { station: name });
    refuseFixed(
      'printer',
      printer,
      config.catalog.printers.filter((one) => one.loaded !== undefined),
    );
    const set = { name: printer, loaded };
    await ledger.record({ kind: 'set-printer', merge: true, newRow: true, printer: set, actor: who.actor });
    return { printer, loaded };
  });
}

/** Returns the label size that the work order's product needs. Pre-claimed units need no label. */
export async function neededFor(
  { ledger, labels }: Pick<Services, 'ledger' | 'labels'>,
  workOrder: string,
): Promise<string | undefined> {
  const order = await ledger.workOrder(workOrder);
  const product = order && (await ledger.product(order.product));
  if (product === undefined || product.claiming === 'pre') return undefined;
  const template = await labels.checkPrinted(product).catch((error: unknown) => {
    if (isCode(error, 'not-found')) return undefined;
    throw error;
  });
  return template && `${template.width}x${template.height}`;
}

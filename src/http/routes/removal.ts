import { z } from 'zod';
import { Name } from '../../model/product.ts';
import { WorkOrderDefinition } from '../../model/work-order.ts';
import type { Declarations, On } from '../operation.ts';
import type { Services } from '../services.ts';
import { refuseFixed } from './catalog.ts';

/* Removal of stations, printers and work orders. An entry of the configuration file can be removed only in the file. */

export const removalOperations = {
  'DELETE /v1/stations/{name}': {
    tag: 'stations',
    summary: 'Remove a station that holds no unit',
    description:
      'Its key and its screens stop working at once. Units that were made there still show the name of the station. A later station with this name starts without the former settings.',
    may: 'catalog:write',
    params: z.object({ name: Name.meta({ examples: ['UNUSED'] }) }),
    answer: z.object({}),
    refusals: ['not-found', 'read-only', 'station-in-use'],
  },
  'DELETE /v1/work-orders/{id}': {
    tag: 'catalog',
    summary: 'Remove a work order that has no unit',
    may: 'catalog:write',
    params: z.object({ id: WorkOrderDefinition.shape.id.meta({ examples: ['UNUSED'] }) }),
    answer: z.object({}),
    refusals: ['not-found', 'read-only', 'work-order-in-use'],
  },
  'DELETE /v1/printers/{name}': {
    tag: 'printing',
    summary: 'Remove a printer that no station uses and that has no waiting job',
    description:
      'The token of its print agent and its password are removed too. Earlier print jobs still show the name of the printer.',
    may: 'catalog:write',
    params: z.object({ name: Name.meta({ examples: ['UNUSED'] }) }),
    answer: z.object({}),
    refusals: ['not-found', 'read-only', 'printer-in-use'],
  },
} satisfies Declarations;

export function removalRoutes(on: On, { ledger, config, gate, links, refusals, printing }: Services): void {
  const { catalog } = config;
  on(removalOperations, 'DELETE /v1/stations/{name}', async ({ params: { name }, who: { actor } }) => {
    refuseFixed('station', name, catalog.stations);
    await ledger.record({ kind: 'remove-station', name, actor });
    refusals.forget(name, 'order-required');
    await Promise.all([gate.refresh(), links.refresh()]);
    return {};
  });
  on(removalOperations, 'DELETE /v1/work-orders/{id}', async ({ params: { id }, who: { actor } }) => {
    refuseFixed('workOrder', id, catalog.workOrders);
    await ledger.record({ kind: 'remove-work-order', id, actor });
    return {};
  });
  on(removalOperations, 'DELETE /v1/printers/{name}', async ({ params: { name }, who: { actor } }) => {
    refuseFixed('printer', name, catalog.printers);
    const printer = await ledger.printer(name);
    await ledger.record({ kind: 'remove-printer', name, actor });
    if (printer?.passwordAt !== undefined) await printing.keepPassword(printer, undefined);
    return {};
  });
}

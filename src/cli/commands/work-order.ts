import { Command } from 'commander';
import { WorkOrderSettings } from '../../model/work-order.ts';
import { addClosing } from './work-order-closing.ts';
import { print, table, withApi } from '../run.ts';
import { addSet } from '../settings.ts';

export function workOrderCommand(): Command {
  const command = new Command('work-order').description('work orders: a planned quantity of one product each');
  command
    .command('list')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) =>
      withApi(async (api) => {
        const { workOrders } = await api.call('GET /v1/work-orders');
        const rows = workOrders.map(({ id, product, planned, units, lot, overIssue, closed }) => [
          id,
          product,
          `${units}/${planned}`,
          lot ?? '',
          overIssue,
          closed ? 'closed' : '',
        ]);
        print(
          json ? JSON.stringify(workOrders) : table(['WORK ORDER', 'PRODUCT', 'UNITS', 'LOT', 'OVER-ISSUE', ''], rows),
        );
      }),
    );
  addSet(command, {
    description: 'add a work order, or change settings',
    argument: ['id'],
    shape: WorkOrderSettings.shape,
    change: (api, id, body) => api.call('PATCH /v1/work-orders/{id}', { params: { id }, body }),
  });
  addClosing(command);
  return command;
}

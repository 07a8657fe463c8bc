import { Command } from 'commander';
import type { WorkOrder } from '../../model/work-order.ts';
import { addClosing } from './work-order-closing.ts';
import { print, table, wholeNumber, withApi } from '../run.ts';

interface Options {
  product?: string;
  planned?: number;
  lot?: string;
  overIssue?: string;
}

export function workOrderCommand(): Command {
  const command = new Command('work-order').description('planned quantities of one product');
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
  command
    .command('set')
    .description('open a work order, or change the settings named')
    .argument('<id>')
    .option('--product <id>')
    .option('--planned <n>', 'units to make', wholeNumber)
    .option('--lot <lot>', 'for {lot} in the S/N pattern')
    .option('--over-issue <what>', 'warn or refuse')
    .action((id: string, options: Options) =>
      withApi(async (api) => {
        const { workOrders } = await api.call('GET /v1/work-orders');
        const known = workOrders.find((one) => one.id === id) ?? ({ id, units: 0 } as WorkOrder);
        const { id: _id, units: _units, closed: _closed, ...before } = known;
        print(
          JSON.stringify(
            await api.call('PUT /v1/work-orders/{id}', { params: { id }, body: { ...before, ...options } }),
          ),
        );
      }),
    );
  addClosing(command);
  return command;
}

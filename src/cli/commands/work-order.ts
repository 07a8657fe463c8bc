import { Command } from 'commander';
import { WorkOrderSettings } from '../../model/work-order.ts';
import { addClosing } from './work-order-closing.ts';
import { addList } from '../run.ts';
import { addSet } from '../settings.ts';

export function workOrderCommand(): Command {
  const command = new Command('work-order').description('work orders, each for a planned quantity of one product');
  addList(
    command,
    ['WORK ORDER', 'PRODUCT', 'UNITS', 'LOT', 'PURPOSE', 'OVER-ISSUE', ''],
    async (api) => (await api.call('GET /v1/work-orders')).workOrders,
    ({ id, product, planned, units, lot = '', purpose = 'production', overIssue, closed }) => {
      return [id, product, `${units}/${planned}`, lot, purpose, overIssue, closed ? 'closed' : ''];
    },
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

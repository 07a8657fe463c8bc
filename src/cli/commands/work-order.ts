import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { MAX_ORDERS } from '../../contract/orders/plan-orders.ts';
import { WorkOrderSettings } from '../../model/work-order.ts';
import { addClosing } from './work-order-closing.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { readOrderFile } from '../../sheet/read-orders.ts';
import { addList, hint, print, withApi } from '../run.ts';
import { addRemove } from '../remove.ts';
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
  addPlan(command);
  addRemove(command, {
    description: 'remove a work order without units',
    argument: ['id'],
    remove: (api, id) => api.call('DELETE /v1/work-orders/{id}', { params: { id } }),
  });
  addClosing(command);
  return command;
}

function addPlan(command: Command): void {
  command
    .command('plan')
    .description(
      'add or change work orders from a CSV file or a workbook of the ERP, with the columns reference, product, planned, and optionally due and lot',
    )
    .argument('<file>')
    .action(async (file: string) => {
      const { orders, problems } = await readOrderFile(readFileSync(file));
      const told = problems.map(({ line, why }) => `${file} line ${line}: ${why}`);
      if (told.length > 0) throw new ClaimstampError('invalid', [`${file} was not read:`, ...told].join('\n  '));
      await withApi(async (api) => {
        let refused = 0;
        for (let from = 0; from < orders.length; from += MAX_ORDERS) {
          const part = orders.slice(from, from + MAX_ORDERS);
          const body = { orders: part.map(({ order }) => order) };
          const answer = await api.call('POST /v1/work-orders/plan', { body });
          for (const [at, { reference, result, refused: why }] of answer.orders.entries()) {
            if (why === undefined) print(`${reference} ${result}`);
            else hint(`${file} line ${part[at]?.line}: ${reference}: ${why.detail}`);
            if (why !== undefined) refused++;
          }
        }
        if (refused > 0) throw new ClaimstampError('invalid', `${refused} work orders were refused`);
      });
    });
}

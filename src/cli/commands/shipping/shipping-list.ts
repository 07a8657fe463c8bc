import { Command } from 'commander';
import { ShippingListSettings } from '../../../model/shipping/shipping-list.ts';
import type { Answer } from '../../../http/client.ts';
import { print, withApi } from '../../run.ts';

type List = Answer<'GET /v1/shipping-lists/{id}'>;

interface Settings {
  target: string;
  product?: string;
  workOrder?: string;
}

export function shippingListCommand(): Command {
  const command = new Command('shipping-list').description('shipping lists: the units that passed a gate');
  command
    .command('list')
    .description('list the newest shipping lists')
    .option('--work-order <id>', 'only shipping lists that are for this work order or contain units of it')
    .option('--json', 'as JSON')
    .action(({ json, ...query }: { json?: true; workOrder?: string }) =>
      withApi(async (api) => {
        const { lists } = await api.call('GET /v1/shipping-lists', { query });
        print(json ? JSON.stringify(lists) : lists.map(lineOf).join('\n'));
      }),
    );
  const { target, product, workOrder } = ShippingListSettings.shape;
  command
    .command('set')
    .description('add a shipping list, or replace its settings')
    .argument('<id>')
    .requiredOption('--target <units>', target.description)
    .option('--product <id>', product.description)
    .option('--work-order <id>', workOrder.description)
    .action((id: string, settings: Settings) =>
      withApi(async (api) => {
        const body = { ...settings, target: Number(settings.target) };
        print(lineOf(await api.call('PUT /v1/shipping-lists/{id}', { params: { id }, body })));
      }),
    );
  command
    .command('show')
    .description('show how many units are on a shipping list')
    .argument('<id>')
    .option('--json', 'as JSON')
    .action((id: string, { json }: { json?: true }) =>
      withApi(async (api) => {
        const list = await api.call('GET /v1/shipping-lists/{id}', { params: { id } });
        print(json ? JSON.stringify(list) : lineOf(list));
      }),
    );
  addEnding(command);
  return command;
}

function addEnding(command: Command): void {
  command
    .command('close')
    .description('close a shipping list, so that it takes no more units')
    .argument('<id>')
    .action((id: string) =>
      withApi(async (api) => print(lineOf(await api.call('POST /v1/shipping-lists/{id}/close', { params: { id } })))),
    );
  command
    .command('remove')
    .description('take a unit off its open shipping list')
    .argument('<claim-id>')
    .requiredOption('--reason <text>', 'why the unit is not shipped')
    .action((uci: string, { reason }: { reason: string }) =>
      withApi(async (api) => {
        const { list, count } = await api.call('POST /v1/units/{uci}/unship', { params: { uci }, body: { reason } });
        print(`${list}: ${count} ${count === 1 ? 'unit is' : 'units are'} on the list`);
      }),
    );
  command
    .command('export')
    .description('print the units of a shipping list as CSV')
    .argument('<id>')
    .action((id: string) =>
      withApi(async (api) => {
        const { body } = await api.file('GET /v1/shipping-lists/{id}/units.csv', { params: { id } });
        for await (const part of body ?? []) process.stdout.write(part);
      }),
    );
}

function lineOf({ id, units, target, product, workOrder, closed }: List): string {
  return [id, `${units}/${target}`, product, workOrder, closed === undefined ? undefined : 'closed']
    .filter((part) => part !== undefined)
    .join('  ');
}

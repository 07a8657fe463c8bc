import { Command, Option } from 'commander';
import { ClaimstampError } from '../../platform/error.ts';
import type { Station } from '../../model/station.ts';
import type { Api } from '../api.ts';
import { print, table, withApi } from '../run.ts';
import { addAccess } from './station-access.ts';

interface Options {
  mode?: string;
  next?: string;
  source?: string[];
  product?: string;
  printer?: string;
  autoPrint?: string;
  workOrder?: string[];
}

export function stationCommand(): Command {
  const command = new Command('station').description('stations: one nest each, one device at a time');
  command
    .command('list')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) =>
      withApi(async (api) => {
        const { stations } = await api.call('GET /v1/stations');
        const rows = stations.map((station) => {
          const orders = Object.values(station.workOrders).join(' ');
          return [station.name, station.mode, station.sources.join(' '), orders, nest(station)];
        });
        print(json ? JSON.stringify(stations) : table(['STATION', 'MODE', 'SOURCES', 'WORK ORDERS', 'NEST'], rows));
      }),
    );
  command
    .command('show')
    .description('one station as JSON, with the agents it refused')
    .argument('<name>')
    .action((name: string) =>
      withApi(async (api) =>
        print(JSON.stringify(await api.call('GET /v1/stations/{name}', { params: { name } }), null, 2)),
      ),
    );
  command
    .command('set')
    .description('set up a station, or change the settings named')
    .argument('<name>')
    .option('--mode <mode>', 'open, or slot for firmware that identifies nothing')
    .option('--next <what>', 'after a PASS in slot mode: manual or auto')
    .option('--source <address...>', 'source addresses or CIDR blocks of its devices; "none" clears them')
    .option('--printer <name>', 'where its labels are printed')
    .addOption(
      new Option('--auto-print <yes|no>', 'print the label when a device gets its unit').choices(['yes', 'no']),
    )
    .option('--product <id>', 'the product of requests that name none; "none" clears it')
    .option('--work-order <id...>', 'its current work orders, one a product; "none" clears them')
    .action((name: string, { source, workOrder, autoPrint, ...options }: Options) =>
      withApi(async (api) => {
        const { stations } = await api.call('GET /v1/stations');
        const {
          name: _name,
          slot: _slot,
          armed: _armed,
          ...before
        } = stations.find((one) => one.name === name) ?? ({ name } as Station);
        const orders = workOrder === undefined ? {} : { workOrders: await byProduct(api, workOrder) };
        const auto = autoPrint === undefined ? {} : { autoPrint: autoPrint === 'yes' };
        const sources = source === undefined ? {} : { sources: source.join() === 'none' ? [] : source };
        if (options.product === 'none') {
          delete before.product;
          delete options.product;
        }
        const settings = { ...before, ...options, ...sources, ...auto, ...orders };
        print(JSON.stringify(await api.call('PUT /v1/stations/{name}', { params: { name }, body: settings })));
      }),
    );
  addAccess(command);
  command
    .command('arm')
    .description('the next request at the station gets this unit')
    .argument('<name>')
    .argument('<code>', 'scanned Claim ID or S/N')
    .option('--reason <reason>', 'label, or rework for a device that comes back', 'label')
    .action((name: string, code: string, { reason }: { reason: string }) =>
      withApi(async (api) =>
        print(
          JSON.stringify(await api.call('POST /v1/stations/{name}/arm', { params: { name }, body: { code, reason } })),
        ),
      ),
    );
  for (const [verb, route, description] of [
    ['cancel', 'cancel', 'disarm the station'],
    ['next', 'next', 'slot mode: the next device may come'],
    ['same', 'same-device', 'slot mode: the device stays, open its unit again'],
  ] as const) {
    command
      .command(verb)
      .description(description)
      .argument('<name>')
      .action((name: string) =>
        withApi(async (api) =>
          print(JSON.stringify(await api.call(`POST /v1/stations/{name}/${route}`, { params: { name } }))),
        ),
      );
  }
  command
    .command('verify')
    .description('scan to verify: PASS when the label is that of the unit in the nest; exit status 1 on FAIL')
    .argument('<name>')
    .argument('<label>', 'the scanned label')
    .option('--device <code>', "the device's own code, where several units are open")
    .action((name: string, label: string, { device }: { device?: string }) =>
      withApi(async (api) => {
        const answer = await api.call('POST /v1/stations/{name}/verify', { params: { name }, body: { label, device } });
        print(answer.result === 'FAIL' ? `FAIL: ${answer.reason}` : answer.result);
        if (answer.result !== 'PASS') process.exitCode = 1;
      }),
    );
  return command;
}

function nest({ armed, slot, mode }: Station): string {
  if (armed) return `armed (${armed.reason})`;
  return mode === 'slot' ? slot.state : '';
}

async function byProduct(api: Api, ids: string[]): Promise<Record<string, string>> {
  if (ids.length === 1 && ids[0] === 'none') return {};
  const { workOrders } = await api.call('GET /v1/work-orders');
  const pairs = ids.map((id) => {
    const order = workOrders.find((one) => one.id === id);
    if (!order) throw new ClaimstampError('not-found', `there is no work order ${id}: claimstamp work-order set ${id}`);
    return [order.product, id] as const;
  });
  return Object.fromEntries(pairs);
}

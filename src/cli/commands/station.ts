import { Command } from 'commander';
import { ClaimstampError } from '../../platform/error.ts';
import { StationSettings, type Station } from '../../model/station.ts';
import type { Answer } from '../../http/client.ts';
import type { Api } from '../api.ts';
import { addRemove } from '../remove.ts';
import { addList, print, withApi } from '../run.ts';
import { addSet, entriesIn } from '../settings.ts';
import { addAccess } from './station-access.ts';

export function stationCommand(): Command {
  const command = new Command('station').description('stations of the line: settings, keys, open units');
  addList(
    command,
    ['STATION', 'MODE', 'SOURCES', 'WORK ORDERS', 'NEST'],
    async (api) => (await api.call('GET /v1/stations')).stations,
    (station) => {
      const orders = Object.values(station.workOrders).join(' ');
      return [station.name, station.mode, station.sources.join(' '), orders, nest(station)];
    },
  );
  addRemove(command, {
    description: 'remove a station that holds no unit; its key and its screens stop working at once',
    argument: ['name'],
    remove: (api, name) => api.call('DELETE /v1/stations/{name}', { params: { name } }),
  });
  command
    .command('show')
    .description('show one station as JSON, with the agents that were refused there')
    .argument('<name>')
    .option('--reveal', 'show complete Claim IDs; the ledger records this')
    .action((name: string, { reveal }: { reveal?: true }) =>
      withApi(async (api) => {
        const query = reveal ? { reveal: 'true' as const } : {};
        print(JSON.stringify(await api.call('GET /v1/stations/{name}', { params: { name }, query }), null, 2));
      }),
    );
  addSet(command, {
    description: 'add a station, or change its settings',
    argument: ['name'],
    shape: StationSettings.shape,
    change: async (api, name, patch, { workOrder, printers }) => {
      const body = { ...patch };
      if (Array.isArray(workOrder) && patch.workOrders === undefined) body.workOrders = await byProduct(api, workOrder);
      if (Array.isArray(printers) && patch.printers === undefined) body.printers = entriesIn(printers);
      return api.call('PATCH /v1/stations/{name}', { params: { name }, body });
    },
  });
  addChangeOver(command);
  addLoaded(command);
  addAccess(command);
  addMoves(command);
  return command;
}

interface ChangeOverOptions {
  workOrder: string;
  printer?: string;
  loaded?: string;
  despiteLabels?: true;
}

function addChangeOver(command: Command): void {
  command
    .command('change-over')
    .description('change to another work order and its product, optionally with another printer or other labels')
    .argument('<name>')
    .requiredOption('--work-order <id>', 'the work order that the station changes to')
    .option('--printer <printer>', 'another printer; "none" for no printer')
    .option('--loaded <size>', 'size of the labels that are now in the printer, in mm, such as 62x40')
    .option('--despite-labels', 'change over even if the labels are not the size that the product needs')
    .action((name: string, { printer, ...options }: ChangeOverOptions) =>
      withApi(async (api) => {
        const body = { ...options, ...(printer === undefined ? {} : { printer: printer === 'none' ? null : printer }) };
        print(JSON.stringify(await api.call('POST /v1/stations/{name}/change-over', { params: { name }, body })));
      }),
    );
}

function addLoaded(command: Command): void {
  command
    .command('loaded')
    .description("set the size of the labels that are now in the station's printer")
    .argument('<name>')
    .argument('<size>', 'width x height in mm, such as 62x40')
    .action((name: string, loaded: string) =>
      withApi(async (api) =>
        print(
          JSON.stringify(await api.call('POST /v1/stations/{name}/loaded', { params: { name }, body: { loaded } })),
        ),
      ),
    );
}

function addMoves(command: Command): void {
  command
    .command('arm')
    .description('arm the station: the next request gets this unit')
    .argument('<name>')
    .argument('<code>', 'scanned Claim ID or S/N')
    .option('--reason <reason>', 'label, or rework for a returned device', 'label')
    .action((name: string, code: string, { reason }: { reason: string }) =>
      withApi(async (api) =>
        print(
          JSON.stringify(await api.call('POST /v1/stations/{name}/arm', { params: { name }, body: { code, reason } })),
        ),
      ),
    );
  for (const [verb, route, description] of [
    ['cancel', 'cancel', 'disarm the station'],
    ['next', 'next', 'slot mode: accept the next device'],
    ['same', 'same-device', 'slot mode: reopen the unit of the device that is still at the station'],
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
    .description('verify a label: PASS if the label belongs to the unit at the station; exit status 1 on FAIL')
    .argument('<name>')
    .argument('<label>', 'the scanned label')
    .option('--device <code>', 'the code on the device itself, if several units are open')
    .action((name: string, label: string, { device }: { device?: string }) =>
      withApi(async (api) => {
        const answer = await api.call('POST /v1/stations/{name}/verify', { params: { name }, body: { label, device } });
        print(said(answer));
        if (answer.result !== 'PASS' && answer.result !== 'SHIP') process.exitCode = 1;
      }),
    );
}

/** Returns the result of a scan as one line of text. After a FAIL, the line also says what the scanner read. */
function said(answer: Answer<'POST /v1/stations/{name}/verify'>): string {
  if (answer.result === 'PASS') return answer.result;
  if ('list' in answer && answer.list !== undefined && answer.result !== 'STOP')
    return `${answer.result}: ${answer.list.id} ${answer.list.count} of ${answer.list.target}`;
  if (answer.result === 'SHIP') return answer.result;
  const read = 'read' in answer && answer.read !== undefined ? ` (read: ${answer.read})` : '';
  return `${answer.result}: ${answer.reason}${read}`;
}

function nest({ armed, slot, mode }: Station): string {
  if (armed) return `armed (${armed.reason})`;
  return mode === 'slot' ? slot.state : '';
}

async function byProduct(api: Api, ids: string[]): Promise<Record<string, string>> {
  const { workOrders } = await api.call('GET /v1/work-orders');
  const pairs = ids.map((id) => {
    const order = workOrders.find((one) => one.id === id);
    if (!order) throw new ClaimstampError('not-found', `there is no work order ${id}: claimstamp work-order set ${id}`);
    return [order.product, id] as const;
  });
  return Object.fromEntries(pairs);
}

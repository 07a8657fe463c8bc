import { Command, Option } from 'commander';
import { DISPOSITIONS } from '../../../model/unit.ts';
import { when } from '../../../report/words.ts';
import type { Api } from '../../api.ts';
import { print, table, withApi } from '../../run.ts';

interface Received {
  rma: string;
  reason: string;
  disposition: (typeof DISPOSITIONS)[number];
  note?: string;
}

/**
 * The maximum number of RMAs, or of units of an RMA, that are shown in a terminal. Exports contain the complete lists.
 */
const LISTED = 1000;

export function returnCommand(): Command {
  const command = new Command('return').description('returned units (RMA): receive, close, list, show');
  command
    .command('receive')
    .description('receive returned units; each unit begins another life and keeps its work order')
    .argument('<code...>', 'Claim IDs, S/Ns or identities, as scanned')
    .requiredOption('--rma <number>', 'the number of the RMA')
    .requiredOption('--reason <text>', 'why the units came back')
    .addOption(
      new Option('--disposition <what>', 'what should happen to the units').choices(DISPOSITIONS).makeOptionMandatory(),
    )
    .option('--note <text>', 'an explanation')
    .action((codes: string[], options: Received) => withApi((api) => receive(api, codes, options)));
  command
    .command('close')
    .description('close the returns of units that were shipped back or that the factory keeps')
    .argument('<claim-id...>')
    .addOption(new Option('--how <end>').choices(['shipped', 'kept']).makeOptionMandatory())
    .option('--note <text>', 'an explanation')
    .action((ucis: string[], body: { how: 'shipped' | 'kept'; note?: string }) =>
      withApi(async (api) => {
        for (const uci of ucis) {
          const { rma } = await api.call('POST /v1/units/{uci}/return/close', { params: { uci }, body });
          print(`${uci}: return closed (${body.how}), RMA ${rma}`);
        }
      }),
    );
  command
    .command('list')
    .description('list RMAs with the number of their units')
    .option('--open', 'only RMAs with an open return')
    .option('--json', 'as JSON')
    .action((options: { open?: true; json?: true }) => withApi((api) => list(api, options)));
  command
    .command('show')
    .description('show an RMA and its units')
    .argument('<rma>')
    .option('--json', 'as JSON')
    .action((rma: string, { json }: { json?: true }) => withApi((api) => show(api, rma, json === true)));
  return command;
}

/**
 * Receives the units one by one, and stops at the first code that is refused. If the command is repeated, no unit is
 * received twice.
 */
async function receive(api: Api, codes: string[], options: Received): Promise<void> {
  for (const code of codes) {
    const { uci, rma } = await api.call('POST /v1/returns', { body: { code, ...options } });
    print(`${uci}: received, RMA ${rma}`);
  }
}

async function list(api: Api, { open, json }: { open?: true; json?: true }): Promise<void> {
  const query = { limit: LISTED, ...(open ? { open: 'true' as const } : {}) };
  const { returns } = await api.call('GET /v1/returns', { query });
  if (json) return print(JSON.stringify(returns));
  const heads = ['rma', 'received', 'open', 'shipped', 'scrapped', 'void', 'kept'] as const;
  const rows = returns.map((one) => heads.map((head) => String(one[head])));
  print(table([...heads], rows));
}

async function show(api: Api, rma: string, json: boolean): Promise<void> {
  const found = await api.call('GET /v1/returns/{rma}', { params: { rma }, query: { limit: LISTED } });
  if (json) return print(JSON.stringify(found));
  const rows = found.units.map(({ uci, serial = '', life }) => {
    const { at, disposition, reason, closed } = life.return ?? {};
    return [
      uci,
      serial,
      at === undefined ? '' : when(at),
      life.status,
      disposition ?? '',
      closed?.how ?? 'open',
      reason ?? '',
    ];
  });
  print(table(['Claim ID', 'S/N', 'received', 'status', 'disposition', 'return', 'reason'], rows));
}

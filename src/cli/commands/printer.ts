import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { placeOf, PRINTER_SETTINGS } from '../../model/printer.ts';
import type { Answer } from '../../http/client.ts';
import { present } from '../../http/read-body.ts';
import type { Api } from '../api.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { openProgress } from '../progress.ts';
import { addRemove } from '../remove.ts';
import { addList, endIn, hint, print, table, wholeNumber, withApi } from '../run.ts';
import { addSet, type Options } from '../settings.ts';
import { withUnit } from './find/unit-find.ts';

export function printerCommand(): Command {
  const command = new Command('printer').description('printers and their queues');
  addList(
    command,
    ['PRINTER', 'KIND', 'ADDRESS', 'DPI', 'TROUBLE'],
    async (api) => (await api.call('GET /v1/printers')).printers,
    (printer) => [printer.name, printer.kind, placeOf(printer), String(printer.dpi), printer.trouble ?? ''],
  );
  const { folder: _folder, ...shape } = PRINTER_SETTINGS;
  addSet(command, {
    description: 'add a printer of one of the four kinds, or change its settings',
    argument: ['name'],
    shape,
    change: async (api, name, patch, options) => {
      const body = { ...patch, ...placeIn(options) };
      const { warning, ...printer } = await api.call('PATCH /v1/printers/{name}', { params: { name }, body });
      if (warning !== undefined) hint(`saved, but: ${warning}`);
      return printer;
    },
  })
    .option('--raw <host[:port]>', 'a label printer that takes ZPL on port 9100')
    .option('--ipp <url>', 'an IPP printer or CUPS queue, such as ipp://printhost/printers/labels')
    .option('--folder <path>', 'a folder where another program picks up the files')
    .option('--agent', 'a print agent (claimstamp print-agent) on the PC that has the printer');
  addRemove(command, {
    description: 'remove a printer that no station uses and that has no waiting job',
    argument: ['name'],
    remove: (api, name) => api.call('DELETE /v1/printers/{name}', { params: { name } }),
  });
  command
    .command('ask')
    .description(
      'query a printer, and save whether it answers (the query is a Zebra command; a printer of another make may print it as text)',
    )
    .argument('<name>')
    .action((name: string) =>
      withApi(async (api) => {
        const { answers, says } = await api.call('POST /v1/printers/{name}/ask', { params: { name } });
        print([answers ? 'it answers' : 'it does not answer', ...says].join('; '));
      }),
    );
  command
    .command('test')
    .description('print a test label with sample data')
    .argument('<name>')
    .action((name: string) =>
      withApi(async (api) => {
        const { state, reason } = await api.call('POST /v1/printers/{name}/test', { params: { name } });
        print(reason === undefined ? state : `${state}: ${reason}`);
        if (state !== 'done' && state !== 'sent') process.exitCode = 1;
      }),
    );
  addToken(command);
  addPassword(command);
  addJobCommands(command);
  return command;
}

function addToken(command: Command): void {
  command
    .command('token')
    .description("make the token for the printer's print agent; it is printed only once, and replaces the former token")
    .argument('<name>')
    .option('--expires <days>', 'days until the token expires (default: it does not expire)', wholeNumber)
    .option('--withdraw', 'withdraw the token immediately, without making a new one')
    .action((name: string, { expires, withdraw }: { expires?: number; withdraw?: true }) =>
      withApi(async (api) => {
        const params = { name };
        if (withdraw) {
          await api.call('DELETE /v1/printers/{name}/token', { params });
          print(`the token of ${name} is withdrawn`);
          return;
        }
        const { token } = await api.call('POST /v1/printers/{name}/token', {
          params,
          body: { expiresAt: endIn(expires) },
        });
        print(token);
        hint(`give it to claimstamp print-agent on the PC of ${name}; the former token no longer works`);
      }),
    );
}

function addPassword(command: Command): void {
  command
    .command('password')
    .description('set the password that the service sends to an IPP printer; the password is read from standard input')
    .argument('<name>')
    .option('--remove', 'remove the password')
    .action((name: string, { remove }: { remove?: true }) =>
      withApi(async (api) => {
        const params = { name };
        if (remove) {
          await api.call('DELETE /v1/printers/{name}/password', { params });
          print(`the password of ${name} was removed`);
          return;
        }
        if (process.stdin.isTTY) hint('type the password and press Enter; it is visible while you type');
        const password = await firstLine();
        const { warning } = await api.call('PUT /v1/printers/{name}/password', { params, body: { password } });
        print(`the password of ${name} is set`);
        if (warning !== undefined) hint(warning);
      }),
    );
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  return '';
}

function addJobCommands(command: Command): void {
  command
    .command('jobs')
    .description('the newest print jobs')
    .option('--printer <name>')
    .option('--state <state>', 'queued, sending, sent, done, failed, unknown or cancelled')
    .option('--reveal', 'show complete Claim IDs; the ledger records this')
    .option('--json', 'as JSON')
    .action(({ json, reveal, ...filter }: JobsOptions) =>
      withApi(async (api) => {
        const query = reveal ? { ...filter, reveal: 'true' as const } : filter;
        const { jobs } = await api.call('GET /v1/print-jobs', { query });
        const rows = jobs.map((job) => [
          String(job.id),
          job.at,
          job.printer,
          job.uci,
          String(job.copies),
          job.state,
          job.reason ?? '',
        ]);
        print(
          json ? JSON.stringify(jobs) : table(['JOB', 'AT', 'PRINTER', 'CLAIM ID', 'COPIES', 'STATE', 'REASON'], rows),
        );
      }),
    );
  command
    .command('cancel')
    .description('cancel a job that is still queued')
    .argument('<job>', 'job number', wholeNumber)
    .action((job: number) =>
      withApi(async (api) =>
        print(JSON.stringify(await api.call('POST /v1/print-jobs/{id}/cancel', { params: { id: job } }))),
      ),
    );
}

interface JobsOptions {
  printer?: string;
  state?: string;
  reveal?: true;
  json?: true;
}

function placeIn({ raw, ipp, folder, agent }: Options): object {
  const places = [
    raw === undefined ? {} : { kind: 'raw9100', host: raw },
    ipp === undefined ? {} : { kind: 'ipp', url: ipp },
    folder === undefined ? {} : { kind: 'file', folder },
    agent === undefined ? {} : { kind: 'agent' },
  ];
  const [given = {}, ...more] = places.filter((place) => 'kind' in place);
  if (more.length > 0) throw new ClaimstampError('invalid', 'give one of --raw, --ipp, --folder and --agent');
  return given;
}

export function printCommand(): Command {
  return new Command('print')
    .description('print the label of a unit, or the labels of a roll in order; a reprint needs a reason')
    .argument('[code]', 'Claim ID, S/N or identity of the unit')
    .option('--reservation <name>', 'every label of this reservation')
    .option('--work-order <id>', 'every label of this work order')
    .option('--from <n>', 'start with label n, to resume a roll', wholeNumber, 1)
    .option('--printer <name>')
    .option('--station <name>', "on this station's printer")
    .option('--role <role>', 'role of the labels, such as box (default: the label of the device)')
    .option('--copies <n>', "copies of each label (default: from the product's settings)", wholeNumber)
    .option('--reason <why>', 'reason for a reprint')
    .action((typed: string | undefined, options: PrintOptions) =>
      withApi(async (api) => {
        const { reservation, workOrder, from, ...wanted } = options;
        const roll = present({ reservation, workOrder });
        if ((typed === undefined) === (Object.keys(roll).length === 0)) {
          throw new ClaimstampError('invalid', 'name one unit, or a roll by --reservation or --work-order');
        }
        if (typed !== undefined) return withUnit(api, typed.trim(), (uci) => queueAll(api, [uci], wanted));
        const ucis = (await rollOf(api, roll)).slice(from - 1);
        if (ucis.length === 0)
          throw new ClaimstampError(
            'not-found',
            'the roll has no label at or after this position: nothing was printed',
          );
        return queueAll(api, ucis, wanted);
      }),
    );
}

interface PrintOptions {
  reservation?: string;
  workOrder?: string;
  from: number;
  printer?: string;
  station?: string;
  role?: string;
  copies?: number;
  reason?: string;
}

/** Returns the units of a roll in the order in which they were made, without void and scrapped units. */
async function rollOf(api: Api, filter: { reservation?: string; workOrder?: string }): Promise<string[]> {
  const ucis: string[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: Answer<'GET /v1/units'> = await api.call('GET /v1/units', { query: { ...filter, after, limit: 1000 } });
    ucis.push(...page.units.filter(({ status }) => status !== 'void' && status !== 'scrapped').map(({ uci }) => uci));
    after = page.next;
  }
  return ucis;
}

/**
 * Queues a separate job for each label, in the order of the labels. So if the command is interrupted, the jobs show
 * which label was printed last.
 */
async function queueAll(
  api: Api,
  ucis: string[],
  wanted: Omit<PrintOptions, 'reservation' | 'workOrder' | 'from'>,
): Promise<void> {
  const progress = ucis.length > 1 ? openProgress('labels queued', ucis.length) : undefined;
  try {
    for (const [index, uci] of ucis.entries()) {
      const answer = await api.call('POST /v1/units/{uci}/print', { params: { uci }, body: wanted });
      if (progress === undefined) print(JSON.stringify(answer));
      progress?.set(index + 1);
    }
  } finally {
    progress?.end();
  }
}

import { Command } from 'commander';
import type { Answer } from '../../../http/client.ts';
import { addList, hint, print, table, wholeNumber, withApi } from '../../run.ts';

type Webhook = Answer<'GET /v1/webhooks'>['webhooks'][number];

interface Filter {
  type?: string;
  product?: string;
  station?: string;
  reveal?: boolean;
}

export function webhookCommand(): Command {
  const command = new Command('webhook').description('send the events of the ledger to other systems');
  addAdd(command);
  addChange(command);
  const head = ['WEBHOOK', 'TARGET', 'STATE', 'DELIVERED', 'WAITING', 'EVENTS', 'CLAIM IDS'];
  addList(command, head, async (api) => (await api.call('GET /v1/webhooks')).webhooks, row);
  addLog(command);
  addStates(command);
  addRotate(command);
  return command;
}

function filterOptions(command: Command): Command {
  return command
    .option('--type <types>', 'only these types, separated by commas, such as issued,verified')
    .option('--product <id>', 'only events of units and work orders of this product')
    .option('--station <name>', 'only events at this station');
}

function addAdd(command: Command): void {
  filterOptions(
    command
      .command('add')
      .description('add a webhook; its secret is printed only once, and standard output contains nothing else')
      .argument('<name>', 'name of the webhook')
      .argument('<url>', 'address that gets the events; CLAIMSTAMP_WEBHOOK_ALLOW must allow it'),
  )
    .option('--reveal', 'send complete Claim IDs')
    .option('--after <seq>', 'begin after the event with this number; 0 for the first event (default: new events)')
    .action((name: string, url: string, { after, ...filter }: Filter & { after?: string }) =>
      withApi(async (api) => {
        const body = {
          name,
          url,
          types: filter.type?.split(','),
          product: filter.product,
          station: filter.station,
          reveal: filter.reveal,
          after: after === undefined ? undefined : wholeNumber(after),
        };
        const { secret } = await api.call('POST /v1/webhooks', { body });
        print(secret);
        hint(`webhook ${name} sends events to ${new URL(url).origin}`);
      }),
    );
}

function addChange(command: Command): void {
  filterOptions(
    command
      .command('set')
      .description('change a webhook; it keeps its secret, and continues after the last event that it sent')
      .argument('<name>')
      .option('--url <url>', 'another address'),
  )
    .option('--reveal', 'send complete Claim IDs')
    .option('--no-reveal', 'send masked Claim IDs')
    .action((name: string, { url, ...filter }: Filter & { url?: string }) =>
      withApi(async (api) => {
        const body = { ...filterOf(filter), ...(url === undefined ? {} : { url }) };
        await api.call('PATCH /v1/webhooks/{name}', { params: { name }, body });
        print(`${name} is changed`);
      }),
    );
}

/**
 * Returns the filter that the options describe. If the text of an option is empty, this part of the filter is removed.
 */
function filterOf({ type, product, station, reveal }: Filter) {
  return {
    ...(type === undefined ? {} : { types: type === '' ? null : type.split(',') }),
    ...(product === undefined ? {} : { product: product || null }),
    ...(station === undefined ? {} : { station: station || null }),
    ...(reveal === undefined ? {} : { reveal }),
  };
}

function row({ name, target, state, delivered, waiting, types, product, station, reveal }: Webhook): string[] {
  const events = [types?.join(','), product, station].filter((part) => part !== undefined).join(' ') || 'all';
  return [name, target, state, String(delivered), String(waiting), events, reveal ? 'complete' : 'masked'];
}

function addLog(command: Command): void {
  command
    .command('log')
    .description('the last attempts of a webhook to deliver events, newest first')
    .argument('<name>')
    .option('--limit <count>', 'how many (1 to 1000)', '20')
    .option('--json', 'as JSON')
    .action((name: string, { limit, json }: { limit: string; json?: true }) =>
      withApi(async (api) => {
        const query = { limit: wholeNumber(limit) };
        const { deliveries } = await api.call('GET /v1/webhooks/{name}/deliveries', { params: { name }, query });
        const rows = deliveries.map(({ at, seq, result, ms }) => [at, String(seq), result, String(ms)]);
        print(json ? JSON.stringify(deliveries) : table(['TIME', 'EVENT', 'RESULT', 'MS'], rows));
      }),
    );
}

function addStates(command: Command): void {
  const named = (name: string, description: string): Command =>
    command.command(name).description(description).argument('<name>');
  named('pause', 'send nothing until the webhook is resumed').action((name: string) =>
    withApi(async (api) => {
      await api.call('POST /v1/webhooks/{name}/pause', { params: { name } });
      print(`${name} is paused`);
    }),
  );
  named('resume', 'continue where the webhook stopped').action((name: string) =>
    withApi(async (api) => {
      await api.call('POST /v1/webhooks/{name}/resume', { params: { name }, body: {} });
      print(`${name} continues`);
    }),
  );
  named('replay', 'send all events after the event with this number again, and then continue with new events')
    .requiredOption('--after <seq>', 'the number of an event; 0 sends all events')
    .action((name: string, { after }: { after: string }) =>
      withApi(async (api) => {
        await api.call('POST /v1/webhooks/{name}/resume', { params: { name }, body: { after: wholeNumber(after) } });
        print(`${name} sends the events after ${after}`);
      }),
    );
  named('remove', 'remove a webhook and its secret').action((name: string) =>
    withApi(async (api) => {
      await api.call('DELETE /v1/webhooks/{name}', { params: { name } });
      print(`${name} is removed`);
    }),
  );
}

function addRotate(command: Command): void {
  command
    .command('rotate')
    .description('make a new secret; it is printed only once, and standard output contains nothing else')
    .argument('<name>')
    .option('--keep <hours>', 'for how long events are also signed with the former secret; 0 if it leaked', '168')
    .action((name: string, { keep }: { keep: string }) =>
      withApi(async (api) => {
        const body = { keepHours: wholeNumber(keep) };
        const { secret } = await api.call('POST /v1/webhooks/{name}/secret', { params: { name }, body });
        print(secret);
        hint(
          keep === '0'
            ? 'the former secret is no longer used'
            : `for ${keep} hours, events are also signed with the former secret`,
        );
      }),
    );
}

import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { isCode } from '../../../platform/error.ts';
import type { Api } from '../../api.ts';
import { hint, withApi } from '../../run.ts';

interface Options {
  after: string;
  follow?: true;
  type?: string;
  product?: string;
  station?: string;
  reveal?: true;
}

/** The maximum time that one request waits, in seconds (http/feed/feed-routes.ts). */
const WAIT_S = 25;

/** How long (in ms) to wait before reconnecting after the connection was lost. */
const AGAIN_MS = 2000;

export function eventsCommand(): Command {
  return new Command('events')
    .description('print the events of the ledger, a JSON object per line, from the first one or after a number')
    .option('--after <seq>', 'after the event with this number', '0')
    .option('--follow', 'keep waiting for more events and reconnect after an interruption, until Ctrl-C')
    .option('--type <types>', 'only these types, separated by commas, such as issued,verified')
    .option('--product <id>', 'only events of units and work orders of this product')
    .option('--station <name>', 'only events at this station')
    .option('--reveal', 'show complete Claim IDs; the ledger records this')
    .action((options: Options) => withApi((api) => printEvents(api, options)));
}

async function printEvents(api: Api, { after, follow, reveal, ...filter }: Options): Promise<void> {
  const asked = { ...filter, ...(reveal ? { reveal: 'true' } : {}) };
  for (let cursor = after; ;) {
    const part = await nextPart(api, { ...asked, after: cursor, ...(follow ? { wait: WAIT_S } : {}) }, follow);
    if (part === undefined) continue;
    process.stdout.write(part.text);
    const isEnd = part.text === '' && part.next === cursor;
    if (isEnd && !follow) return;
    cursor = part.next;
  }
}

/** With `follow`, returns undefined after an interruption, so that the caller tries again. */
async function nextPart(
  api: Api,
  query: { after: string; wait?: number },
  follow: true | undefined,
): Promise<{ text: string; next: string } | undefined> {
  try {
    const answer = await api.file('GET /v1/events', { query });
    return { text: await answer.text(), next: answer.headers.get('claimstamp-next') ?? query.after };
  } catch (error) {
    if (!follow || !(error instanceof Error) || !INTERRUPTED.some((code) => isCode(error, code))) throw error;
    hint(`${error.message} (trying again)`);
    await pause(AGAIN_MS);
    return undefined;
  }
}

const INTERRUPTED = ['ledger-unavailable', 'stopping', 'busy', 'streams-full'] as const;

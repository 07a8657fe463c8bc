import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { readConfig } from '../../../config.ts';
import { readServeFile } from '../../../jobs/data-folder.ts';
import { ClaimstampError, isCode } from '../../../platform/error.ts';
import { openApi, type Api } from '../../api.ts';
import { hint } from '../../run.ts';

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
    .description('print the events of the ledger, a JSON object per line, from the first event or after a given event')
    .option('--after <seq>', 'after the event with this number', '0')
    .option(
      '--follow',
      'keep waiting for more events and reconnect after an interruption, until Ctrl-C; without a service, print the events that exist and wait until a service starts',
    )
    .option('--type <types>', 'only these types, separated by commas, such as issued,verified')
    .option('--product <id>', 'only events of units and work orders of this product')
    .option('--station <name>', 'only events at this station')
    .option('--reveal', 'show complete Claim IDs; the ledger records this')
    .action(printEvents);
}

async function printEvents({ after, follow, ...asked }: Options): Promise<void> {
  const config = readConfig(process.env);
  for (let cursor = after; ;) {
    const api = await openApi(config);
    try {
      cursor = await printFrom(api, { ...asked, after: cursor, follow });
    } finally {
      await api.close();
    }
    if (!follow) return;
    // While this process waits, it must not own the data folder. Otherwise, no service could start.
    hint(`no service uses the data folder ${config.data}: waiting until a service starts`);
    while (readServeFile(config.data) === undefined) await pause(AGAIN_MS);
  }
}

/**
 * Prints the events after `after`, and returns the cursor after the last one. With `follow`, returns only if this
 * process owns the data folder.
 */
async function printFrom(
  api: Api,
  { after, follow, reveal, ...filter }: Omit<Options, 'follow'> & { follow: true | undefined },
): Promise<string> {
  const asked = { ...filter, ...(reveal ? { reveal: 'true' } : {}) };
  const waits = follow && !api.ownsFolder;
  for (let cursor = after; ;) {
    const part = await nextPart(api, { ...asked, after: cursor, ...(waits ? { wait: WAIT_S } : {}) }, follow);
    if (part === undefined) continue;
    process.stdout.write(part.text);
    const isEnd = part.text === '' && part.next === cursor;
    if (isEnd && !waits) return cursor;
    cursor = part.next;
  }
}

/**
 * Returns the next events as text, with the cursor after them. With `follow`, returns undefined after an interruption,
 * so that the caller tries again.
 */
async function nextPart(
  api: Api,
  query: { after: string; wait?: number },
  follow: true | undefined,
): Promise<{ text: string; next: string } | undefined> {
  try {
    const answer = await api.file('GET /v1/events', { query });
    return { text: await answer.text().catch(cutOff), next: answer.headers.get('claimstamp-next') ?? query.after };
  } catch (error) {
    if (!follow || !(error instanceof Error) || !INTERRUPTED.some((code) => isCode(error, code))) throw error;
    hint(`${error.message} (trying again)`);
    await pause(AGAIN_MS);
    return undefined;
  }
}

function cutOff(): never {
  throw new ClaimstampError('ledger-unavailable', 'the connection was lost before the answer was complete');
}

const INTERRUPTED = ['ledger-unavailable', 'stopping', 'busy', 'streams-full'] as const;

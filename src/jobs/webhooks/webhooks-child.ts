import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { openFeed } from '../../contract/feed/feed.ts';
import type { FromWebhooks, ToWebhooks, WebhookTask } from '../../contract/feed/webhooks.ts';
import { ClaimstampError, refusalData } from '../../platform/error.ts';
import { explained } from '../../platform/file-error.ts';
import { NICE } from '../../platform/spool.ts';
import { openDelivery } from '../../relay/deliver.ts';
import { targetsIn } from '../../relay/targets.ts';
import { openFeedSource, type FeedSource } from '../../sqlite/feed/feed-source.ts';
import { untilLogIsShort } from '../../sqlite/long-log.ts';
import { openWebhookFile } from '../../sqlite/feed/webhook-file.ts';
import type { SenderParts } from './sender.ts';
import { openSenders, type Senders } from './senders.ts';

/* This child process stores the webhooks in a file, and sends the events of the feed to their addresses. */

setPriority(NICE);
let senders: Senders | undefined;

/**
 * Before a webhook sends events, it asks the service to record that it reads them. Maps the number of each such request
 * to the function that gets the outcome.
 */
const readings = new Map<number, (isNoted: boolean) => void>();
let readingNumber = 0;

/** How long to wait before opening the file again, for example after the disk was full. */
const AGAIN_MS = 30_000;

/** With this pause (in ms), a webhook sends at most a few hundred events a second. */
const REST_MS = 2;

let isRunning = false;
let fault: unknown;

process.on('message', (said: ToWebhooks) => {
  if ('task' in said) open(said.task);
  else if ('run' in said) {
    isRunning = true;
    senders?.run();
  } else if ('reading' in said) readings.get(said.reading)?.(said.isNoted);
  else void answer(said);
});

function open(task: WebhookTask): void {
  try {
    senders = openFor(task);
    if (isRunning) senders.run();
  } catch (error) {
    const detail = explained(error);
    // The same fault is logged only once.
    if (fault === undefined || detail !== explained(fault))
      send({ log: { level: 'error', webhook: '', text: 'the webhooks cannot be read', detail } });
    fault = error;
    setTimeout(open, AGAIN_MS, task).unref();
  }
}

async function answer({ number, ask }: Extract<ToWebhooks, { ask: unknown }>): Promise<void> {
  try {
    if (senders === undefined) throw fault;
    else send({ number, answer: await senders.ask(ask) });
  } catch (error) {
    if (error instanceof ClaimstampError) send({ number, refused: refusalData(error) });
    else send({ number, fault: explained(error) });
  }
}

function openFor({ ledger, file, allow, origin }: WebhookTask): Senders {
  const source = openFeedSource(ledger);
  // If readers never paused, SQLite could not restart the ledger's write-ahead log, which would keep growing.
  const patient: FeedSource = { ...source, feed: (page) => untilLogIsShort(ledger).then(() => source.feed(page)) };
  const targets = targetsIn(allow);
  const opened = openWebhookFile(file);
  const parts: SenderParts = {
    file: opened,
    ledger: source,
    feed: openFeed(patient, () => performance.now()),
    origin,
    open: (target) => openDelivery(target, targets, Date.now),
    noteReading: (of) =>
      new Promise((resolve, reject) => {
        const reading = ++readingNumber;
        readings.set(reading, (isNoted) => {
          readings.delete(reading);
          if (isNoted) resolve();
          else reject(new Error('the ledger could not record that the webhook reads events'));
        });
        send({ reading, of });
      }),
    log: (level, webhook, text, detail) =>
      send({ log: { level, webhook, text, ...(detail === undefined ? {} : { detail }) } }),
    now: Date.now,
    rest: () => pause(REST_MS),
    sleep: (ms, signal) => pause(ms, undefined, { signal }).catch(() => {}),
  };
  try {
    return openSenders(parts);
  } catch (error) {
    opened.close();
    source.close();
    throw error;
  }
}

// The service is stopping, or was killed.
function end(): void {
  for (const give of readings.values()) give(false);
  void (senders?.close() ?? Promise.resolve()).finally(() => process.exit(0));
}
process.once('SIGTERM', end).once('disconnect', end);

function send(said: FromWebhooks): void {
  if (process.connected) process.send?.(said);
}

import { MAX_WEBHOOKS, WebhookSettings, type WebhookAsk } from '../../contract/feed/webhooks.ts';
import { mergePatch } from '../../model/settings.ts';
import { refusal } from '../../platform/error.ts';
import type { Kept } from '../../sqlite/feed/webhook-file.ts';
import { openSender, statusOf, type Sender, type SenderParts } from './sender.ts';
import { makeSecret } from './sign.ts';

/** All webhooks of this machine. */
export interface Senders {
  /** Starts sending. Before this call, webhooks can only be read and changed. */
  run: () => void;
  /** Answers a question or makes a change. Changes are made one after the other. */
  ask: (ask: WebhookAsk) => Promise<unknown>;
  close: () => Promise<void>;
}

export function openSenders(parts: SenderParts): Senders {
  const all: All = { ...parts, senders: new Map(), isRunning: false };
  let last: Promise<unknown> = Promise.resolve();
  for (const kept of parts.file.all()) open(all, kept);
  return {
    run() {
      all.isRunning = true;
      for (const sender of all.senders.values()) sender.start();
    },
    ask(ask) {
      const mine = last.then(() => answer(all, ask));
      last = mine.catch(() => null);
      return mine;
    },
    async close() {
      all.isRunning = false;
      await Promise.all([...all.senders.values()].map((sender) => sender.stop()));
      parts.file.close();
    },
  };
}

interface All extends SenderParts {
  senders: Map<string, Sender>;
  isRunning: boolean;
}

function open(all: All, kept: Kept): void {
  const sender = openSender(kept, all);
  all.senders.set(kept.name, sender);
  if (all.isRunning) sender.start();
}

async function answer(all: All, ask: WebhookAsk): Promise<unknown> {
  const { senders, file, feed, now } = all;
  switch (ask.what) {
    case 'list': {
      const size = await feed.size();
      return [...senders.values()].map((sender) => statusOf(sender.kept(), size, now()));
    }
    case 'attempts':
      senderOf(all, ask.name);
      return file.attempts(ask.name, ask.limit);
    case 'add':
      return add(all, ask);
    case 'change':
      // The change may have corrected the fault, so earlier failures are forgotten and the next attempt need not wait.
      return replace(all, ask.name, ({ failing: _failing, ...kept }) => ({
        ...kept,
        settings: WebhookSettings.parse(mergePatch(kept.settings, ask.patch)),
      }));
    case 'remove':
      return remove(all, ask.name);
    case 'pause':
      return replace(all, ask.name, (kept) => ({ ...kept, paused: { at: now(), why: 'person' } }));
    case 'resume':
      return resume(all, ask);
    case 'newSecret':
      return newSecret(all, ask);
  }
}

function senderOf({ senders }: All, name: string): Sender {
  const found = senders.get(name);
  if (found === undefined) throw refusal('not-found', 'webhook', { webhook: name });
  return found;
}

/** Stops a webhook, saves the state that `change` returns, and starts the webhook again with this state. */
async function replace(all: All, name: string, change: (kept: Kept) => Kept): Promise<void> {
  const sender = senderOf(all, name);
  await sender.stop();
  try {
    const kept = change(structuredClone(sender.kept()));
    all.file.set(kept);
    open(all, kept);
  } catch (error) {
    if (all.isRunning) sender.start();
    throw error;
  }
}

/** Returns the place after the event `seq`. The time of the event shows later whether the ledger is still the same. */
async function placeAfter({ feed }: All, seq: number): Promise<Kept['cursor']> {
  if (seq === 0) return { seq, at: 0 };
  const { signal } = new AbortController();
  const { cursor } = await feed.next({ seq: seq - 1 }, {}, { waitMs: 0, limit: 1, signal });
  if (cursor.seq !== seq) throw refusal('cursor-unknown', 'restored', { seq });
  return cursor;
}

type Ask<What> = Extract<WebhookAsk, { what: What }>;

async function add(all: All, { name, settings, after }: Ask<'add'>): Promise<string> {
  const { senders, file } = all;
  if (senders.has(name)) throw refusal('name-taken', 'webhook', { webhook: name });
  if (senders.size >= MAX_WEBHOOKS) throw refusal('webhooks-full', 'remove', { max: MAX_WEBHOOKS });
  const kept: Kept = { name, settings, secret: makeSecret(), cursor: await placeAfter(all, after), attempts: 0 };
  file.set(kept);
  open(all, kept);
  return kept.secret;
}

async function resume(all: All, { name, after }: Ask<'resume'>): Promise<void> {
  senderOf(all, name);
  const place = after === undefined ? undefined : await placeAfter(all, after);
  await replace(all, name, ({ paused, failing: _failing, ...kept }) => {
    if (paused?.why === 'restored' && place === undefined) throw refusal('cursor-unknown', 'webhook');
    return { ...kept, ...(place === undefined ? {} : { cursor: place }) };
  });
}

async function newSecret(all: All, { name, keepMs }: Ask<'newSecret'>): Promise<string> {
  const secret = makeSecret();
  await replace(all, name, ({ former: _former, ...kept }) => ({
    ...kept,
    secret,
    ...(keepMs > 0 ? { former: { secret: kept.secret, until: all.now() + keepMs } } : {}),
  }));
  return secret;
}

async function remove(all: All, name: string): Promise<void> {
  await senderOf(all, name).stop();
  all.file.remove(name);
  all.senders.delete(name);
}

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { openFeed } from '../../src/contract/feed/feed.ts';
import type { Reading } from '../../src/contract/feed/note-reading.ts';
import type { WebhookAttempt, WebhookSettings, WebhookStatus } from '../../src/contract/feed/webhooks.ts';
import { openSenders, type Senders } from '../../src/jobs/webhooks/senders.ts';
import { openDelivery } from '../../src/relay/deliver.ts';
import { targetsIn } from '../../src/relay/targets.ts';
import { openFeedSource } from '../../src/sqlite/feed/feed-source.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { openWebhookFile } from '../../src/sqlite/feed/webhook-file.ts';
import { tempFolder } from './service.ts';
import type { Receiver } from './webhook-receiver.ts';

/* The webhooks of a ledger in this process, over real connections. Waiting costs no time: it moves `at` forward. */

export interface Rig {
  senders: Senders;
  /** The time of the machine, in ms since 1970. */
  at: number;
  readings: Reading[];
  /** False: the ledger cannot record that a webhook reads. */
  records: boolean;
  log: string[];
  /** Adds the webhook `erp` to this receiver, from the first event. */
  add: (receiver: Receiver, settings?: Partial<WebhookSettings>, after?: number) => Promise<string>;
  status: () => Promise<WebhookStatus>;
  attempts: (limit?: number) => Promise<WebhookAttempt[]>;
  /** Ends the sending without saving more than it has already saved, as if the process were killed. */
  restart: () => Promise<void>;
  /** Restarts at another place: one that the ledger does not have, as after a restore. */
  move: (place: { seq: number; at: number }) => Promise<void>;
}

/** Numbers from 0 to 1, the same in each run. */
export function dice(seed = 1): () => number {
  let last = seed;
  return () => (last = (last * 48_271) % 2_147_483_647) / 2_147_483_647;
}

export const BEGUN = Date.UTC(2026, 10, 30);

export function openRig(data: string, allow = ['127.0.0.0/8']): Rig {
  const file = join(tempFolder(), `webhooks-${randomBytes(4).toString('hex')}.db`);
  const source = openFeedSource(ledgerFile(data));
  const targets = targetsIn(allow);
  const open = (): Senders =>
    openSenders({
      file: openWebhookFile(file),
      ledger: source,
      feed: openFeed(source, () => performance.now()),
      origin: 'serials.example.com/plant-2',
      open: (target) => openDelivery(target, targets, () => rig.at),
      noteReading: async (reading) => {
        rig.readings.push(reading);
        if (!rig.records) throw new Error('the ledger cannot be written');
      },
      log: (level, _webhook, text, detail) => void rig.log.push([level, text, detail].filter(Boolean).join(' ')),
      now: () => rig.at,
      rest: async () => {},
      sleep: async (ms) => {
        rig.at += ms;
        await turn();
      },
    });
  const rig: Rig = {
    senders: undefined as unknown as Senders,
    at: BEGUN,
    readings: [],
    records: true,
    log: [],
    async add(receiver, settings = {}, after = 0) {
      const given = { url: receiver.url, ...settings };
      const secret = (await rig.senders.ask({ what: 'add', name: 'erp', settings: given, after })) as string;
      receiver.secrets.push(secret);
      return secret;
    },
    async status() {
      const [status] = (await rig.senders.ask({ what: 'list' })) as WebhookStatus[];
      if (status === undefined) throw new Error('there is no webhook');
      return status;
    },
    attempts: async (limit = 1000) =>
      (await rig.senders.ask({ what: 'attempts', name: 'erp', limit })) as WebhookAttempt[],
    async restart() {
      await rig.senders.close();
      rig.senders = open();
      rig.senders.run();
    },
    async move(cursor) {
      await rig.senders.close();
      const kept = openWebhookFile(file);
      for (const one of kept.all()) kept.set({ ...one, cursor });
      kept.close();
      rig.senders = open();
      rig.senders.run();
    },
  };
  rig.senders = open();
  rig.senders.run();
  return rig;
}

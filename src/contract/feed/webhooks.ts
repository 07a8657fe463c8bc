import { z } from 'zod';
import { EVENT_TYPES } from '../../model/event-check.ts';
import { Name, ProductId } from '../../model/product.ts';
import { patchOf, type PatchOf } from '../../model/settings.ts';
import { url } from '../../model/setting-types.ts';
import type { Refusal } from '../../platform/error.ts';
import type { FeedFilter } from '../ledger.ts';
import type { Reading } from './note-reading.ts';

/*
 * A webhook sends the events of the feed to another system. Each webhook has its own place in the feed, and sends one
 * event after the other. A child process sends the events, and stores the webhooks in a separate file
 * (`<data>/webhooks.db`). So a webhook never delays an agent, and never waits for the ledger's writer.
 */

/** The name is in the actor `webhook:NAME` of the ledger, so it has no spaces. */
export const WebhookName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits or "-"');

export const WebhookSettings = z.strictObject({
  url: url
    .max(2000)
    .meta({ description: 'The address that gets the events', examples: ['https://erp.example.com/in'] }),
  types: z.array(z.enum(EVENT_TYPES)).min(1).optional().meta({ description: 'Only events of these types' }),
  product: ProductId.optional().meta({
    description: 'Only events of units and work orders of this product, and changes of its settings',
  }),
  station: Name.optional().meta({ description: 'Only events at this station' }),
  reveal: z.boolean().optional().meta({ description: 'True: the receiver gets complete Claim IDs' }),
});
export type WebhookSettings = z.infer<typeof WebhookSettings>;

/** Only the settings that change (RFC 7396). */
export const WebhookPatch = patchOf(WebhookSettings.shape);
export type WebhookPatch = PatchOf<typeof WebhookSettings.shape>;

/** The maximum number of webhooks. Each webhook has a connection, and at most one part of the feed in memory. */
export const MAX_WEBHOOKS = 16;

/** How many of its last attempts each webhook keeps. */
export const MAX_ATTEMPTS = 1000;

/**
 * Why a webhook sends nothing: a person stopped it, its receiver does not accept events, or its place in the feed is
 * unknown.
 */
export const PAUSE_REASONS = ['person', 'failing', 'gone', 'restored'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** The state of a webhook. Times are in ms since 1970. */
export interface WebhookStatus {
  name: string;
  /** The address without its path, because the path may contain a token. */
  target: string;
  filter: FeedFilter;
  reveal: boolean;
  /** All events up to this number have been delivered, or do not match the filter. */
  delivered: number;
  /** The number of events after `delivered`. Some of these events may not match the filter. */
  waiting: number;
  state: 'running' | 'failing' | 'paused';
  /** The time of the first failure after the last delivery, and the number of failures since then. */
  failing?: { since: number; times: number; result: string };
  paused?: { at: number; why: PauseReason };
  /** The time until which events are also signed with the former secret. */
  formerUntil?: number;
}

/** One attempt to deliver an event. */
export interface WebhookAttempt {
  /** The number of the event. */
  seq: number;
  at: number;
  ms: number;
  /** The status of the answer, such as `200`, or a code that says why there was none. */
  result: string;
}

export interface Webhooks {
  list: () => Promise<WebhookStatus[]>;
  /**
   * Returns the state of a webhook. Throws `not-found` if there is no such webhook, as do all other functions that take
   * the name of a webhook.
   */
  one: (name: string) => Promise<WebhookStatus>;
  /** Returns the last attempts, newest first. */
  attempts: (name: string, limit: number) => Promise<WebhookAttempt[]>;
  /** Throws if the settings do not allow the address. */
  check: (address: string) => void;
  /** Adds a webhook that begins after the event `after`, and returns its secret. */
  add: (name: string, settings: WebhookSettings, after: number) => Promise<string>;
  change: (name: string, patch: WebhookPatch) => Promise<void>;
  remove: (name: string) => Promise<void>;
  pause: (name: string) => Promise<void>;
  /** Continues after the event `after` or, without `after`, where the webhook stopped. */
  resume: (name: string, after?: number) => Promise<void>;
  /** Makes a new secret and returns it. For `keepMs` ms, the webhook also signs with the former secret. */
  newSecret: (name: string, keepMs: number) => Promise<string>;
}

/* Messages between the service and the child process */

export interface WebhookTask {
  ledger: string;
  file: string;
  allow: string[];
  /** The name of the ledger in checkpoints, which is also the `source` of the events. */
  origin: string;
}

/** A change or a question, named after the function in `Webhooks` that sends it. */
export type WebhookAsk =
  | { what: 'list' }
  | { what: 'attempts'; name: string; limit: number }
  | { what: 'add'; name: string; settings: WebhookSettings; after: number }
  | { what: 'change'; name: string; patch: WebhookPatch }
  | { what: 'remove' | 'pause'; name: string }
  | { what: 'resume'; name: string; after?: number }
  | { what: 'newSecret'; name: string; keepMs: number };

export type ToWebhooks =
  | { task: WebhookTask }
  /**
   * Starts sending. Not sent by commands that run without a service: these read and change webhooks, but send no
   * events.
   */
  | { run: true }
  | { number: number; ask: WebhookAsk }
  | { reading: number; isNoted: boolean };

export type FromWebhooks =
  | { number: number; answer: unknown }
  | { number: number; refused: Refusal }
  | { number: number; fault: string }
  | { reading: number; of: Reading }
  | { log: { level: 'info' | 'warn' | 'error'; webhook: string; text: string; detail?: string } };

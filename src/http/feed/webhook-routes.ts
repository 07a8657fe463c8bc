import { z } from 'zod';
import {
  MAX_ATTEMPTS,
  MAX_WEBHOOKS,
  PAUSE_REASONS,
  WebhookName,
  WebhookPatch,
  WebhookSettings,
  type WebhookStatus,
} from '../../contract/feed/webhooks.ts';
import type { EventData } from '../../model/event-data.ts';
import { EVENT_TYPES } from '../../model/event-check.ts';
import { Name } from '../../model/product.ts';
import { refusal } from '../../platform/error.ts';
import { refuseWithout, type Principal } from '../auth.ts';
import { refuseUnknown } from '../known-filter.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { shownTime, Time } from '../schemas.ts';
import type { Services } from '../services.ts';

const HOUR_MS = 60 * 60 * 1000;

/** A week is enough to give a receiver the new secret. */
const KEEP_HOURS = 7 * 24;
const MAX_KEEP_HOURS = 30 * 24;

const WebhookParams = z.object({ name: Name.meta({ description: 'A webhook', examples: ['erp'] }) });

const After = z
  .int()
  .min(0)
  .meta({ description: 'Begin after the event with this number. `0` begins with the first event' });

const Webhook = z
  .object({
    name: z.string(),
    target: z.string().meta({ description: 'The address, without its path' }),
    types: z.array(z.enum(EVENT_TYPES)).optional(),
    product: z.string().optional(),
    station: z.string().optional(),
    reveal: z.boolean().meta({ description: 'True: the receiver gets complete Claim IDs' }),
    state: z.enum(['running', 'failing', 'paused']),
    delivered: z
      .int()
      .meta({ description: 'All events up to this number have been delivered, or do not match the filter' }),
    waiting: z
      .int()
      .meta({ description: 'The number of events after `delivered`. Some of these events may not match the filter' }),
    failing: z
      .object({ since: Time, times: z.int(), result: z.string() })
      .optional()
      .meta({ description: 'The failures since the last delivery. `result` is an HTTP status or an error code' }),
    paused: z
      .object({ at: Time, why: z.enum(PAUSE_REASONS) })
      .optional()
      .meta({
        description:
          '`person`: a person paused the webhook; `failing`: the receiver accepted nothing for four days; `gone`: the receiver answered 410; `restored`: the ledger was restored to an older state',
      }),
    formerUntil: Time.optional().meta({
      description: 'The time until which events are also signed with the former secret',
    }),
  })
  .meta({ id: 'Webhook' });

const Secret = z.object({
  name: z.string(),
  secret: z.string().meta({ description: 'The secret, shown only once' }),
});

const Done = z.object({ name: z.string() });

const of = { tag: 'access', may: 'access:write', params: WebhookParams } as const;

export const webhookOperations = {
  'GET /v1/webhooks': {
    tag: 'access',
    may: 'access:read',
    summary: 'All webhooks, each with its state',
    answer: z.object({ webhooks: z.array(Webhook) }),
    refusals: ['webhooks-unavailable'],
  },
  'GET /v1/webhooks/{name}/deliveries': {
    ...of,
    may: 'access:read',
    summary: 'The last attempts of a webhook to deliver events, newest first',
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(MAX_ATTEMPTS).default(100) }),
    answer: z.object({
      deliveries: z.array(z.object({ seq: z.int(), at: Time, ms: z.int(), result: z.string() })),
    }),
    refusals: ['not-found', 'webhooks-unavailable'],
  },
  'POST /v1/webhooks': {
    tag: 'access',
    may: 'access:write',
    confirmed: true,
    summary: 'Add a webhook. Its secret is shown only once',
    description:
      'A webhook sends each event as a CloudEvent (1.0, structured JSON), signed as in Standard Webhooks. The address must be one that `CLAIMSTAMP_WEBHOOK_ALLOW` allows. Without `after`, the webhook begins with the event that records its addition.',
    body: WebhookSettings.extend({ name: WebhookName, after: After.optional() }),
    example: { name: 'erp', url: 'https://erp.example.com/claimstamp', types: ['issued', 'verified'] },
    status: 201,
    answer: Secret.meta({ id: 'NewWebhook' }),
    refusals: ['webhook-refused', 'name-taken', 'webhooks-full', 'cursor-unknown', 'not-found', 'webhooks-unavailable'],
  },
  'PATCH /v1/webhooks/{name}': {
    ...of,
    confirmed: true,
    summary: 'Change the address or the filter of a webhook. Its secret and its place in the ledger stay the same',
    body: WebhookPatch,
    example: { station: 'line-1' },
    answer: Done,
    refusals: ['webhook-refused', 'not-found', 'webhooks-unavailable'],
  },
  'DELETE /v1/webhooks/{name}': {
    ...of,
    summary: 'Remove a webhook and its secret',
    answer: Done,
    refusals: ['not-found', 'webhooks-unavailable'],
  },
  'POST /v1/webhooks/{name}/pause': {
    ...of,
    summary: 'Pause a webhook. It can later continue where it stopped',
    answer: Done,
    refusals: ['not-found', 'webhooks-unavailable'],
  },
  'POST /v1/webhooks/{name}/resume': {
    ...of,
    summary: 'Continue to send events: where the webhook stopped, or after the event `after` (replay)',
    body: z.strictObject({ after: After.optional() }),
    example: {},
    answer: Done,
    refusals: ['not-found', 'cursor-unknown', 'webhooks-unavailable'],
  },
  'POST /v1/webhooks/{name}/secret': {
    ...of,
    confirmed: true,
    summary: 'Make a new secret. For some time, events are also signed with the former secret',
    body: z.strictObject({
      keepHours: z
        .int()
        .min(0)
        .max(MAX_KEEP_HOURS)
        .default(KEEP_HOURS)
        .meta({ description: 'For how many hours events are also signed with the former secret. Use 0 if it leaked' }),
    }),
    example: { keepHours: 168 },
    status: 201,
    answer: Secret,
    refusals: ['not-found', 'webhooks-unavailable'],
  },
} satisfies Declarations;

/**
 * Operations for webhooks. Each change is recorded before it is made. So every change that was made is in the ledger,
 * even if the service stops between recording and making a change.
 */
export function webhookRoutes(on: On, services: Services): void {
  const { ledger, feed, webhooks } = services;
  const note = async (who: Principal, data: EventData['webhook-set']): Promise<void> => {
    await ledger.record({ kind: 'note-webhook', ...data, actor: who.actor });
  };
  /** Throws if the caller is not allowed to have these events sent to this address. */
  const allow = async (who: Principal, settings: z.infer<typeof WebhookPatch>): Promise<void> => {
    if (typeof settings.url === 'string') webhooks.check(settings.url);
    if (settings.reveal === true) refuseWithout(who, 'units:list');
    const { product, station } = settings;
    await refuseUnknown(ledger, who, present({ product: product ?? undefined, station: station ?? undefined }));
  };

  const refuseTaken = async (name: string): Promise<void> => {
    const known = await webhooks.list();
    if (known.some((webhook) => webhook.name === name)) throw refusal('name-taken', 'webhook', { webhook: name });
    if (known.length >= MAX_WEBHOOKS) throw refusal('webhooks-full', 'remove', { max: MAX_WEBHOOKS });
  };

  on(webhookOperations, 'GET /v1/webhooks', async () => ({ webhooks: (await webhooks.list()).map(shown) }));
  on(webhookOperations, 'GET /v1/webhooks/{name}/deliveries', async ({ params: { name }, query }) => {
    await webhooks.one(name);
    const attempts = await webhooks.attempts(name, query.limit);
    return { deliveries: attempts.map(({ at, ...attempt }) => ({ ...attempt, at: shownTime(at) })) };
  });
  on(webhookOperations, 'POST /v1/webhooks', async ({ body: { name, after, ...settings }, who }) => {
    await allow(who, settings);
    await refuseTaken(name);
    const size = await feed.size(after);
    const from = after ?? size;
    if (from > size) throw refusal('cursor-unknown', 'restored', { seq: from });
    await note(who, { name, change: 'added', ...about(settings), after: from });
    const secret = await webhooks.add(name, present(settings), from);
    return { name, secret };
  });
  on(webhookOperations, 'PATCH /v1/webhooks/{name}', async ({ params: { name }, body, who }) => {
    await webhooks.one(name);
    await allow(who, body);
    await note(who, { name, change: 'changed', ...about(body) });
    await webhooks.change(name, body);
    return { name };
  });
  on(webhookOperations, 'POST /v1/webhooks/{name}/resume', async ({ params: { name }, body: { after }, who }) => {
    await webhooks.one(name);
    // Fetches the events up to `after`, because the child process that sends webhooks reads this process's copy of
    // them.
    await feed.size(after);
    await note(who, { name, change: 'resumed', ...present({ after }) });
    await webhooks.resume(name, after);
    return { name };
  });
  on(webhookOperations, 'POST /v1/webhooks/{name}/secret', async ({ params: { name }, body: { keepHours }, who }) => {
    await webhooks.one(name);
    await note(who, { name, change: 'secret' });
    return { name, secret: await webhooks.newSecret(name, keepHours * HOUR_MS) };
  });
  endRoutes(on, services, note);
}

function endRoutes(
  on: On,
  { webhooks }: Services,
  note: (who: Principal, data: EventData['webhook-set']) => Promise<void>,
): void {
  on(webhookOperations, 'DELETE /v1/webhooks/{name}', async ({ params: { name }, who }) => {
    await webhooks.one(name);
    await note(who, { name, change: 'removed' });
    await webhooks.remove(name);
    return { name };
  });
  on(webhookOperations, 'POST /v1/webhooks/{name}/pause', async ({ params: { name }, who }) => {
    await webhooks.one(name);
    await note(who, { name, change: 'paused' });
    await webhooks.pause(name);
    return { name };
  });
}

/**
 * Returns the settings that the ledger records. The path of the address is left out, because it may contain a token.
 */
function about({ url, reveal }: z.infer<typeof WebhookPatch>): { target?: string; reveal?: boolean } {
  return {
    ...(typeof url === 'string' ? { target: new URL(url).origin } : {}),
    ...(reveal === undefined ? {} : { reveal: reveal === true }),
  };
}

function shown({ filter, failing, paused, formerUntil, ...status }: WebhookStatus): z.input<typeof Webhook> {
  return present({
    ...status,
    ...filter,
    types: filter.types === undefined ? undefined : [...filter.types],
    failing: failing && { ...failing, since: shownTime(failing.since) },
    paused: paused && { ...paused, at: shownTime(paused.at) },
    formerUntil: shownTime(formerUntil),
  });
}

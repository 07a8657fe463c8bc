import type { Feed } from '../../contract/feed/feed.ts';
import { maskedLines } from '../../contract/feed/masked-lines.ts';
import type { Reading } from '../../contract/feed/note-reading.ts';
import type { PauseReason, WebhookStatus } from '../../contract/feed/webhooks.ts';
import type { FeedFilter, Ledger } from '../../contract/ledger.ts';
import { traceOf } from '../../platform/error.ts';
import type { Delivery } from '../../relay/deliver.ts';
import type { Kept, WebhookFile } from '../../sqlite/feed/webhook-file.ts';
import { messageOf, type Message } from './cloud-event.ts';
import { signedHeaders } from './sign.ts';

/*
 * Sends the events of the feed to the address of one webhook: one event per request, in the order of the ledger. The
 * next event is sent only after the receiver has answered with a status from 200 to 299. The number of the last
 * delivered event is saved after the answer. So if the process is killed, or an answer is lost, the receiver gets the
 * event again.
 */

/** The wait after the first failure. The wait doubles with each further failure. */
const FIRST_WAIT_MS = 1000;

/**
 * The longest wait, unless the receiver asks for a longer one. It is short, so that events flow again soon after an
 * outage.
 */
const MAX_WAIT_MS = 5 * 60 * 1000;

/** After this many doublings, the wait is longer than MAX_WAIT_MS. */
const MAX_DOUBLINGS = 10;

/** The longest wait that a receiver can ask for with Retry-After. */
const MAX_ASKED_WAIT_MS = 60 * 60 * 1000;

/** A long weekend is shorter. After this time without a delivery, the webhook is paused until a person resumes it. */
const GIVE_UP_MS = 4 * 24 * 60 * 60 * 1000;

/** The minimum number of failures before a pause. So a clock that jumps ahead does not cause a pause. */
const GIVE_UP_TIMES = 20;

/** The status with which a receiver says that it wants no more events (RFC 9110, 15.5.11; Standard Webhooks). */
const GONE = '410';

/** The number of events that are read at once. */
const PART = 100;

/** How long one read of the feed waits for events. */
const LOOK_MS = 10_000;

/** How long to wait after a fault on this machine, such as a full disk. */
const AGAIN_MS = 10_000;

export interface SenderParts {
  file: WebhookFile;
  ledger: Pick<Ledger, 'unitNumbers'>;
  feed: Feed;
  /** The `source` of the events. */
  origin: string;
  open: (target: URL) => Delivery;
  /** Records that the webhook reads events. Rejects if this cannot be recorded. Then nothing is sent. */
  noteReading: (reading: Reading) => Promise<void>;
  log: (level: 'info' | 'warn' | 'error', webhook: string, text: string, detail?: string) => void;
  now: () => number;
  /** A short pause after each event, so that a long history takes only a part of the processor time. */
  rest: () => Promise<void>;
  /** Resolves after `ms`, or as soon as the signal aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Sender {
  start: () => void;
  /** Resolves when nothing is sent any more. */
  stop: () => Promise<void>;
  kept: () => Kept;
}

export function openSender(kept: Kept, parts: SenderParts): Sender {
  const sending: Sending = { ...parts, kept, filter: filterOf(kept), delivery: undefined };
  let ended = new AbortController();
  let running: Promise<void> | undefined;
  return {
    kept: () => kept,
    start() {
      if (running !== undefined) return;
      ended = new AbortController();
      running = run(sending, ended.signal);
    },
    async stop() {
      ended.abort();
      await running;
      running = undefined;
      sending.delivery?.close();
      sending.delivery = undefined;
    },
  };
}

interface Sending extends SenderParts {
  kept: Kept;
  filter: FeedFilter;
  /** The connection, once there is one. */
  delivery: Delivery | undefined;
}

async function run(sending: Sending, signal: AbortSignal): Promise<void> {
  const { kept, feed, log, sleep } = sending;
  let isKnown = false;
  for (let faults = 0; !signal.aborted && kept.paused === undefined;) {
    try {
      // Only a restore gives the same numbers to other events, and the service is stopped during a restore.
      isKnown ||= await feed.knows(kept.cursor);
      if (isKnown) await sendPart(sending, signal);
      else pauseAfterRestore(sending);
      faults = 0;
    } catch (error) {
      if (++faults === 1)
        log('warn', kept.name, 'a webhook cannot read events: the service tries again', traceOf(error));
      await sleep(AGAIN_MS, signal);
    }
  }
}

function pauseAfterRestore(sending: Sending): void {
  pause(sending, 'restored');
  sending.file.note(sending.kept);
}

async function sendPart(sending: Sending, signal: AbortSignal): Promise<void> {
  const { kept, feed, filter, file, ledger, origin, rest } = sending;
  const { name, settings, cursor: from } = kept;
  const { lines, cursor } = await feed.next(from, filter, { waitMs: LOOK_MS, limit: PART, signal });
  if (signal.aborted) return;
  const masked = settings.reveal !== true;
  if (lines.length > 0) await sending.noteReading({ actor: `webhook:${name}`, from, filter, masked });
  const shown = masked ? await maskedLines(ledger, lines) : lines;
  for (const line of shown) {
    if (!(await deliver(sending, messageOf(line, origin), signal))) return;
    await rest();
  }
  // Also save the place if the feed has only skipped events that the webhook does not want.
  if (cursor.seq === kept.cursor.seq) return;
  kept.cursor = cursor;
  file.note(kept);
}

/** Sends one event until the receiver has accepted it. Returns false if the sender stopped or paused before that. */
async function deliver(sending: Sending, message: Message, signal: AbortSignal): Promise<boolean> {
  const { kept, now, sleep } = sending;
  while (!signal.aborted && kept.paused === undefined) {
    const waitMs = Math.min((kept.failing?.next ?? 0) - now(), MAX_ASKED_WAIT_MS);
    if (waitMs > 0) await sleep(waitMs, signal);
    if (signal.aborted) return false;
    if (await attempt(sending, message, signal)) return true;
  }
  return false;
}

async function attempt(sending: Sending, message: Message, signal: AbortSignal): Promise<boolean> {
  const { kept, file, log, now, open } = sending;
  const begun = now();
  sending.delivery ??= open(new URL(kept.settings.url));
  const headers = {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    ...signedHeaders(secretsOf(kept, begun), message.id, begun, message.body),
  };
  const { result, retryAfterS = 0 } = await sending.delivery.send(message.body, headers, signal);
  // If a person interrupted the attempt, it was neither accepted nor refused.
  const isAccepted = /^2\d\d$/.test(result);
  if (!isAccepted && signal.aborted) return false;
  const ms = Math.max(0, Math.round(now() - begun));
  const { failing } = kept;
  kept.attempts++;
  if (isAccepted) {
    delete kept.failing;
    kept.cursor = { seq: message.seq, at: message.at };
    if (failing !== undefined) log('info', kept.name, 'a webhook delivers events again');
  } else noteFailure(sending, result, retryAfterS * 1000);
  file.note(kept, { seq: message.seq, at: begun, ms, result });
  return isAccepted;
}

function noteFailure(sending: Sending, result: string, askedMs: number): void {
  const { kept, log, now } = sending;
  const { since = now(), times: before = 0 } = kept.failing ?? {};
  const times = before + 1;
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(before, MAX_DOUBLINGS), MAX_WAIT_MS);
  const next = now() + Math.max(waitMs, Math.min(askedMs, MAX_ASKED_WAIT_MS));
  kept.failing = { since, times, next, result };
  if (before === 0) log('warn', kept.name, 'a receiver did not accept an event: the service tries again', result);
  if (result === GONE) pause(sending, 'gone');
  else if (now() - since >= GIVE_UP_MS && times >= GIVE_UP_TIMES) pause(sending, 'failing');
}

function pause({ kept, log, now }: Sending, why: PauseReason): void {
  kept.paused = { at: now(), why };
  log('error', kept.name, 'a webhook is paused: correct the cause, then run claimstamp webhook resume', why);
}

function filterOf({ settings: { types, product, station } }: Kept): FeedFilter {
  return {
    ...(types === undefined ? {} : { types }),
    ...(product === undefined ? {} : { product }),
    ...(station === undefined ? {} : { station }),
  };
}

/** Returns the valid secrets of a webhook, newest first. */
function secretsOf({ secret, former }: Kept, at: number): string[] {
  return former !== undefined && former.until > at ? [secret, former.secret] : [secret];
}

export function statusOf(kept: Kept, size: number, now: number): WebhookStatus {
  const { name, settings, cursor, failing, paused, former } = kept;
  return {
    name,
    target: new URL(settings.url).origin,
    filter: filterOf(kept),
    reveal: settings.reveal === true,
    delivered: cursor.seq,
    waiting: Math.max(0, size - cursor.seq),
    state: paused !== undefined ? 'paused' : failing !== undefined ? 'failing' : 'running',
    ...(failing === undefined
      ? {}
      : { failing: { since: failing.since, times: failing.times, result: failing.result } }),
    ...(paused === undefined ? {} : { paused }),
    ...(former === undefined || former.until <= now ? {} : { formerUntil: former.until }),
  };
}

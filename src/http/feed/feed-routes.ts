import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import type { Cursor, Feed, FeedPart } from '../../contract/feed/feed.ts';
import { maskedLines } from '../../contract/feed/masked-lines.ts';
import { notesReadings, type NoteReading } from '../../contract/feed/note-reading.ts';
import type { FeedFilter } from '../../contract/ledger.ts';
import { EVENT_TYPES } from '../../model/event-check.ts';
import { Name, ProductId } from '../../model/product.ts';
import { ClaimstampError, refusal } from '../../platform/error.ts';
import { refuseWithout, type Principal } from '../auth.ts';
import { unlessLeft } from '../client-gone.ts';
import { refuseUnknown } from '../known-filter.ts';
import type { Declarations, On, StillAllowed } from '../operation.ts';
import { present } from '../read-body.ts';
import { Reveal } from '../reveal.ts';
import { cutUnsent } from '../send-file.ts';
import type { Services } from '../services.ts';
import { openStreams, type Streams } from '../streams.ts';
import { watchAccess } from '../watch-access.ts';
import { CursorText, cursorText, readCursor } from './cursor.ts';

/**
 * The longest wait. This time is shorter than 30 s, because some proxies close a connection that is silent for 30 s.
 */
const MAX_WAIT_S = 25;

/** Proxies and Node close silent connections, so a stream sends its current cursor at least twice in 30 seconds. */
const HEARTBEAT_MS = 10_000;

/**
 * The maximum number of streams, enough for a few systems with several streams each. For each stream, at most one part
 * is in memory.
 */
const MAX_STREAMS = 64;

/** The number of events in one part of a stream. The next part is read after the client has taken this one. */
const STREAM_PART = 200;

const EVENT_STREAM = 'text/event-stream';
const LINES = 'application/jsonl';

const Types = z
  .string()
  .transform((types) => [...new Set(types.split(','))])
  .pipe(z.array(z.enum(EVENT_TYPES)))
  .meta({ description: 'Only events of these types, separated by commas, such as `issued,verified`' });

const Query = Reveal.extend({
  after: CursorText.default('0').meta({
    description:
      'After the event with this number. Better: the header `Claimstamp-Next` of the previous answer, or the `id` of a server-sent event. These cursors also contain the time of the event. With this time, the service can tell whether its ledger was restored to an older state',
  }),
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_WAIT_S)
    .default(0)
    .meta({ description: 'How many seconds to wait for an event if there is none yet' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(1000)
    .meta({ description: 'The maximum number of events in one answer' }),
  type: Types.optional(),
  product: ProductId.optional().meta({
    description: 'Only events of units and work orders of this product, and changes of its settings',
  }),
  station: Name.optional().meta({ description: 'Only events at this station' }),
});

export const feedOperations = {
  'GET /v1/events': {
    tag: 'ledger',
    summary: 'Follow the events of the ledger',
    description: `Events after \`after\`, in the order of the ledger, one JSON object per line. With \`wait\`, an answer without events waits for the next event (long poll). With \`Accept: ${EVENT_STREAM}\`, the answer is a stream of server-sent events that continues after the event in the header Last-Event-ID. A consumer that stores its cursor after it has handled an event gets every event at least once. Claim IDs are masked. Use the unit's number to tell units apart (\`********WQ.17\`). With \`reveal=true\` and the permission \`units:list\`, Claim IDs are complete, and each line has exactly the bytes that were hashed. For each consumer and day, the ledger records one bulk read. A token or session has at most 8 waiting requests and streams. Opening another one ends the oldest.`,
    may: 'events:read',
    unattended: true,
    query: Query,
    file: {
      types: [LINES, EVENT_STREAM],
      description: 'A line for each event, or server-sent events that are named after their event types',
      headers: {
        'Claimstamp-Next': 'The cursor for `after` of the next request. A stream has this cursor in each `id`',
      },
    },
    refusals: ['not-found', 'cursor-unknown', 'streams-full', 'disk-full', 'stopping'],
  },
} satisfies Declarations;

/** A consumer of the feed. */
interface Consumer {
  from: Cursor;
  filter: FeedFilter;
  /** Returns the caller, or throws the refusal that a new request would get. */
  allowed: StillAllowed;
  /** Records that the consumer reads the lines. Then returns the lines as this consumer may see them. */
  show: (lines: string[]) => Promise<string[]>;
}

export function feedRoutes(on: On, services: Services): void {
  const { ledger, feed } = services;
  const streams = openStreams(MAX_STREAMS, 'feeds');
  const noteReading = notesReadings(services, feed);
  on(feedOperations, 'GET /v1/events', async ({ c, query, who, stillAllowed }) => {
    const { after, wait, limit, type, product, station, reveal } = query;
    const isStream = c.req.header('accept')?.includes(EVENT_STREAM) ?? false;
    const allowed = async (): Promise<Principal> => mayRead(await stillAllowed(), reveal);
    mayRead(who, reveal);
    await refuseUnknown(ledger, who, { product, station });
    const from = readCursor((isStream ? c.req.header('last-event-id') : undefined) ?? after);
    if (from === undefined) throw refusal('cursor-unknown', 'unread');
    if (!(await feed.knows(from))) throw refusal('cursor-unknown', 'restored', { seq: from.seq });
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': isStream ? EVENT_STREAM : LINES });
    const filter = present({ types: type, product, station });
    const show = shows(services, noteReading, { actor: who.actor, from, filter, masked: reveal === undefined });
    const consumer = { from, filter, allowed, show };
    if (isStream) return streamed(c, services, { streams, who, consumer });
    const read = (signal: AbortSignal) => feed.next(from, filter, { waitMs: wait * 1000, limit, signal });
    const part =
      wait === 0
        ? await read(new AbortController().signal)
        : await unlessLeft(c, allowed, (left) => inTurn(services, streams, who, left, read));
    await allowed();
    const lines = (await show(part.lines)).map((line) => `${line}\n`).join('');
    const headers = { 'claimstamp-next': cursorText(part.cursor), 'cache-control': 'no-store' };
    return c.body(lines, 200, { ...headers, 'content-type': LINES });
  });
}

function mayRead(who: Principal, reveal: 'true' | undefined): Principal {
  if (reveal !== undefined) refuseWithout(who, 'units:list');
  return who;
}

function shows({ ledger }: Services, noteReading: NoteReading, reading: Parameters<NoteReading>[0]): Consumer['show'] {
  return async (lines) => {
    if (lines.length === 0) return lines;
    await noteReading(reading);
    return reading.masked ? maskedLines(ledger, lines) : lines;
  };
}

/**
 * Waits for events. Only a limited number of consumers can wait, so the wait also ends when a newer request needs the
 * place, or when the service stops.
 */
async function inTurn(
  { hub, stopping }: Services,
  streams: Streams,
  who: Principal,
  left: AbortSignal,
  read: (signal: AbortSignal) => Promise<FeedPart>,
): Promise<FeedPart> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const leave = streams.join(who, end);
  const forget = hub.onClose(end);
  if (stopping()) end();
  try {
    return await read(AbortSignal.any([left, ended.signal]));
  } finally {
    leave();
    forget();
  }
}

interface Streaming {
  streams: Streams;
  who: Principal;
  consumer: Consumer;
}

function streamed(c: Context, services: Services, { streams, who, consumer }: Streaming): Response {
  const { hub, stopping, feed } = services;
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const leave = streams.join(who, end);
  const forget = hub.onClose(end);
  if (stopping()) end();
  const access = watchAccess(consumer.allowed);
  access.ended.addEventListener('abort', () => {
    end();
    cutUnsent(c);
  });
  c.header('cache-control', 'no-store');
  return streamSSE(c, async (stream) => {
    // While the client does not read, a write waits. `abort` ends the wait.
    ended.signal.addEventListener('abort', () => stream.abort());
    stream.onAbort(end);
    try {
      await sendAll(feed, consumer, ended.signal, async (text) => void (await stream.write(text)));
    } catch (error) {
      if (!(error instanceof ClaimstampError)) throw error;
    } finally {
      leave();
      forget();
      access.stop();
    }
  });
}

/** Sends the feed in parts. Each part is sent after the client has taken the previous one. */
async function sendAll(
  feed: Feed,
  { from, filter, allowed, show }: Consumer,
  signal: AbortSignal,
  send: (text: string) => Promise<void>,
): Promise<void> {
  await send(`retry: ${RETRY_MS}\n\n`);
  for (let place = from; !signal.aborted;) {
    const { lines, cursor } = await feed.next(place, filter, { waitMs: HEARTBEAT_MS, limit: STREAM_PART, signal });
    const shown = await show(lines);
    await allowed();
    if (signal.aborted) return;
    // An `id` without data moves the client's cursor forward and keeps the connection open.
    await send(`${shown.map(serverSent).join('')}id: ${cursorText(cursor)}\n\n`);
    place = cursor;
  }
}

/** How long a client that lost its connection waits before it reconnects. */
const RETRY_MS = 2000;

const HEAD = /^\{"seq":(\d+),"at":"([^"]+)","type":"([^"]+)"/;

function serverSent(line: string): string {
  const [, seq, at = '', type] = HEAD.exec(line) ?? [];
  return `id: ${cursorText({ seq: Number(seq), at: Date.parse(at) })}\nevent: ${type}\ndata: ${line}\n\n`;
}

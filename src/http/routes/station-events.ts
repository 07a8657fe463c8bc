import { languageOf } from '../language.ts';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { refusal } from '../../platform/error.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { StationParams } from '../schemas.ts';
import { mask } from '../../model/claim-id.ts';
import { withIds, worksThere } from '../reveal.ts';
import { stationState } from './stations.ts';

/** Twice the number of screens in a large factory. Each stream costs a connection, and one read for each change. */
const MAX_STREAMS = 256;

/** Proxies and Node close silent connections, so a beat is sent twice within the limit of 30 seconds in bounds.ts. */
const HEARTBEAT_MS = 10_000;

/** All changes within this time are sent together, so a screen is redrawn at most twenty times a second. */
const GATHER_MS = 50;

export const stationEventOperations = {
  'GET /v1/stations/{name}/events': {
    tag: 'stations',
    summary: "A station's changes as server-sent events",
    description:
      'Each `state` event has the complete state; the first is sent at once, so Last-Event-ID is not needed. Claim IDs are masked for callers without the permission `stations:operate`.',
    may: 'stations:read',
    kiosk: 'own-station',
    params: StationParams,
    file: { types: ['text/event-stream'], description: 'Events named `state`, each with the JSON of the station' },
    refusals: ['not-found', 'streams-full'],
  },
} satisfies Declarations;

/** Sends the complete state of a station at once and after each change. So a client that reconnects misses nothing. */
export function stationEventRoutes(on: On, services: Services): void {
  on(stationEventOperations, 'GET /v1/stations/{name}/events', async ({ c, params: { name }, who }) => {
    await stationState(services, name, languageOf(c));
    if (services.hub.subscribers() >= MAX_STREAMS) throw refusal('streams-full', 'close', { max: MAX_STREAMS });
    // A HEAD request gets no stream, because a stream without a reader would never end.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    return follow(c, services, name, worksThere(who) ? (uci) => uci : mask);
  });
}

function follow(c: Context, services: Services, name: string, show: (uci: string) => string): Response {
  c.header('cache-control', 'no-store');
  return streamSSE(c, async (stream) => {
    let wake = (): void => {};
    let changed = true;
    const ended = new AbortController();
    if (services.stopping()) ended.abort();
    const leave = services.hub.subscribe(name, () => {
      changed = true;
      wake();
    });
    const end = (): void => {
      ended.abort();
      wake();
    };
    const forget = services.hub.onClose(end);
    stream.onAbort(end);
    try {
      for (let id = 1; !ended.signal.aborted;) {
        if (changed) {
          changed = false;
          await stream.writeSSE({
            event: 'state',
            id: String(id++),
            data: JSON.stringify(withIds(await stationState(services, name, languageOf(c)), show)),
          });
          await stream.sleep(GATHER_MS);
        } else if (!(await woken((now) => (wake = now)))) await stream.writeSSE({ event: 'beat', data: '' });
      }
    } finally {
      leave();
      forget();
    }
  });
}

/** Resolves to true when `wake` is called. Resolves to false if this does not happen within a heartbeat time. */
function woken(set: (wake: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const silent = setTimeout(() => resolve(false), HEARTBEAT_MS);
    set(() => {
      clearTimeout(silent);
      resolve(true);
    });
  });
}

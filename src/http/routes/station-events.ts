import { languageOf } from '../language.ts';
import type { Context } from 'hono';
import { streamSSE, type SSEMessage } from 'hono/streaming';
import { z } from 'zod';
import { Name } from '../../model/product.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { refuseOtherStation, type Principal } from '../auth.ts';
import type { Services } from '../services.ts';
import type { Declarations, On, StillAllowed } from '../operation.ts';
import { StationParams } from '../schemas.ts';
import { mask } from '../../model/claim-id.ts';
import { withIds, worksThere } from '../reveal.ts';
import { cutUnsent } from '../send-file.ts';
import { openStreams } from '../streams.ts';
import { watchAccess } from '../watch-access.ts';
import { stateAtWork, stationState } from './stations.ts';

/**
 * Proxies and Node close silent connections, so the service sends at least two heartbeats within the 30-second limit in
 * bounds.ts.
 */
const HEARTBEAT_MS = 10_000;

/** All changes within this time (ms) are sent together, so a screen is redrawn at most twenty times per second. */
const GATHER_MS = 50;

/** The maximum number of stations in one stream. No operator's screen has tabs for more stations than this. */
const MAX_STATIONS = 64;

const With = z.strictObject({
  with: z
    .string()
    .transform((names) => [...new Set(names.split(','))])
    .pipe(z.array(Name).max(MAX_STATIONS - 1))
    .optional()
    .meta({ description: 'Other stations, separated by commas' }),
});

export const stationEventOperations = {
  'GET /v1/stations/{name}/events': {
    tag: 'stations',
    summary: "A station's changes as server-sent events",
    description:
      "Each `state` event contains the complete state. The first event is sent at once, so Last-Event-ID is not needed. Claim IDs are masked for callers without the permission `stations:operate`. With `with`, the stream also contains the events of other stations. A browser opens at most six connections to one service, so its tabs share one stream. The stream ends when the caller's access ends. A session or token can have 8 streams. Opening another one ends the oldest.",
    may: 'stations:read',
    kiosk: 'own-station',
    unattended: true,
    params: StationParams,
    query: With,
    file: { types: ['text/event-stream'], description: 'Events named `state`, each with the station as JSON' },
    refusals: ['not-found', 'streams-full'],
  },
} satisfies Declarations;

/**
 * Sends a station's complete state when a client connects, and after each change. So even a client that reconnects has
 * the current state.
 */
export function stationEventRoutes(on: On, services: Services): void {
  const streams = openStreams();
  on(stationEventOperations, 'GET /v1/stations/{name}/events', async ({ c, params, query, who, stillAllowed }) => {
    const names = [...new Set([params.name, ...(query.with ?? [])])];
    for (const name of names) {
      refuseOtherStation(who, name);
      await stationState(services, name, languageOf(c));
    }
    // A HEAD request gets no stream, because a stream without a reader would never end.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    const ended = new AbortController();
    const end = (): void => ended.abort();
    const leave = streams.join(who, end);
    const forget = services.hub.onClose(end);
    if (services.stopping()) end();
    const access = watchAccess(stillAllowed);
    access.ended.addEventListener('abort', () => {
      end();
      cutUnsent(c);
    });
    const close = (): void => {
      leave();
      forget();
      access.stop();
    };
    return follow(c, services, { names, stillAllowed, ended, close });
  });
}

interface Following {
  names: string[];
  stillAllowed: StillAllowed;
  /**
   * Ends the stream because its client left, its access ended, a newer stream replaces it, or the service stops.
   */
  ended: AbortController;
  close: () => void;
}

function follow(c: Context, services: Services, { names, stillAllowed, ended, close }: Following): Response {
  c.header('cache-control', 'no-store');
  return streamSSE(c, async (stream) => {
    let wake = (): void => {};
    const changed = new Set(names);
    const leave = names.map((name) =>
      services.hub.subscribe(name, () => {
        changed.add(name);
        wake();
      }),
    );
    // A write waits until the client reads. `abort` ends a write that is waiting.
    ended.signal.addEventListener('abort', () => {
      stream.abort();
      wake();
    });
    stream.onAbort(() => ended.abort());
    const send = async (message: (who: Principal) => SSEMessage | Promise<SSEMessage>): Promise<void> => {
      const who = await stillAllowed();
      if (!ended.signal.aborted) await stream.writeSSE(await message(who));
    };
    try {
      for (let id = 1; !ended.signal.aborted;) {
        if (changed.size > 0) {
          const told = new Set(changed);
          changed.clear();
          for (const name of told) {
            const state = await stationState(services, name, languageOf(c));
            const no = String(id++);
            // The caller's role may have changed since the stream was opened.
            const shown = async (who: Principal) =>
              worksThere(who) ? stateAtWork(services.ledger, who, state) : withIds(state, mask);
            await send(async (who) => {
              refuseOtherStation(who, name);
              return { event: 'state', id: no, data: JSON.stringify(await shown(who)) };
            });
          }
          await stream.sleep(GATHER_MS);
        } else if (!(await woken((now) => (wake = now)))) await send(() => ({ event: 'beat', data: '' }));
      }
    } catch (error) {
      if (!(error instanceof ClaimstampError)) throw error;
    } finally {
      for (const end of leave) end();
      close();
    }
  });
}

/** Resolves to true if `wake` is called. Resolves to false if `wake` is not called within the heartbeat time. */
function woken(set: (wake: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const silent = setTimeout(() => resolve(false), HEARTBEAT_MS);
    set(() => {
      clearTimeout(silent);
      resolve(true);
    });
  });
}

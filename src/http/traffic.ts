import type { Log } from '../platform/log.ts';

/** The reasons for closing connections or refusing requests before they reach any route. */
export const CUTS = {
  cap: 'too many connections in total',
  'address-cap': 'too many connections from one address',
  'too-slow': 'headers or body did not arrive in time',
  stalled: 'the answer was not read in time',
  pipelined: 'too many requests at once on one connection',
  handshake: 'the TLS handshake failed',
  malformed: 'not HTTP',
} as const;
export type Cut = keyof typeof CUTS;

/** Counts the connections for /metrics and the log. */
export interface Traffic {
  opened: () => void;
  closed: () => void;
  /**
   * `code` is OpenSSL's or Node's error code. If a device does not trust the CA that signed the service's certificate,
   * only this code shows it.
   */
  cut: (why: Cut, source: string | undefined, code?: string) => void;
  figures: () => TrafficFigures;
}

export interface TrafficFigures {
  open: number;
  cuts: Record<Cut, number>;
}

const LOG_EVERY_MS = 60_000;

/** Each reason is logged once a minute with its count. So a flood of connections adds only a few lines to the log. */
export function countTraffic(log: Log, now: () => number): Traffic {
  let open = 0;
  const cuts: Record<Cut, number> = {
    cap: 0,
    'address-cap': 0,
    'too-slow': 0,
    stalled: 0,
    pipelined: 0,
    handshake: 0,
    malformed: 0,
  };
  const told = new Map<Cut, { at: number; count: number }>();
  return {
    opened: () => void open++,
    closed: () => void open--,
    cut(why, source, code) {
      cuts[why]++;
      const last = told.get(why) ?? { at: -Infinity, count: 0 };
      const at = now();
      if (at - last.at < LOG_EVERY_MS && at >= last.at) return;
      const times = cuts[why] - last.count;
      log.warn({ reason: why, detail: CUTS[why], source, code, times }, 'connections cut');
      told.set(why, { at, count: cuts[why] });
    },
    figures: () => ({ open, cuts: { ...cuts } }),
  };
}

import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Logs structured lines. Commands log to stderr. Claim IDs must be masked (claim-id.ts). Never log tokens and keys. */
export function openLog(level: string, to: 'stdout' | 'stderr' = 'stdout'): Log {
  const stream = pino.destination({ fd: to === 'stdout' ? 1 : 2, sync: true });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}

const LOG_EVERY_MS = 60_000;

/**
 * Logs each fault at most once a minute. Each line says how often the fault happened since the last line about the same
 * fault.
 */
export function openFaultLog(log: Log, now: () => number, message: string): (fault: string) => void {
  let last = { fault: '', at: -Infinity };
  let times = 0;
  return (fault) => {
    times++;
    if (fault === last.fault && now() - last.at < LOG_EVERY_MS && now() >= last.at) return;
    log.error({ fault, times }, message);
    last = { fault, at: now() };
    times = 0;
  };
}

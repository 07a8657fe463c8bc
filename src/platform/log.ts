import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Structured lines; a command keeps its standard output for its answer. Claim IDs go in masked, tokens and keys not at all: see uci.ts, `mask`. */
export function openLog(level: string, to: 'stdout' | 'stderr' = 'stdout'): Log {
  const stream = pino.destination({ fd: to === 'stdout' ? 1 : 2, sync: true });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}

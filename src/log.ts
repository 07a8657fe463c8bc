import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Structured lines on standard output. Claim IDs go in masked, tokens and keys not at all: see uci.ts, `mask`. */
export function openLog(level: string): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

import { z } from 'zod';

/** The settings of the log. */
export const LOG_SETTINGS = {
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('`fatal` to `trace`, or `silent`'),
  logFormat: z
    .enum(['auto', 'json', 'text'])
    .default('auto')
    .describe('`auto`: readable lines on a terminal, JSON elsewhere; `json` or `text`: always'),
};

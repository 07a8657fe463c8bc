import type { Config } from '../config.ts';
import type { LogFormat } from '../platform/log.ts';

type Stream = Pick<NodeJS.WriteStream, 'isTTY'>;

/** The format of the log on this stream. By default, a terminal gets text, and everything else gets JSON. */
export function logFormat({ logFormat: set }: Pick<Config, 'logFormat'>, stream: Stream): LogFormat {
  const isText = set === 'text' || (set === 'auto' && stream.isTTY);
  if (!isText) return 'json';
  return isColoured(stream) ? 'coloured text' : 'text';
}

/** False if the output is not a terminal, or if the person wants no colours (no-color.org). */
export function isColoured({ isTTY }: Stream, { NO_COLOR, TERM }: NodeJS.ProcessEnv = process.env): boolean {
  return isTTY && (NO_COLOR ?? '') === '' && TERM !== 'dumb';
}

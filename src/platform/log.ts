import { setTimeout as pause } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import { logText } from './terminal/log-text.ts';

export type Log = Logger;

/** JSON for programs, text for people. */
export type LogFormat = 'json' | 'text' | 'coloured text';

/**
 * Logs structured lines. Commands log to stderr. Claim IDs must be masked before they are logged (claim-id.ts). Never
 * log tokens or keys.
 */
export function openLog(level: string, to: 'stdout' | 'stderr' = 'stdout', format: LogFormat = 'json'): Log {
  const stream = process[to];
  neverWait(stream);
  let lost = 0;
  const log = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write(json: string) {
        const line = format === 'json' ? json : logText(json, format === 'coloured text');
        if (stream.writableLength + line.length > MAX_UNREAD_BYTES) lost++;
        else write(stream, line);
      },
    },
  );
  stream.on('drain', () => {
    if (lost === 0) return;
    log.warn({ lost }, 'log lines were lost because no program read the output');
    lost = 0;
  });
  return log;
}

/**
 * How many bytes of the log may wait to be read. Without this limit, the log would use up the memory when nothing reads
 * the log.
 */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

function write(stream: NodeJS.WriteStream, line: string): void {
  try {
    stream.write(line);
  } catch {
    // If the log is a file, Node writes to it without a stream, so this code throws if the disk is full. Ignore the
    // error, because a lost line must not make a request fail.
  }
}

/**
 * Makes each write return at once even if nothing reads the stream, and ignores the stream's errors. The reader of the
 * log may pause (Ctrl-S in a terminal) or disappear (a closed ssh session) while devices wait for answers.
 */
function neverWait(stream: NodeJS.WriteStream): void {
  stream.setMaxListeners(0).on('error', () => {});
  // By default, Node waits when it writes to a terminal. When Node writes to pipes and sockets, it never waits.
  if (!stream.isTTY) return;
  const handle: unknown = Reflect.get(stream, '_handle');
  if (typeof handle !== 'object' || handle === null || !('setBlocking' in handle)) return;
  if (typeof handle.setBlocking === 'function') handle.setBlocking(false);
}

/**
 * Copies what a child process wrote to its standard error into the log. While nothing reads the log, the text is
 * dropped.
 */
export function passOn(text: Uint8Array): void {
  const { stderr } = process;
  if (stderr.listenerCount('error') === 0) neverWait(stderr);
  if (stderr.writableLength + text.length > MAX_UNREAD_BYTES) return;
  try {
    stderr.write(text);
  } catch {
    // This error is also ignored, because a lost line does no harm.
  }
}

const FAREWELL_MS = 1000;
const LOOK_EVERY_MS = 10;

/**
 * Waits until all lines of the log are written. The wait is short, because it is possible that nothing reads the log.
 * The program calls this function before it exits.
 */
export async function written(): Promise<void> {
  for (const end = performance.now() + FAREWELL_MS; performance.now() < end; await pause(LOOK_EVERY_MS))
    if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) return;
}

const LOG_EVERY_MS = 60_000;

/**
 * Logs each kind of fault at most once a minute. Each line says how many times this fault has happened since the last
 * line about the same fault.
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

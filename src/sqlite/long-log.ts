import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** The write-ahead log is this long after ten seconds of reading at full write speed; a real line never gets there. Bytes */
const LONG_BYTES = 256 * 1024 * 1024;

/** Longest wait: another program's reader may never end. ms */
const PATIENCE_MS = 30_000;

/** When the log has not grown for this long, waiting does not help: the next write restarts it. ms */
const STILL_MS = 3000;

const LOOK_EVERY_MS = 250;

/**
 * Waits for a limited time until a long log was restarted. That needs a moment without readers: overlapping readers would
 * let the log grow without end.
 */
export async function untilLogIsShort(file: string, signal?: AbortSignal): Promise<void> {
  const begun = performance.now();
  let [size, changed] = [0, begun];
  for (;;) {
    const before = size;
    size = await sizeOf(`${file}-wal`);
    const now = performance.now();
    if (size !== before) changed = now;
    if (size < LONG_BYTES || now - changed >= STILL_MS || now - begun >= PATIENCE_MS || signal?.aborted) return;
    await pause(LOOK_EVERY_MS);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0; // No log file.
  }
}

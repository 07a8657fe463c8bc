import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** The log has this length after ten seconds of reading at full write speed. In production it is always shorter. */
const LONG_BYTES = 256 * 1024 * 1024;

/** The longest wait. It is limited because a reader in another program may never end. */
const PATIENCE_MS = 30_000;

/** Only a write can restart the log. So if the log has not grown for this time, waiting longer does not help. */
const STILL_MS = 3000;

const LOOK_EVERY_MS = 250;

/**
 * If the log is long, waits for a limited time until SQLite restarts it. SQLite can do so only when there is no reader.
 * If readers always overlapped and never paused like this, the log would grow without limit.
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
    return 0; // There is no log file.
  }
}

import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** The length of the log after ten seconds of reading at full write speed; production never reaches it. */
const LONG_BYTES = 256 * 1024 * 1024;

/** The longest wait, because a reader in another program may never end. */
const PATIENCE_MS = 30_000;

/** If the log has not grown for this time, waiting does not help, because only the next write can restart the log. */
const STILL_MS = 3000;

const LOOK_EVERY_MS = 250;

/**
 * Waits for a limited time until a long log was restarted. SQLite restarts it only when nothing reads: without such a
 * pause, overlapping readers would let the log grow without end.
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

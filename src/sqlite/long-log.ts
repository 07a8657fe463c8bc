import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** At full speed a write-ahead log is this long after ten seconds of a reader; at the speed of a line it never is. Bytes */
const LONG_BYTES = 256 * 1024 * 1024;

/** Whoever reads meanwhile may be one of ours, or somebody's who does not end. ms */
const PATIENCE_MS = 30_000;

/** A log that does not grow for so long gets no shorter by waiting: it is begun anew by who writes. ms */
const STILL_MS = 3000;

const LOOK_EVERY_MS = 250;

/**
 * Waits, for a while, until a long log was begun anew. That needs a moment in which nobody reads: readers that begin before
 * the ones before them end would let it grow for as long as they go on.
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
    return 0; // None is short.
  }
}

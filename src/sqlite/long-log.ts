import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from '../contract/ledger.ts';

/**
 * The log reaches this length if a reader takes ten seconds while the service writes at full speed. In production, the
 * log is always shorter.
 */
const LONG_BYTES = 256 * 1024 * 1024;

/** The maximum time in ms to wait for a shorter log. A reader in another program may never end. */
const PATIENCE_MS = 30_000;

/**
 * Only a write to the ledger can restart the log. If nothing was written for this time (ms), a longer wait does not
 * help.
 */
const STILL_MS = 3000;

const LOOK_EVERY_MS = 250;

/**
 * If the log is long, waits for a limited time until SQLite restarts the log. SQLite can restart the log only when
 * there is no reader. Without pauses between readers, readers that overlap would let the log grow without limit.
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

/** The writer opens its files again every second. A disk that is full or a file that is gone takes longer. */
const REOPENS_MS = 5000;
const ASK_EVERY_MS = 200;

/**
 * Waits a short time while the writer opens its files again. Someone may have deleted one of the files beside the ledger.
 * Only a question to the writer shows this, and a child process cannot read the ledger until the writer has made the file
 * again.
 */
export async function untilReopened(
  { problems, figures }: Pick<Ledger, 'problems' | 'figures'>,
  signal?: AbortSignal,
): Promise<void> {
  for (const end = performance.now() + REOPENS_MS; performance.now() < end;) {
    await problems();
    if (figures().state !== 'latched' || signal?.aborted) return;
    await pause(ASK_EVERY_MS);
  }
}

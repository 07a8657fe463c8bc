import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from '../contract/ledger.ts';

/**
 * The log reaches this length if a reader takes ten seconds while the service is writing at full speed. In production,
 * the log is always shorter.
 */
const LONG_BYTES = 256 * 1024 * 1024;

/** The maximum time in ms to wait for the log to become shorter. A reader in another program may never finish. */
const PATIENCE_MS = 30_000;

/**
 * Only a write to the ledger can restart the log. If nothing has been written for this time (ms), waiting longer does
 * not help.
 */
const STILL_MS = 3000;

const LOOK_EVERY_MS = 250;

/**
 * If the log is long, waits for a limited time until SQLite restarts it. SQLite can restart the log only when there is
 * no reader. Without pauses between readers, overlapping readers would let the log grow without limit.
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

/** The writer retries opening its files every second. If the disk is full or a file is gone, it takes longer. */
const REOPENS_MS = 5000;
const ASK_EVERY_MS = 200;

/**
 * Waits for a short time while the writer reopens its files. Someone may have deleted one of the files next to the
 * ledger. Only a request to the writer reveals this, and a child process cannot read the ledger until the writer has
 * made the file again.
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

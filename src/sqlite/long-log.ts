import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from '../contract/ledger.ts';

/**
 * The length of the write-ahead log if a reader takes ten seconds while the service is writing at full speed. In normal
 * production, the log is always shorter.
 */
const LONG_BYTES = 256 * 1024 * 1024;

/**
 * How long to wait for the log to become shorter, in ms. The wait is limited, because a reader in another program may
 * never finish.
 */
const PATIENCE_MS = 30_000;

/**
 * Only a write to the ledger can restart the log. So if nothing was written during this time (ms), waiting longer would
 * not help.
 */
const STILL_MS = 3000;

const LOOK_EVERY_MS = 250;

/**
 * If the log is long, waits for SQLite to restart it, but only for a limited time. SQLite can restart the log only
 * while there is no reader. If there were always at least one reader, the log would grow without limit.
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

/**
 * The writer tries every second to reopen its files, so this time (ms) is usually enough. Reopening takes longer if the
 * disk is full or a file is missing.
 */
const REOPENS_MS = 5000;
const ASK_EVERY_MS = 200;

/**
 * Waits a short time for the writer to reopen its files. Someone may have deleted one of the files next to the ledger.
 * The writer notices the missing file only when it gets a request. Until the writer has remade the file, a child
 * process cannot read the ledger.
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

import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from '../contract/ledger.ts';
import { refusal } from '../platform/error.ts';
import { openWriterClient, type WriterClient, type WriterOptions } from '../sqlite/writer-client.ts';
import { ledgerOver } from '../sqlite/sqlite-ledger.ts';
import { openReader } from '../sqlite/reader.ts';

/**
 * Opens a ledger in PostgreSQL, which several processes can share. `file` is the path of this process's copy of the
 * ledger. If there is no copy yet, it is made. The promise resolves only when the copy is up to date. All reads use the
 * copy. The events of this process are in the copy before the callers get their answers. The events of other processes
 * reach the copy a few milliseconds after they were recorded.
 */
export async function openPostgresLedger(options: WriterOptions & { url: string }): Promise<Ledger> {
  const { url, ...rest } = options;
  const writer = await openWriterClient({ ...rest, writer: { entry: 'postgres/writer.js', url } });
  const reader = openReader(options.file);
  return ledgerOver(
    writer,
    () => reader,
    async () => {
      const { problem } = await writer.probe();
      return problem === undefined ? [] : [problem];
    },
    () => catchUp(writer),
  );
}

/** If the network drops packets, the copy of a process may be this much behind the server (ms, docs/scale.md). */
const MAX_LAG_MS = 20_000;

/** The time between two attempts, in ms. A server needs one or two seconds to restart. */
const RETRY_MS = 500;

async function catchUp({ fetch }: WriterClient): Promise<void> {
  const begun = performance.now();
  while ((await fetch()).problem !== undefined) {
    if (performance.now() - begun >= MAX_LAG_MS) throw refusal('ledger-unavailable', 'sharedUnread');
    await pause(RETRY_MS, undefined, { ref: false });
  }
}

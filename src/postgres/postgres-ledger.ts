import type { Ledger } from '../contract/ledger.ts';
import { openWriterClient, type WriterOptions } from '../sqlite/writer-client.ts';
import { ledgerOver } from '../sqlite/sqlite-ledger.ts';
import { openReader } from '../sqlite/reader.ts';

/**
 * Opens a ledger in PostgreSQL, which several processes can share. `file` is the path of this process's copy of the
 * ledger. If there is no copy yet, it is made. The promise resolves only when the copy is up to date. All reads use the
 * copy. The events of this process are in the copy before they are answered. The events of other processes reach the
 * copy a few milliseconds after they were recorded.
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
  );
}

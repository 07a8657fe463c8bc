import type { Ledger } from '../contract/ledger.ts';
import { openWriterClient, type WriterOptions } from '../sqlite/writer-client.ts';
import { ledgerOver } from '../sqlite/sqlite-ledger.ts';
import { openReader } from '../sqlite/reader.ts';

/**
 * Opens a PostgreSQL ledger that several processes share. `file` is this process's copy of the ledger. Makes the copy
 * if it is missing. Resolves only after the copy has been updated. Reads use the copy. This process's events are in the
 * copy before they are answered. Other processes' events arrive in the copy a few milliseconds after they were
 * recorded.
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

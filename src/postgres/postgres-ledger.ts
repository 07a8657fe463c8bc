import type { Ledger } from '../contract/ledger.ts';
import { openWriterClient, type WriterOptions } from '../sqlite/writer-client.ts';
import { ledgerOver } from '../sqlite/sqlite-ledger.ts';
import { openReader } from '../sqlite/reader.ts';

/**
 * A ledger on PostgreSQL that several processes share. `file` is this process's copy of the ledger; it is made if
 * missing, and updated before this resolves. Reads use the copy. It has the events of this process before they are
 * answered, and the events of other processes milliseconds later.
 */
export async function openPostgresLedger(options: WriterOptions & { url: string }): Promise<Ledger> {
  const { url, ...rest } = options;
  const writer = await openWriterClient({ ...rest, writer: { entry: 'postgres/writer.js', url } });
  const reader = openReader(options.file);
  return ledgerOver(writer, reader, async () => {
    const { problem } = await writer.probe();
    return problem === undefined ? [] : [problem];
  });
}

import type { Ledger } from '../contract/ledger.ts';
import { openWriterClient, type WriterOptions } from '../sqlite/writer-client.ts';
import { ledgerOver } from '../sqlite/sqlite-ledger.ts';
import { openReader } from '../sqlite/reader.ts';

/**
 * A ledger that several processes share, on PostgreSQL. `file` is this process's copy of it, made if it is missing and
 * brought up to date before this resolves. Reads use the copy: it has this process's events before they are answered, and
 * the events of other processes milliseconds later.
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

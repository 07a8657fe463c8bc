import type { Ledger } from '../contract/ledger.ts';
import { openWriterClient, type WriterOptions } from '../sqlite/writer-client.ts';
import { ledgerOver } from '../sqlite/sqlite-ledger.ts';
import { openReader } from '../sqlite/reader.ts';

/**
 * A ledger that several processes share, on PostgreSQL. `file` is this process's copy of it, made where it is missing and
 * brought up before this resolves. Reads are of the copy: what this process recorded is in it before it is told, what
 * others recorded follows within milliseconds.
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

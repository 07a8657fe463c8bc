import { openWriterClient } from '../src/sqlite/writer-client.ts';
import type { OpenLedger } from '../src/jobs/open-ledger.ts';
import { openNoLedger } from './no-ledger.ts';

/**
 * Opens a test ledger. Like the real ledger, the test ledger sends commands to a writer thread and gets answers.
 * However, this writer thread records nothing.
 */
export const openBareThread: OpenLedger = async ({ file, onFault }) => {
  const writer = await openWriterClient({ file, onFault, writer: { entry: '../bench/bare-writer.js', url: '' } });
  return { ...openNoLedger(), record: writer.record, figures: writer.figures, close: writer.close };
};

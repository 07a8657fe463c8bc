import { mkdirSync } from 'node:fs';
import { systemRandom } from '../../src/model/claim-id.ts';
import type { Answer, Command } from '../../src/decide/command.ts';
import { openLedgerFile } from '../../src/sqlite/ledger-file.ts';
import { openForWriting } from '../../src/sqlite/open.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';

/** Records a command as if it happened some minutes ago, and returns its answer. */
export type RecordAged = <C extends Command>(minutesAgo: number, command: C) => Answer<C>;

/**
 * Records commands of the past in the ledger of a data folder. No service may run on the folder. Returns the number of
 * events: a service holds such a ledger until a person accepts this size.
 */
export function recordAged(data: string, act: (record: RecordAged) => void): number {
  mkdirSync(data, { recursive: true });
  let ago = 0;
  const db = openForWriting(ledgerFile(data));
  try {
    const ledger = openLedgerFile(db, () => Date.now() - ago * 60_000, systemRandom);
    act(<C extends Command>(minutesAgo: number, command: C) => {
      ago = minutesAgo;
      const [outcome] = ledger.commit([command]);
      if (outcome === undefined || 'refused' in outcome) throw outcome?.refused ?? new Error(command.kind);
      return outcome.answer as Answer<C>;
    });
    return Number(db.prepare('SELECT max(seq) FROM event').pluck().get());
  } finally {
    db.close();
  }
}

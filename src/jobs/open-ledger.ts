import { existsSync } from 'node:fs';
import type { Config } from '../config.ts';
import type { Ledger } from '../contract/ledger.ts';
import { ClaimstampError } from '../platform/error.ts';
import { copyFile, ledgerFile, openSqliteLedger } from '../sqlite/sqlite-ledger.ts';
import type { WriterOptions } from '../sqlite/writer-client.ts';

/** How the ledger is opened. The benchmarks hand in others, to show what this one costs. */
export type OpenLedger = (options: WriterOptions) => Promise<Ledger>;

/** The file with the ledger, or with this process's copy of the one that is shared. */
export function fileOf({ data, ledger }: Pick<Config, 'data' | 'ledger'>): string {
  return ledger === undefined ? ledgerFile(data) : copyFile(data);
}

/** SQLite, or PostgreSQL where a ledger is shared. Throws `invalid` where the data folder holds a ledger of its own as well. */
export function ledgerOpener({ data, ledger: url }: Pick<Config, 'data' | 'ledger'>): OpenLedger {
  if (url === undefined) return openSqliteLedger;
  if (existsSync(ledgerFile(data)))
    throw new ClaimstampError(
      'invalid',
      `CLAIMSTAMP_LEDGER is set, and ${data} holds a ledger of its own: claimstamp migrate moves it there, or set CLAIMSTAMP_DATA to another folder`,
    );
  return async (options) => {
    const { openPostgresLedger } = await import('../postgres/postgres-ledger.ts');
    return openPostgresLedger({ ...options, url });
  };
}

import { existsSync } from 'node:fs';
import type { Config } from '../config.ts';
import type { Ledger } from '../contract/ledger.ts';
import { ClaimstampError } from '../platform/error.ts';
import { copyFile, ledgerFile, openSqliteLedger } from '../sqlite/sqlite-ledger.ts';
import type { WriterOptions } from '../sqlite/writer-client.ts';

/** A function that opens the ledger. Benchmarks use other functions of this type for comparison. */
export type OpenLedger = (options: WriterOptions) => Promise<Ledger>;

/** Returns the ledger's file. For a shared ledger, this is the file of this process's copy. */
export function fileOf({ data, ledger }: Pick<Config, 'data' | 'ledger'>): string {
  return ledger === undefined ? ledgerFile(data) : copyFile(data);
}

/** Opens SQLite, or PostgreSQL for a shared ledger. Throws `invalid` if the data folder also has a ledger. */
export function ledgerOpener({ data, ledger: url }: Pick<Config, 'data' | 'ledger'>): OpenLedger {
  if (url === undefined) return openSqliteLedger;
  if (existsSync(ledgerFile(data)))
    throw new ClaimstampError(
      'invalid',
      `CLAIMSTAMP_LEDGER is set, but ${data} has a ledger of its own: move it there with claimstamp migrate, or set CLAIMSTAMP_DATA to another folder`,
    );
  return async (options) => {
    const { openPostgresLedger } = await import('../postgres/postgres-ledger.ts');
    return openPostgresLedger({ ...options, url });
  };
}

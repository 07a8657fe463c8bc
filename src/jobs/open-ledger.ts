import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Ledger } from '../contract/ledger.ts';
import { ClaimstampError } from '../platform/error.ts';
import { checkpointFile } from './checkpoints.ts';
import { copyFile, ledgerFile, openSqliteLedger } from '../sqlite/sqlite-ledger.ts';
import type { WriterOptions } from '../sqlite/writer-client.ts';

/** A function that opens the ledger. Benchmarks use other functions of this type for comparison. */
export type OpenLedger = (options: WriterOptions) => Promise<Ledger>;

/** Returns the ledger's file. For a shared ledger, returns the file of this process's copy. */
export function fileOf({ data, ledger }: Pick<Config, 'data' | 'ledger'>): string {
  return ledger === undefined ? ledgerFile(data) : copyFile(data);
}

/**
 * True if this process uses a shared ledger for the first time and has no checkpoint of the ledger yet. A file records
 * the first use until the process has a checkpoint, because the process may be killed while it copies the ledger.
 */
export function joinsLedger({ data, ledger }: Pick<Config, 'data' | 'ledger'>): boolean {
  if (ledger === undefined) return false;
  if (!existsSync(copyFile(data)) && !existsSync(checkpointFile(data)))
    writeFileSync(joinFile(data), '', { mode: 0o600 });
  return existsSync(joinFile(data));
}

/**
 * Removes the file that marks the first use once this process has written its first checkpoint of the shared ledger.
 */
export function hasJoined(data: string): void {
  if (existsSync(checkpointFile(data))) rmSync(joinFile(data), { force: true });
}

function joinFile(data: string): string {
  return join(data, 'joining');
}

/**
 * Opens the ledger in SQLite, or in PostgreSQL if it is shared. Throws `invalid` if the ledger is shared but the data
 * folder also contains a ledger.
 */
export function ledgerOpener({ data, ledger: url }: Pick<Config, 'data' | 'ledger'>): OpenLedger {
  if (url === undefined) return openSqliteLedger;
  if (existsSync(ledgerFile(data)))
    throw new ClaimstampError(
      'invalid',
      `CLAIMSTAMP_LEDGER is set, but ${data} also contains a ledger: move that ledger to PostgreSQL with claimstamp migrate, or set CLAIMSTAMP_DATA to another folder`,
    );
  return async (options) => {
    const { openPostgresLedger } = await import('../postgres/postgres-ledger.ts');
    return openPostgresLedger({ ...options, url });
  };
}

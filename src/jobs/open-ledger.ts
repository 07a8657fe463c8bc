import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Ledger } from '../contract/ledger.ts';
import { ClaimstampError } from '../platform/error.ts';
import { checkpointFile } from './checkpoints.ts';
import { copyFile, ledgerFile, openSqliteLedger } from '../sqlite/sqlite-ledger.ts';
import type { WriterOptions } from '../sqlite/writer-client.ts';

/**
 * The type of a function that opens the ledger. Benchmarks compare other functions of this type with the normal one.
 */
export type OpenLedger = (options: WriterOptions) => Promise<Ledger>;

/** Returns the path of the ledger file. If the ledger is shared, this is the file with this process's copy. */
export function fileOf({ data, ledger }: Pick<Config, 'data' | 'ledger'>): string {
  return ledger === undefined ? ledgerFile(data) : copyFile(data);
}

/**
 * True if this process uses the shared ledger for the first time and has no checkpoint of the ledger yet. A marker file
 * records the first use, because the process may be killed while it copies the ledger. The marker file remains until
 * the process has a checkpoint.
 */
export function joinsLedger({ data, ledger }: Pick<Config, 'data' | 'ledger'>): boolean {
  if (ledger === undefined) return false;
  if (!existsSync(copyFile(data)) && !existsSync(checkpointFile(data)))
    writeFileSync(joinFile(data), '', { mode: 0o600 });
  return existsSync(joinFile(data));
}

/**
 * Removes this marker file. Must be called when the process has written its first checkpoint of the shared ledger.
 */
export function hasJoined(data: string): void {
  if (existsSync(checkpointFile(data))) rmSync(joinFile(data), { force: true });
}

function joinFile(data: string): string {
  return join(data, 'joining');
}

/**
 * Returns the function that opens the ledger: in SQLite, or in PostgreSQL if the ledger is shared. Throws `invalid` if
 * the ledger is shared but there is also a ledger in the data folder.
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

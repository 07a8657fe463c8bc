import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  closeSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { parseCheckpoint, type Checkpoint } from '../../proof/checkpoint.ts';
import { readConfig } from '../../config.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { checkpointFile } from '../../jobs/checkpoints.ts';
import { verifyLedger } from '../../jobs/verify-file.ts';
import type { Ledger } from '../../contract/ledger.ts';
import { becomeOwner } from '../../jobs/data-folder.ts';
import { fileError } from '../../platform/file-error.ts';
import { ledgerFile, openSqliteLedger } from '../../sqlite/sqlite-ledger.ts';
import { checkContinuity, discontinuityText } from '../../proof/rollback.ts';
import { openProgress, type Progress } from '../progress.ts';
import { hint, print } from '../run.ts';
import { serve } from './serve.ts';

export function restoreCommand(): Command {
  return new Command('restore')
    .description('check a backup and copy it into the data folder; an existing ledger is never replaced')
    .argument('<file>', 'a file made by claimstamp backup')
    .option('--start', 'start the service afterwards')
    .action(async (file: string, { start }: { start?: true }) => {
      const { data, ledger } = readConfig(process.env);
      if (ledger !== undefined)
        throw new ClaimstampError(
          'invalid',
          'CLAIMSTAMP_LEDGER is set: restore a ledger on PostgreSQL with its server (docs/scale.md), or unset the setting to restore into the data folder',
        );
      const own = await becomeOwner(data);
      try {
        await restore(file, data);
      } finally {
        own.close();
      }
      if (start) await serve();
    });
}

async function restore(file: string, data: string): Promise<void> {
  const target = ledgerFile(data);
  for (const path of [target, `${target}-wal`, `${target}-shm`])
    if (existsSync(path))
      throw new ClaimstampError('invalid', `${path} exists: move it away first; nothing was restored`);
  // Only the main file is copied, so events in a -wal file would be lost. A process that reads leaves an empty one.
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw new ClaimstampError(
      'invalid',
      `${file} is not a backup but a ledger in use, or a copy of one, because ${file}-wal exists: make a backup with claimstamp backup`,
    );
  const size = await put(file, target);
  try {
    const ledger = await openSqliteLedger({ file: target, onFault: hint });
    await hintDiscontinuity(ledger, data);
    await ledger.close();
  } catch (error) {
    for (const path of [target, `${target}-wal`, `${target}-shm`]) rmSync(path, { force: true });
    throw error;
  }
  print(`${target} has the ${size} events of ${file}`);
}

/** Checks the copy of `file` and returns its number of events. */
async function checked(copy: string, file: string): Promise<number> {
  let bar: Progress | undefined;
  const { ok, size, findings, found } = await verifyLedger(copy, {}, (done, total) => {
    bar ??= openProgress('checking', total);
    bar.set(done);
  })
    .catch((error: unknown) => {
      if (!(error instanceof ClaimstampError)) throw error;
      throw new ClaimstampError(error.code, `${error.message.replaceAll(copy, file)}; nothing was restored`);
    })
    .finally(() => bar?.end());
  if (ok) return size;
  throw new ClaimstampError(
    'invalid',
    `${file} is not valid: ${findings[0]?.what ?? 'it cannot be read'}${found > 1 ? `, and ${found - 1} more problems` : ''} (claimstamp verify ${file}); nothing was restored`,
  );
}

/** A disk may return other bytes than were written. So the copy gets its name only after it was synced and checked. */
async function put(file: string, target: string): Promise<number> {
  const draft = `${target}.partial`;
  const clear = (): void => {
    for (const path of [draft, `${draft}-wal`, `${draft}-shm`]) rmSync(path, { force: true });
  };
  clear();
  try {
    copy(file, draft, target);
    const size = await checked(draft, file);
    renameSync(draft, target);
    sync(dirname(target), 'r');
    return size;
  } finally {
    clear();
  }
}

function sync(path: string, flags: 'r' | 'r+'): void {
  const handle = openSync(path, flags);
  fsyncSync(handle);
  closeSync(handle);
}

function copy(file: string, draft: string, target: string): void {
  try {
    copyFileSync(file, draft, constants.COPYFILE_EXCL);
    // The copy of a read-only backup would be a ledger to which the service cannot write.
    chmodSync(draft, 0o600);
    sync(draft, 'r+');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const why = `${fileError(error)}; nothing was restored`;
    if (['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR'].includes(code))
      throw new ClaimstampError('invalid', `${file} cannot be copied: ${why}`);
    throw new ClaimstampError('disk-full', `${target} cannot be written: ${why}`);
  }
}

/** If events were lost, the service issues nothing until an admin accepts the older ledger. */
async function hintDiscontinuity(ledger: Ledger, data: string): Promise<void> {
  const seen = lastSeen(data);
  if (seen === undefined) {
    hint(`${data} has no checkpoint: it is unknown whether newer events were lost`);
    return;
  }
  const continuity = await checkContinuity(ledger, seen);
  if (continuity.is === 'continuous') return;
  hint(`WARNING: ${discontinuityText(continuity)}.`);
  hint(`No Claim IDs are issued until an admin accepts this ledger: claimstamp checkpoint accept ${seen.size}`);
}

function lastSeen(data: string): Checkpoint | undefined {
  try {
    return parseCheckpoint(readFileSync(checkpointFile(data), 'utf8'));
  } catch {
    return undefined;
  }
}

import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
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
import { ClaimstampError, messageOf } from '../../platform/error.ts';
import { checkpointFile } from '../../jobs/checkpoints.ts';
import { verifyLedger } from '../../jobs/verify-file.ts';
import type { Ledger } from '../../contract/ledger.ts';
import { becomeOwner } from '../../jobs/data-folder.ts';
import { ledgerFile, openSqliteLedger } from '../../sqlite/sqlite-ledger.ts';
import { checkContinuity, discontinuityText } from '../../proof/rollback.ts';
import { openProgress, type Progress } from '../progress.ts';
import { hint, print } from '../run.ts';
import { serve } from './serve.ts';

export function restoreCommand(): Command {
  return new Command('restore')
    .description('put a backup into the data folder, once it was checked; never over a ledger that is there')
    .argument('<file>', 'what claimstamp backup made')
    .option('--start', 'run the service on it')
    .action(async (file: string, { start }: { start?: true }) => {
      const { data, ledger } = readConfig(process.env);
      if (ledger !== undefined)
        throw new ClaimstampError(
          'invalid',
          'CLAIMSTAMP_LEDGER is set: a ledger on PostgreSQL comes back with its server (docs/scale.md); unset it to restore into the data folder',
        );
      mkdirSync(data, { recursive: true, mode: 0o700 });
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
  // It would be left behind, and with it the last of what happened. Whoever only reads a ledger leaves an empty one.
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw new ClaimstampError(
      'invalid',
      `${file}-wal lies beside it: that is a ledger in use, or copied from under a service, and no backup (claimstamp backup makes one)`,
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
  print(`${target} holds the ${size} events of ${file}`);
}

/** Events in the copy of `file`. */
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
    `${file} does not hold: ${findings[0]?.what ?? 'it cannot be read'}${found > 1 ? `, and ${found - 1} more` : ''} (claimstamp verify ${file}); nothing was restored`,
  );
}

/** Under its name only once all of it is on disk, and was checked there: a disk may read otherwise than it was written. */
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
    // A copy kept read-only on a share is a ledger that nobody can write.
    chmodSync(draft, 0o600);
    sync(draft, 'r+');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
      throw new ClaimstampError('invalid', `${file} cannot be copied (${message}); nothing was restored`);
    throw new ClaimstampError('disk-full', `${target} cannot be written (${messageOf(error)}); nothing was restored`);
  }
}

/** Loudly: the next start gives nothing out until somebody has said that it shall. */
async function hintDiscontinuity(ledger: Ledger, data: string): Promise<void> {
  const seen = lastSeen(data);
  if (seen === undefined) {
    hint(`no checkpoint lies in ${data}: whether newer events were lost cannot be told`);
    return;
  }
  const continuity = await checkContinuity(ledger, seen);
  if (continuity.is === 'continuous') return;
  hint(`WARNING: ${discontinuityText(continuity)}.`);
  hint(`The line gets nothing new until an admin goes on with it: claimstamp checkpoint accept ${seen.size}`);
}

function lastSeen(data: string): Checkpoint | undefined {
  try {
    return parseCheckpoint(readFileSync(checkpointFile(data), 'utf8'));
  } catch {
    // None, or none that can be read: the caller says what that means.
    return undefined;
  }
}

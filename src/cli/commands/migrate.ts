import { existsSync, renameSync } from 'node:fs';
import { Command } from 'commander';
import { readConfig, type Config } from '../../config.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { becomeOwner } from '../../jobs/data-folder.ts';
import { ledgerFile, openSqliteLedger } from '../../sqlite/sqlite-ledger.ts';
import { bringUpToDate, isOlder } from '../../sqlite/verify.ts';
import { openProgress, type Progress } from '../progress.ts';
import { hint, print } from '../run.ts';
import { checkpointFile, readPlaces } from '../../jobs/checkpoints.ts';
import { foldersFor } from '../../jobs/send-checkpoints.ts';
import { openSigner, readSigner } from '../../jobs/signer.ts';
import { writeAtomically } from '../../platform/atomic-file.ts';
import { signCheckpoint } from '../../proof/checkpoint.ts';
import { readUnproven } from '../../jobs/rollback-guard.ts';
import { compareWithPlaces, heldRefusal, publicKeyOf, type Discontinuity } from '../../proof/rollback.ts';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description(
      'move the ledger from the data folder into an empty PostgreSQL database (CLAIMSTAMP_LEDGER); stop the service first',
    )
    .action(async () => {
      const config = readConfig(process.env);
      const { data, ledger } = config;
      if (ledger === undefined)
        throw new ClaimstampError('invalid', 'set CLAIMSTAMP_LEDGER to the PostgreSQL database for the ledger');
      const file = ledgerFile(data);
      if (!existsSync(file)) throw new ClaimstampError('not-found', `${data} has no ledger: nothing was moved`);
      const own = await becomeOwner(data);
      try {
        // If an earlier version wrote the file, the file still has the format of that version.
        if (isOlder(file)) bringUpToDate(file);
        await refuseDiscontinuity(file, config);
        let bar: Progress | undefined;
        const { moveLedger } = await import('../../postgres/migrate-ledger.ts');
        const { size, root } = await moveLedger(file, ledger, (done, total) => {
          bar ??= openProgress('events', total);
          bar.set(done);
        }).finally(() => bar?.end());
        // Signs a checkpoint with the key in the settings, because the services that share the ledger use this key.
        // Before the move, the ledger may have been signed with a different key.
        await writeAtomically(
          checkpointFile(data),
          signCheckpoint({ size, root: Buffer.from(root, 'hex') }, openSigner(config)),
        );
        // The old files are renamed. Otherwise, if someone started a service with the old files by mistake, the service
        // would write events that the database does not have.
        for (const end of ['', '-wal', '-shm'])
          if (existsSync(`${file}${end}`)) renameSync(`${file}${end}`, `${file}.moved${end}`);
        print(`${size} events moved; the tree head of both ledgers is ${root}`);
        hint(`the old file is now ${file}.moved: keep it until the first backup of the server`);
      } finally {
        own.close();
      }
    });
}

/**
 * A process that uses a shared ledger for the first time has no checkpoint to compare the ledger with. So this command
 * compares the ledger with its last checkpoint before it moves the ledger.
 */
async function refuseDiscontinuity(file: string, config: Config): Promise<void> {
  const { data, origin } = config;
  // Before the move, the ledger may have been signed with the key in the data folder, not with the key in the settings.
  const former = readSigner({ data, origin, signingKey: undefined });
  const ledger = await openSqliteLedger({ file, onFault: hint });
  try {
    let found: Discontinuity | undefined;
    for (const signer of [openSigner(config), ...(former === undefined ? [] : [former])]) {
      const places = await readPlaces(data, foldersFor(config), signer);
      found = await compareWithPlaces(ledger, places, {
        isShared: false,
        joins: false,
        unproven: readUnproven(data),
        key: publicKeyOf(signer),
      });
      if (found === undefined) return;
    }
    if (found === undefined) return;
    throw new ClaimstampError(
      'invalid',
      `nothing was moved: start the service without CLAIMSTAMP_LEDGER and solve this problem first. ${heldRefusal(found).message}`,
    );
  } finally {
    await ledger.close();
  }
}

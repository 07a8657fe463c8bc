import { existsSync, renameSync } from 'node:fs';
import { Command } from 'commander';
import { readConfig } from '../../config.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { becomeOwner } from '../../jobs/data-folder.ts';
import { ledgerFile } from '../../sqlite/sqlite-ledger.ts';
import { bringUpToDate, isOlder } from '../../sqlite/verify.ts';
import { openProgress, type Progress } from '../progress.ts';
import { hint, print } from '../run.ts';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description(
      'move the ledger of the data folder into the empty PostgreSQL database that CLAIMSTAMP_LEDGER names; stop the service first',
    )
    .action(async () => {
      const { data, ledger } = readConfig(process.env);
      if (ledger === undefined)
        throw new ClaimstampError(
          'invalid',
          'set CLAIMSTAMP_LEDGER to the PostgreSQL database that the ledger moves to',
        );
      const file = ledgerFile(data);
      if (!existsSync(file)) throw new ClaimstampError('not-found', `${data} has no ledger: nothing was moved`);
      const own = await becomeOwner(data);
      try {
        // An earlier version may have written the file, and this version may not have been started on it yet.
        if (isOlder(file)) bringUpToDate(file);
        let bar: Progress | undefined;
        const { moveLedger } = await import('../../postgres/migrate-ledger.ts');
        const { size, root } = await moveLedger(file, ledger, (done, total) => {
          bar ??= openProgress('events', total);
          bar.set(done);
        }).finally(() => bar?.end());
        // A service that is started with this file by mistake would write new events that the database does not have.
        for (const end of ['', '-wal', '-shm'])
          if (existsSync(`${file}${end}`)) renameSync(`${file}${end}`, `${file}.moved${end}`);
        print(`${size} events moved; the tree head of both is ${root}`);
        hint(`the old file is now ${file}.moved: keep it until the first backup of the server`);
      } finally {
        own.close();
      }
    });
}

import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { ClaimstampError } from '../../platform/error.ts';
import { intoFile } from '../draft.ts';
import { hint, print, withApi } from '../run.ts';
import { save } from '../save.ts';

export function backupCommand(): Command {
  return new Command('backup')
    .description('make a checked copy of the ledger while the service runs; prints its SHA-256')
    .argument('<file>', 'a new file, preferably on another disk')
    .option('--json', 'as JSON')
    .action((out: string, { json }: { json?: true }) =>
      withApi(async (api) => {
        if (existsSync(out)) throw new ClaimstampError('invalid', `${out} exists: name a new file`);
        // The service answers only after it has made and checked the copy. Until then, this command writes nothing.
        const answer = await api.file('GET /v1/ledger/backup');
        const saved = await intoFile(out, (file) => save(answer, out, file));
        print(json ? JSON.stringify({ file: out, ...saved }) : `${saved.sha256}  ${out}`);
        hint(`${saved.treeSize} events and ${saved.rows} units in ${out}`);
      }),
    );
}

import { Command } from 'commander';
import type { Answer } from '../../http/client.ts';
import { addList, hint, print, wholeNumber, withApi } from '../run.ts';

type HoldCode = Answer<'GET /v1/hold-codes'>['holdCodes'][number];

export function checkpointCommand(): Command {
  const command = new Command('checkpoint').description(
    'signed checkpoints and the public key, for auditors to keep elsewhere',
  );
  command
    .command('show', { isDefault: true })
    .description('a signed checkpoint of the ledger as it is now')
    .option('--size <n>', 'the stored checkpoint that covers n events', wholeNumber)
    .action(({ size }: { size?: number }) =>
      withApi(async (api) => {
        const answer = await api.file('GET /v1/ledger/checkpoint', { query: { size } });
        process.stdout.write(await answer.text());
      }),
    );
  command
    .command('key')
    .description('the public key that checkpoints are signed with')
    .option('--pem', 'in PEM, for openssl')
    .option('--json', 'as JSON')
    .action(({ pem, json }: { pem?: true; json?: true }) =>
      withApi(async (api) => {
        const key = await api.call('GET /v1/ledger/key');
        print(json ? JSON.stringify(key) : pem ? key.publicKey.trimEnd() : key.verifierKey);
      }),
    );
  command
    .command('accept')
    .description('accept a ledger that was restored to an older state, so that Claim IDs are issued again')
    .argument(
      '<events>',
      'number of events in the checkpoint that contradicts the ledger: see the log or /readyz',
      wholeNumber,
    )
    .option('--code <code>', 'a hold code, for a lead (claimstamp hold-code)')
    .action((size: number, { code }: { code?: string }) =>
      withApi(async (api) => {
        await api.call('POST /v1/ledger/accept', { body: { size, code } });
        hint('Claim IDs are issued again; the ledger records the restore and who accepted it');
      }),
    );
  return command;
}

export function holdCodeCommand(): Command {
  const command = new Command('hold-code').description(
    'codes for one use, with which a lead accepts a restored ledger',
  );
  command
    .command('create')
    .description('make a code for a sealed envelope; it is printed only once, with nothing else on standard output')
    .argument('<name>', 'name of the code in the ledger')
    .option('--expires <days>', 'days of validity (default 365)', wholeNumber)
    .option('--json', 'as JSON')
    .action((name: string, { expires, json }: { expires?: number; json?: true }) =>
      withApi(async (api) => {
        const made = await api.call('POST /v1/hold-codes', { body: { name, expiresInDays: expires } });
        print(json ? JSON.stringify(made) : made.code);
        hint(`hold code ${name} works once, until ${made.expiresAt}; a backup made before now does not know it`);
      }),
    );
  const head = ['HOLD CODE', 'STATE'];
  addList(
    command,
    head,
    async (api) => (await api.call('GET /v1/hold-codes')).holdCodes,
    (code) => [code.name, stateOf(code)],
  );
  command
    .command('withdraw')
    .description('withdraw a code at once; its name cannot be used again')
    .argument('<name>')
    .action((name: string) =>
      withApi(async (api) => {
        await api.call('DELETE /v1/hold-codes/{name}', { params: { name } });
        print(`${name} is withdrawn`);
      }),
    );
  return command;
}

function stateOf({ usedAt, withdrawnAt, expiresAt }: HoldCode): string {
  if (usedAt !== undefined) return `used ${usedAt}`;
  return withdrawnAt === undefined ? `valid until ${expiresAt}` : `withdrawn ${withdrawnAt}`;
}

import { Command } from 'commander';
import { hint, print, wholeNumber, withApi } from '../run.ts';

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
    .action((size: number) =>
      withApi(async (api) => {
        await api.call('POST /v1/ledger/accept', { body: { size } });
        hint('Claim IDs are issued again; the ledger records the restore and who accepted it');
      }),
    );
  return command;
}

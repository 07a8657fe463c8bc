import { Command } from 'commander';
import { hint, print, wholeNumber, withApi } from '../run.ts';

export function checkpointCommand(): Command {
  const command = new Command('checkpoint').description(
    'what auditors keep elsewhere: signed checkpoints and the public key',
  );
  command
    .command('show', { isDefault: true })
    .description('a signed checkpoint of the ledger as it is now')
    .option('--size <n>', 'an earlier one that was kept', wholeNumber)
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
    .description('go on with a ledger that was put back to an older state: the line gives out Claim IDs again')
    .argument('<events>', 'of the checkpoint that stands against it, as the log and /readyz name it', wholeNumber)
    .action((size: number) =>
      withApi(async (api) => {
        await api.call('POST /v1/ledger/accept', { body: { size } });
        hint('the line goes on; the ledger keeps that it was put back, and who said so');
      }),
    );
  return command;
}

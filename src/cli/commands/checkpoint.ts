import { Command } from 'commander';
import type { Answer } from '../../http/client.ts';
import { rotateSigningKey } from '../../jobs/rotate-key.ts';
import { localConfig, rotateSession } from '../rotate-session.ts';
import { addList, hint, print, wholeNumber, withApi } from '../run.ts';

type HoldCode = Answer<'GET /v1/hold-codes'>['holdCodes'][number];

export function checkpointCommand(): Command {
  const command = new Command('checkpoint').description(
    'signed checkpoints and the public key, for auditors to keep elsewhere',
  );
  command
    .command('show', { isDefault: true })
    .description('a signed checkpoint of the current ledger')
    .option('--size <n>', 'the stored checkpoint that covers n events', wholeNumber)
    .option('--cosigned', 'the newest checkpoint that witnesses have signed')
    .action(({ size, cosigned }: { size?: number; cosigned?: true }) =>
      withApi(async (api) => {
        const query = { size, ...(cosigned ? { cosigned: 'true' as const } : {}) };
        const answer = await api.file('GET /v1/ledger/checkpoint', { query });
        process.stdout.write(await answer.text());
      }),
    );
  command
    .command('key')
    .description('the public key for the signatures of checkpoints')
    .option('--pem', 'in PEM, for openssl')
    .option('--json', 'as JSON')
    .action(({ pem, json }: { pem?: true; json?: true }) =>
      withApi(async (api) => {
        const key = await api.call('GET /v1/ledger/key');
        print(json ? JSON.stringify(key) : pem ? key.publicKey.trimEnd() : key.verifierKey);
      }),
    );
  command
    .command('proof')
    .description(
      'a .tlog-proof file, which contains the Claim ID and proves offline that the ledger contains an event of the unit',
    )
    .argument('<claim-id>', 'the Claim ID of the unit')
    .option('--event <n>', 'the number of the event (default: the first event of the unit)', wholeNumber)
    .action((uci: string, { event: seq }: { event?: number }) =>
      withApi(async (api) => {
        const answer = await api.file('GET /v1/ledger/tlog-proof/{uci}', { params: { uci }, query: { seq } });
        process.stdout.write(await answer.text());
      }),
    );
  command
    .command('accept')
    .description(
      'accept a ledger that does not continue from its last checkpoint; the service then issues new Claim IDs again',
    )
    .argument('<events>', 'the number of events that the log and /readyz show', wholeNumber)
    .option('--code <code>', 'a hold code, for a lead (claimstamp hold-code)')
    .action((size: number, { code }: { code?: string }) =>
      withApi(async (api) => {
        await api.call('POST /v1/ledger/accept', { body: { size, code } });
        hint('The service issues new Claim IDs from now on; the ledger records who allowed this');
      }),
    );
  return command;
}

export function clockCommand(): Command {
  const command = new Command('clock').description('the clock of the service, from which S/Ns get their dates');
  command
    .command('accept')
    .description('confirm that the clock of the service is right; the service then makes dated S/Ns again')
    .argument('<date>', 'the day that the log and /readyz show')
    .option('--code <code>', 'a hold code, for a lead (claimstamp hold-code)')
    .action((date: string, { code }: { code?: string }) =>
      withApi(async (api) => {
        await api.call('POST /v1/clock/accept', { body: { date, code } });
        hint(
          'the service makes dated S/Ns; if it had stopped because of a wrong clock, the ledger now records who accepted the clock',
        );
      }),
    );
  return command;
}

export function holdCodeCommand(): Command {
  const command = new Command('hold-code').description('one-time codes that let a lead accept a restored ledger');
  command
    .command('create')
    .description('make a code for a sealed envelope and print it to standard output; it is never shown again')
    .argument('<name>', 'name of the code in the ledger')
    .option('--expires <days>', 'days of validity (default 365)', wholeNumber)
    .option('--json', 'as JSON')
    .action((name: string, { expires, json }: { expires?: number; json?: true }) =>
      withApi(async (api) => {
        const made = await api.call('POST /v1/hold-codes', { body: { name, expiresInDays: expires } });
        print(json ? JSON.stringify(made) : made.code);
        hint(`hold code ${name} works once, until ${made.expiresAt}; earlier backups do not contain it`);
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
    .description('withdraw a code immediately; its name cannot be used again')
    .argument('<name>')
    .action((name: string) =>
      withApi(async (api) => {
        await api.call('DELETE /v1/hold-codes/{name}', { params: { name } });
        print(`${name} is withdrawn`);
      }),
    );
  return command;
}

export function keyCommand(): Command {
  const command = new Command('key').description('the keys in the data folder');
  const rotate = command.command('rotate').description('replace a key with a new one; stop the service first');
  rotate
    .command('session')
    .description('a new key for session cookies; signs out all people and all station screens')
    .action(() => rotateSession(localConfig()));
  rotate
    .command('signing')
    .description('a new key for the checkpoints; the ledger records both public keys')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }) => {
      const rotated = await rotateSigningKey(localConfig(), hint);
      const { former, next, size, last } = rotated;
      print(json ? JSON.stringify(rotated) : `former key: ${former}\nnew key:    ${next}`);
      hint(
        `the former key is deleted. Its last checkpoint covers ${size} events and is in the file ${last}. Give auditors and witnesses the new key and this checkpoint. Replace the copy of the key that you keep elsewhere`,
      );
    });
  return command;
}

function stateOf({ usedAt, withdrawnAt, expiresAt }: HoldCode): string {
  if (usedAt !== undefined) return `used ${usedAt}`;
  return withdrawnAt === undefined ? `valid until ${expiresAt}` : `withdrawn ${withdrawnAt}`;
}

import { Command, Option } from 'commander';
import type { Answer } from '../../http/client.ts';
import { ROLES } from '../../model/role.ts';
import { hint, print, table, wholeNumber, withApi } from '../run.ts';

type Token = Answer<'GET /v1/tokens'>['tokens'][number];

interface Options {
  role: string;
  scope?: string[];
  expires?: string;
  json?: true;
}

export function tokenCommand(): Command {
  const command = new Command('token').description('bearer tokens for programs');
  addCreate(command);
  command
    .command('list')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) =>
      withApi(async (api) => {
        const { tokens } = await api.call('GET /v1/tokens');
        print(json ? JSON.stringify(tokens) : table(['TOKEN', 'ROLE', 'SCOPES', 'ENDS', 'LAST USED'], tokens.map(row)));
      }),
    );
  command
    .command('revoke')
    .description('it is worth nothing from now on; its name stays taken')
    .argument('<name>')
    .action((name: string) =>
      withApi(async (api) => {
        await api.call('DELETE /v1/tokens/{name}', { params: { name } });
        print(`${name} is revoked`);
      }),
    );
  return command;
}

function addCreate(command: Command): void {
  command
    .command('create')
    .description('make a token; it is printed this once, alone on standard output')
    .argument('<name>', 'what the ledger calls it')
    .addOption(new Option('--role <role>', 'what it may').choices(ROLES).makeOptionMandatory())
    .option('--scope <permission...>', 'what a service token may, such as units:read units:make')
    .option('--expires <days|never>', 'when it ends; 90 days where it is not said')
    .option('--json', 'as JSON')
    .action((name: string, options: Options) =>
      withApi(async (api) => {
        const { role, scope, expires, json } = options;
        const made = await api.call('POST /v1/tokens', { body: { name, role, scopes: scope, ...endOf(expires) } });
        print(json ? JSON.stringify(made) : made.token);
        hint(`token ${name} (${role}) ${made.expiresAt === undefined ? 'never ends' : `ends ${made.expiresAt}`}`);
      }),
    );
}

function endOf(expires: string | undefined): { expiresAt?: 'never'; expiresInDays?: number } {
  if (expires === undefined) return {};
  return expires === 'never' ? { expiresAt: 'never' } : { expiresInDays: wholeNumber(expires) };
}

function row({ name, role, scopes = [], expiresAt, lastUsedAt, revokedAt }: Token): string[] {
  const ends = revokedAt === undefined ? (expiresAt ?? 'never') : `revoked ${revokedAt}`;
  return [name, role, scopes.join(' '), ends, lastUsedAt ?? 'never'];
}

import { Command, Option } from 'commander';
import type { Answer } from '../../http/client.ts';
import { TOKEN_ROLES } from '../../model/role.ts';
import { addList, hint, print, wholeNumber, withApi } from '../run.ts';

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
  const head = ['TOKEN', 'ROLE', 'SCOPES', 'VALID UNTIL', 'LAST USED'];
  addList(command, head, async (api) => (await api.call('GET /v1/tokens')).tokens, row);
  command
    .command('revoke')
    .description('revoke a token immediately; its name cannot be used again')
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
    .description('make a token and print it to standard output; it is never shown again')
    .argument('<name>', 'name of the token in the ledger')
    .addOption(new Option('--role <role>', 'role').choices(TOKEN_ROLES).makeOptionMandatory())
    .option('--scope <permission...>', 'permissions of a service token, such as units:read units:make')
    .option('--expires <days|never>', 'days of validity (default 90)')
    .option('--json', 'as JSON')
    .action((name: string, options: Options) =>
      withApi(async (api) => {
        const { role, scope, expires, json } = options;
        const made = await api.call('POST /v1/tokens', { body: { name, role, scopes: scope, ...endOf(expires) } });
        print(json ? JSON.stringify(made) : made.token);
        hint(
          `token ${name} (${role}) ${made.expiresAt === undefined ? 'does not expire' : `is valid until ${made.expiresAt}`}`,
        );
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

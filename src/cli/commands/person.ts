import { Command } from 'commander';
import type { Answer } from '../../http/client.ts';
import { PersonSettings } from '../../model/person.ts';
import { addList, hint, print, withApi } from '../run.ts';
import { addSet } from '../settings.ts';

type Person = Answer<'GET /v1/people'>['people'][number];

export function personCommand(): Command {
  const command = new Command('person').description('people who may sign in');
  addList(
    command,
    ['PERSON', 'ROLE', 'SIGN-IN'],
    async (api) => (await api.call('GET /v1/people')).people,
    (person) => [person.name, person.role, signsIn(person)],
  );
  addSet(command, {
    description: 'add a person, with a role, or change settings',
    argument: ['name'],
    shape: PersonSettings.shape,
    change: (api, name, body) => api.call('PATCH /v1/people/{name}', { params: { name }, body }),
  }).option('--no-badge', 'remove the badge');
  command
    .command('link')
    .description('make a one-time link to choose a password; it replaces an earlier link')
    .argument('<name>')
    .action((name: string) =>
      withApi(async (api) => {
        const { link, expiresAt } = await api.call('POST /v1/people/{name}/link', { params: { name } });
        print(link);
        hint(`${name} can use it once, until ${expiresAt}`);
      }),
    );
  command
    .command('remove')
    .description('remove a person, and immediately end all sessions of this person')
    .argument('<name>')
    .action((name: string) =>
      withApi(async (api) => {
        await api.call('DELETE /v1/people/{name}', { params: { name } });
        print(`${name} is removed`);
      }),
    );
  return command;
}

function signsIn({ hasPassword, issuer, ends, linkUntil, removedAt }: Person): string {
  if (removedAt !== undefined) return `removed ${removedAt}`;
  if (issuer !== undefined)
    return `sign-on with ${issuer}${ends === undefined ? '' : ': no rights, because no group gives a role'}`;
  const ways = [hasPassword ? 'password' : '', linkUntil === undefined ? '' : `link until ${linkUntil}`];
  return ways.filter((way) => way !== '').join(', ') || 'not yet: claimstamp person link';
}

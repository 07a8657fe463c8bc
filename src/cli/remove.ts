import type { Command } from 'commander';
import type { Api } from './api.ts';
import { print, withApi } from './run.ts';

interface Removal {
  description: string;
  argument: [name: string, description?: string];
  remove: (api: Api, name: string) => Promise<unknown>;
}

/** Adds the subcommand `remove`. */
export function addRemove(command: Command, { description, argument: [name, help], remove }: Removal): void {
  command
    .command('remove')
    .description(description)
    .argument(`<${name}>`, help)
    .action((id: string) =>
      withApi(async (api) => {
        await remove(api, id);
        print(`${id} is removed`);
      }),
    );
}

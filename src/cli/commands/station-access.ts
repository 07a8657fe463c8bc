import type { Command } from 'commander';
import { hint, print, wholeNumber, withApi } from '../run.ts';

/** `station key` and `station kiosk`: who may come in as this station. */
export function addAccess(command: Command, path: (name: string) => string): void {
  command
    .command('key')
    .description("make a new key for the station's URL; it is shown this once")
    .argument('<name>')
    .option('--overlap-hours <n>', 'how long devices may still show the former key; 0 when it leaked (72)', wholeNumber)
    .option('--withdraw', 'no key at all from now on')
    .action((name: string, { overlapHours, withdraw }: { overlapHours?: number; withdraw?: true }) =>
      withApi(async (api) => {
        if (withdraw) {
          print(JSON.stringify(await api.request('DELETE', `${path(name)}/key`)));
          return;
        }
        const body = overlapHours === undefined ? {} : { overlapHours };
        const made = await api.request<{ formerUntil?: string }>('POST', `${path(name)}/key`, body);
        print(JSON.stringify(made));
        const { formerUntil } = made;
        hint(formerUntil === undefined ? 'no other key works' : `the former key works until ${formerUntil}`);
      }),
    );
  command
    .command('kiosk')
    .description('make the one-time link that opens the screen at this station')
    .argument('<name>')
    .option('--close', 'every screen of this station goes dark')
    .action((name: string, { close }: { close?: true }) =>
      withApi(async (api) => {
        const at = `${path(name)}/kiosk`;
        if (close) {
          await api.request('DELETE', at);
          print(`the screens of ${name} are closed`);
          return;
        }
        const { link, expiresAt } = await api.request<{ link: string; expiresAt: string }>('POST', at);
        print(link);
        hint(`open it on the screen at ${name}, once, until ${expiresAt}`);
      }),
    );
}

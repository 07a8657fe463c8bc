import type { Command } from 'commander';
import { hint, print, wholeNumber, withApi } from '../run.ts';

/** `station key` and `station kiosk`: who may come in as this station. */
export function addAccess(command: Command): void {
  command
    .command('key')
    .description("make a new key for the station's URL; it is shown this once")
    .argument('<name>')
    .option('--overlap-hours <n>', 'how long devices may still show the former key; 0 when it leaked (72)', wholeNumber)
    .option('--withdraw', 'no key at all from now on')
    .action((name: string, { overlapHours, withdraw }: { overlapHours?: number; withdraw?: true }) =>
      withApi(async (api) => {
        const params = { name };
        if (withdraw) {
          print(JSON.stringify(await api.call('DELETE /v1/stations/{name}/key', { params })));
          return;
        }
        const made = await api.call('POST /v1/stations/{name}/key', { params, body: { overlapHours } });
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
        const params = { name };
        if (close) {
          await api.call('DELETE /v1/stations/{name}/kiosk', { params });
          print(`the screens of ${name} are closed`);
          return;
        }
        const { link, expiresAt } = await api.call('POST /v1/stations/{name}/kiosk', { params });
        print(link);
        hint(`open it on the screen at ${name}, once, until ${expiresAt}`);
      }),
    );
}

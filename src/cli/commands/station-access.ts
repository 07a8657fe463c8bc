import type { Command } from 'commander';
import { endIn, hint, print, wholeNumber, withApi } from '../run.ts';

/** Adds the commands `station key` and `station kiosk`. */
export function addAccess(command: Command): void {
  command
    .command('key')
    .description("make a new key for the station's URL; it is shown only once")
    .argument('<name>')
    .option('--overlap-hours <n>', 'how long the previous key keeps working (default 72); 0 if it leaked', wholeNumber)
    .option('--expires <days>', 'days until the new key expires (default: it does not expire)', wholeNumber)
    .option('--withdraw', 'withdraw all keys of the station, without making a new one')
    .action((name: string, { overlapHours, expires, withdraw }: KeyOptions) =>
      withApi(async (api) => {
        const params = { name };
        if (withdraw) {
          print(JSON.stringify(await api.call('DELETE /v1/stations/{name}/key', { params })));
          return;
        }
        const made = await api.call('POST /v1/stations/{name}/key', {
          params,
          body: { overlapHours, expiresAt: endIn(expires) },
        });
        print(JSON.stringify(made));
        const { formerUntil } = made;
        hint(formerUntil === undefined ? 'no other key works' : `the previous key works until ${formerUntil}`);
      }),
    );
  command
    .command('kiosk')
    .description('make the one-time link that opens the screen at this station')
    .argument('<name>')
    .option('--expires <days>', 'days until the screen is closed (default: a year)', wholeNumber)
    .option('--close', 'close all screens of this station')
    .action((name: string, { expires, close }: { expires?: number; close?: true }) =>
      withApi(async (api) => {
        const params = { name };
        if (close) {
          await api.call('DELETE /v1/stations/{name}/kiosk', { params });
          print(`the screens of ${name} are closed`);
          return;
        }
        const { link, expiresAt } = await api.call('POST /v1/stations/{name}/kiosk', {
          params,
          body: { expiresAt: endIn(expires) },
        });
        print(link);
        hint(`open it on the screen at ${name} by ${expiresAt}; it works only once`);
      }),
    );
}

interface KeyOptions {
  overlapHours?: number;
  expires?: number;
  withdraw?: true;
}

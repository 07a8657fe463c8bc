import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { readConfig } from '../../config.ts';
import { readServeFile } from '../../jobs/data-folder.ts';
import { firstLinkFile } from '../../jobs/first-link.ts';
import { greeting, terminalOf } from './greeting.ts';
import { isColoured } from '../log-format.ts';
import { withApi } from '../run.ts';

export function welcomeCommand(): Command {
  return new Command('welcome')
    .description(
      'print the addresses of the service and the link for the first admin, as the service does when it starts',
    )
    .action(() =>
      withApi(async (api) => {
        const { data, publicUrl, agentAccess } = readConfig(process.env);
        const running = readServeFile(data);
        const { key } = await api.call('GET /v1/health');
        const link = firstLinkFile(data);
        const firstLink = existsSync(link) ? readFileSync(link, 'utf8').trim() : undefined;
        const urls = running?.urls ?? [];
        const greeted = {
          urls,
          publicUrl,
          firstLink,
          fingerprint: key.fingerprint,
          data: resolve(data),
          agentAccess,
          isForeground: false,
        };
        process.stdout.write(greeting(greeted, terminalOf(process.stdout, isColoured(process.stdout))));
      }),
    );
}

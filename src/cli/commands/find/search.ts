import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { ClaimstampError } from '../../../platform/error.ts';
import type { Answer } from '../../../http/client.ts';
import { openProgress } from '../../progress.ts';
import { hint, print, withApi } from '../../run.ts';

type Figures = Answer<'GET /v1/search'>;

const LOOK_EVERY_MS = 500;

export function searchCommand(): Command {
  const command = new Command('search').description(
    'the file of the search by parts of an S/N, an identity value or a Claim ID',
  );
  command
    .command('show', { isDefault: true })
    .description('how much of the ledger the search knows')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) =>
      withApi(async (api) => {
        const figures = await api.call('GET /v1/search');
        print(json ? JSON.stringify(figures) : said(figures));
      }),
    );
  command
    .command('rebuild')
    .description('delete the file of the search and fill a new one; the line does not wait for it')
    .action(() =>
      withApi(async (api) => {
        let figures = await api.call('POST /v1/search/rebuild');
        const progress = openProgress('events in the search', figures.total);
        while (figures.state !== 'ready' || figures.done < figures.total) {
          if (figures.state === 'failed')
            throw new ClaimstampError(
              figures.problem === 'disk-full' ? 'disk-full' : 'ledger-unavailable',
              'the search cannot be filled now and tries again by itself: see the log of the service',
            );
          progress.set(figures.done);
          await pause(LOOK_EVERY_MS);
          figures = await api.call('GET /v1/search');
        }
        progress.set(figures.done);
        progress.end();
        hint('the search knows the entire ledger');
      }),
    );
  return command;
}

function said({ state, done, total }: Figures): string {
  return state === 'off' ? 'off (CLAIMSTAMP_SEARCH)' : `${state}: ${done} of ${total} events`;
}

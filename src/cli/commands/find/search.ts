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
    'the index for partial-match search of S/Ns, identity values and Claim IDs',
  );
  command
    .command('show', { isDefault: true })
    .description('how much of the ledger the search covers')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) =>
      withApi(async (api) => {
        const figures = await api.call('GET /v1/search');
        print(json ? JSON.stringify(figures) : said(figures));
      }),
    );
  command
    .command('rebuild')
    .description('delete the search index and build a new one; production continues meanwhile')
    .action(() =>
      withApi(async (api) => {
        let figures = await api.call('POST /v1/search/rebuild');
        const progress = openProgress('events in the search', figures.total);
        while (figures.state !== 'ready' || figures.done < figures.total) {
          if (figures.state === 'failed')
            throw new ClaimstampError(
              figures.problem === 'disk-full' ? 'disk-full' : 'ledger-unavailable',
              'the search index cannot be updated at the moment; the service tries again automatically: see its log',
            );
          progress.set(figures.done);
          await pause(LOOK_EVERY_MS);
          figures = await api.call('GET /v1/search');
        }
        progress.set(figures.done);
        progress.end();
        hint('the search covers the entire ledger');
      }),
    );
  return command;
}

function said({ state, done, total }: Figures): string {
  return state === 'off' ? 'off (CLAIMSTAMP_SEARCH)' : `${state}: ${done} of ${total} events`;
}

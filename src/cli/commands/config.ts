import { Command } from 'commander';
import { readConfig } from '../../config.ts';
import { print } from '../run.ts';

export function configCommand(): Command {
  const command = new Command('config').description('the configuration from environment and file');
  command
    .command('check')
    .description('report every problem at once, or print the configuration that would be used')
    .action(() => {
      const config = readConfig(process.env);
      const { catalog, adminToken, signingKey, url, ...rest } = config;
      const stations = catalog.stations.map(({ key, ...station }) =>
        key === undefined ? station : { ...station, key: '(set)' },
      );
      print(
        JSON.stringify(
          {
            ...rest,
            url: url === undefined ? undefined : new URL(url).origin,
            adminToken: adminToken === undefined ? undefined : '(set)',
            signingKey: signingKey === undefined ? undefined : '(set)',
            catalog: { ...catalog, stations },
          },
          null,
          2,
        ),
      );
    });
  return command;
}

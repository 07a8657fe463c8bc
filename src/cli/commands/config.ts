import { Command } from 'commander';
import { readConfig, SECRETS } from '../../config.ts';
import { print } from '../run.ts';

export function configCommand(): Command {
  const command = new Command('config').description('the configuration from environment and file');
  command
    .command('check')
    .description('print the configuration that would be used, or report all problems in it')
    .action(() => {
      const config = readConfig(process.env);
      const { catalog, url, ...rest } = config;
      const stations = catalog.stations.map(({ key, ...station }) =>
        key === undefined ? station : { ...station, key: '(set)' },
      );
      const secrets = SECRETS.flatMap((name) => (config[name] === undefined ? [] : [[name, '(set)'] as const]));
      const shown = {
        ...rest,
        url: url === undefined ? undefined : new URL(url).origin,
        ...Object.fromEntries(secrets),
        catalog: { ...catalog, stations },
      };
      print(JSON.stringify(shown, null, 2));
    });
  return command;
}

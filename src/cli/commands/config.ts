import { Command } from 'commander';
import { configRefusal, examineConfig, SECRETS, type Config } from '../../config.ts';
import { deviceCodeProblems } from '../../jobs/apply-catalog.ts';
import { unusedSettings } from '../../jobs/unused-settings.ts';
import { messageOf } from '../../platform/error.ts';
import { pathProblems } from '../path-problems.ts';
import { hint, print, withApi } from '../run.ts';

export function configCommand(): Command {
  const command = new Command('config').description('the configuration from environment and file');
  command
    .command('check')
    .description(
      'print the configuration that the service would use, with the source of each value; or report all problems in the configuration and in the folders and files that it names',
    )
    .action(async () => {
      const { config, problems, sound, sources } = examineConfig(process.env);
      const all = [...problems, ...pathProblems(sound), ...(config === undefined ? [] : await codeProblems(config))];
      if (config === undefined || all.length > 0) throw configRefusal(all);
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
        sources,
      };
      print(JSON.stringify(shown, null, 2));
      for (const unused of unusedSettings({ ...config, sources })) hint(`warning: ${unused}`);
    });
  return command;
}

export function supportCommand(): Command {
  return new Command('support')
    .description('print a support bundle: versions, settings and states, without Claim IDs, people and secrets')
    .action(() =>
      withApi(async (api) => {
        process.stdout.write(await (await api.file('GET /v1/support')).text());
      }),
    );
}

async function codeProblems({ catalog, identityProperties }: Config): Promise<string[]> {
  const found = await deviceCodeProblems(catalog.products, identityProperties);
  return found.map(messageOf);
}

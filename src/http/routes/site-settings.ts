import { z } from 'zod';
import { IN_CONSOLE, type Config } from '../../config.ts';
import { ConsoleSettings, consoleSettingsFile } from '../../contract/site-settings.ts';
import { hasSite, siteMissing } from '../../model/serial.ts';
import { writeAtomically } from '../../platform/atomic-file.ts';
import { refusal } from '../../platform/error.ts';
import { keysOf } from '../../platform/own.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import type { Services } from '../services.ts';

const { siteName, site } = ConsoleSettings.shape;

export const siteOperations = {
  'PATCH /v1/settings': {
    tag: 'service',
    may: 'catalog:write',
    summary: 'Set the name and the code of the site, without a restart',
    description:
      'JSON Merge Patch (RFC 7396): `null` removes a value. A setting that comes from the environment or from the configuration file can be changed only there. Processes that share a ledger have these settings in their environment.',
    body: z.strictObject({ siteName: siteName.nullable(), site: site.nullable() }),
    example: { siteName: 'Example Works, Ulm' },
    answer: ConsoleSettings,
    refusals: ['read-only', 'site-missing'],
  },
} satisfies Declarations;

export function siteRoutes(on: On, services: Services): void {
  const { config, ledger, log } = services;
  on(siteOperations, 'PATCH /v1/settings', async ({ body, who: { actor } }) => {
    const patch = present(body);
    for (const name of keysOf(patch)) refuseElsewhere(config, name);
    if (patch.site === null) {
      const user = (await ledger.products()).find(({ serialPattern }) => hasSite(serialPattern ?? ''));
      if (user !== undefined) throw siteMissing(user.serialPattern ?? '');
    }
    const kept = keysOf(ConsoleSettings.shape).filter((name) => config.sources?.[name] === IN_CONSOLE);
    const before = Object.fromEntries(kept.map((name) => [name, config[name]]));
    const set: ConsoleSettings = ConsoleSettings.parse(withoutNull({ ...before, ...patch }));
    await writeAtomically(consoleSettingsFile(config.data), JSON.stringify(set));
    for (const name of keysOf(patch)) use(config, name, set[name]);
    log.info({ actor, ...patch }, 'settings changed in the console');
    return present({ siteName: config.siteName, site: config.site });
  });
}

function refuseElsewhere({ sources = {}, ledger }: Config, name: keyof ConsoleSettings): void {
  const source = sources[name] ?? 'default';
  if (source !== 'default' && source !== IN_CONSOLE) throw refusal('read-only', 'setting', { setting: name, source });
  if (ledger !== undefined) throw refusal('read-only', 'shared', { setting: name });
}

function withoutNull(settings: object): object {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null && value !== undefined));
}

/** Pages and routes read the settings for each request, so the new value applies at once. */
function use(config: Config, name: keyof ConsoleSettings, value: string | undefined): void {
  if (value === undefined) delete config[name];
  else config[name] = value;
  config.sources = { ...config.sources, [name]: value === undefined ? 'default' : IN_CONSOLE };
}

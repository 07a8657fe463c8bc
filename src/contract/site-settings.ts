import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SITE } from '../model/serial.ts';
import { list, path } from '../model/setting-types.ts';
import { SHIFT_BEGIN } from '../platform/day.ts';
import { messageOf } from '../platform/error.ts';
import { fileFault } from '../platform/file-error.ts';
import { readSiteLogo } from '../platform/site-logo.ts';

/** The settings that describe the site. */
export const SITE_SETTINGS = {
  site: z.string().regex(SITE, 'must be two capital letters or digits, such as P2').optional().meta({
    description:
      'Code of this site, two capital letters or digits: `{site}` in [S/N patterns](stations.md#sn-patterns). Each site needs its own code',
    'x-default': 'none: S/Ns of new products contain no site code',
  }),
  siteName: z.string().trim().min(1).max(60, 'must have at most 60 characters').optional().meta({
    description: 'Name of this site, such as `Example Works, Ulm`: at the top of the console and on reports',
    'x-default': 'none: pages show `Claimstamp`',
  }),
  shifts: list(z.string().regex(SHIFT_BEGIN, 'must be a time of day such as 06:00'))
    .refine((begins) => begins.length >= 1 && begins.length <= 6, 'must be 1 to 6 times of day')
    .refine((begins) => begins.every((begin, at) => at === 0 || begin > (begins[at - 1] ?? '')), 'must rise')
    .default(['06:00', '14:00', '22:00'])
    .describe('Times at which shifts begin, separated by commas, in the time zone of the service (TZ)'),
  search: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      '`off`: no index for [partial-match search](qa.md#partial-match-search); complete S/Ns, identity values and Claim IDs are still found',
    ),
  auditViews: z
    .enum(['on', 'off'])
    .default('off')
    .describe(
      "`on`: the ledger also records when a person opens a unit's page ([audit](qa.md#audit)), at most once an hour for each person and unit",
    ),
  siteLogo: path.optional().meta({
    description: 'Logo at the top of the console: a PNG or SVG file of at most 256 KiB, preferably square',
    'x-default': 'none: the Claimstamp logo',
  }),
};

/**
 * The settings that people may also set in the console. The environment and the configuration file override them. They
 * are in a file of the data folder.
 */
export const ConsoleSettings = z.strictObject({ siteName: SITE_SETTINGS.siteName, site: SITE_SETTINGS.site });
export type ConsoleSettings = z.infer<typeof ConsoleSettings>;

export function consoleSettingsFile(data: string): string {
  return join(data, 'settings.json');
}

/**
 * Reads the settings that people set in the console. If the file is damaged or cannot be read, adds a sentence to
 * `problems`: without the code of the site, devices would get wrong S/Ns or none.
 */
export function readConsoleSettings(data: string, problems: string[]): ConsoleSettings {
  const file = consoleSettingsFile(data);
  if (!existsSync(file)) return {};
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    problems.push(fileFault(file, error).message);
    return {};
  }
  try {
    return ConsoleSettings.parse(JSON.parse(text));
  } catch {
    problems.push(`${file} is damaged: remove it, and set the name and the code of the site again in the console`);
    return {};
  }
}

/** Returns the problems of the logo file. */
export function logoProblems(file: string | undefined): string[] {
  if (file === undefined) return [];
  try {
    readSiteLogo(file);
    return [];
  } catch (error) {
    return [`CLAIMSTAMP_SITE_LOGO: ${messageOf(error)}`];
  }
}

import { z } from 'zod';
import { SECRETS, Settings, variableOf, type Config } from '../config.ts';
import { settingsOf } from '../model/settings.ts';
import { own } from '../platform/own.ts';

/*
 * Lists the settings for people, each with its value and where the value comes from. The value of a secret is never
 * shown.
 */

export interface ShownSetting {
  /** The name in the configuration file. */
  name: string;
  /** The name in the environment. */
  variable: string;
  /** Absent for secrets, and for settings without a value. */
  value?: string;
  /** True if the setting has a value. */
  set: boolean;
  secret: boolean;
  /** `default`, `environment NAME` or `file PATH`. */
  source: string;
  /** Describes what happens if the setting has no value. */
  without?: string;
  /** The help text, in English. */
  help: string;
}

/** The catalog is left out: it is on the pages for products, printers and stations. */
const { catalog: _catalog, ...SHAPE } = Settings.shape;
const HELP = new Map(settingsOf(SHAPE).map(({ name, help }) => [name, help]));

export function shownSettings(config: Config): ShownSetting[] {
  return Object.entries(SHAPE).flatMap(([name, schema]) => {
    if (!isSetting(name)) return [];
    const secret = SECRETS.includes(name);
    const value = textOf(name, config[name]);
    const without = z.globalRegistry.get(schema)?.['x-default'];
    return {
      name,
      variable: variableOf(name),
      ...(secret || value === '' ? {} : { value }),
      set: value !== '',
      secret,
      source: own(config.sources, name) ?? 'default',
      ...(without === undefined ? {} : { without: plain(without) }),
      help: plain(HELP.get(name) ?? ''),
    };
  });
}

function isSetting(name: string): name is keyof typeof SHAPE {
  return Object.hasOwn(SHAPE, name);
}

function textOf(name: keyof typeof SHAPE, value: Config[keyof typeof SHAPE]): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return value.join(', ');
  // Shows only the origin, because the path of this address may contain a token.
  return name === 'url' ? new URL(value).origin : value;
}

/**
 * Removes Markdown markup from a documentation text, and also a reference to another document at the end of the text.
 */
function plain(text: string): string {
  return text
    .replace(/: \[[^\]]*\]\([^)]*\)$/, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '');
}

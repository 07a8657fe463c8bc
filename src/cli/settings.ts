import { Option, type Command } from 'commander';
import type { z } from 'zod';
import { ClaimstampError } from '../platform/error.ts';
import { readPatch, settingsOf, valueIn, type PatchOf, type Setting } from '../model/settings.ts';
import type { Api } from './api.ts';
import { print, withApi } from './run.ts';

/**
 * The options of a command, in the form in which the library Commander returns them. Commander makes the name of an
 * option from its flag, in camel case. For example, the flag `--no-badge` makes `badge` false.
 */
export type Options = Record<string, string | string[] | false | undefined>;

interface SetCommand<S extends z.ZodRawShape> {
  description: string;
  /** The name and the help text of the argument that names the object to change. */
  argument: [name: string, help?: string];
  shape: S;
  change: (api: Api, name: string, patch: PatchOf<S>, options: Options) => Promise<object>;
}

/**
 * Adds a `set` command with an option for each setting. The `set` command changes only the settings whose options are
 * given.
 */
export function addSet<S extends z.ZodRawShape>(
  command: Command,
  { description, argument, shape, change }: SetCommand<S>,
): Command {
  const [name, help = ''] = argument;
  const set = command.command('set').description(description).argument(`<${name}>`, help);
  const settings = settingsOf(shape);
  for (const setting of settings) set.addOption(optionFor(setting, settings));
  return set
    .addHelpText('after', '\nA setting that is not given stays unchanged; an empty value restores its default.')
    .action((name: string, options: Options) =>
      withApi(async (api) => print(JSON.stringify(await change(api, name, patchIn(shape, options), options)))),
    );
}

function patchIn<S extends z.ZodRawShape>(shape: S, options: Options): PatchOf<S> {
  const settings = settingsOf(shape);
  return readPatch(shape, (setting) => {
    const given = options[optionOf(setting, settings)];
    if (given === undefined) return undefined;
    const text = textOf(setting, given);
    // Maps are left out, because each command reads the entries of a map itself.
    return setting.kind === 'map' && text !== '' ? undefined : valueIn(setting, text);
  });
}

/** Returns the given value as text. For a list, a map or a reference, the text `none` clears the setting. */
function textOf({ kind, names }: Setting, given: string | string[] | false): string {
  const text = Array.isArray(given) ? given.join(' ') : given || '';
  return text === 'none' && (kind === 'list' || kind === 'map' || names !== undefined) ? '' : text;
}

/**
 * Returns the name of the option for a setting. If the setting is a list with a plural name, such as `sources`, the
 * option has the singular name: `--source`. If another setting has this name, the option keeps the plural.
 */
function optionOf({ name, kind }: Setting, settings: Setting[]): string {
  const one = name.replace(/s$/, '');
  const isPlural = (kind === 'list' || kind === 'map') && !settings.some((setting) => setting.name === one);
  return isPlural ? one : name;
}

/** Returns the flag for a setting. For example, the flag for `claimIdLength` is `--claim-id-length`. */
function flagOf(setting: Setting, settings: Setting[]): string {
  return optionOf(setting, settings).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function optionFor(setting: Setting, settings: Setting[]): Option {
  const option = new Option(`--${flagOf(setting, settings)} <${argumentOf(setting)}>`, helpOf(setting));
  return setting.kind === 'boolean' ? option.choices(['yes', 'no']) : option;
}

function argumentOf({ kind, choices }: Setting): string {
  if (kind === 'choice') return choices.join('|');
  if (kind === 'boolean') return 'yes|no';
  if (kind === 'number') return 'n';
  if (kind === 'date') return 'yyyy-mm-dd';
  return kind === 'text' ? 'text' : 'name...';
}

function helpOf({ help, unit, default: usual }: Setting): string {
  const isShown = typeof usual === 'string' || typeof usual === 'number';
  const notes = [...(unit === undefined ? [] : [unit]), ...(isShown ? [`default ${usual}`] : [])];
  return notes.length === 0 ? help : `${help} (${notes.join(', ')})`;
}

/** Reads the entries of an option such as `--printers box=zebra-2`. The text `none` removes an entry. */
export function entriesIn(texts: string[]): { [key: string]: string | null } {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new ClaimstampError('invalid', `"${text}" has no "=": write it like box=zebra-2`);
      const value = text.slice(at + 1);
      return [text.slice(0, at), value === 'none' || value === '' ? null : value];
    }),
  );
}

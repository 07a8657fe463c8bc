import type { z } from 'zod';
import type { Fields } from '../http/form.ts';
import type { Language } from '../../words/sentence.ts';
import {
  readPatch,
  settingsOf,
  valueIn,
  type Named,
  type Patch,
  type PatchOf,
  type Setting,
} from '../model/settings.ts';
import { Choice, Field } from './parts.tsx';
import { SET_UP } from '../../words/console/set-up.ts';
import type { PageContext } from './pages.tsx';
import { isKey } from '../platform/own.ts';

type Words = Record<Language, { [word: string]: string }>;

interface SettingsProps {
  page: PageContext;
  shape: z.ZodRawShape;
  words: Words;
  /** The current settings. If there are no current settings, the fields show the defaults. */
  of?: object | undefined;
  /**
   * Some settings refer to an object, such as a printer. `named` has the names of the existing objects of each kind,
   * and the words that the page shows for these objects.
   */
  named?: { [kind in Named]?: [string, string][] };
}

export function SettingFields({ page, shape, words, of = {}, named = {} }: SettingsProps) {
  const { say, language } = page;
  return (
    <>
      {settingsOf(shape).map((setting) => {
        const { name, kind, choices, names, required, max, unit } = setting;
        const word = (key: string): string => words[language][key] ?? key;
        const label = unit === undefined ? word(name) : `${word(name)} (${unit})`;
        const shown = {
          label,
          name,
          hint: words[language][`${name}.help`] ?? setting.help,
          value: textOf(setting, of),
        };
        const usual: [string, string] = [
          '',
          say(SET_UP, names === undefined || names === 'template' ? 'usual' : 'none'),
        ];
        const offered = names === undefined ? undefined : named[names];
        if (offered !== undefined) return <Choice {...shown} of={[usual, ...offered]} />;
        if (kind === 'boolean')
          return <Choice {...shown} of={['no', 'yes'].map((key) => [key, word(`${name}.${key}`)])} />;
        if (kind === 'choice') {
          const all = choices.map((key): [string, string] => [
            String(key),
            typeof key === 'number' ? String(key) : word(`${name}.${key}`),
          ]);
          return <Choice {...shown} of={required || setting.default !== undefined ? all : [usual, ...all]} />;
        }
        if (kind === 'map') return null;
        const type = kind === 'number' || kind === 'date' ? kind : 'text';
        return <Field {...shown} type={type} required={required} max={max ?? (kind === 'list' ? 4000 : 128)} />;
      })}
    </>
  );
}

function textOf({ name, default: usual }: Setting, of: object): string {
  const value: unknown = isKey(of, name) ? of[name] : usual;
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Makes a patch for the API from the settings in a form. Settings that have no field are not changed. */
export function changeIn<S extends z.ZodRawShape>(sent: Fields, shape: S): PatchOf<S> {
  return readPatch(shape, (setting) => {
    if (setting.kind === 'map') return entriesIn(sent, `${setting.name}.`);
    const text = sent.get(setting.name)?.trim();
    return text === undefined ? undefined : valueIn(setting, text);
  });
}

/** Reads the entries of a map. Each key of a map has a separate field, for example `workOrders.01H4R…`. */
function entriesIn(sent: Fields, prefix: string): Patch {
  const entries = [...sent].filter(([field]) => field.startsWith(prefix));
  return Object.fromEntries(entries.map(([field, value]) => [field.slice(prefix.length), value === '' ? null : value]));
}

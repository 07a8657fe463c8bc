import type { Child } from 'hono/jsx';
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
import { HANDLING, PLACING } from '../model/printing/setup.ts';
import { DEFAULT_TEMPLATE } from '../contract/labels.ts';
import type { Say } from '../http/words.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import type { PageContext } from './pages.tsx';
import { isKey, own } from '../platform/own.ts';

type Words = Record<Language, { [word: string]: string }>;

interface SettingsProps {
  page: PageContext;
  shape: z.ZodRawShape;
  words: Words;
  /** The current settings. If undefined, the fields show the defaults. */
  of?: object | undefined;
  /**
   * Some settings refer to an object, such as a printer. `named` has the names of the existing objects of each kind,
   * and the texts that the page shows for them.
   */
  named?: { [kind in Named]?: [string, string][] };
  /** For each setting: additional help about this service, shown after the setting's help text. */
  more?: { [setting: string]: string };
}

/**
 * A group of fields: a title, and the names of settings. A group without names contains all settings that are in no
 * other group.
 */
export type Group = readonly [title: string, names?: readonly string[]];

export function SettingFields({ groups, ...props }: SettingsProps & { groups?: readonly Group[] }) {
  const settings = settingsOf(props.shape);
  if (groups === undefined) return <FieldsOf {...props} settings={settings} />;
  const named = groups.flatMap(([, names = []]) => names);
  const of = (names: readonly string[] | undefined): Setting[] =>
    names === undefined
      ? settings.filter(({ name }) => !named.includes(name))
      : names.flatMap((name) => settings.filter((one) => one.name === name));
  return (
    <>
      {groups.map(([title, names]) => (
        <Grouped title={title}>
          <FieldsOf {...props} settings={of(names)} />
        </Grouped>
      ))}
    </>
  );
}

function Grouped({ title, children }: { title: string; children: Child }) {
  return (
    <fieldset class="group">
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

/**
 * The fields of objects that have a kind, such as printers. A setting that several kinds share has one field. If a
 * setting differs between kinds, each kind has its own field. The field's name begins with the kind.
 */
export function KindFields({ shapes, ...props }: Omit<SettingsProps, 'shape'> & { shapes: Shapes }) {
  const { say } = props.page;
  return (
    <>
      {settingsByKind(shapes).map((settings, at) => (
        <When when={{ setting: 'kind', is: [...new Set(settings.flatMap(({ when }) => when?.is ?? []))] }}>
          <Grouped title={say(SET_UP, KIND_GROUPS[at] ?? 'group.times')}>
            <FieldsOf {...props} settings={settings} />
          </Grouped>
        </When>
      ))}
    </>
  );
}

const KIND_GROUPS = ['group.connection', 'group.media', 'group.times'] as const;

interface Shapes {
  [kind: string]: z.ZodRawShape;
}

/** `also` is a second condition for showing the field. */
type FieldSetting = Setting & { field?: string; also?: Setting['when'] };

function FieldsOf({ settings, ...props }: Omit<OneProps, 'setting'> & { settings: FieldSetting[] }) {
  return (
    <>
      {settings.map((setting) => (
        <When when={setting.when}>
          <When when={setting.also}>
            <SettingField {...props} setting={setting} />
          </When>
        </When>
      ))}
    </>
  );
}

/** A setting, and the kinds that have it. */
interface OfKinds {
  setting: Setting;
  is: string[];
}

/** Returns three groups: the settings that only some kinds have, those that all kinds have, and the time limits. */
function settingsByKind(shapes: Shapes): FieldSetting[][] {
  const found = new Map<string, OfKinds>();
  for (const [kind, shape] of Object.entries(shapes))
    for (const setting of settingsOf(shape)) {
      const key = JSON.stringify(setting);
      found.set(key, { setting, is: [...(found.get(key)?.is ?? []), kind] });
    }
  const all = [...found.values()];
  const fieldOf = ({ setting: { name }, is }: OfKinds): string =>
    all.filter(({ setting }) => setting.name === name).length > 1 ? `${is[0]}.${name}` : name;
  const groups: FieldSetting[][] = [[], [], []];
  for (const one of all) {
    const { setting, is } = one;
    // A condition on another setting matters only if that setting can have values that do not meet the condition.
    const deciding = all.find(
      ({ setting: { name, choices } }) =>
        name === setting.when?.setting && choices.some((choice) => !setting.when?.is.includes(String(choice))),
    );
    const isOfMedia = setting.name in PLACING || setting.name in HANDLING;
    groups[setting.unit === 'ms' ? 2 : isOfMedia ? 1 : 0]?.push({
      ...setting,
      field: fieldOf(one),
      // Without scripts, the fields of all kinds are shown. The fields of the other kinds stay empty, so no field is
      // required.
      required: false,
      when: { setting: 'kind', is },
      also: deciding && { setting: fieldOf(deciding), is: setting.when?.is ?? [] },
    });
  }
  return groups;
}

/** Makes a patch for an object of one kind from the fields of `KindFields`. */
export function changeOfKind<S extends z.ZodRawShape>(
  sent: Fields,
  shapes: Shapes,
  kind: string,
  shape: S,
): PatchOf<S> {
  const ofKind = settingsByKind(shapes)
    .flat()
    .filter(({ when }) => when?.is.includes(kind));
  const renamed = ofKind.map(({ name, field = name }) => [name, sent.get(field)] as const);
  return changeIn(new Map(renamed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))), shape);
}

/**
 * A setting that applies only for certain values of another setting. For other values, desk.js hides the setting.
 * Without scripts, the setting is always shown.
 */
function When({ when, children }: { when: Setting['when']; children: Child }) {
  if (when === undefined) return children;
  return (
    <div data-when={when.setting} data-is={when.is.join(' ')}>
      {children}
    </div>
  );
}

type OneProps = Omit<SettingsProps, 'shape'> & { setting: FieldSetting };

function SettingField({ page, words, of = {}, named = {}, more = {}, setting }: OneProps) {
  const { say, language } = page;
  const { name, kind, choices, names, required, max, unit, field = name } = setting;
  const word = (key: string): string => words[language][key] ?? key;
  const help = (words[language][`${name}.help`] ?? setting.help).replaceAll('`', '');
  // A help text that only repeats the label is left out.
  const hints = [help === word(name) ? '' : help, own(more, name) ?? ''].filter((one) => one !== '');
  const hint = hints.length === 0 ? undefined : hints.join(language === 'zh' ? '。' : '. ');
  const shown = { label: word(name), name: field, place: name, hint, unit, value: textOf(setting, of) };
  const usual: [string, string] = ['', usualOf(setting, say, word)];
  const offered = names === undefined ? undefined : named[names];
  if (offered !== undefined) return <Choice {...shown} of={[usual, ...offered]} />;
  if (kind === 'boolean') return <Choice {...shown} of={['no', 'yes'].map((key) => [key, word(`${name}.${key}`)])} />;
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
}

/**
 * Returns the text of the choice that restores the default. If the default is one of the choices, the text names it.
 */
function usualOf({ names, name, usual, choices }: Setting, say: Say, word: (key: string) => string): string {
  if (names === 'template') return say(SET_UP, 'usualIs', { value: DEFAULT_TEMPLATE });
  if (names !== undefined) return say(SET_UP, 'none');
  if (usual === undefined || !choices.includes(usual)) return say(SET_UP, 'usual');
  return say(SET_UP, 'usualIs', { value: word(`${name}.${usual}`) });
}

function textOf({ name, default: usual }: Setting, of: object): string {
  const value: unknown = isKey(of, name) ? of[name] : usual;
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Makes a patch for the API from the settings in a form. Settings without a field stay unchanged. */
export function changeIn<S extends z.ZodRawShape>(sent: Fields, shape: S): PatchOf<S> {
  return readPatch(shape, (setting) => {
    if (setting.kind === 'map') return entriesIn(sent, `${setting.name}.`);
    const text = sent.get(setting.name)?.trim();
    return text === undefined ? undefined : valueIn(setting, text);
  });
}

/**
 * Reads the entries of a setting that is a map. Each key of the map has its own field, for example `workOrders.01H4R…`.
 */
function entriesIn(sent: Fields, prefix: string): Patch | undefined {
  const entries = [...sent].filter(([field]) => field.startsWith(prefix));
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([field, value]) => [field.slice(prefix.length), value === '' ? null : value]));
}

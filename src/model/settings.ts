import { z } from 'zod';

/*
 * Each kind of settings has one schema, in its own file in this folder. The API, the command line, the console and the
 * documents all use this schema. In a schema, `description` is the help text, and `x-unit` is the unit of measure.
 * `x-names` says what kind of thing the value names.
 */

declare module 'zod' {
  interface GlobalMeta {
    'x-unit'?: 'ms' | 'dpi' | 'mm' | 'in/s';
    'x-names'?: Named;
    /** Describes a default that is not one fixed value. */
    'x-default'?: string;
    /** The setting is used only if another setting has one of these values. */
    'x-when'?: When;
    /** If `secret` is true, the value is never shown. */
    'x-secret'?: true;
  }
}

export interface When {
  setting: string;
  is: string[];
}

export type Named = 'product' | 'printer' | 'template' | 'shippingList';

/** One setting, in the form that options, forms and tables need. */
export interface Setting {
  name: string;
  kind: 'text' | 'date' | 'number' | 'boolean' | 'choice' | 'list' | 'map';
  /** If the setting is a choice between values, the allowed values. */
  choices: (string | number)[];
  /** The maximum number of characters. */
  max?: number;
  required: boolean;
  default?: unknown;
  /** The default, in the words of `x-default`. */
  usual?: string;
  help: string;
  unit?: string;
  names?: Named;
  when?: When;
}

interface SettingSchema {
  type?: string;
  format?: string;
  enum?: (string | number)[];
  anyOf?: SettingSchema[];
  maxLength?: number;
  description?: string;
  'x-unit'?: string;
  'x-names'?: Named;
  'x-when'?: When;
  'x-default'?: string;
}

export function settingsOf(shape: z.ZodRawShape): Setting[] {
  const read = z.toJSONSchema(z.object(shape), { io: 'input', unrepresentable: 'any' });
  const { properties = {}, required = [] } = read as {
    properties?: Record<string, SettingSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => {
    const { anyOf, description: help = '', 'x-unit': unit, 'x-names': names, 'x-when': when } = schema;
    const { 'x-default': saidDefault } = schema;
    const usual = defaultOf(shape[name]);
    const { type, format, enum: choices = [], maxLength: max } = anyOf?.[0] ?? schema;
    const plain = format === 'date' ? 'date' : (KINDS[type ?? ''] ?? 'text');
    return {
      name,
      kind: choices.length > 0 ? 'choice' : plain,
      choices,
      required: required.includes(name),
      help,
      ...(max === undefined ? {} : { max }),
      ...(usual === undefined ? {} : { default: usual }),
      ...(saidDefault === undefined ? {} : { usual: saidDefault }),
      ...(unit === undefined ? {} : { unit }),
      ...(names === undefined ? {} : { names }),
      ...(when === undefined ? {} : { when }),
    };
  });
}

/**
 * Returns the default. The default is read from zod, because JSON Schema cannot describe a value that zod converts
 * before checking it.
 */
function defaultOf(setting: unknown): unknown {
  return setting instanceof z.ZodDefault ? setting.def.defaultValue : undefined;
}

const KINDS: { [type: string]: Setting['kind'] } = {
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'map',
};

/** A change of settings (RFC 7396). A setting that is absent does not change. The value `null` restores the default. */
export interface Patch {
  [setting: string]: unknown;
}

export function mergePatch(before: object, patch: object): { [setting: string]: unknown } {
  const after = new Map<string, unknown>(Object.entries(before));
  for (const [name, value] of Object.entries(patch)) {
    const old = after.get(name);
    if (value === null) after.delete(name);
    else if (isMap(value)) after.set(name, mergePatch(isMap(old) ? old : {}, value));
    else if (value !== undefined) after.set(name, value);
  }
  return Object.fromEntries(after);
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Patched<S extends z.ZodRawShape> = z.ZodObject<
  { [K in keyof S]: z.ZodOptional<z.ZodType<Change<z.output<S[K]>> | null, Change<z.output<S[K]>> | null>> },
  z.core.$strict
>;

/** In a change of a map, null removes an entry, or restores the default of a setting in an entry. */
type Change<T> = T extends readonly unknown[]
  ? T
  : string extends keyof T
    ? { [key: string]: Entry<T[keyof T]> | null }
    : T;
type Entry<V> = V extends object ? { [K in keyof V]?: V[K] | null } : V;

export type PatchOf<S extends z.ZodRawShape> = z.input<Patched<S>>;

/** Returns the schema for a patch of these settings. */
export function patchOf<S extends z.ZodRawShape>(shape: S): Patched<S> {
  const patched = Object.entries(shape).map(([name, field]) => {
    const about = z.globalRegistry.get(field) ?? {};
    return [name, z.nullish(bare(field)).meta(about)];
  });
  return z.strictObject(Object.fromEntries(patched)) as Patched<S>;
}

/** Returns a schema's field without its default, because a patch must not add defaults for absent settings. */
function bare(field: z.core.$ZodType): z.core.$ZodType {
  if (field instanceof z.ZodDefault || field instanceof z.ZodOptional) return bare(field.unwrap());
  if (field instanceof z.ZodRecord) {
    const value = field.valueType;
    return z.record(field.keyType, z.nullable(value instanceof z.ZodObject ? patchOf(value.shape) : value));
  }
  return field;
}

/**
 * Makes a patch. The patch contains each setting for which `read` returns a value. The values are checked later, by
 * the code that receives the patch.
 */
export function readPatch<S extends z.ZodRawShape>(shape: S, read: (setting: Setting) => unknown): PatchOf<S> {
  const changed = settingsOf(shape).flatMap((setting) => {
    const value = read(setting);
    return value === undefined ? [] : [[setting.name, value] as const];
  });
  return Object.fromEntries(changed) as PatchOf<S>;
}

/** Converts the text of an option or a form field to a value for the API. An empty text restores the default. */
export function valueIn({ kind, choices }: Setting, text: string): unknown {
  if (text === '') return null;
  if (kind === 'list') return text.split(/[\s,]+/).filter((one) => one !== '');
  if (kind === 'boolean') return text === 'yes' || (text === 'no' ? false : text);
  const isNumber = kind === 'number' || typeof choices[0] === 'number';
  return isNumber && /^-?\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : text;
}

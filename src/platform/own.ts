/**
 * Returns the object's own value for a name that comes from outside. The expression `of[name]` alone would also find
 * inherited names such as `constructor` and `toString`.
 */
export function own<T>(of: { readonly [name: string]: T } | undefined, name: string): T | undefined {
  return of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined;
}

/** True if a name that comes from outside is a key of this table. */
export function isKey<T extends object>(of: T, name: unknown): name is keyof T {
  return typeof name === 'string' && Object.hasOwn(of, name);
}

/**
 * Returns the keys of a table that never changes. The table's type must list all of its keys. TypeScript cannot check
 * that.
 */
export function keysOf<T extends object>(of: T): (keyof T & string)[] {
  return Object.keys(of) as (keyof T & string)[];
}

/** Returns an object that has the same names with changed values. */
export function mapped<T extends object, V>(
  of: T,
  change: (value: NonNullable<T[keyof T]>) => V,
): { [K in keyof T]: V } {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, change(value)])) as { [K in keyof T]: V };
}

/** Returns an object that has these names, each with the value that `valueOf` returns for it. */
export function withNames<Name extends string, V>(
  names: readonly Name[],
  valueOf: (name: Name) => V,
): { [name in Name]: V } {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as { [name in Name]: V };
}

/** Returns the value. Throws if the value is missing, which can only be caused by a mistake in this program. */
export function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a value is missing that should always exist');
  return value;
}

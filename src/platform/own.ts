/**
 * The value that an object itself has under a name from outside. Objects inherit names such as `constructor` and
 * `toString`: plain indexing finds those too.
 */
export function own<T>(of: { readonly [name: string]: T } | undefined, name: string): T | undefined {
  return of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined;
}

/**
 * Returns the object's own value for a name that comes from outside. Plain indexing would also find inherited names
 * such as `constructor` and `toString`.
 */
export function own<T>(of: { readonly [name: string]: T } | undefined, name: string): T | undefined {
  return of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined;
}

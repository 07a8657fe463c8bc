/** A row or value that every ledger has. Throws when it is missing from a damaged file. */
export function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a row is missing that every ledger has');
  return value;
}

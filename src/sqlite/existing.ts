/** Returns a row or value that every ledger must have. Throws when the file is damaged and the row is missing. */
export function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a row that every ledger has is missing');
  return value;
}

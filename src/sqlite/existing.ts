/** Returns a row or value that every ledger must have. If it is missing, the file is damaged, and this throws. */
export function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a row that every ledger has is missing');
  return value;
}

/**
 * Returns a row or value that every ledger must have. Throws if the row or value is missing, because then the file is
 * damaged.
 */
export function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a row that every ledger has is missing');
  return value;
}

/**
 * Returns a row or value that every ledger must have. Throws if the row or value is missing, because the file is
 * damaged in that case.
 */
export function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a row that every ledger has is missing');
  return value;
}

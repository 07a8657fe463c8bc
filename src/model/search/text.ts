/** A search for a part of an S/N or an identity value needs at least this many letters and digits. */
export const MIN_PART = 3;

/**
 * Returns only the letters and digits of a text, all in the same case, because searches ignore separators and case:
 * `a4-c1-38` is a part of the MAC `A4:C1:38:AA:00:01`.
 */
export function searchText(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

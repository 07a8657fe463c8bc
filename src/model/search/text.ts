/** The minimum number of letters and digits for a search for a part of an S/N or of an identity value. */
export const MIN_PART = 3;

/**
 * Returns only the letters and digits of a text, all in the same case. Searches ignore separators and case, so
 * `a4-c1-38` is found as a part of the MAC `A4:C1:38:AA:00:01`.
 */
export function searchText(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

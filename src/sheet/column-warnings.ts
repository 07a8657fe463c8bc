import { identityKey } from '../model/identity/spelling.ts';
import { looseProperty, soundsLikeIdentity, type Column } from './columns.ts';
import type { Problem } from './problem.ts';

/** True if the text is certainly a MAC or EUI-64. Twelve digits alone may also be an article number. */
function isMac(text: string): boolean {
  return identityKey(text) !== undefined && /[a-f:.-]/i.test(text);
}

/** To find columns of MACs, at most this many rows are read. */
const LOOKED_AT = 50;

/**
 * Returns a warning about columns that look as if they identified a device, but do not. Also returns a warning if no
 * column of the file identifies a device. `rows` are the texts of each row, and `line` is the number of the header
 * line.
 */
export function columnWarnings(
  columns: Column[],
  rows: string[][],
  properties: readonly string[],
  line: number,
): Problem[] {
  const identifies = ({ property }: Column): boolean => properties.includes(property);
  const looks = [...columns.entries()].filter(([index, column]) => {
    const { head, property } = column;
    if (head === '' || property === 'uci' || identifies(column)) return false;
    if (looseProperty(head) !== undefined || soundsLikeIdentity(head) || property === 'serial') return true;
    const texts = rows
      .slice(0, LOOKED_AT)
      .map((cells) => (cells[index] ?? '').trim())
      .filter((text) => text !== '');
    return texts.length > 0 && texts.every(isMac);
  });
  const names = looks.map(([, { head }]) => `"${head}"`).join(', ');
  const [verb, are] = looks.length === 1 ? ['looks', 'is'] : ['look', 'are'];
  const rename = `name the column after the property that identifies the device (${properties.join(', ')})`;
  const warnings: Problem[] = [];
  if (looks.length > 0) {
    const why = `${names} ${verb} like a MAC or an S/N, but ${are} read as other data that identifies no device: if this is wrong, ${rename}`;
    warnings.push({ line, cause: 'identifies-nothing', why });
  }
  if (!columns.some(identifies)) {
    const why = `no column identifies a device: a device that already has its Claim ID gets another one when it asks. To prevent this, ${rename}`;
    warnings.push({ line, cause: 'no-identity', why });
  }
  return warnings;
}

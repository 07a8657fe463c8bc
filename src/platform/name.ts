import { z } from 'zod';

/* Names that people choose for things. These names appear in addresses, in file names and on screens. */

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** The same rule for the `pattern` of a field in a page. HTML requires the escaped hyphen. */
export const NAME_PATTERN = '[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}';
const RULE = 'must be 1 to 64 letters, digits, ".", "_" or "-"';
const LONGEST = 64;

/** The schema of names. `joint` joins the words of a text in the name that a refusal proposes. */
export function nameJoinedBy(joint: '.' | '-') {
  return z.string('must be a string').regex(NAME, { error: ({ input }) => whyUnfit(String(input), joint) });
}

/** Says which character does not fit, and proposes the nearest name that does. */
function whyUnfit(text: string, joint: string): string {
  const proposal = proposedName(text, joint);
  const such = proposal === '' ? '' : `: for example ${proposal}`;
  const [unfit] = /[^A-Za-z0-9._-]/u.exec(text) ?? [];
  if (unfit === ' ') return `${RULE}, without spaces${such}`;
  if (unfit !== undefined) return `${RULE}, without "${unfit}"${such}`;
  if (/^[._-]/.test(text)) return `${RULE}, and begin with a letter or digit${such}`;
  return RULE;
}

/**
 * `Maria Lopez` becomes `maria.lopez`, and `Nest 1` becomes `nest-1`. Returns "" for a text that has no Latin letter
 * and no digit.
 */
export function proposedName(text: string, joint = '.'): string {
  const parts =
    text
      .normalize('NFD')
      .replaceAll(/\p{M}/gu, '')
      .match(/[A-Za-z0-9]+/g) ?? [];
  const joined = parts.join(parts.some((part) => /^\d+$/.test(part)) ? '-' : joint);
  const name = joined === joined.toUpperCase() ? joined : joined.toLowerCase();
  return name.slice(0, LONGEST);
}

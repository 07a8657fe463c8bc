import type { SignOnSettings } from '../../contract/sign-on/settings.ts';
import type { SignOnRole } from '../../model/role.ts';
import { refusal } from '../../platform/error.ts';
import { own } from '../../platform/own.ts';

/**
 * Entra ID puts at most 200 groups into a token. If a person has more, the token contains a reference instead. The
 * service does not follow the reference: it would need rights to read the directory.
 */
export const MAX_GROUPS = 200;

/**
 * Returns the role that the person's groups give. Refuses a person without a role, and a person with too many groups.
 */
export function roleIn(
  claims: Record<string, unknown>,
  { claim, roles }: Pick<SignOnSettings, 'claim' | 'roles'>,
): SignOnRole {
  const groups = groupsIn(claims, claim);
  const row = roles.find(({ group }) => groups.has(group));
  if (row !== undefined) return row.role;
  throw groups.size === 0
    ? refusal('no-role', 'noClaim', { claim })
    : refusal('no-role', 'noRow', { count: groups.size });
}

/** The claim is a list, or a text if the person has one group. Anything else counts as no group. */
function groupsIn(claims: Record<string, unknown>, claim: string): ReadonlySet<string> {
  const value = own(claims, claim);
  const instead = own(claims, '_claim_names');
  const isOver =
    (typeof instead === 'object' && instead !== null && Object.hasOwn(instead, claim)) ||
    own(claims, 'hasgroups') !== undefined ||
    (Array.isArray(value) && value.length > MAX_GROUPS);
  if (isOver) throw refusal('too-many-groups', 'limit', { max: MAX_GROUPS });
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return new Set(list.filter((one) => typeof one === 'string').filter((one) => one !== ''));
}

/** Returns texts from which the name of a new person is made, the best first. */
export function namesIn(claims: Record<string, unknown>): string[] {
  return ['preferred_username', 'email', 'name'].flatMap((claim) => {
    const value = own(claims, claim);
    return typeof value === 'string' ? [value.slice(0, 200)] : [];
  });
}

import { identityKey, identityValue, type Identity, type IdentityRules } from '../body.ts';
import { LINK } from './link.ts';

/** Returns the link address as an identity. Like every MAC, it has a key. */
export function linkIdentity(mac: string): Identity {
  const key = identityKey(mac);
  return key === undefined ? [LINK, mac] : [LINK, mac, key];
}

/** True if this MAC identifies no device, because many devices have it. */
export function isPlaceholderLink(mac: string, rules: IdentityRules): boolean {
  return identityValue(LINK, mac, withLink(rules)) === undefined;
}

/** Returns rules that allow a body to name a link address. Only an export from Claimstamp is read with these rules. */
export function withLink({ properties, placeholders, macs }: IdentityRules): IdentityRules {
  return { properties: [...properties, LINK], placeholders, macs: [...macs, LINK] };
}

import { identityValue, type Identity } from '../body.ts';
import { identityKey } from '../identity/spelling.ts';
import type { IdentityRules } from '../identity/placeholders.ts';
import { LINK } from './link.ts';

/** Returns the link address as an identity. The identity has a key, because a link address is a MAC. */
export function linkIdentity(mac: string): Identity {
  const key = identityKey(mac);
  return key === undefined ? [LINK, mac] : [LINK, mac, key];
}

/** True if this MAC does not identify a device because many devices have it. */
export function isPlaceholderLink(mac: string, rules: IdentityRules): boolean {
  return identityValue(LINK, mac, withLink(rules)) === undefined;
}

/** Returns rules that allow a link address in a body. These rules are used only to read an export from Claimstamp. */
export function withLink({ properties, placeholders, macs }: IdentityRules): IdentityRules {
  return { properties: [...properties, LINK], placeholders, macs: [...macs, LINK] };
}

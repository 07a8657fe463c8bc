import { z } from 'zod';

/*
 * The link address of a device is the MAC address that this machine's kernel has stored for the connection's source
 * address. The service can use the link address to tell devices apart even if their firmware sends no identity.
 */

/**
 * The name of the identity property that contains the link address. A body must not contain a property with this name.
 */
export const LINK = 'link';

/** A unit gets this alarm when its device sends an identity that contradicts the link address. */
export const OTHER_LINK = 'other-link';

/**
 * Returns a MAC in the same spelling as link addresses have in the ledger. Returns undefined if the text is not a
 * MAC.
 */
export function linkAddress(mac: string): string | undefined {
  const digits = mac.replace(/[:\-. ]/g, '').toLowerCase();
  return /^[0-9a-f]{12}$/.test(digits) ? (digits.match(/../g) ?? []).join(':') : undefined;
}

/** The settings about link addresses. A product has only the first of these settings. */
export const LINK_SETTINGS = {
  linkAddress: z
    .boolean()
    .optional()
    .describe(
      "Also identify devices by their link address, the MAC that they have on this machine's own network segment",
    ),
  fixtureAdapters: z
    .array(z.string().refine((mac) => linkAddress(mac) !== undefined, 'must be a MAC such as 00:0A:CD:12:34:56'))
    .max(64)
    .optional()
    .describe('MACs of USB network adapters that belong to the fixture; they do not identify a device'),
};

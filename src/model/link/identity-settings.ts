import { z } from 'zod';
import { DEFAULT_IDENTITY } from '../identity/placeholders.ts';
import { NEVER_MACS } from '../identity/spelling.ts';
import { LINK } from './link.ts';
import { list } from '../setting-types.ts';

/** Settings for how a request's body identifies its device. */
export const IDENTITY_SETTINGS = {
  identityProperties: list(
    z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'must be names of properties in the request body')
      .refine(
        (name) => !['attributes', 'product', '__proto__'].includes(name),
        'must not name this property, because it does not tell devices apart',
      )
      .refine((name) => name !== LINK, "must not name link, because the service itself adds the device's link address"),
  )
    .refine((names) => new Set(names).size === names.length, 'names a property twice')
    .default(DEFAULT_IDENTITY.properties)
    .describe('Properties of the body that identify the device'),
  identityMacs: list(z.string())
    .refine((names) => !names.some((name) => NEVER_MACS.includes(name)), 'must not name serial or uid')
    .default(DEFAULT_IDENTITY.macs)
    .describe(
      'Identity properties that contain a MAC or EUI-64. All spellings of a value, such as `a4-c1-38-aa-00-01` and `A4C1.38AA.0001`, identify the same device',
    ),
  identityPlaceholders: list(z.string().min(1))
    .default(DEFAULT_IDENTITY.placeholders)
    .describe(
      'Values that identify no device. The following values never identify a device either: all zeros, all Fs, one repeated character, eight or more digits in counting order such as `12345678`, templates such as `${mac}`, and group (multicast) MACs and EUI-64s',
    ),
};

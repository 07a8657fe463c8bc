import { z } from 'zod';
import { DEFAULT_IDENTITY, NEVER_MACS } from '../body.ts';
import { LINK } from './link.ts';
import { list } from '../setting-types.ts';

/** Settings for how a request's body identifies its device. */
export const IDENTITY_SETTINGS = {
  identityProperties: list(
    z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'must be names of body properties')
      .refine(
        (name) => !['attributes', 'product', '__proto__'].includes(name),
        'cannot tell devices apart by this property',
      )
      .refine((name) => name !== LINK, 'must not name link: the service itself adds the link address of the device'),
  )
    .refine((names) => new Set(names).size === names.length, 'names a property twice')
    .default(DEFAULT_IDENTITY.properties)
    .describe('Properties of the body that identify the device'),
  identityMacs: list(z.string())
    .refine((names) => !names.some((name) => NEVER_MACS.includes(name)), 'must not name serial or uid')
    .default(DEFAULT_IDENTITY.macs)
    .describe(
      'Identity properties whose values are MACs or EUI-64s; every spelling of a value, such as `a4-c1-38-aa-00-01` or `A4C1.38AA.0001`, names the same device',
    ),
  identityPlaceholders: list(z.string().min(1))
    .default(DEFAULT_IDENTITY.placeholders)
    .describe(
      'Values that identify no device. In addition, only zeros, only Fs, one repeated character, or a template such as `${mac}` never identify a device',
    ),
};

import { z } from 'zod';

/*
 * A pool has numbers of one kind, such as MACs, that the service gives to the units of a product. A pool is written as
 * one text, so that the API, the command line and forms all use the same text.
 */

/** The maximum number of pools of a product. No known device has more radios than this. */
const MAX_POOLS = 8;

const PROPERTY = '[A-Za-z_][A-Za-z0-9_-]{0,31}';

/** The maximum number of characters, enough for a few dozen ranges. */
const MAX_TEXT = 1000;

export const POOL = new RegExp(`^(${PROPERTY})=([^\\s,=]+)$`);

export const POOL_SETTINGS = {
  pools: z
    .array(
      z
        .string()
        .max(MAX_TEXT)
        .regex(POOL, 'must be a property, "=" and its ranges, such as mac=A4C138000000-A4C1380FFFFF'),
    )
    .max(MAX_POOLS)
    .optional()
    .describe(
      'Numbers that each unit gets, as property=FIRST-LAST, such as mac=A4C138000000-A4C1380FFFFF; "+" adds a range; property=LIC-{seq:6}:1-5000 is a pattern',
    ),
  poolAnswers: z
    .array(z.string().regex(new RegExp(`^${PROPERTY}$`), 'must be the name of an identity property, such as mac'))
    .max(MAX_POOLS)
    .optional()
    .describe('Pools, such as mac, whose numbers are also sent to the agent, beside the Claim ID'),
};

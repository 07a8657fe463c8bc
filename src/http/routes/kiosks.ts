import { z } from 'zod';
import { permissionsOf } from '../../model/role.ts';
import { makerOf, refuseMore } from '../auth.ts';
import { present } from '../read-body.ts';
import { End, publicAddress } from './station-keys.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { shownTime, StationParams, Time } from '../schemas.ts';
import { drawSecret, secretHash } from '../secret.ts';

/** How long, in ms, the link works. The time is long enough for a person to walk to the station. */
const LINK_MS = 60 * 60 * 1000;

const Opening = z.strictObject({
  expiresAt: End.optional().meta({
    description:
      "The time when the screen is signed out. By default, the screen is signed out after a year. Required if the caller's token expires",
  }),
});

const kiosk = {
  tag: 'access',
  may: 'access:write',
  confirmed: true,
  params: StationParams,
} as const;

export const kioskOperations = {
  'POST /v1/stations/{name}/kiosk': {
    ...kiosk,
    summary: 'Make a one-time link that opens the screen at this station',
    description:
      'Open the link at the station and press the button. The link works once, within an hour. A new link replaces the previous one.',
    body: Opening,
    example: {},
    status: 201,
    answer: z.object({
      station: z.string(),
      link: z.string(),
      expiresAt: Time.meta({ description: 'The link works until this time' }),
      screenUntil: Time.optional().meta({ description: 'The time when the screen is signed out, if one was given' }),
    }),
    refusals: ['not-found', 'beyond-own-rights'],
  },
  'DELETE /v1/stations/{name}/kiosk': {
    ...kiosk,
    summary: 'Sign out all screens of this station; an unused link stops working',
    answer: z.object({ station: z.string() }),
  },
} satisfies Declarations;

/** A kiosk is a screen that belongs to one station. The screen is signed in as that station, not as a person. */
export function kioskRoutes(on: On, services: Services): void {
  const { ledger, now } = services;
  on(kioskOperations, 'POST /v1/stations/{name}/kiosk', async ({ c, params: { name }, body, who }) => {
    refuseMore(who, permissionsOf('operator'));
    const secret = drawSecret();
    const sessionUntil = body.expiresAt === undefined ? undefined : Date.parse(body.expiresAt);
    const expiresAt = Math.min(now() + LINK_MS, who.until ?? Infinity, sessionUntil ?? Infinity);
    const link = { kind: 'invite', name, kiosk: true, hash: secretHash(secret), expiresAt } as const;
    const source = services.source.address(c);
    await ledger.record({ ...link, ...present({ sessionUntil }), ...makerOf(who), source });
    return {
      station: name,
      link: `${publicAddress(c, services)}/sign-in/${secret}`,
      expiresAt: shownTime(expiresAt),
      ...present({ screenUntil: shownTime(sessionUntil) }),
    };
  });
  on(kioskOperations, 'DELETE /v1/stations/{name}/kiosk', async ({ params, who }) =>
    ledger.record({ kind: 'close-kiosk', station: params.name, actor: who.actor }),
  );
}

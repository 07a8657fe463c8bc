import { z } from 'zod';
import { permissionsOf } from '../../model/role.ts';
import { refuseMore } from '../auth.ts';
import { publicAddress } from './station-keys.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { shownTime, StationParams, Time } from '../schemas.ts';
import { drawSecret, secretHash } from '../secret.ts';

/** How long the link works. In this time a person can walk to the station. */
const LINK_MS = 60 * 60 * 1000;

const kiosk = {
  tag: 'access',
  may: 'access:write',
  params: StationParams,
} as const;

export const kioskOperations = {
  'POST /v1/stations/{name}/kiosk': {
    ...kiosk,
    summary: 'Make a one-time link that opens the screen at this station',
    description:
      'Open the link at the station and press the button. The link works once, within an hour. A new link replaces the previous one.',
    status: 201,
    answer: z.object({ station: z.string(), link: z.string(), expiresAt: Time }),
  },
  'DELETE /v1/stations/{name}/kiosk': {
    ...kiosk,
    summary: 'Close all screens of this station; an unused link stops working',
    answer: z.object({ station: z.string() }),
  },
} satisfies Declarations;

/** A kiosk is a screen that belongs to one station. It is signed in without a person. */
export function kioskRoutes(on: On, services: Services): void {
  const { ledger, now } = services;
  on(kioskOperations, 'POST /v1/stations/{name}/kiosk', async ({ c, params: { name }, who }) => {
    refuseMore(who, permissionsOf('operator'));
    const secret = drawSecret();
    const expiresAt = now() + LINK_MS;
    const link = { kind: 'invite', name, kiosk: true, hash: secretHash(secret), expiresAt } as const;
    await ledger.record({ ...link, actor: who.actor });
    return {
      station: name,
      link: `${publicAddress(c, services)}/sign-in/${secret}`,
      expiresAt: shownTime(expiresAt),
    };
  });
  on(kioskOperations, 'DELETE /v1/stations/{name}/kiosk', async ({ params, who }) =>
    ledger.record({ kind: 'close-kiosk', station: params.name, actor: who.actor }),
  );
}

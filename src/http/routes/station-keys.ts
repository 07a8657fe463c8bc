import type { Context } from 'hono';
import { z } from 'zod';
import { addressOf } from '../../model/printer.ts';
import { Name } from '../../model/product.ts';
import { plainAddress } from '../../model/station.ts';
import { readOnly } from './catalog.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { check } from '../../platform/validation-words.ts';
import { present } from '../read-body.ts';
import { makerOf } from '../auth.ts';
import { shownTime, StationParams, Time } from '../schemas.ts';
import { drawSecret, secretHash } from '../secret.ts';
import { bindingsOf } from '../source.ts';

/**
 * A key has 160 bits, more than the required minimum of 128 bits. A key takes 27 of the 255 characters that a URL may
 * have.
 */
const KEY_BYTES = 20;

const HOUR_MS = 60 * 60 * 1000;

/**
 * How many hours the previous key keeps working. With 72 hours, a production line that no one can reconfigure over a
 * weekend still works on Monday.
 */
const DEFAULT_OVERLAP_HOURS = 72;

/** The time (RFC 3339), chosen by the caller, at which a key expires or a screen is signed out. */
export const End = z.iso.datetime({ offset: true });

const Rotation = z.strictObject({
  overlapHours: z
    .number()
    .min(0)
    .max(24 * 90)
    .default(DEFAULT_OVERLAP_HOURS)
    .meta({ description: 'For how many hours the previous key keeps working. Use 0 if the key leaked' }),
  expiresAt: End.optional().meta({
    description:
      "The time when the key expires. By default, the key never expires. Required if the caller's token expires",
  }),
});

const own = { tag: 'access', may: 'access:write', confirmed: true, params: StationParams } as const;

export const keyOperations = {
  'POST /v1/stations/{name}/key': {
    ...own,
    summary: "Make a key for the station's URL. The key is shown only once",
    body: Rotation,
    example: { overlapHours: 72 },
    status: 201,
    answer: z.object({
      station: z.string(),
      key: z.string(),
      url: z.string().meta({ description: "For the agent's `api.serialize`" }),
      expiresAt: Time.optional().meta({
        description: 'The key works until this time. Absent if the key never expires',
      }),
      formerUntil: Time.optional().meta({ description: 'The previous key works until this time' }),
    }),
    links: {
      'POST /ioto/serialize/{stationKey}': { stationKey: 'key' },
      'POST /api/{stationKey}/device/register': { stationKey: 'key' },
    },
    refusals: ['not-found', 'read-only', 'beyond-own-rights'],
  },
  'DELETE /v1/stations/{name}/key': {
    ...own,
    summary: 'Withdraw all keys of a station',
    answer: z.object({ station: z.string() }),
    refusals: ['not-found', 'read-only'],
  },
} satisfies Declarations;

/** Operations for the keys in the URLs that agents call. */
export function keyRoutes(on: On, services: Services): void {
  const { ledger } = services;
  on(keyOperations, 'POST /v1/stations/{name}/key', async ({ c, params, body, who }) => {
    const station = keyable(services, params.name);
    const key = drawSecret(KEY_BYTES);
    const expiresAt = body.expiresAt === undefined ? undefined : Date.parse(body.expiresAt);
    const set = { kind: 'set-station-key', station, hash: secretHash(key), ...makerOf(who) } as const;
    const { formerUntil } = await ledger.record({
      ...set,
      overlapMs: body.overlapHours * HOUR_MS,
      ...present({ expiresAt }),
    });
    const url = `${publicAddress(c, services)}/ioto/serialize/${key}`;
    const ends = { expiresAt: shownTime(expiresAt), formerUntil: shownTime(formerUntil) };
    return { station, key, url, ...present(ends) };
  });
  on(keyOperations, 'DELETE /v1/stations/{name}/key', async ({ params, who }) => {
    const station = keyable(services, params.name);
    await ledger.record({ kind: 'set-station-key', station, actor: who.actor });
    return { station };
  });
}

function keyable({ config }: Services, name: string): string {
  const station = check(Name, name);
  const inFile = config.catalog.stations.some((one) => one.name === station && one.key !== undefined);
  if (inFile) throw readOnly('keyOf', station);
  return station;
}

/**
 * Returns the configured address for devices and people. If no address is configured, returns the address of this
 * machine at which the request arrived. The Host header is not used, because the caller can choose its value, and a
 * forged value would send a secret to the wrong host.
 */
export function publicAddress(c: Context, { config }: Pick<Services, 'config'>): string {
  if (config.publicUrl !== undefined) return config.publicUrl.replace(/\/$/, '');
  const { socket } = bindingsOf(c).incoming ?? {};
  const isSecure = config.tlsCert !== undefined;
  // With TLS, commands on this machine use another port. Devices and people cannot use that port.
  const isOfCommands = isSecure && socket !== undefined && !('encrypted' in socket);
  const { localAddress = config.host, localPort = config.port } = isOfCommands ? {} : (socket ?? {});
  return `${isSecure ? 'https' : 'http'}://${addressOf({ host: plainAddress(localAddress), port: localPort })}`;
}

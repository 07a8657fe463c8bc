import { z } from 'zod';
import { parseLine } from '../../model/event.ts';
import { refusal } from '../../platform/error.ts';
import { operatorIn } from '../../decide/badge.ts';
import { nameOf } from '../auth.ts';
import { unlessLeft } from '../client-gone.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { StationParams, Time } from '../schemas.ts';

const Count = z.int().min(0);

const Shift = z.object({
  from: Time,
  to: Time,
  operator: z.string().optional().meta({ description: 'The person whose badge was scanned at the beginning' }),
  issued: Count,
  passed: Count,
  failed: Count.meta({ description: 'Scans that failed' }),
  reprinted: Count.meta({ description: 'Reprinted labels' }),
  open: Count.meta({ description: 'Units issued in this time that have not passed, counted up to 100' }),
});

export const handOverOperations = {
  'GET /v1/stations/{name}/hand-over': {
    tag: 'stations',
    summary: 'What happened at a station since the last badge scan, and between that scan and the one before',
    description:
      'Each badge scan is a hand-over. Only badge scans of the last 24 hours are considered: without an earlier scan, a period begins 24 hours ago. Units for engineering, samples and reference devices are not counted. The answer names no unit.',
    may: 'stations:read',
    kiosk: 'own-station',
    params: StationParams,
    answer: z.object({ station: z.string(), now: Shift, before: Shift.optional() }).meta({ id: 'HandOver' }),
    refusals: ['not-found', 'busy', 'disk-full', 'stopping'],
  },
} satisfies Declarations;

const HOURS_24_MS = 24 * 60 * 60 * 1000;

/** How many of the newest badge scans, at all stations, are searched for the last scans at this station. */
const SEARCHED = 2000;

/** Counting stops at this number of open units. No station leaves so many units open in a shift. */
const MAX_OPEN = 100;

export function handOverRoutes(on: On, services: Services): void {
  on(handOverOperations, 'GET /v1/stations/{name}/hand-over', async ({ c, params: { name }, who, stillAllowed }) => {
    if ((await services.ledger.station(name)) === undefined) throw refusal('not-found', 'station', { station: name });
    const now = services.now();
    const [last, former] = await badgesAt(services, name, now - HOURS_24_MS);
    const shift = (from: number, to: number, operator: string | undefined) =>
      unlessLeft(c, stillAllowed, (signal) => shiftAt(services, { name, from, to, operator }, nameOf(who), signal));
    const begin = last?.at ?? now - HOURS_24_MS;
    const current = await shift(begin, now + 1, last?.operator);
    const before = last && (await shift(former?.at ?? now - HOURS_24_MS, last.at, former?.operator));
    return { station: name, now: current, ...present({ before }) };
  });
}

interface Badge {
  at: number;
  operator: string;
}

/** Returns the last two badge scans at a station, newest first. */
async function badgesAt({ ledger }: Services, station: string, from: number): Promise<Badge[]> {
  const lines = await ledger.accessEvents({
    before: Number.MAX_SAFE_INTEGER,
    limit: SEARCHED,
    type: 'badge-used',
  });
  const found = lines.map(parseLine).filter((event) => event.station === station && event.at >= from);
  return found.slice(0, 2).map(({ at, actor }) => ({ at, operator: operatorIn(actor) }));
}

interface Asked {
  name: string;
  from: number;
  to: number;
  operator: string | undefined;
}

async function shiftAt(services: Services, { name, from, to, operator }: Asked, by: string, signal: AbortSignal) {
  const { stations } = await services.figures(from, to, by, signal);
  const { station: _station, ...counts } = stations.find(({ station }) => station === name) ?? {
    station: name,
    issued: 0,
    passed: 0,
    failed: 0,
    reprinted: 0,
  };
  const within = { station: name, from, to, after: 0, limit: MAX_OPEN };
  const [issued, printed] = await Promise.all(
    (['issued', 'printed'] as const).map((status) => services.ledger.units({ ...within, status })),
  );
  const open = Math.min((issued?.units.length ?? 0) + (printed?.units.length ?? 0), MAX_OPEN);
  const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  return { ...times, ...present({ operator }), ...counts, open };
}

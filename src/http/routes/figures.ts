import { z } from 'zod';
import { refusal } from '../../platform/error.ts';
import { MAX_DAYS } from '../../decide/line-figures.ts';
import { refuseReversed } from '../known-filter.ts';
import { unlessLeft } from '../client-gone.ts';
import { nameOf } from '../auth.ts';
import type { Services } from '../services.ts';
import type { Declarations, On } from '../operation.ts';
import { Time } from '../schemas.ts';
import { shiftAt, shiftsOf, type Shift } from '../../platform/day.ts';
import type { ShiftFigures } from '../../decide/shift-figures.ts';
import { handOut } from '../send-file.ts';
import { moment, When } from '../time-params.ts';

const Count = z.int().min(0);
const Station = z.string();

const ShiftShape = {
  from: Time,
  to: Time,
  stations: z.array(
    z.object({
      station: Station,
      issued: Count,
      passed: Count,
      failed: Count,
      reprinted: Count,
      firstScans: z.object({ units: Count, passed: Count }),
      lastAt: Time.meta({ description: 'The last event at the station in this shift' }),
      slices: z.array(z.tuple([Count, Count, Count])).meta({
        description:
          'For each ten-minute interval with scans: its number since the shift began, passed units, failed scans',
      }),
    }),
  ),
  orders: z
    .array(z.object({ workOrder: z.string(), issued: Count }))
    .meta({ description: 'Units issued to devices, by work order' }),
};

const OfDay = z.strictObject({
  day: z.iso.date().meta({ description: 'A day in the time zone of the service (TZ)', examples: ['2026-11-25'] }),
});

const DAY_MS = 24 * 60 * 60 * 1000;

export const figuresOperations = {
  'GET /v1/figures': {
    tag: 'units',
    summary: 'Figures of the production line: units by hour and station, first scans, reprints',
    description:
      'Counted from the events of the period, without slowing down the line. Only production units count. The answer identifies no unit.',
    may: 'units:list',
    query: z.strictObject({
      from: When.meta({
        description: 'From this moment, or from the beginning of this day in the time zone of the service (TZ)',
        examples: ['2026-11-25'],
      }),
      to: When.meta({
        description: `Before this moment, or until the end of this day. The period may have at most ${MAX_DAYS} days`,
        examples: ['2026-11-25'],
      }),
    }),
    answer: z
      .object({
        from: Time,
        to: Time,
        issued: z
          .array(z.object({ hour: Time, station: Station, units: Count }))
          .meta({ description: 'Units issued to devices. Hours without units are omitted' }),
        firstScans: z.array(z.object({ station: Station, units: Count, passed: Count })).meta({
          description:
            'Units by the result of the first scan of their label, if that scan was in this period. First-pass yield = passed / units',
        }),
        firstTests: z.array(z.object({ procedure: z.string(), units: Count, passed: Count })).meta({
          description:
            'Units by the first result of each test procedure, if that result was in this period. First-pass yield = passed / units. A result `error` does not count',
        }),
        stations: z
          .array(z.object({ station: Station, issued: Count, passed: Count, failed: Count, reprinted: Count }))
          .meta({
            description: 'Events at each station: issued and passed units, failed scans, reprinted labels',
          }),
        reprints: z.array(z.object({ reason: z.string(), copies: Count })),
        leftOut: z.object({ engineering: Count, sample: Count, reference: Count }).meta({
          description: 'Units that the other figures do not count: engineering units, samples and reference devices',
        }),
      })
      .meta({ id: 'LineFigures' }),
    refusals: ['busy', 'disk-full', 'stopping'],
  },
  'GET /v1/figures/shift': {
    tag: 'units',
    summary: 'Figures of the current shift, by station',
    description:
      'Counted at most every five seconds, without slowing down the line. Shifts begin at the times in `CLAIMSTAMP_SHIFTS`. Only production units count. The answer identifies no unit.',
    may: 'units:list',
    answer: z
      .object({ ...ShiftShape, at: Time.meta({ description: 'When these figures were counted' }) })
      .meta({ id: 'ShiftFigures' }),
    refusals: ['busy', 'disk-full', 'stopping'],
  },
  'GET /v1/figures/day': {
    tag: 'units',
    summary: 'Figures of a day, shift by shift and by station',
    description:
      "The day's shifts begin at the times in `CLAIMSTAMP_SHIFTS`. Counted without slowing down the line. Only production units count. The answer identifies no unit.",
    may: 'units:list',
    query: OfDay,
    answer: z.object({ day: z.string(), shifts: z.array(z.object(ShiftShape)) }).meta({ id: 'DayFigures' }),
    refusals: ['busy', 'disk-full', 'stopping'],
  },
  'GET /v1/figures/day.pdf': {
    tag: 'units',
    summary: 'The figures of a day as a report on A4 paper',
    description: 'The figures of `GET /v1/figures/day`, with the name of the site and the person who made the report.',
    may: 'units:list',
    query: OfDay,
    file: { types: ['application/pdf'], description: 'A4' },
    refusals: ['busy', 'disk-full', 'stopping'],
  },
} satisfies Declarations;

export function figuresRoute(on: On, services: Services): void {
  on(figuresOperations, 'GET /v1/figures', async ({ c, query, who, stillAllowed }) => {
    const from = moment(query.from, 'begin');
    const to = moment(query.to, 'end');
    refuseReversed(from, to);
    // When the clocks change, a day can have 25 hours.
    if (to - from > (MAX_DAYS + 1) * DAY_MS) throw refusal('invalid', 'manyDays', { max: MAX_DAYS });
    const figures = await unlessLeft(c, stillAllowed, (signal) => services.figures(from, to, nameOf(who), signal));
    return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), ...figures };
  });
  on(figuresOperations, 'GET /v1/figures/shift', async () => {
    const shift = shiftAt(services.config.shifts, services.now());
    const { at, ...figures } = await services.shift.count(shift);
    return { ...shiftJson({ ...shift, ...figures }), at: new Date(at).toISOString() };
  });
  on(figuresOperations, 'GET /v1/figures/day', async ({ query: { day }, who }) => {
    const shifts = await services.days.count(day, shiftsOf(services.config.shifts, day), nameOf(who));
    return { day, shifts: shifts.map(shiftJson) };
  });
  on(figuresOperations, 'GET /v1/figures/day.pdf', async ({ c, query: { day }, who, stillAllowed }) => {
    const type = { 'content-type': 'application/pdf' };
    if (c.req.method === 'HEAD') return c.body(null, 200, type);
    const drawn = await services.days.draw(day, shiftsOf(services.config.shifts, day), nameOf(who));
    return handOut(c, stillAllowed, drawn, type);
  });
}

function shiftJson({ from, to, stations, orders }: Shift & ShiftFigures) {
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    stations: stations.map(({ lastAt, ...station }) => ({ ...station, lastAt: new Date(lastAt).toISOString() })),
    orders,
  };
}

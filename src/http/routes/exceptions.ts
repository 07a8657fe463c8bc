import { z } from 'zod';
import { EXCEPTIONS } from '../../model/exceptions/kinds.ts';
import { maskedUnit } from '../../model/masking.ts';
import { readEvent } from '../../model/event-check.ts';
import { shiftAt } from '../../platform/day.ts';
import { scannedId } from '../find-unit.ts';
import type { Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { shownTime, Time, Uci } from '../schemas.ts';
import type { Services } from '../services.ts';
import { moment, When } from '../time-params.ts';

/**
 * How long, in ms, an issued unit is assumed to be at its station. During this time, a missing label or scan does not
 * need anyone's attention.
 */
const SETTLED_MS = 15 * 60 * 1000;

/** Returns a time in ms since 1970. Units that were issued at this time or later have no exception yet. */
export function settledBefore(now: number): number {
  return now - SETTLED_MS;
}

/** The maximum number of closed exceptions in an answer. */
const MAX_CLOSED = 100;

const Kind = z.enum(EXCEPTIONS).meta({
  description:
    "`wrong-id`: a device that is not this unit's device reported the unit's Claim ID. `no-label`: no label was printed (only the newest 20,000 units are counted). `not-scanned`: no one scanned the label",
});
const Unused = z.object({ name: z.string(), count: z.int(), oldestAt: Time });

export const exceptionOperations = {
  'GET /v1/exceptions': {
    tag: 'units',
    summary: 'Count the open exceptions',
    description:
      'Units that were issued in the last 15 minutes do not count, because they may still be at their station. To list the units, use `GET /v1/units?exception=no-label&to=BEFORE`.',
    may: 'units:list',
    answer: z.object({
      before: Time.meta({ description: 'Units that were issued at this time or later do not count' }),
      kinds: z.array(
        z.object({
          kind: Kind,
          count: z.int(),
          more: z.boolean().meta({ description: 'True if there are more units than `count` says' }),
          oldestAt: Time.optional().meta({ description: 'The time when the oldest of these units was issued' }),
        }),
      ),
      files: z.array(Unused).meta({ description: 'Firmware files that no device has used yet, by product' }),
      rolls: z.array(Unused).meta({ description: 'Roll labels that are not on a device yet, by roll' }),
      more: z.boolean().meta({ description: 'True if there are more files or labels than these lists contain' }),
    }),
  },
  'GET /v1/exceptions/closed': {
    tag: 'units',
    summary: 'The exceptions that were closed since a given time, newest first',
    description: 'Claim IDs are masked. The answer has at most 100 entries; the audit lists all closed exceptions.',
    may: 'units:list',
    query: z.strictObject({
      from: When.optional().meta({ description: 'From this time or day; the default is the beginning of this shift' }),
    }),
    answer: z.object({
      from: Time,
      closed: z.array(
        z.object({
          at: Time,
          by: z.string(),
          unit: z.string().meta({ description: 'The masked Claim ID' }),
          serial: z.string().optional(),
          kind: Kind,
          note: z.string(),
        }),
      ),
      more: z.boolean(),
    }),
  },
  'POST /v1/units/{uci}/exceptions/close': {
    tag: 'units',
    summary: 'Close an exception of a unit with a note',
    description:
      'The ledger records the note and the caller. If the same thing happens to the unit again, the exception reopens.',
    may: 'units:void',
    lookup: true,
    params: z.object({ uci: Uci }),
    body: z.strictObject({
      kind: Kind,
      note: z.string().trim().min(1).max(500).meta({ description: 'What was found, and what was done' }),
    }),
    example: { kind: 'no-label', note: 'The label was printed by hand and is on the device.' },
    answer: z.object({ uci: z.string(), kind: Kind }),
    refusals: ['not-found', 'no-exception'],
  },
} satisfies Declarations;

export function exceptionRoutes(on: On, services: Services): void {
  const { ledger, alarms, now, config } = services;
  on(exceptionOperations, 'GET /v1/exceptions', async () => {
    const before = settledBefore(now());
    const { kinds, files, rolls, more } = await ledger.exceptions(before);
    const shown = (list: typeof files) => list.map((one) => ({ ...one, oldestAt: shownTime(one.oldestAt) }));
    return {
      before: shownTime(before),
      kinds: kinds.map(({ oldestAt, ...one }) => ({ ...one, ...present({ oldestAt: shownTime(oldestAt) }) })),
      files: shown(files),
      rolls: shown(rolls),
      more,
    };
  });
  on(exceptionOperations, 'GET /v1/exceptions/closed', async ({ query }) => {
    const from = query.from === undefined ? shiftAt(config.shifts, now()).from : moment(query.from, 'begin');
    const page = { types: ['exception-closed'], from, before: Number.MAX_SAFE_INTEGER, limit: MAX_CLOSED + 1 } as const;
    const lines = await ledger.accessEvents(page);
    const closed = await Promise.all(lines.slice(0, MAX_CLOSED).map((line) => closedJson(services, line)));
    return { from: shownTime(from), closed: closed.flat(), more: lines.length > MAX_CLOSED };
  });
  on(exceptionOperations, 'POST /v1/units/{uci}/exceptions/close', async ({ params, body: { kind, note }, who }) => {
    const uci = await scannedId(services, params.uci);
    const alarm = kind === 'wrong-id' ? (await ledger.unit(uci))?.unit.alarm : undefined;
    const closed = await ledger.record({ kind: 'close-exception', uci, exception: kind, note, actor: who.actor });
    // The alarm is also removed from the station screens. If another device causes the same alarm, the alarm reappears
    // with the next report of that device.
    if (alarm !== undefined) alarms.forgetAlarm(alarm.replace(/:.*/, ''));
    return closed;
  });
}

async function closedJson({ ledger }: Services, line: string) {
  const event = readEvent(line);
  if (event.type !== 'exception-closed') return [];
  const { at, actor: by, uci, data } = event;
  const unit = (await ledger.unit(uci))?.unit;
  if (unit === undefined) return [];
  const { kind, note } = data;
  return [{ at: shownTime(at), by, unit: maskedUnit(unit), kind, note, ...present({ serial: unit.serial }) }];
}

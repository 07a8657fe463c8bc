import { z } from 'zod';
import {
  DISPOSITIONS,
  ENDS,
  FACTS,
  OUTCOMES,
  RETURN_ENDS,
  statusOf,
  type Life,
  type Return,
  type Unit,
  type UnitExtra,
} from '../model/unit.ts';
import { TEST_OUTCOMES } from '../model/shipping/test-result.ts';
import { mapped } from '../platform/own.ts';
import { shownTime, Time } from './schemas.ts';

/* Schemas for a unit in the API: its facts, its lives and its history. */

const Fact = z.enum([...FACTS, ...ENDS]);

const ReturnAnswer = z
  .object({
    rma: z.string(),
    reason: z.string(),
    disposition: z.enum(DISPOSITIONS),
    at: Time,
    closed: z
      .object({ how: z.enum(RETURN_ENDS), at: Time })
      .optional()
      .meta({ description: 'Absent while the return is open' }),
  })
  .meta({ id: 'UnitReturn' });

const Tests = z.array(z.object({ procedure: z.string(), outcome: z.enum(TEST_OUTCOMES), at: Time })).optional();

function testsJson(tests: UnitExtra['tests'] = {}): { tests?: z.infer<typeof Tests> } {
  const results = Object.entries(tests).map(([procedure, { outcome, at }]) => ({
    procedure,
    outcome,
    at: shownTime(at),
  }));
  return results.length === 0 ? {} : { tests: results };
}

const RoleLabels = z
  .record(z.string(), z.int())
  .optional()
  .meta({ description: 'For each other role, such as box: how many labels, at most, may have been printed' });

export const LifeAnswer = z
  .object({
    status: Fact,
    facts: z.partialRecord(Fact, Time),
    labels: z.int().meta({ description: 'How many labels, at most, may have been printed since the unit was made' }),
    roleLabels: RoleLabels,
    station: z.string().optional(),
    alarm: z.string().optional(),
    outcome: z.enum(OUTCOMES).optional(),
    shipped: z
      .object({ list: z.string(), at: Time })
      .optional()
      .meta({ description: 'The shipping list on which the unit was in this life' }),
    return: ReturnAnswer.optional().meta({ description: 'The return that began this life' }),
    tests: Tests.meta({ description: 'The latest result of each test procedure in this life' }),
  })
  .meta({ id: 'UnitLife' });

export function lifeJson({ facts, return: began, shipped, tests, ...life }: Life): z.infer<typeof LifeAnswer> {
  return {
    ...life,
    ...testsJson(tests),
    status: statusOf({ facts }),
    facts: mapped(facts, (at) => shownTime(at)),
    ...(shipped === undefined ? {} : { shipped: { list: shipped.list, at: shownTime(shipped.at) } }),
    ...(began === undefined ? {} : { return: returnJson(began) }),
  };
}

function returnJson({ seq: _seq, at, closed, ...said }: Return): z.infer<typeof ReturnAnswer> {
  return {
    ...said,
    at: shownTime(at),
    ...(closed === undefined ? {} : { closed: { how: closed.how, at: shownTime(closed.at) } }),
  };
}

export const UnitAnswer = z
  .object({
    uci: z.string(),
    product: z.string(),
    serial: z.string().optional(),
    status: Fact.meta({ description: 'The furthest state that the unit has reached' }),
    facts: z.partialRecord(Fact, Time).meta({ description: 'The time of each fact' }),
    station: z.string().optional(),
    workOrder: z.string().optional(),
    reservation: z.string().optional(),
    alarm: z.string().optional().meta({
      description:
        'The reason for the alarm: why the device that last reported this Claim ID is not the device that received it',
    }),
    outcome: z.enum(OUTCOMES).optional().meta({ description: "The outcome of the unit's registration" }),
    labels: z.int().meta({ description: 'How many labels of the device may have been printed' }),
    roleLabels: RoleLabels,
    releasedSample: z
      .object({ reason: z.string(), at: Time })
      .optional()
      .meta({ description: 'Present if a lead released this sample' }),
    reference: z
      .object({ note: z.string().optional() })
      .optional()
      .meta({ description: "Present if the unit's device is a reference device" }),
    return: ReturnAnswer.optional().meta({ description: 'The last return. The facts are those since this return' }),
    lives: z
      .array(LifeAnswer)
      .optional()
      .meta({ description: 'Former lives, oldest first. A work order counts a unit by its first life' }),
    shipped: z
      .object({ list: z.string(), at: Time })
      .optional()
      .meta({ description: 'The shipping list that the unit is on' }),
    tests: Tests.meta({ description: 'The latest result of each test procedure' }),
  })
  .meta({ id: 'Unit' });
export type UnitAnswer = z.infer<typeof UnitAnswer>;

export function unitJson({ id: _id, issuedSeq: _issued, lastSeq: _last, facts, extra, ...unit }: Unit): UnitAnswer {
  const time = (at: number): string => new Date(at).toISOString();
  return {
    ...unit,
    status: statusOf({ facts }),
    facts: mapped(facts, time),
    ...rareMembers(extra, time),
    ...shippingJson(extra),
  };
}

function shippingJson({ shipped, tests }: UnitExtra = {}): Pick<UnitAnswer, 'shipped' | 'tests'> {
  return {
    ...(shipped === undefined ? {} : { shipped: { list: shipped.list, at: shownTime(shipped.at) } }),
    ...testsJson(tests),
  };
}

function rareMembers(
  { roleLabels, releasedSample, reference, return: last, lives }: NonNullable<Unit['extra']> = {},
  time: (at: number) => string,
): Pick<UnitAnswer, 'roleLabels' | 'releasedSample' | 'reference' | 'return' | 'lives'> {
  return {
    ...(roleLabels === undefined ? {} : { roleLabels }),
    ...(releasedSample ? { releasedSample: { reason: releasedSample.reason, at: time(releasedSample.at) } } : {}),
    ...(reference ? { reference: reference.note === undefined ? {} : { note: reference.note } } : {}),
    ...(last === undefined ? {} : { return: returnJson(last) }),
    ...(lives === undefined ? {} : { lives: lives.map(lifeJson) }),
  };
}

export const HistoryAnswer = UnitAnswer.extend({
  name: z.string().optional(),
  model: z.string().optional(),
  identity: z.record(z.string(), z.string()).meta({ description: 'The properties that identify this device' }),
  repeats: z.object({ count: z.int(), lastAt: Time.optional() }).meta({ description: 'Repeats of the answer' }),
  sourceChanges: z.int().optional().meta({
    description: 'How many times the device asked from another source than before. Absent if never',
  }),
  purpose: z.enum(['engineering', 'sample']).optional().meta({
    description: 'The purpose of the work order, if it is not production',
  }),
  signedOff: z
    .object({ at: Time, by: z.string(), seq: z.int(), reason: z.string() })
    .optional()
    .meta({ description: 'Present if the unit was unaccounted for and signed off when its work order was closed' }),
  events: z.int(),
  attributes: z.record(z.string(), z.unknown()).optional().meta({ description: 'The body as the agent sent it' }),
}).meta({ id: 'UnitWithHistory' });

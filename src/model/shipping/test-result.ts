import { z } from 'zod';

/** `error` means that the test could not be completed, so this outcome says nothing about the unit. */
export const TEST_OUTCOMES = ['passed', 'failed', 'error'] as const;
export type TestOutcome = (typeof TEST_OUTCOMES)[number];

/**
 * The maximum number of procedures whose latest results are kept for a unit. A test plan has only a few procedures, so
 * a larger number is a mistake.
 */
export const MAX_PROCEDURES = 50;

const text = (max: number) =>
  z
    .string('must be a string')
    .trim()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'must have no control characters');

export const Procedure = z
  .string('must be a string')
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-"');

/** Returns the time in UTC, so that the ledger has only one spelling. A text that is not a time stays as it is. */
function inUtc(time: string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : new Date(at).toISOString();
}

export const TestResult = z.strictObject({
  procedure: Procedure.describe('Name of the test procedure, such as functional-test'),
  outcome: z.enum(TEST_OUTCOMES).describe('Outcome of the test; error means that the test could not be completed'),
  at: z.iso
    .datetime({ offset: true })
    .overwrite(inUtc)
    .optional()
    .describe('Time of the test by the clock of the tester; the ledger stores it in UTC'),
  station: text(64).optional().describe('Test station'),
  operator: text(64).optional().describe('Person who ran the test'),
  firmware: z
    .strictObject({
      version: text(64),
      sha256: z
        .string()
        .regex(/^[0-9A-Fa-f]{64}$/, 'must be 64 hexadecimal digits')
        .toLowerCase()
        .optional(),
    })
    .optional()
    .describe('Firmware that was tested'),
  reference: text(200).optional().describe('Where the complete result is, such as the name of a log file'),
});
export type TestResult = z.infer<typeof TestResult>;

/**
 * The latest result of a procedure, as stored with the unit. `at` is the time of the result's event in ms since 1970.
 */
export interface LatestTest {
  outcome: TestOutcome;
  at: number;
}

/** Returns the procedures whose latest result is not `passed`. */
export function notPassed(tests: Tests = {}): string[] {
  return Object.entries(tests).flatMap(([procedure, { outcome }]) => (outcome === 'passed' ? [] : procedure));
}

/** The latest results of a unit by procedure. */
export type Tests = { [procedure: string]: LatestTest };

/** Returns the procedures that the product asks for and that the unit has not passed. */
export function untested(required: readonly string[] = [], tests: Tests = {}): string[] {
  return required.filter((procedure) => tests[procedure]?.outcome !== 'passed');
}

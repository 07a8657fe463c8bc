import { FAILURES } from '../decide/scans/verify.ts';
import type { GateAnswer } from '../decide/shipping/gate.ts';
import { keysOf, withNames } from '../platform/own.ts';
import { holds, macOf, type Device } from './device.ts';
import { throwDice, type Dice } from './dice.ts';
import { untilThere, type Controls } from './operator.ts';
import { PROCEDURE, type LineOptions } from './options.ts';
import type { Nest, Service } from './stations.ts';

/*
 * A tester reports a result for each device that got its Claim ID. As on a real line, some devices fail, some pass only
 * after a repair, some results are reported twice or late, and some never. No unit may be released without a passed
 * test.
 */

/** For each outcome, the share of devices whose test ends with it. All other devices pass at once. */
const WAYS = { failed: 0.03, never: 0.03, late: 0.05, repaired: 0.05, twice: 0.03 } as const;
type Way = keyof typeof WAYS | 'passed';

/** Faults that are counted only if there is a tester. */
export const TESTER_ZEROS = ['untestedPassed', 'untestedReleased', 'resultsKept'] as const;

export interface TesterFigures extends Record<(typeof TESTER_ZEROS)[number], number> {
  results: number;
  ways: Record<Way, number>;
}

/**
 * Changes the seed, so that the tester has its own generator. So with the same seed, the shift is the same with and
 * without a tester.
 */
const TESTER_SEED = 15_485_863;

export interface Tester {
  figures: TesterFigures;
  /** Tests a device that is in its nest. */
  test: (device: Device, nest: Nest, controls: Controls) => Promise<void>;
  /** Reports that the unit passed. */
  passes: (uci: string) => Promise<void>;
  /** The reason why a gate must stop the unit. Undefined if the unit has passed its test. */
  stopOf: (uci: string) => 'test-failed' | 'not-tested' | undefined;
  /** True if the result of the unit will come late. */
  isLate: (uci: string) => boolean;
  /** Scans a label at the gate before a late result arrives, and then reports the result. */
  reportLate: (uci: string, scan: () => Promise<GateAnswer>) => Promise<void>;
  /** Reports all late results. */
  reportAllLate: () => Promise<void>;
  /**
   * Called after a device was armed for rework and has asked again. The results from before the rework must not count.
   */
  testAfterRework: (uci: string) => Promise<void>;
}

export function newWays(): TesterFigures['ways'] {
  return withNames([...keysOf(WAYS), 'passed'] as const, () => 0);
}

interface Work {
  service: Service;
  options: LineOptions;
  signal: AbortSignal;
  figures: TesterFigures;
  /** The last result of each unit that the tester has reported. */
  last: Map<string, 'passed' | 'failed'>;
  late: Set<string>;
}

export function openTester(service: Service, options: LineOptions, signal: AbortSignal): Tester {
  const figures: TesterFigures = { ...withNames(TESTER_ZEROS, () => 0), results: 0, ways: newWays() };
  const work: Work = { service, options, signal, figures, last: new Map(), late: new Set() };
  const { last, late } = work;
  const passes = (uci: string): Promise<void> => report(work, uci, 'passed');
  return {
    figures,
    passes,
    test: (device, nest, controls) => test(work, device, nest, controls),
    stopOf(uci) {
      if (last.get(uci) === 'passed') return undefined;
      return last.has(uci) ? 'test-failed' : 'not-tested';
    },
    isLate: (uci) => late.has(uci),
    async reportLate(uci, scan) {
      if (!late.delete(uci)) return;
      const answer = await scan();
      if (answer.result !== 'STOP' || !answer.reasons.some(({ code }) => code === 'not-tested'))
        figures.untestedReleased++;
      await passes(uci);
    },
    async reportAllLate() {
      for (const uci of late) await passes(uci);
      late.clear();
    },
    async testAfterRework(uci) {
      const { tests = [] } = await service.request<{ tests?: unknown[] }>('GET', `/v1/units/${uci}`);
      figures.resultsKept += tests.length;
      await passes(uci);
    },
  };
}

async function test(work: Work, device: Device, nest: Nest, controls: Controls): Promise<void> {
  const uci = holds(device);
  if (uci === undefined) return;
  const { options, figures, late } = work;
  const dice = throwDice(options.seed + TESTER_SEED, device.number);
  const way = wayOf(dice, nest);
  figures.ways[way]++;
  if (way === 'late') late.add(uci);
  if (way === 'late' || way === 'never') return;
  // A tester knows the device by its Claim ID or by its MAC.
  const code = dice() < 0.5 ? uci : macOf(device);
  if (way === 'failed' || way === 'repaired') await report(work, uci, 'failed', code);
  if (way === 'failed') return;
  if (way === 'repaired' && nest.needsTests) {
    const answer = await controls.scan({ label: uci });
    if (answer.result !== 'FAIL' || answer.reason !== FAILURES.testsNotPassed) figures.untestedPassed++;
  }
  await report(work, uci, 'passed', code);
  if (way === 'twice') await report(work, uci, 'passed', code);
}

/** At a station that requires passed tests, a device that fails is repaired at once. */
function wayOf(dice: Dice, { needsTests }: Nest): Way {
  let draw = dice();
  const way = keysOf(WAYS).find((one) => (draw -= WAYS[one]) < 0) ?? 'passed';
  return needsTests && way !== 'passed' && way !== 'twice' ? 'repaired' : way;
}

async function report(work: Work, uci: string, outcome: 'passed' | 'failed', code: string = uci): Promise<void> {
  const { service, signal, last, figures } = work;
  const result = {
    procedure: PROCEDURE,
    outcome,
    at: new Date().toISOString(),
    station: 'sim-tester',
    firmware: { version: '1.0.0', sha256: '0'.repeat(64) },
    reference: `log-${uci}.json`,
  };
  const path = `/v1/units/${encodeURIComponent(code)}/results`;
  await untilThere(signal, () => service.request('POST', path, result));
  last.set(uci, outcome);
  figures.results++;
}

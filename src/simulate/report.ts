import { withNames } from '../platform/own.ts';
import type { Boot } from './device.ts';
import type { GateFigures } from './gate.ts';
import type { LineOptions } from './options.ts';
import type { LeadFigures } from './lead.ts';
import type { Order, OrderFaults } from './orders.ts';
import { RETURN_ZEROS, type ReturnFigures, type ReturnZero } from './returns.ts';
import { POOL_ZEROS, type PoolFigures } from './pool.ts';
import type { ShiftFigures } from './shift.ts';
import type { SwapFigures } from './swaps.ts';
import { TESTER_ZEROS, type TesterFigures } from './tester.ts';
import type { LedgerUnit } from './units.ts';

/** A device that has left the production line. */
export interface Left {
  device: number;
  station: string;
  boot: Boot;
  held?: string;
  received: string[];
  label?: string;
  verdict?: string;
  swap?: 'found' | 'missed';
  /** True if the service answered the device's registration. */
  registered?: boolean;
  /** The work order of the station when the device was put in. */
  order?: Order;
}

/** Counts over all agents. */
export interface Tally {
  attempts: number;
  lost: number;
  /** The number of refusals for each HTTP status and problem. */
  refusals: Record<string, number>;
  /** For each reason, the number of attempts without a reply. */
  failures: Record<string, number>;
  answerMs: number[];
  elapsedMs: number;
}

/** The units in the ledger before and after the run. */
export interface LedgerSnapshots {
  before: Map<string, LedgerUnit>;
  after: Map<string, LedgerUnit>;
  repeats: number;
  /** The Claim IDs that the reconciliation lists as unaccounted for. */
  unaccounted?: Set<string>;
}

/** One device, and what the ledger says about it. */
export interface DeviceLine extends Pick<Left, 'device' | 'station' | 'label' | 'verdict' | 'boot'> {
  holds?: string;
  /** `ledger` is absent if the unit is not in the ledger. */
  ledger?: Pick<LedgerUnit, 'status' | 'serial' | 'station'>;
}

/** Figures that the report has only for some simulations. */
export interface ReportParts {
  /** Present in mode `shift`. */
  shift?: ShiftFigures;
  /** Present in mode `shift`. */
  lead?: LeadReport;
  /** Present if the labels were scanned at a gate. */
  gate?: GateFigures;
  /** Present if units were returned. */
  returns?: ReturnFigures;
  /** Present if there was a tester. */
  tester?: TesterFigures;
  /** Present if the units got numbers from a pool. */
  pool?: PoolFigures;
  /** Present if devices were identified by their link addresses. */
  swaps?: SwapFigures;
}

export interface LeadReport extends LeadFigures, OrderFaults {
  /** The number of reference devices that are wrongly counted in the line's figures. */
  referenceInFigures: number;
}

export interface Report extends Omit<Tally, 'answerMs'>, ReportParts {
  options: LineOptions;
  devices: number;
  holding: number;
  /** The number of devices that had no answer when the run ended. */
  cutOff: number;
  /** The number of units that were issued in this run, without void and scrapped units. */
  issued: number;
  leftOnRoll: number;
  passed: number;
  /** The number of labels that operators first stuck on the wrong device. */
  swapped: number;
  /** The number of devices that got an answer to their registration. */
  registered: number;
  repeats: number;
  answerMs: { median: number; p99: number; max: number };
  /** Units that were issued in this run, but that no device has. */
  orphans: string[];
  /** Faults that the service must never cause. `ok` is true if none of these faults was found. */
  mustBeZero: Record<MustBeZero, number>;
  ok: boolean;
  lines: DeviceLine[];
}

export type MustBeZero =
  | 'sameIdInTwoDevices'
  | 'heldButNotInLedger'
  | 'labelOfAnotherUnit'
  | 'swapsMissed'
  | 'registeredNotInLedger'
  | 'orphansUnexplained'
  | 'devicesGivenUp'
  | ShiftZero
  | OrderZero
  | ReferenceZero
  | GateZero
  | ReturnZero
  | (typeof TESTER_ZEROS)[number]
  | (typeof POOL_ZEROS)[number]
  | SwapZero;

/** Faults that are counted only in a shift. */
export const SHIFT_ZEROS = [
  'wrongLabelsPassed',
  'rightScansFailed',
  'doubleReadsFailed',
  'layoutsNotTold',
  'reprintsStillPassed',
  'passedNotInLedger',
  'orphansNotListed',
] as const;
/** Faults that are counted only for the work orders of a shift. */
export const ORDER_ZEROS = ['wrongOrder', 'orderMiscounted', 'stragglersServed', 'stragglersNotTold'] as const;
/** Faults that are counted only if there are reference devices. */
export const REFERENCE_ZEROS = ['referenceOther', 'referenceNotPassed', 'referenceInFigures'] as const;
/** Faults that are counted only if devices are identified by their link addresses. */
export const SWAP_ZEROS = ['secondId', 'othersServed'] as const;
type SwapZero = (typeof SWAP_ZEROS)[number];
/** Faults that are counted only at a gate. */
export const GATE_ZEROS = [
  'goodStopped',
  'badShipped',
  'otherReason',
  'listDiffers',
  'referencesChanged',
  'referencesCounted',
] as const;
type OrderZero = (typeof ORDER_ZEROS)[number];
type ReferenceZero = (typeof REFERENCE_ZEROS)[number];
type GateZero = (typeof GATE_ZEROS)[number];
type ShiftZero = (typeof SHIFT_ZEROS)[number];

/** Compares the Claim IDs of the devices with the ledger. */
export function compare(
  options: LineOptions,
  left: Left[],
  tally: Tally,
  ledger: LedgerSnapshots,
  parts: ReportParts = {},
): Report {
  const { shift, lead, gate, returns, swaps, tester, pool } = parts;
  const held = new Set(left.flatMap((one) => one.held ?? []));
  const issued = issuedIn(ledger);
  const orphans = issued.filter(({ uci }) => !held.has(uci)).map(({ uci }) => uci);
  const cutOff = left.filter(({ boot }) => boot === 'cut-off').length;
  const mustBeZero: Report['mustBeZero'] = {
    sameIdInTwoDevices: inTwoDevices(left),
    heldButNotInLedger: [...held].filter((uci) => !ledger.after.has(uci)).length,
    labelOfAnotherUnit: left.filter(isMislabelled).length,
    swapsMissed: left.filter(({ swap }) => swap === 'missed').length,
    registeredNotInLedger: left.filter((one) => one.registered && !isReported(one, ledger.after)).length,
    orphansUnexplained: unexplained(options, orphans.length, left),
    devicesGivenUp: left.filter(({ boot }) => boot === 'gave-up').length,
    wrongLabelsPassed: shift?.wrongLabelsPassed ?? 0,
    rightScansFailed: shift?.rightScansFailed ?? 0,
    doubleReadsFailed: shift?.doubleReadsFailed ?? 0,
    layoutsNotTold: shift?.layoutsNotTold ?? 0,
    reprintsStillPassed: shift?.reprintsStillPassed ?? 0,
    passedNotInLedger: shift === undefined ? 0 : left.filter((one) => isLostPass(one, ledger.after)).length,
    ...zerosIn(ORDER_ZEROS, lead),
    ...zerosIn(REFERENCE_ZEROS, lead),
    ...zerosIn(GATE_ZEROS, gate),
    ...zerosIn(RETURN_ZEROS, returns),
    ...zerosIn(TESTER_ZEROS, tester),
    ...zerosIn(POOL_ZEROS, pool),
    othersServed: swaps?.othersServed ?? 0,
    secondId: swaps === undefined ? 0 : left.filter(({ received }) => new Set(received).size > 1).length,
    orphansNotListed: orphans.filter((uci) => ledger.unaccounted?.has(uci) === false).length,
  };
  const { answerMs, ...counted } = tally;
  return {
    options,
    devices: left.length,
    holding: left.filter((one) => one.held !== undefined).length,
    cutOff,
    issued: issued.length,
    leftOnRoll: [...ledger.after.values()].filter((unit) => unit.status === 'reserved' && !ledger.before.has(unit.uci))
      .length,
    passed: left.filter(({ verdict }) => verdict === 'PASS').length,
    swapped: left.filter(({ swap }) => swap !== undefined).length,
    registered: left.filter(({ registered }) => registered).length,
    repeats: ledger.repeats,
    ...counted,
    answerMs: spread(answerMs),
    orphans,
    mustBeZero,
    ok: Object.values(mustBeZero).every((count) => count === 0),
    lines: left.toSorted((a, b) => a.device - b.device).map((one) => lineFor(one, ledger.after)),
    ...parts,
  };
}

/**
 * Returns how many times each of these faults was found. The numbers are 0 if the simulation did not have this part.
 */
function zerosIn<Zero extends string>(
  names: readonly Zero[],
  figures: { [zero in Zero]: number } | undefined,
): { [zero in Zero]: number } {
  return withNames(names, (name) => figures?.[name] ?? 0);
}

/** Returns the units that were issued in this run, without void and scrapped units. */
export function issuedIn({ before, after }: Pick<LedgerSnapshots, 'before' | 'after'>): LedgerUnit[] {
  return [...after.values()].filter((unit) => isIssued(unit) && !wasIssued(before, unit));
}

/** True if the operator saw a PASS that is not in the ledger. */
function isLostPass({ label, verdict }: Left, after: Map<string, LedgerUnit>): boolean {
  return verdict === 'PASS' && label !== undefined && after.get(label)?.facts['verified'] === undefined;
}

function isIssued({ facts }: LedgerUnit): boolean {
  return facts['issued'] !== undefined && facts['void'] === undefined && facts['scrapped'] === undefined;
}

function wasIssued(before: Map<string, LedgerUnit>, { uci }: LedgerUnit): boolean {
  return before.get(uci)?.facts['issued'] !== undefined;
}

/**
 * Returns the number of Claim IDs that two devices have received. Includes Claim IDs that one of the devices has lost
 * since then.
 */
function inTwoDevices(left: Left[]): number {
  const owners = new Map<string, number>();
  const shared = new Set<string>();
  for (const { device, received } of left) {
    for (const uci of received) {
      if (owners.has(uci) && owners.get(uci) !== device) shared.add(uci);
      owners.set(uci, device);
    }
  }
  return shared.size;
}

function isReported({ held }: Left, after: Map<string, LedgerUnit>): boolean {
  return after.get(held ?? '')?.facts['reported'] !== undefined;
}

/** True if the device and its label have different Claim IDs, or if the scan of the label was not a PASS. */
function isMislabelled({ held, label, verdict }: Left): boolean {
  return label !== undefined && (held !== label || verdict !== 'PASS');
}

/**
 * Returns how many of the `orphans` (units that no device has) cannot be explained. If devices send an identity or if
 * there are slots, each device without a Claim ID may leave behind one unit that no device has. Returns 0 in open mode
 * without an identity, because every lost reply then leaves behind such a unit.
 */
function unexplained(options: LineOptions, orphans: number, left: Left[]): number {
  if (isBlind(options)) return 0;
  return Math.max(0, orphans - left.filter(({ held }) => held === undefined).length);
}

export function isBlind({ mode, identity }: LineOptions): boolean {
  return mode === 'open' && identity === 'none';
}

function spread(values: number[]): Report['answerMs'] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { median: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}

function lineFor(
  { held, received: _received, swap: _swap, registered: _registered, order: _order, ...one }: Left,
  after: Map<string, LedgerUnit>,
): DeviceLine {
  const unit = held === undefined ? undefined : after.get(held);
  const line: DeviceLine = held === undefined ? one : { ...one, holds: held };
  if (unit === undefined) return line;
  const { uci: _uci, facts: _facts, ...ledger } = unit;
  return { ...line, ledger };
}

import {
  GATE_ZEROS,
  isBlind,
  ORDER_ZEROS,
  REFERENCE_ZEROS,
  SHIFT_ZEROS,
  SWAP_ZEROS,
  type DeviceLine,
  type MustBeZero,
  type Report,
} from './report.ts';
import { POOL_ZEROS } from './pool.ts';
import { RETURN_ZEROS } from './returns.ts';
import { TESTER_ZEROS } from './tester.ts';
import type { Identity } from './device.ts';
import { keysOf } from '../platform/own.ts';

/** Returns the report as text, with the options, counts, faults, and a list of devices. */
export function describe(report: Report): string {
  return [
    heading(report),
    columns(counts(report)),
    mustBeZero(report),
    orphans(report),
    devices(report),
    verdict(report),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function heading({ options, devices, elapsedMs }: Report): string {
  const { stations, panel, mode, identity, stock, sharedAddress, seed, lose, reboot, rebootAfterPass } = options;
  const line = [
    `${stations} stations${panel > 1 ? ` in panels of ${panel}` : ''}${sharedAddress ? ' behind one address' : ''}`,
    `${mode} mode`,
    IDENTITIES[identity],
    ...(stock ? ['the unmodified agent program, which never saves'] : []),
  ];
  const seconds = elapsedMs / 1000;
  return [
    line.join(', '),
    `${devices} devices in ${seconds.toFixed(1)} s (${(devices / Math.max(seconds, 0.001)).toFixed(1)}/s); ` +
      `replies lost ${lose}, reboots before saving ${reboot}, after PASS ${rebootAfterPass}; --seed ${seed}`,
  ].join('\n');
}

const IDENTITIES: Record<Identity, string> = {
  none: 'devices without identity',
  serial: 'devices that send their serial',
  mac: 'devices that send their mac',
  link: 'devices known by their link address',
};

function counts(report: Report): [string, string | number][] {
  const { options, answerMs } = report;
  return [
    ['devices on the line', report.devices],
    ['… with a Claim ID', report.holding],
    ...only(report.cutOff > 0, '… cut off at the end', report.cutOff),
    ['units issued (ledger)', report.issued],
    ['… on no device', report.orphans.length],
    ...only(options.mode !== 'open', 'labels scanned: PASS', report.passed),
    ...only(options.swap > 0, 'labels first stuck on the wrong device', report.swapped),
    ...only(options.register, 'devices registered', report.registered),
    ...only(options.mode === 'armed', 'labels left on the roll', report.leftOnRoll),
    ['requests', report.attempts],
    ['… answered again (ledger)', report.repeats],
    ['… whose reply was lost', report.lost],
    ...named('refused', report.refusals),
    ...named('without a reply', report.failures),
    ...shiftCounts(report),
    ...leadCounts(report),
    ...gateCounts(report),
    ...returnCounts(report),
    ...testerCounts(report),
    ...swapCounts(report),
    ['time to answer, ms', `median ${answerMs.median}, p99 ${answerMs.p99}, max ${answerMs.max}`],
  ];
}

function shiftCounts({ shift }: Report): [string, number][] {
  if (shift === undefined) return [];
  return [
    ['codes scanned', shift.scans],
    ['… the address in the QR', shift.urlScans],
    ['… read twice', shift.doubleReads],
    ...only(shift.doubleReadsLate > 0, '… read twice, after two seconds', shift.doubleReadsLate),
    ['… label of another unit', shift.wrongUnits],
    ['… label of the neighbour', shift.neighbours],
    ['… swapped keyboard layout, told', shift.layoutsTold],
    ['labels printed', shift.labelsPrinted],
    ['… printed again after PASS', shift.reprints],
    ['… printed again, none came out', shift.labelsLost],
    ['printer out of paper', shift.paperOut],
    ['devices broken before their PASS', shift.brokenDown],
    ...named('unexpected', shift.unexpected),
  ];
}

function leadCounts({ lead, options }: Report): [string, number][] {
  if (lead === undefined) return [];
  return [
    ...only(options.changeOvers > 0, 'change-overs of stations', lead.changeOvers),
    ...only(options.changeOvers > 0, '… devices of the former product, refused', lead.stragglers),
    ...only(options.reference > 0, 'runs of reference devices', lead.referenceRuns),
  ];
}

function gateCounts({ gate }: Report): [string, number][] {
  if (gate === undefined) return [];
  return [['labels at the gate: SHIP', gate.shipped], ...named('STOP', gate.stopped)];
}

function returnCounts({ returns }: Report): [string, number][] {
  if (returns === undefined) return [];
  return [
    ['units that came back', returns.received],
    ...named('return', returns.ends),
    ['… with a new label', returns.relabelled],
  ];
}

function testerCounts({ tester, pool }: Report): [string, number][] {
  return [
    ...only(tester !== undefined, 'results of the tester', tester?.results ?? 0),
    ...named('devices', tester?.ways ?? {}),
    ...only(pool !== undefined, 'units with a number of the pool', pool?.drawn ?? 0),
  ];
}

function swapCounts({ swaps }: Report): [string, number][] {
  if (swaps === undefined) return [];
  return [
    ['devices swapped at one address', swaps.swaps],
    ['… for a new device, refused', swaps.newcomers],
  ];
}

function only(isShown: boolean, what: string, count: number): [string, number][] {
  return isShown ? [[what, count]] : [];
}

function named(what: string, counted: Record<string, number>): [string, number][] {
  return Object.entries(counted).map(([why, count]) => [`… ${what}: ${why}`, count]);
}

const WORDS: Record<MustBeZero, string> = {
  sameIdInTwoDevices: 'Claim IDs issued to two devices',
  heldButNotInLedger: 'Claim IDs on a device but not in the ledger',
  labelOfAnotherUnit: 'devices with the label of another unit, or without PASS',
  swapsMissed: 'PASS for the label of another unit',
  registeredNotInLedger: 'registered devices that the ledger does not show as reported',
  orphansUnexplained: 'unused units, not counting one for each device without a Claim ID',
  devicesGivenUp: 'devices that were never answered',
  wrongLabelsPassed: 'PASS for the label of another unit',
  rightScansFailed: 'correct scans without PASS',
  doubleReadsFailed: 'double reads that were not answered with PASS',
  layoutsNotTold: 'scans with a swapped keyboard layout that were not recognised',
  reprintsStillPassed: 'units that kept their PASS after a reprint',
  wrongOrder: 'units counted for a different work order',
  orderMiscounted: 'differences between closed work orders and their units',
  stragglersServed: 'devices of the former product with a Claim ID after a change-over',
  stragglersNotTold: 'devices of the former product that were refused for the wrong reason',
  referenceOther: 'runs in which a reference device got a Claim ID other than its own',
  referenceNotPassed: 'runs in which a reference device got no PASS',
  referenceInFigures: "difference between the line's figures and the issued units, without reference devices",
  goodStopped: 'units without a fault that the gate stopped',
  badShipped: 'units with a fault that the gate shipped',
  otherReason: 'units that the gate stopped for the wrong reason',
  listDiffers: 'differences between the shipping list and the shipped units',
  referencesChanged: 'reference devices that asked again and did not get their own Claim ID',
  referencesCounted: 'reference devices that are wrongly counted in the figures',
  returnArmedFirst: 'units of closed work orders that were armed before their return',
  returnOther: 'reworked devices with another Claim ID than before',
  returnNotPassed: 'reworked devices without PASS',
  returnGateWrong: 'returned units with a wrong answer at the gate',
  returnMiscounted: 'returns that are wrongly counted or listed',
  closedOrderChanged: 'closed work orders whose report changed after returns',
  returnInFigures: 'figures of the line that changed after returns',
  untestedPassed: 'units that failed their test and got PASS at a station that requires tests',
  untestedReleased: 'units that the gate shipped before their result came',
  resultsKept: 'results from before the rework that still counted after it',
  numberTwice: 'numbers of the pool that two units have',
  numberDiffers: 'devices and labels whose number is not the one in the ledger',
  numberMissing: 'units, devices and labels without a number of the pool',
  secondId: 'devices that got a second Claim ID',
  othersServed: 'devices that took over an address and got a Claim ID that is not their own',
  passedNotInLedger: 'devices with PASS whose unit is not verified in the ledger',
  orphansNotListed: 'units that no device has and that the reconciliation does not list',
};

function mustBeZero(report: Report): string {
  const { mustBeZero, options } = report;
  const rows = keysOf(WORDS)
    .filter((name) => name !== 'orphansUnexplained' || !isBlind(options))
    .filter((name) => name !== 'labelOfAnotherUnit' || options.mode !== 'open')
    .filter((name) => isCounted(report, name))
    .filter((name) => name !== 'swapsMissed' || options.swap > 0)
    .filter((name) => name !== 'registeredNotInLedger' || options.register)
    .map((name): [string, string] => [WORDS[name], `${mustBeZero[name]}${mustBeZero[name] > 0 ? '  <-- WRONG' : ''}`]);
  return `must be 0\n${columns(rows)}`;
}

/** True if this fault is counted in this simulation. */
function isCounted({ shift, lead, gate, returns, swaps, tester, pool, options }: Report, name: MustBeZero): boolean {
  const parts: [readonly string[], boolean][] = [
    [SHIFT_ZEROS, shift !== undefined],
    [ORDER_ZEROS, lead !== undefined],
    [REFERENCE_ZEROS, lead !== undefined && options.reference > 0],
    [GATE_ZEROS, gate !== undefined],
    [RETURN_ZEROS, returns !== undefined],
    [TESTER_ZEROS, tester !== undefined],
    [POOL_ZEROS, pool !== undefined],
    [SWAP_ZEROS, swaps !== undefined],
  ];
  return parts.every(([names, isThere]) => isThere || !names.includes(name));
}

/** The maximum number of items in a list. The option --json shows all items. */
const MAX_SHOWN = 20;

function orphans({ orphans, options }: Report): string {
  if (orphans.length === 0) return '';
  const asks = options.stock ? 'lost power or rebooted' : 'lost power before saving';
  const why = [
    `A device whose reply was lost, or that ${asks}, sends the same bytes as a new device. In open mode, such a device`,
    'gets a new unit, and its first unit stays unaccounted. --identity serial or --mode slot avoids this.',
  ];
  return [`unaccounted units, on no device: ${some(orphans)}`, ...(isBlind(options) ? why : [])].join('\n');
}

function some(list: string[]): string {
  const rest = list.length - MAX_SHOWN;
  return list.slice(0, MAX_SHOWN).join(' ') + (rest > 0 ? ` and ${rest} more (--json lists all)` : '');
}

/** If there are only a few devices, lists all of them. If there are many, lists only those with a fault. */
function devices({ lines, options }: Report): string {
  const shown = lines.length <= MAX_SHOWN ? lines : lines.filter((line) => !isRight(line, options.mode !== 'open'));
  if (shown.length === 0) return '';
  const head = ['DEVICE', 'STATION', 'HOLDS', ...(options.mode === 'open' ? [] : ['LABEL', 'SCAN']), 'LEDGER', 'S/N'];
  const rows = shown.slice(0, MAX_SHOWN).map((line) => deviceRow(line, options.mode !== 'open'));
  const rest = shown.length - MAX_SHOWN;
  return columns([head, ...rows]) + (rest > 0 ? `\nand ${rest} more (--json lists all)` : '');
}

function deviceRow({ device, station, holds, label, verdict, boot, ledger }: DeviceLine, labels: boolean): string[] {
  const scans = labels ? [label ?? '-', verdict ?? '-'] : [];
  return [String(device), station, holds ?? boot, ...scans, ledger?.status ?? '-', ledger?.serial ?? '-'];
}

function isRight({ boot, holds, label, verdict, ledger }: DeviceLine, labels: boolean): boolean {
  if (boot !== 'running' || holds === undefined || ledger === undefined) return false;
  return !labels || label === undefined || (label === holds && verdict === 'PASS');
}

function verdict({ ok, mustBeZero, orphans }: Report): string {
  const wrong = keysOf(WORDS).filter((name) => mustBeZero[name] > 0);
  if (!ok) return `The devices and the ledger DISAGREE: ${wrong.map((name) => WORDS[name]).join('; ')}.`;
  if (orphans.length === 0) return 'The devices and the ledger agree.';
  return `Every Claim ID on a device is in the ledger; ${orphans.length} in the ledger are on no device.`;
}

function columns(rows: (string | number)[][]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => String(row[i] ?? '').length)));
  return rows
    .map((row) => `  ${row.map((cell, i) => String(cell).padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

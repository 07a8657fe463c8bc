import { setTimeout as sleep } from 'node:timers/promises';
import { defined, own } from '../platform/own.ts';
import { FAILURES, WAITING, type VerifyAnswer } from '../decide/scans/verify.ts';
import { holds, macOf, type Boot, type Device } from './device.ts';
import type { Dice } from './dice.ts';
import type { Controls, Handled } from './operator.ts';
import type { SimulatedPrinter } from './printer.ts';
import type { Floor, Nest } from './stations.ts';
import type { LedgerUnit } from './units.ts';
import { drawn, scanOfLabel, scanOfMac, swapped, typed, type LabelCodes, type Sent } from './scanner.ts';

/*
 * Operators who scan as real people do. These operators read a label twice, take the label of another unit, use a
 * scanner with the wrong keyboard layout, and reprint torn labels.
 */

/** The share of devices with which an operator does each of these things. */
const HABITS = { doubleRead: 0.05, wrongUnit: 0.02, neighbour: 0.02, reprint: 0.01, breakDown: 0.005 };

export interface ShiftTally {
  /** The number of scans. A label that is read twice counts once. */
  scans: number;
  urlScans: number;
  doubleReads: number;
  doubleReadsLate: number;
  wrongUnits: number;
  neighbours: number;
  layoutsTold: number;
  reprints: number;
  /** Labels that were lost when a printer was switched off. */
  labelsLost: number;
  brokenDown: number;
  wrongLabelsPassed: number;
  rightScansFailed: number;
  doubleReadsFailed: number;
  layoutsNotTold: number;
  reprintsStillPassed: number;
  /** Wrong answers: answers that refused a correct scan, and answers that did not report a wrong keyboard layout. */
  unexpected: Record<string, number>;
}

/** The figures of a shift, together with those of its printers. */
export interface ShiftFigures extends ShiftTally {
  labelsPrinted: number;
  paperOut: number;
}

export function figuresOf(tally: ShiftTally, { printers }: Floor): ShiftFigures {
  const sum = (count: (printer: SimulatedPrinter) => number): number =>
    printers.reduce((total, printer) => total + count(printer), 0);
  return { ...tally, labelsPrinted: sum((one) => one.printed()), paperOut: sum((one) => one.outages()) };
}

export function newTally(): ShiftTally {
  return {
    scans: 0,
    urlScans: 0,
    doubleReads: 0,
    doubleReadsLate: 0,
    wrongUnits: 0,
    neighbours: 0,
    layoutsTold: 0,
    reprints: 0,
    labelsLost: 0,
    brokenDown: 0,
    wrongLabelsPassed: 0,
    rightScansFailed: 0,
    doubleReadsFailed: 0,
    layoutsNotTold: 0,
    reprintsStillPassed: 0,
    unexpected: {},
  };
}

export interface ShiftJob {
  device: Device;
  nest: Nest;
  controls: Controls;
  dice: Dice;
  boot: () => Promise<Boot>;
}

/** A label on a device, with the place and the time of its PASS. */
interface Stuck {
  codes: LabelCodes;
  nest: Nest;
  passedAt?: number;
}

/** The labels that an operator can take by mistake: the last label of each nest. */
type Labels = Map<number, Stuck>;

export interface Shift {
  tally: ShiftTally;
  handle: (job: ShiftJob) => Promise<Handled>;
  /**
   * Handles a reference device. No operator can take the label of a reference device by mistake. Returns the codes on
   * the label of the reference device.
   */
  makeReference: (job: ShiftJob) => Promise<LabelCodes | undefined>;
  /** Prints a new label for the unit and waits until it comes out. */
  relabel: (job: ShiftJob, uci: string) => Promise<void>;
  /** Returns the codes on the label of a unit of this product. */
  codesOf: (unit: LedgerUnit, product: string) => LabelCodes;
  /** Scans a label in the way that the station asks for. */
  scanLabel: (job: ShiftJob, label: LabelCodes) => Promise<VerifyAnswer>;
  /** Scans the code of a device and then a label. */
  scanPair: (job: ShiftJob, label: LabelCodes) => Promise<VerifyAnswer>;
}

export function openShift(floor: Floor): Shift {
  const tally = newTally();
  const labels: Labels = new Map();
  const busy: Work['busy'] = new Map();
  const workOf = (job: ShiftJob): Work => ({ ...job, floor, tally, labels, busy });
  return {
    tally,
    handle: (job) => handle(workOf(job)),
    async makeReference(job) {
      await handle({ ...workOf(job), labels: new Map() });
      const uci = holds(job.device);
      return uci === undefined ? undefined : codesOf(floor, await job.controls.unit(uci), job.device.product);
    },
    async relabel({ nest, controls, ...job }, uci) {
      const before = nest.printer?.labelsOf(uci) ?? 0;
      await controls.print(uci, 'new label after repair');
      await labelOut(workOf({ ...job, nest, controls }), uci, before);
    },
    codesOf: (unit, product) => codesOf(floor, unit, product),
    async scanLabel(job, label) {
      return (await scanAll(workOf(job), label)).answer;
    },
    async scanPair(job, label) {
      const nest = { ...job.nest, mode: 'open' } as const;
      return (await scanAll({ ...workOf(job), nest }, label, { deviceFirst: true })).answer;
    },
  };
}

interface Work extends ShiftJob {
  floor: Floor;
  tally: ShiftTally;
  labels: Labels;
  /** The unfinished work of each station's operator. */
  busy: Map<string, Promise<unknown>>;
}

async function handle(work: Work): Promise<Handled> {
  const { device, nest, controls, dice, tally } = work;
  const habits = {
    breaksDown: dice() < HABITS.breakDown,
    reprints: dice() < HABITS.reprint,
    readsTwice: dice() < HABITS.doubleRead,
  };
  const boot = await work.boot();
  if (boot === 'cut-off') return { boot };
  const uci = nest.mode === 'slot' && boot === 'running' ? await controls.unitInNest() : holds(device);
  if (boot !== 'running' || uci === undefined) return leave(work, { boot });
  if (habits.breaksDown) {
    tally.brokenDown++;
    delete device.saved;
    delete device.running;
    return leave(work, { boot: 'broke-down' });
  }
  const codes = await takeLabel(work, uci);
  return oneAtATime(work, async () => {
    await takeWrongLabel(work, codes);
    let verdict = await scanRight(work, codes, habits.readsTwice);
    if (habits.reprints && verdict === 'PASS') verdict = await reprint(work, codes);
    return leave(work, { boot, label: uci, verdict });
  });
}

/** Each station has one operator with one scanner. So labels are never scanned on two devices at the same time. */
async function oneAtATime<T>({ busy, nest: { station } }: Work, work: () => Promise<T>): Promise<T> {
  const before = busy.get(station);
  const turn = Promise.resolve(before).then(work);
  busy.set(
    station,
    turn.catch(() => undefined),
  );
  return turn;
}

async function leave({ nest, controls }: Work, handled: Handled): Promise<Handled> {
  if (nest.mode === 'slot') await controls.next();
  return handled;
}

/* Labels */

/** How long (in ms) the operator waits for a label before checking the printer. */
const PATIENCE_MS = 1500;

/**
 * The simulation fails after the operator has checked the printer this many times, which takes five minutes. Without
 * this limit, the simulation could wait forever.
 */
const MAX_LOOKS = 200;

/** Waits until the label comes out. If the printer has accepted the label but printed nothing, reprints it. */
async function takeLabel(work: Work, uci: string): Promise<LabelCodes> {
  await labelOut(work, uci, 0);
  return codesOf(work.floor, await work.controls.unit(uci), work.device.product);
}

function codesOf({ qrOf }: Floor, { uci, serial }: LedgerUnit, product: string): LabelCodes {
  return { uci, qr: qrOf(product).replace('{uci}', uci), ...(serial === undefined ? {} : { serial }) };
}

async function labelOut({ controls, nest, tally }: Work, uci: string, before: number): Promise<void> {
  const { printer } = nest;
  if (printer === undefined) return;
  let isAgain = false;
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    if (await printer.cameOut(uci, before, PATIENCE_MS)) {
      // If the label was reprinted, waits until no label is queued. A second label that came out later would withdraw
      // the PASS.
      if (!isAgain || !(await controls.isPrinting(uci))) return;
      await sleep(PATIENCE_MS / 10);
    } else if (!printer.isOut() && !(await controls.isPrinting(uci))) {
      isAgain = true;
      tally.labelsLost++;
      await controls.print(uci, 'no label came out');
    }
  }
  throw new Error(`no label of ${uci} came out of the printer of station ${nest.station}`);
}

/**
 * Reprints the label of a device that has passed, and scans the new label. In slot mode, half of these devices have
 * already been taken out of the nest.
 */
async function reprint(work: Work, codes: LabelCodes): Promise<string> {
  const { nest, controls, dice, tally } = work;
  const isOut = nest.mode === 'slot' && dice() < 0.5;
  if (isOut) await controls.next();
  const before = nest.printer?.labelsOf(codes.uci) ?? 0;
  tally.reprints++;
  await controls.print(codes.uci, 'label torn');
  if ((await controls.unit(codes.uci)).facts['verified'] !== undefined) tally.reprintsStillPassed++;
  await labelOut(work, codes.uci, before);
  return scanRight({ ...work, nest: isOut ? { ...nest, mode: 'open' } : nest }, codes, false, isOut);
}

/* Scans */

async function scanRight(work: Work, codes: LabelCodes, twice: boolean, deviceFirst = false): Promise<string> {
  const { tally, labels, nest } = work;
  const since = performance.now();
  const { answer, rest } = await scanAll(work, codes, { twice, deviceFirst });
  const verdict = wordOf(answer);
  if (answer.result === 'PASS' && answer.uci === codes.uci) {
    labels.set(nest.number, { codes, nest, passedAt: performance.now() });
    await readAgain(work, rest, since);
    return verdict;
  }
  tally.rightScansFailed++;
  note(tally, verdict);
  return verdict;
}

/**
 * Sends the code that a scanner rereads while its trigger is held. The PASS must remain. If the service is slow, the
 * code may arrive too late to count as a double read. In that case, the answer must be that this unit has already
 * passed.
 */
async function readAgain({ controls, tally }: Work, rest: string[], since: number): Promise<void> {
  for (const text of rest) {
    tally.doubleReads++;
    const answer = await controls.scan({ label: text });
    const isLate = answer.result === 'ALREADY' && performance.now() - since > DOUBLE_MS - SLACK_MS;
    if (isLate) tally.doubleReadsLate++;
    if (answer.result === 'PASS' || isLate) continue;
    tally.doubleReadsFailed++;
    note(tally, `read again: ${wordOf(answer)}`);
  }
}

/**
 * If the same label is read twice within this time (ms), the service counts this as a double read
 * (decide/scans/verify.ts).
 */
const DOUBLE_MS = 2000;
const SLACK_MS = 100;

/**
 * If the operator makes this mistake with the current device, the operator first sticks on and scans the label of
 * another unit.
 */
async function takeWrongLabel(work: Work, codes: LabelCodes): Promise<void> {
  const { dice, tally, labels, nest } = work;
  const draw = dice();
  const isNeighbour = draw < HABITS.neighbour;
  const wrong = isNeighbour
    ? neighbourOf(work)
    : draw < HABITS.neighbour + HABITS.wrongUnit
      ? otherOf(work)
      : undefined;
  labels.set(nest.number, { codes, nest });
  if (wrong === undefined || wrong.codes.uci === codes.uci) return;
  if (isNeighbour) tally.neighbours++;
  else tally.wrongUnits++;
  // Waits, because a person also needs more time than this to carry a label to the next device.
  const readyAt = (wrong.passedAt ?? -Infinity) + DOUBLE_MS + SLACK_MS;
  if (wrong.nest.station === nest.station && readyAt > performance.now()) await sleep(readyAt - performance.now());
  const { answer } = await scanAll(work, wrong.codes);
  if (answer.result !== 'PASS') return;
  tally.wrongLabelsPassed++;
  note(tally, `PASS in ${nest.mode} mode for the label of ${isNeighbour ? 'the neighbour' : 'another unit'}`);
}

/** Returns the label of the next nest, or of the device that was in this nest before. */
function neighbourOf({ labels, nest, dice }: Work): Stuck | undefined {
  return labels.get(dice() < 0.5 ? nest.number : nest.neighbour);
}

/** Returns the label of some other station. */
function otherOf({ labels, nest, dice }: Work): Stuck | undefined {
  const others = [...labels.values()].filter((one) => one.nest.station !== nest.station);
  return others.length === 0 ? undefined : drawn(others, dice);
}

interface Scanned {
  answer: VerifyAnswer;
  /** The codes that the scanner rereads after the answer, because its trigger is still held. */
  rest: string[];
}

/**
 * Scans a label. If the station asks for it, also scans the device's own code. Meanwhile, the screen of the station
 * keeps the first code.
 */
async function scanAll(work: Work, label: LabelCodes, { twice = false, deviceFirst = false } = {}): Promise<Scanned> {
  const codes = codesToScan(work, label, deviceFirst);
  const sequence = twice && !work.nest.scanner.isSwapped ? codes.flatMap((one) => [one, one]) : codes;
  let held: string | undefined;
  let answer: VerifyAnswer | undefined;
  for (const [at, sent] of sequence.entries()) {
    const text = await sendOnce(work, sent, held, label);
    answer = text.answer;
    if (!isWaiting(answer)) return { answer, rest: sequence[at + 1] === sent ? [sent.text] : [] };
    held = text.sent;
  }
  return { answer: defined(answer), rest: [] };
}

type Code = Sent & { isLabel: boolean };

function codesToScan({ nest, device, dice }: Work, label: LabelCodes, deviceFirst: boolean): Code[] {
  const { scanner } = nest;
  const one: Code = { ...scanOfLabel(label, scanner, dice), isLabel: true };
  if (nest.mode === 'slot') return [one];
  const own: Code = { text: scanOfMac(macOf(device), scanner, dice), isUrl: false, isLabel: false };
  if (deviceFirst) return [own, one];
  const order = drawn(['label', 'label', 'label', 'device', 'burst'] as const, dice);
  if (order === 'burst') return [{ ...one, text: `${one.text.trimEnd()}\r${own.text}` }];
  return order === 'label' ? [one, own] : [own, one];
}

/**
 * Sends one code. If the service says that the scanner has the wrong keyboard layout, rescans or types the code.
 */
async function sendOnce(
  { controls, nest, tally, dice }: Work,
  { text, isUrl, isLabel }: Code,
  device: string | undefined,
  label: LabelCodes,
): Promise<{ sent: string; answer: VerifyAnswer }> {
  const held = device === undefined ? {} : { device };
  let sent = text;
  const wrong = nest.scanner.isSwapped ? swapped(text) : text;
  if (wrong !== text) {
    const answer = await controls.scan({ label: wrong, ...held });
    if (answer.result === 'FAIL' && LAYOUTS.includes(answer.reason)) tally.layoutsTold++;
    else {
      tally.layoutsNotTold++;
      note(tally, `swapped ${JSON.stringify(wrong)}: ${wordOf(answer)}`);
    }
    if (isLabel && !text.includes('\r') && dice() < 0.5) sent = typed(label, dice);
  }
  tally.scans++;
  if (isUrl) tally.urlScans++;
  return { sent, answer: await controls.scan({ label: sent, ...held }) };
}

const LAYOUTS: string[] = [FAILURES.qwertz, FAILURES.azerty, FAILURES.layout];
const WAITS: string[] = WAITING.map((one) => FAILURES[one]);

function isWaiting(answer: VerifyAnswer): boolean {
  return answer.result === 'FAIL' && WAITS.includes(answer.reason);
}

function wordOf(answer: VerifyAnswer): string {
  return 'reason' in answer ? answer.reason : answer.result;
}

function note({ unexpected }: ShiftTally, what: string): void {
  unexpected[what] = (own(unexpected, what) ?? 0) + 1;
}

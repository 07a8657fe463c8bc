import type { GateAnswer } from '../decide/shipping/gate.ts';
import type { Disposition } from '../model/unit.ts';
import { isCode } from '../platform/error.ts';
import { defined, keysOf, withNames } from '../platform/own.ts';
import { newDevice } from './device.ts';
import { throwDice, type Dice } from './dice.ts';
import { openGate, scanAtGate } from './gate.ts';
import type { Equipment } from './lead.ts';
import { openControls } from './operator.ts';
import type { Order } from './orders.ts';
import { scanOfLabel, type LabelCodes } from './scanner.ts';
import type { Shift, ShiftJob } from './shift.ts';
import type { Nest } from './stations.ts';
import { readCharts, today } from './units.ts';

/*
 * Units that have passed in the shift are returned after their work orders were closed. Each unit is received under an
 * RMA. Most returned units are reworked: the device has lost its Claim ID and asks again, its label is scanned, and the
 * device is shipped. These returns must not change the closed work orders or the figures of the line.
 */

/**
 * The ways a return can end. `share` is the share of returned units that end in this way, and `stop` is the reason why
 * the gate must then stop the unit.
 */
const ENDS = {
  shipped: { share: 0.55, disposition: 'rework', stop: undefined },
  scrapped: { share: 0.15, disposition: 'scrap', stop: 'scrapped' },
  void: { share: 0.05, disposition: 'replace', stop: 'void' },
  kept: { share: 0.1, disposition: 'no-fault', stop: 'not-verified' },
  open: { share: 0.15, disposition: 'repair', stop: 'return-open' },
} as const satisfies Record<string, { share: number; disposition: Disposition; stop: string | undefined }>;
type End = keyof typeof ENDS;

/** The share of reworked units that are given a new label. */
const RELABELLED = 0.3;
/** How many units come in one box from a customer. All units in a box have the same RMA. */
const BOX = 20;
/**
 * Changes the seed, so that the returns have their own generator. So with the same seed, the shift is the same with and
 * without returns.
 */
const RETURN_SEED = 104_729;

/** Faults that are counted only for returns. */
export const RETURN_ZEROS = [
  'returnArmedFirst',
  'returnOther',
  'returnNotPassed',
  'returnGateWrong',
  'returnMiscounted',
  'closedOrderChanged',
  'returnInFigures',
] as const;
export type ReturnZero = (typeof RETURN_ZEROS)[number];

export interface ReturnFigures extends Record<ReturnZero, number> {
  received: number;
  ends: Record<End, number>;
  relabelled: number;
}

/** A unit that has passed in the shift. */
export interface Passed {
  device: number;
  uci: string;
  order: Order;
}

interface Returned extends Passed {
  rma: string;
  end: End;
  dice: Dice;
}

interface Received extends Returned {
  label: LabelCodes;
}

interface Work extends Equipment {
  shift: Shift;
  figures: ReturnFigures;
}

export async function receiveReturns(
  equipment: Equipment,
  shift: Shift,
  orders: Order[],
  passed: Passed[],
): Promise<ReturnFigures> {
  const { service, options, nests } = equipment;
  const figures: ReturnFigures = {
    ...withNames(RETURN_ZEROS, () => 0),
    received: 0,
    ends: withNames(keysOf(ENDS), () => 0),
    relabelled: 0,
  };
  const work: Work = { ...equipment, shift, figures };
  const back = returnedOf(passed, equipment);
  const list = `sim-${options.seed}-${Date.now()}-returns`;
  await openGate(service, list, back.length);
  const [signed, charts] = [await reportsOf(work, orders), await chartsOf(work)];
  const slots = nests.filter(({ mode }) => mode === 'slot');
  const works = slots.map(async (nest, at) => {
    for (const one of back.filter((_, i) => i % slots.length === at)) await handle(work, nest, one);
  });
  await Promise.all(works);
  const { units } = await service.request<{ units: number }>('GET', `/v1/shipping-lists/${list}`);
  figures.returnGateWrong += Math.abs(units - figures.ends.shipped);
  figures.returnMiscounted = await miscounted(work, back);
  const later = await reportsOf(work, orders);
  figures.closedOrderChanged = signed.filter((report, at) => report !== later[at]).length;
  figures.returnInFigures = (await chartsOf(work)) === charts ? 0 : 1;
  return figures;
}

function returnedOf(passed: Passed[], { options }: Equipment): Returned[] {
  const run = `SIM-${options.seed}-${Date.now()}`;
  return passed
    .map((one) => ({ ...one, dice: throwDice(options.seed + RETURN_SEED, one.device) }))
    .filter(({ dice }) => dice() < options.returns)
    .map((one, at) => ({ ...one, rma: `${run}-${Math.floor(at / BOX) + 1}`, end: endOf(one.dice()) }));
}

function endOf(draw: number): End {
  let rest = draw;
  for (const end of keysOf(ENDS)) if ((rest -= ENDS[end].share) < 0) return end;
  return 'open';
}

/** Returns the reports of closed work orders. The reports must stay the same, byte for byte, whatever happens later. */
function reportsOf({ service }: Work, orders: Order[]): Promise<string[]> {
  const read = (id: string): Promise<unknown> => service.request('GET', `/v1/work-orders/${id}/report.json`);
  return Promise.all(orders.map(async ({ id }) => JSON.stringify(await read(id))));
}

async function chartsOf({ service }: Work): Promise<string> {
  return JSON.stringify(await readCharts(service, [today(), today()]));
}

/* One unit */

async function handle(work: Work, nest: Nest, one: Returned): Promise<void> {
  const { service, shift, figures } = work;
  const { uci, order, rma, end, dice } = one;
  if (end === 'shipped' && (await isArmedBefore(work, nest, uci))) figures.returnArmedFirst++;
  const label = shift.codesOf(await service.request('GET', `/v1/units/${uci}`), order.product);
  const code = scanOfLabel(label, { prefix: '', isSwapped: false }, dice).text;
  const { disposition } = ENDS[end];
  await service.request('POST', '/v1/returns', { code, rma, reason: 'does not start', disposition });
  figures.received++;
  await ending[end](work, nest, { ...one, label });
  figures.ends[end]++;
  if (!isExpected(await scanAtGate(service, uci), end)) figures.returnGateWrong++;
}

/**
 * Tries to arm the station before the unit is received. The service must refuse to arm, because the unit's work order
 * is closed.
 */
async function isArmedBefore({ service }: Work, { station }: Nest, uci: string): Promise<boolean> {
  try {
    await service.request('POST', `/v1/stations/${station}/arm`, { code: uci, reason: 'rework' });
  } catch (error) {
    if (isCode(error, 'return-first')) return false;
    throw error;
  }
  await service.request('POST', `/v1/stations/${station}/cancel`);
  return true;
}

function isExpected(answer: GateAnswer, end: End): boolean {
  const { stop } = ENDS[end];
  if (stop === undefined) return answer.result === 'SHIP';
  return answer.result === 'STOP' && answer.reasons.some(({ code }) => code === stop);
}

const ending: Record<End, (work: Work, nest: Nest, one: Received) => Promise<void>> = {
  async shipped(work, nest, one) {
    await rework(work, nest, one);
    await close(work, one, 'shipped');
  },
  scrapped: (work, _nest, one) => retire(work, one, 'scrap'),
  void: (work, _nest, one) => retire(work, one, 'void'),
  kept: (work, _nest, one) => close(work, one, 'kept'),
  open: async () => {},
};

async function close({ service }: Work, { uci }: Returned, how: 'shipped' | 'kept'): Promise<void> {
  await service.request('POST', `/v1/units/${uci}/return/close`, { how });
}

async function retire({ service }: Work, { uci }: Returned, how: 'scrap' | 'void'): Promise<void> {
  const reasons = await service.request<Record<typeof how, string[]>>('GET', '/v1/reasons');
  await service.request('POST', `/v1/units/${uci}/${how}`, { reason: defined(reasons[how][0]) });
}

/**
 * Arms the station with the unit. The device then asks, its label is scanned, and the operator takes the device out.
 */
async function rework(work: Work, nest: Nest, { device: number, uci, order, dice, label }: Received): Promise<void> {
  const { service, options, shift, figures, boot, signal, tester } = work;
  const controls = openControls(service, nest.station, signal);
  await controls.arm(uci, 'rework');
  const device = newDevice(number, { ...options, product: order.product });
  await boot(nest, device, dice);
  await tester?.testAfterRework(uci);
  if (device.received.length === 0 || device.received.some((id) => id !== uci)) figures.returnOther++;
  const job: ShiftJob = { device, nest, controls, dice, boot: () => boot(nest, device, dice) };
  if (dice() < RELABELLED) {
    figures.relabelled++;
    await shift.relabel(job, uci);
  }
  const answer = await shift.scanLabel(job, label);
  if (answer.result !== 'PASS' || answer.uci !== uci) figures.returnNotPassed++;
  await controls.next();
}

/* The RMAs */

type Summary = { rma: string; received: number } & Record<End, number>;
type Listed = Summary & { units: { uci: string; life: { return?: { closed?: object } } }[] };

/** Returns the number of wrong counts: each return must be either closed or listed as open. */
async function miscounted({ service }: Work, back: Returned[]): Promise<number> {
  const open = await openRmas(service);
  let faults = 0;
  for (const rma of new Set(back.map((one) => one.rma))) {
    const own = back.filter((one) => one.rma === rma);
    const found = await service.request<Listed>('GET', `/v1/returns/${rma}`);
    const wanted = withNames(keysOf(ENDS), (end) => own.filter((one) => one.end === end).length);
    for (const end of keysOf(ENDS)) faults += Math.abs(found[end] - wanted[end]);
    faults += Math.abs(found.received - own.length);
    if (open.has(rma) !== wanted.open > 0) faults++;
    const listed = found.units.filter(({ life }) => life.return !== undefined && life.return.closed === undefined);
    const expected = own.filter(({ end }) => end === 'open').map(({ uci }) => uci);
    if (
      listed
        .map(({ uci }) => uci)
        .toSorted()
        .join() !== expected.toSorted().join()
    )
      faults++;
  }
  return faults;
}

const PAGE = 1000;

async function openRmas({ request }: Equipment['service']): Promise<Set<string>> {
  const found = new Set<string>();
  let after: string | null = null;
  do {
    const query = new URLSearchParams({ open: 'true', limit: String(PAGE), ...(after === null ? {} : { after }) });
    const page: { returns: Summary[]; next: string | null } = await request('GET', `/v1/returns?${query.toString()}`);
    for (const { rma } of page.returns) found.add(rma);
    after = page.next;
  } while (after !== null);
  return found;
}

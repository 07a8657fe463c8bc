import type { Attempt } from './agent.ts';
import { newDevice, type Boot, type Device } from './device.ts';
import { throwDice, type Dice } from './dice.ts';
import { openControls } from './operator.ts';
import type { LineOptions } from './options.ts';
import { makeReferenceOrder, productsOf, type Order } from './orders.ts';
import type { LabelCodes } from './scanner.ts';
import type { Shift } from './shift.ts';
import type { Nest, Service } from './stations.ts';
import type { Tester } from './tester.ts';
import { defined } from '../platform/own.ts';

/* During a shift, a lead changes stations over to the next work order, and checks stations with reference devices. */

export interface LeadFigures {
  changeOvers: number;
  /** Stragglers: devices of the former product that someone put into a station after the station's change-over. */
  stragglers: number;
  stragglersServed: number;
  /** Stragglers that were refused, but not with the message that the station has no work order for their product. */
  stragglersNotTold: number;
  referenceRuns: number;
  /** Reference devices that got a Claim ID other than their own. */
  referenceOther: number;
  referenceNotPassed: number;
}

export interface Lead {
  figures: LeadFigures;
  /** Makes the reference devices. Must be called before the first device starts. */
  begin: () => Promise<void>;
  /** Changes a station over to this work order. The station's nests must be empty. */
  prepare: (panel: Nest[], order: Order) => Promise<void>;
}

/** The parts of the simulation that a lead uses. */
export interface Equipment {
  service: Service;
  options: LineOptions;
  nests: Nest[];
  signal: AbortSignal;
  boot: (nest: Nest, device: Device, dice: Dice) => Promise<Boot>;
  askOnce: (nest: Nest, device: Device) => Promise<Attempt>;
  tester?: Tester | undefined;
}

/** The number of the first reference device. No other device of a shift has such a high number (MAX_DEVICES). */
const REFERENCES = 1_000_000;
const STRAGGLERS = 2_000_000;

/** The work order and product for which a station is currently set up. */
interface Running {
  order: Order;
  /** How many devices the station has made since it was last checked with the reference device. */
  devices: number;
}

interface Reference {
  device: Device;
  codes: LabelCodes;
  uci: string;
  /** Resolves when the reference device is free, because the device can be at only one station at a time. */
  busy: Promise<unknown>;
}

interface Work extends Equipment {
  shift: Shift;
  figures: LeadFigures;
  /** The reference device of each product. */
  references: Map<string, Reference>;
}

export function newFigures(): LeadFigures {
  return {
    changeOvers: 0,
    stragglers: 0,
    stragglersServed: 0,
    stragglersNotTold: 0,
    referenceRuns: 0,
    referenceOther: 0,
    referenceNotPassed: 0,
  };
}

export function openLead(equipment: Equipment, shift: Shift): Lead {
  const running = new Map<string, Running>();
  const figures = newFigures();
  const work: Work = { ...equipment, shift, figures, references: new Map() };
  const { options } = equipment;
  const every = options.reference;
  return {
    figures,
    async begin() {
      if (every > 0) for (const product of productsOf(options)) await makeReference(work, product);
    },
    async prepare(panel, order) {
      const nest = defined(panel[0]);
      const former = running.get(nest.station);
      const isOther = former?.order !== order;
      if (isOther) await changeOver(work, nest, order, former?.order);
      const isDue = every > 0 && (isOther || former.devices >= every);
      if (isDue) await runReference(work, nest, order);
      running.set(nest.station, { order, devices: (isDue || isOther ? 0 : former.devices) + panel.length });
    },
  };
}

function controlsOf({ service, signal }: Equipment, { station }: Nest): ReturnType<typeof openControls> {
  return openControls(service, station, signal);
}

async function changeOver(work: Work, nest: Nest, order: Order, former: Order | undefined): Promise<void> {
  await controlsOf(work, nest).changeOver(order.id);
  if (former === undefined) return;
  work.figures.changeOvers++;
  if (former.product !== order.product) await putStraggler(work, nest, former.product);
}

/**
 * Puts a straggler (a forgotten device of the former product) into the nest. The device has no Claim ID yet, and must
 * not get one at this station.
 */
async function putStraggler({ figures, options, askOnce }: Work, nest: Nest, product: string): Promise<void> {
  const device = newDevice(STRAGGLERS + ++figures.stragglers, { ...options, product });
  for (let tries = 0; tries < options.maxAttempts; tries++) {
    const attempt = await askOnce(nest, device);
    if (attempt.result === 'answered') figures.stragglersServed++;
    if (attempt.result === 'refused' && attempt.why !== REFUSED) figures.stragglersNotTold++;
    // If the reply was lost, the result is unknown, so the device asks again.
    if (attempt.result !== 'lost' && attempt.result !== 'failed') return;
  }
}

const REFUSED = '409 order-required';

/* Reference devices */

async function makeReference(work: Work, product: string): Promise<void> {
  const { service, options, shift, nests, boot, tester } = work;
  const nest = defined(nests.find(({ mode, needsTests }) => mode === 'slot' && !needsTests));
  const order = await makeReferenceOrder(service, options, product);
  await controlsOf(work, nest).changeOver(order.id);
  const device = newDevice(REFERENCES + work.references.size + 1, { ...options, product });
  const dice = (): number => NO_MISHAP;
  const job = { device, nest, controls: controlsOf(work, nest), dice, boot: () => boot(nest, device, dice) };
  const codes = await shift.makeReference(job);
  if (codes === undefined) return;
  const { uci } = codes;
  await service.request('PUT', `/v1/units/${uci}/reference`, { reference: true, note: 'golden device' });
  await tester?.passes(uci);
  work.references.set(product, { device, codes, uci, busy: Promise.resolve() });
}

/**
 * The probability of each mistake and of each fault is lower than this. So if the dice show this number, no mistake and
 * no fault happens.
 */
const NO_MISHAP = 0.99;

async function runReference(work: Work, nest: Nest, { product }: Order): Promise<void> {
  const reference = work.references.get(product);
  if (reference === undefined) return;
  const turn = reference.busy.then(() => checkStation(work, nest, reference));
  reference.busy = turn.catch(() => undefined);
  await turn;
}

/**
 * The reference device has lost its Claim ID, and asks again. Then the label of the device is scanned. Neither the
 * request nor the scan may be counted in any figures.
 */
async function checkStation(work: Work, nest: Nest, { device, codes, uci }: Reference): Promise<void> {
  const { figures, options, shift, boot } = work;
  const controls = controlsOf(work, nest);
  delete device.saved;
  device.received = [];
  const dice = throwDice(options.seed, device.number + ++figures.referenceRuns);
  const start = (): Promise<Boot> => boot(nest, device, dice);
  if ((await start()) !== 'running') return;
  if (device.received.some((id) => id !== uci)) figures.referenceOther++;
  const answer = await shift.scanPair({ device, nest, controls, dice, boot: start }, codes);
  if (answer.result !== 'PASS') figures.referenceNotPassed++;
  if (nest.mode === 'slot') await controls.next();
}

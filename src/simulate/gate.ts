import type { GateAnswer } from '../decide/shipping/gate.ts';
import { keysOf, own } from '../platform/own.ts';
import { askUntilAnswered } from './agent.ts';
import { newDevice } from './device.ts';
import { throwDice } from './dice.ts';
import { PROCEDURE, type LineOptions } from './options.ts';
import type { Order } from './orders.ts';
import type { Service } from './stations.ts';
import type { Tester } from './tester.ts';
import { readCharts, today } from './units.ts';

/*
 * After the shift, the labels of all devices are scanned at a gate. Before that, something happens to some of the
 * units, so that the gate must stop them.
 */

/** A device that has left the line. */
interface Finished {
  device: number;
  held?: string;
  received: string[];
  verdict?: string;
  order?: Order;
}

/** The share of passed units to which each of these things happens. */
const FATES = { reference: 0.02, 'test-failed': 0.02, 'return-open': 0.02, void: 0.01 } as const;
type Fate = keyof typeof FATES | 'not-verified' | 'not-tested';

export interface GateFigures {
  shipped: number;
  stopped: Record<string, number>;
  /** Units that were stopped although they have no fault. */
  goodStopped: number;
  /** Units that were shipped although they have a fault. */
  badShipped: number;
  /** Units with a fault that were stopped, but for another reason than this fault. */
  otherReason: number;
  /** Units that are on the shipping list but were not shipped, or that were shipped but are not on the list. */
  listDiffers: number;
  /** Reference devices that asked again and did not get their own Claim ID. */
  referencesChanged: number;
  /** Reference devices that are wrongly counted in the figures of the day. */
  referencesCounted: number;
}

/**
 * Changes the seed, so that the gate has its own generator. So with the same seed, the shift is the same with and
 * without a gate.
 */
const GATE_SEED = 7919;

/** Returns the figures of the gate and the Claim IDs of the shipped units. */
export async function sendThroughGate(
  service: Service,
  options: LineOptions,
  left: Finished[],
  tester?: Tester,
): Promise<{ gate: GateFigures; shipped: Set<string> }> {
  const list = `sim-${options.seed}-${Date.now()}`;
  await openGate(service, list, left.length);
  const before = await referencesLeftOut(service);
  const figures: GateFigures = {
    shipped: 0,
    stopped: {},
    goodStopped: 0,
    badShipped: 0,
    otherReason: 0,
    listDiffers: 0,
    referencesChanged: 0,
    referencesCounted: 0,
  };
  const shipped = new Set<string>();
  let references = 0;
  for (const { device, uci, order, fate } of fatesOf(left, options, tester)) {
    await tester?.reportLate(uci, () => scanAtGate(service, uci));
    await suffer(service, uci, fate);
    if (fate === 'reference') {
      references++;
      if ((await askAgain(service, { ...options, ...productOf(order) }, device)) !== uci) figures.referencesChanged++;
    }
    const answer = await scanAtGate(service, uci);
    if (answer.result === 'SHIP') shipped.add(uci);
    count(figures, fate, answer);
  }
  const onList = await service.request<{ units: number }>('GET', `/v1/shipping-lists/${list}`);
  figures.listDiffers = Math.abs(onList.units - figures.shipped);
  figures.referencesCounted = Math.abs((await referencesLeftOut(service)) - before - references);
  return { gate: figures, shipped };
}

/** Returns the option `product` for the devices of this work order. */
function productOf(order: Order | undefined): Partial<LineOptions> {
  return order === undefined ? {} : { product: order.product };
}

interface Scanned {
  device: number;
  uci: string;
  order?: Order | undefined;
  fate: Fate | undefined;
}

/** A device that broke down during the shift also has a label, but its unit has never passed. */
function fatesOf(left: Finished[], { seed }: LineOptions, tester: Tester | undefined): Scanned[] {
  return left.flatMap(({ device, held, received, verdict, order }): Scanned[] => {
    const uci = held ?? received.at(-1);
    if (uci === undefined) return [];
    if (verdict !== 'PASS') return [{ device, uci, order, fate: 'not-verified' }];
    const untested = tester?.isLate(uci) ? undefined : tester?.stopOf(uci);
    if (untested !== undefined) return [{ device, uci, order, fate: untested }];
    let draw = throwDice(seed + GATE_SEED, device)();
    for (const fate of keysOf(FATES)) {
      const share = FATES[fate];
      if (draw < share) return [{ device, uci, order, fate }];
      draw -= share;
    }
    return [{ device, uci, order, fate: undefined }];
  });
}

export async function openGate({ request }: Service, list: string, target: number): Promise<void> {
  await request('PUT', `/v1/shipping-lists/${list}`, { target: Math.max(1, target) });
  await request('PUT', `/v1/stations/${GATE}`, { mode: 'gate', shippingList: list });
}

const GATE = 'sim-gate';

async function suffer({ request }: Service, uci: string, fate: Fate | undefined): Promise<void> {
  const path = `/v1/units/${uci}`;
  if (fate === 'reference') await request('PUT', `${path}/reference`, { reference: true, note: 'golden device' });
  if (fate === 'test-failed') await request('POST', `${path}/results`, { procedure: PROCEDURE, outcome: 'failed' });
  if (fate === 'return-open')
    await request('POST', `${path}/return`, { rma: 'SIM-RMA', reason: 'does not start', disposition: 'repair' });
  if (fate === 'void') await request('POST', `${path}/void`, { reason: 'label-damaged' });
}

/** A reference device has lost its saved Claim ID and asks for it at some station. */
function askAgain({ url }: Service, options: LineOptions, number: number): Promise<string | undefined> {
  const { retryMs, timeoutMs, maxAttempts } = options;
  const { body } = newDevice(number, options);
  return askUntilAnswered({ url: `${url.replace(/\/$/, '')}/ioto/serialize`, body, retryMs, timeoutMs, maxAttempts });
}

export function scanAtGate({ request }: Service, label: string): Promise<GateAnswer> {
  return request('POST', `/v1/stations/${GATE}/verify`, { label });
}

function count(figures: GateFigures, fate: Fate | undefined, answer: GateAnswer): void {
  if (answer.result === 'SHIP') {
    figures.shipped++;
    if (fate !== undefined) figures.badShipped++;
    return;
  }
  const code = answer.result === 'STOP' ? answer.reasonCode : answer.result;
  figures.stopped[code] = (own(figures.stopped, code) ?? 0) + 1;
  if (fate === undefined) figures.goodStopped++;
  else if (answer.result !== 'STOP' || !answer.reasons.some((reason) => reason.code === fate)) figures.otherReason++;
}

async function referencesLeftOut(service: Service): Promise<number> {
  const { leftOut } = await readCharts(service, [today(), today()]);
  return leftOut.reference;
}

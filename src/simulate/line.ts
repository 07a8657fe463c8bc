import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { askOnce, askUntilAnswered, type Agent, type Attempt, type Loss } from './agent.ts';
import { openCrew, type Crew } from './crew.ts';
import { holds, newDevice, powerOn, registrationBody, type Boot, type Device } from './device.ts';
import { throwDice, type Dice } from './dice.ts';
import type { Equipment } from './lead.ts';
import { HANDLE, openControls, openRoll, type Handled, type Roll } from './operator.ts';
import { checkOptions, DEFAULTS, type LineOptions } from './options.ts';
import { productsOf, type Order } from './orders.ts';
import { compare, issuedIn, type Left, type Report, type Tally } from './report.ts';
import { openPool, type Pool } from './pool.ts';
import { openSegment, type Segment } from './segment.ts';
import { MAX_NESTS, openFloor, setUpStations, type Floor, type Nest, type Service } from './stations.ts';
import { openTester, type Tester } from './tester.ts';
import { openSwaps, type Swaps } from './swaps.ts';
import { readUnaccounted, readUnits, today } from './units.ts';
import { own, defined } from '../platform/own.ts';

/** The progress of the production line. */
export interface Moment {
  /** How many devices have left the line. */
  done: number;
  refused: number;
  elapsedMs: number;
}

/**
 * Simulates a production line that uses a running service. The simulation sets up the stations, and sends each device
 * through one station. At the end, the Claim IDs of the devices are compared with the ledger. Throws `invalid` if
 * options contradict each other. If `signal` aborts, the simulation ends early. Devices that are not finished at the
 * end are stopped. The report is about the devices that have finished.
 */
export async function runLine(
  service: Service,
  given: Partial<LineOptions>,
  { signal, onMoment }: { signal?: AbortSignal; onMoment?: (moment: Moment) => void } = {},
): Promise<Report> {
  const options: LineOptions = { ...DEFAULTS, ...given };
  checkOptions(options, service.url);
  const segment = options.identity === 'link' ? await openSegment(Number(new URL(service.url).port)) : undefined;
  const floor = options.mode === 'shift' ? await openFloor(service, productsOf(options), options) : undefined;
  try {
    return await runOn(service, options, { floor, segment }, { signal, onMoment });
  } finally {
    await floor?.close();
    segment?.close();
  }
}

async function runOn(
  service: Service,
  options: LineOptions,
  { floor, segment }: { floor: Floor | undefined; segment: Segment | undefined },
  { signal, onMoment }: { signal: AbortSignal | undefined; onMoment: ((moment: Moment) => void) | undefined },
): Promise<Report> {
  const nests = await setUpStations(service, options, floor);
  const products = productsOf(options);
  const line = openLine(service, options, onMoment);
  const crew = floor && (await openCrew(equipmentOf(line, nests), floor));
  line.crew = crew;
  const ask = equipmentOf(line, nests).askOnce;
  line.swaps = segment && openSwaps({ options, segment, askOnce: ask });
  const before = await readUnits(service, products);
  const repeatsBefore = await service.repeats();

  const panels = floor === undefined ? panelsOf(nests, options.panel) : stationsOf(nests);
  const work = (): Promise<void>[] => panels.map((panel) => workPanel(line, panel));
  await untilOver(line, signal, () => together(line, work()));

  const compareOrders = await crew?.closeOrders();
  const after = await readUnits(service, products);
  const repeats = await service.repeats();
  // If the service was restarted during the run, its count of repeats restarted from 0.
  const sinceThen = repeats < repeatsBefore ? repeats : repeats - repeatsBefore;
  const ledger = { before, after, repeats: sinceThen };
  if (crew === undefined) {
    const swaps = line.swaps?.figures;
    return compare(options, line.left, line.tally, ledger, swaps === undefined ? {} : { swaps });
  }
  const unaccounted = await readUnaccounted(service, [crew.firstDay, today()]);
  const issued = issuedIn(ledger);
  await line.pool?.read(service, issued);
  const parts = await compareOrders?.(line.left, issued);
  const labels = floor?.printers.flatMap(({ numbers }) => numbers) ?? [];
  if (line.pool !== undefined && parts !== undefined) parts.pool = line.pool.compare(labels);
  return compare(options, line.left, line.tally, { ...ledger, unaccounted }, parts);
}

function equipmentOf(line: Line, nests: Nest[]): Equipment {
  const { service, options, over } = line;
  return {
    service,
    options,
    nests,
    signal: over.signal,
    tester: line.tester,
    boot: (nest, device, dice) =>
      powerOn(device, agentIn(line, nest, device, dice, undefined), () => dice() < options.reboot),
    async askOnce(nest, device) {
      const attempt = await askOnce(agentIn(line, nest, device, NO_DICE, undefined));
      count(line.tally, attempt);
      return attempt;
    },
  };
}

/** If this generator is used, no fault is ever chosen. */
const NO_DICE: Dice = () => 1;

interface Line {
  service: Service;
  options: LineOptions;
  roll: Roll;
  /** Present if the simulation is a shift. */
  crew: Crew | undefined;
  /** Present if devices are identified by their link addresses. */
  swaps: Swaps | undefined;
  /** Present if the option `tester` is set. */
  tester: Tester | undefined;
  pool: Pool | undefined;
  /** Ends the production line and stops all agents that are still asking. */
  over: AbortController;
  /** The label that was last stuck on a device. */
  lastLabel: string | undefined;
  tally: Tally;
  left: Left[];
  /**
   * Resolves with the next devices when they are due to start. After the end of the run, resolves without devices.
   */
  take: (count: number) => Promise<Load>;
  leave: (left: Left) => void;
}

/** Devices that are put into the nests of a panel at the same time. In a shift, they belong to the same work order. */
interface Load {
  devices: Device[];
  order?: Order;
}

/**
 * How long (in ms) devices may take to finish after the last device has started. The limit is as long as two attempts.
 */
function graceMs({ timeoutMs, retryMs }: LineOptions): number {
  return 2 * timeoutMs + 2 * retryMs;
}

/**
 * The number of listeners that each device in a nest adds to the signal: for a connection, for a pause, and for the
 * next start.
 */
const LISTENERS = 3;

function openLine(service: Service, options: LineOptions, onMoment: ((moment: Moment) => void) | undefined): Line {
  const over = new AbortController();
  // Without a higher limit, the many listeners would make Node warn about a leak.
  setMaxListeners(LISTENERS * MAX_NESTS * options.stations, over.signal);
  const tally: Tally = { attempts: 0, lost: 0, refusals: {}, failures: {}, answerMs: [], elapsedMs: 0 };
  const left: Left[] = [];
  // The time is counted from the moment when the first device is taken, so the time for setting up the stations is not
  // included.
  let startedAt: number | undefined;
  const elapsedMs = (): number => performance.now() - (startedAt ??= performance.now());
  const supply = openSupply(options, elapsedMs, over.signal);
  const line: Line = {
    service,
    options,
    crew: undefined,
    swaps: undefined,
    tester: options.tester ? openTester(service, options, over.signal) : undefined,
    pool: options.pool ? openPool() : undefined,
    over,
    lastLabel: undefined,
    tally,
    left,
    roll: openRoll(service, options.product, options.devices, over.signal),
    take: (count) => supply(count, line.crew?.orders ?? []),
    leave(one) {
      left.push(one);
      tally.elapsedMs = Math.round(elapsedMs());
      const refused = Object.values(tally.refusals).reduce((sum, count) => sum + count, 0);
      onMoment?.({ done: left.length, refused, elapsedMs: tally.elapsedMs });
    },
  };
  return line;
}

/** Runs `work`. Ends the production line when `outside` aborts or the time is up. */
async function untilOver({ over, options }: Line, outside: AbortSignal | undefined, work: () => Promise<void>) {
  const stop = (): void => over.abort();
  outside?.addEventListener('abort', stop);
  if (outside?.aborted) stop();
  const cut = options.durationMs > 0 ? setTimeout(stop, options.durationMs + graceMs(options)) : undefined;
  try {
    await work();
  } finally {
    clearTimeout(cut);
    outside?.removeEventListener('abort', stop);
  }
}

/** Starts devices at the rate in the options, until all devices have started or the time is up. */
function openSupply(
  options: LineOptions,
  elapsedMs: () => number,
  signal: AbortSignal,
): (count: number, orders: Order[]) => Promise<Load> {
  const { devices: all, durationMs, ratePerS } = options;
  let taken = 0;
  return async (count, orders) => {
    const first = taken;
    const ready = Math.min(count, all - first);
    taken += ready;
    const dueMs = ratePerS > 0 ? (first * 1000) / ratePerS : 0;
    const atMs = Math.max(dueMs, elapsedMs());
    if (durationMs > 0 && atMs >= durationMs) return { devices: [] };
    const waitMs = dueMs - elapsedMs();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return { devices: [] };
    // Each work order gets an equal share of the devices, or of the time.
    const share = Math.max(first / all, durationMs > 0 ? atMs / durationMs : 0);
    const order = orders[Math.floor(share * orders.length)];
    const { product } = order ?? options;
    const devices = Array.from({ length: ready }, (_, i) => newDevice(first + i + 1, { ...options, product }));
    return order === undefined ? { devices } : { devices, order };
  };
}

/** Groups nests by station. In a shift, the nests of one station get their devices together. */
function stationsOf(nests: Nest[]): Nest[][] {
  return [...new Set(nests.map(({ station }) => station))].map((name) =>
    nests.filter(({ station }) => station === name),
  );
}

function panelsOf(nests: Nest[], panel: number): Nest[][] {
  return Array.from({ length: nests.length / panel }, (_, i) => nests.slice(i * panel, (i + 1) * panel));
}

/**
 * Puts devices into all nests of a panel and turns them on together. The next devices are put in when all devices of
 * this panel are finished.
 */
async function workPanel(line: Line, panel: Nest[]): Promise<void> {
  for (;;) {
    const { devices, order } = await line.take(panel.length);
    if (devices.length === 0) return;
    if (order !== undefined) await line.crew?.lead.prepare(panel, order);
    const works = devices.map((device, i) => workNest(line, defined(panel[i]), device, order));
    await together(line, works);
  }
}

/**
 * If one of `works` fails, stops the others and waits until all of them have ended. So no part of the line is still
 * running when the caller gets the error.
 */
async function together(line: Line, works: Promise<void>[]): Promise<void> {
  const endAll = (error: unknown): never => {
    line.over.abort();
    throw error;
  };
  const ends = await Promise.allSettled(works.map((work) => work.catch(endAll)));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

function workNest(line: Line, nest: Nest, device: Device, order: Order | undefined): Promise<void> {
  const work = (): Promise<void> => workDevice(line, nest, device, order);
  return line.swaps === undefined ? work() : line.swaps.plugIn(device, nest, work);
}

async function workDevice(line: Line, nest: Nest, device: Device, order: Order | undefined): Promise<void> {
  const { options, service, roll } = line;
  const dice = throwDice(options.seed, device.number);
  const boot = (meanwhile?: () => Promise<void>): Promise<Boot> =>
    powerOn(device, agentIn(line, nest, device, dice, meanwhile), () => dice() < options.reboot);
  const controls = openControls(service, nest.station, line.over.signal);
  const tested = async (): Promise<Boot> => {
    const first = await boot();
    if (first === 'running') await line.tester?.test(device, nest, controls);
    return first;
  };
  const { mode } = options;
  const handled =
    mode === 'shift'
      ? await defined(line.crew).shift.handle({ device, nest, controls, dice, boot: tested })
      : await HANDLE[mode]({
          device,
          roll,
          controls,
          boot,
          bootsAgain: dice() < options.rebootAfterPass,
          mistaken: openMistakes(line, dice),
          swap: async () => line.swaps?.swap(device, nest, dice) ?? false,
        });
  const registered = options.register ? await registers(line, nest, device, dice) : undefined;
  line.leave({
    ...leaving(device, nest, handled),
    ...(order === undefined ? {} : { order }),
    ...(registered === undefined ? {} : { registered }),
  });
}

/** Simulates a mistake: the operator takes the last label that was used anywhere on the production line. */
function openMistakes(line: Line, dice: Dice): (right: string) => string | undefined {
  const strikes = line.options.swap > 0 && dice() < line.options.swap;
  return (right) => {
    const { lastLabel } = line;
    line.lastLabel = right;
    return strikes && lastLabel !== right ? lastLabel : undefined;
  };
}

/** The device registers with its saved Claim ID. Returns undefined if the device has no Claim ID. */
async function registers(line: Line, nest: Nest, device: Device, dice: Dice): Promise<boolean | undefined> {
  const id = holds(device);
  if (id === undefined) return undefined;
  const agent = agentIn(line, nest, device, dice, undefined);
  const url = nest.url.replace(/\/ioto\/serialize(\/[^/]+)?$/, '/api$1/device/register');
  const answer = await askUntilAnswered({ ...agent, url, body: registrationBody(device, id), bearer: device.product });
  return answer !== undefined;
}

function leaving(device: Device, { station }: Nest, handled: Handled): Left {
  const { number, received } = device;
  const held = holds(device);
  return { device: number, station, received, ...handled, ...(held === undefined ? {} : { held }) };
}

function agentIn(
  { options, over, tally, pool }: Line,
  { url, localAddress }: Nest,
  { body, link }: Device,
  dice: Dice,
  meanwhile: (() => Promise<void>) | undefined,
): Agent {
  const { retryMs, timeoutMs, maxAttempts } = options;
  return {
    url,
    body,
    retryMs,
    timeoutMs,
    maxAttempts,
    signal: over.signal,
    loses: () => (dice() < options.lose ? lossAt(dice()) : undefined),
    note(attempt) {
      count(tally, attempt);
      pool?.note(attempt);
    },
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(link === undefined ? {} : { wire: link.send }),
    ...(meanwhile === undefined
      ? {}
      : { meanwhile: async ({ result }) => (result === 'refused' ? meanwhile() : undefined) }),
  };
}

/**
 * To lose a reply, the device breaks the connection within this time (ms). So some lost replies are never sent, and
 * others are lost after the service has sent them.
 */
const LOSS_WITHIN_MS = 10;

function lossAt(draw: number): Loss {
  return { afterMs: Math.floor(draw * LOSS_WITHIN_MS) };
}

function count(tally: Tally, attempt: Attempt): void {
  const oneMore = (counts: Record<string, number>, why: string): void =>
    void (counts[why] = (own(counts, why) ?? 0) + 1);
  if (attempt.result !== 'cut') tally.attempts++;
  if (attempt.result === 'lost') tally.lost++;
  if (attempt.result === 'answered') tally.answerMs.push(attempt.ms);
  if (attempt.result === 'refused') oneMore(tally.refusals, attempt.why);
  if (attempt.result === 'failed') oneMore(tally.failures, attempt.why);
}

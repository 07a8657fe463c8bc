import type { Context } from 'hono';
import { languageOf } from '../http/language.ts';
import { saidIn } from '../http/problems.ts';
import { present } from '../http/read-body.ts';
import type { GateScan } from '../http/gate-scans.ts';
import type { Refusal } from '../http/refusals.ts';
import { isUnitOf } from '../http/routes/rolls.ts';
import type { Services } from '../http/services.ts';
import { speak } from '../http/words.ts';
import { labelsOf } from '../contract/labels.ts';
import { OPEN_MS } from '../decide/scans/verify.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Trouble } from '../contract/printing.ts';
import type { PrintJob } from '../model/print-job.ts';
import { fitsLabel, loadedOf } from '../model/printer.ts';
import type { Product } from '../model/product.ts';
import type { ShippingList } from '../model/shipping/shipping-list.ts';
import type { Station } from '../model/station.ts';
import { isEnded, type Unit } from '../model/unit.ts';
import type { WorkOrder } from '../model/work-order.ts';
import { ClaimstampError, refusal } from '../platform/error.ts';
import { own } from '../platform/own.ts';
import { plain } from './station-words.ts';

/** The data that a gate's screen shows. */
export interface Gate {
  list?: ShippingList;
  scans: GateScan[];
}

/** The data that a station's screen shows. */
export interface Nest {
  station: Station;
  unit?: Unit;
  /** The open units of a station in open mode, newest first. */
  open: Unit[];
  /** False if the station is armed with a unit that another station issued. */
  isOwn: boolean;
  product?: Product;
  /** The work order of the unit in the nest or, if the nest has no unit, the station's work order. */
  workOrder?: WorkOrder;
  /** All current work orders of the station. */
  orders: WorkOrder[];
  /** The reference device that received the station's latest answer. */
  reference?: Unit;
  /** The unit's last print job. */
  job?: PrintJob;
  /** The reason why the unit's label cannot be drawn, in the language of the page. */
  labelProblem?: string;
  /** The problem of the station's printer. Absent if the printer has no problem. */
  trouble?: Trouble;
  /** Set if the printer contains labels of a different size than the unit's label. */
  media?: { loaded: string; needed: string };
  /** The problem of the printer that has the unit's print job. This can be a different printer than the station's. */
  jobTrouble?: Trouble;
  refusals: Refusal[];
  /** Only a station in gate mode has `gate`. */
  gate?: Gate;
  /** The alarms at this station: wrong Claim IDs, identities that come from two sources, and exceeded rates. */
  alarms: Refusal[];
  /** True if this service answers registrations in place of the cloud. */
  testMode: boolean;
}

/** How many of the station's newest print jobs to search for the unit's print job. */
const LAST_JOBS = 20;

/** Returns the station, and the other stations on its screen. Names of stations that do not exist are skipped. */
export async function stationsAt(ledger: Ledger, name: string): Promise<Station[]> {
  const station = await ledger.station(name);
  if (station === undefined) throw refusal('not-found', 'station', { station: name });
  // A gate's screen shows only the gate itself, because a scan at a gate concerns no other station.
  if (station.mode === 'gate') return [station];
  const others = (station.screen ?? []).filter((other, index, list) => other !== name && list.indexOf(other) === index);
  const found = await Promise.all(others.map((other) => ledger.station(other)));
  return [station, ...found.filter((other) => other !== undefined).filter(({ mode }) => mode !== 'gate')];
}

export async function nestsAt(services: Services, name: string, c: Context): Promise<Nest[]> {
  const stations = await stationsAt(services.ledger, name);
  return Promise.all(stations.map((station) => nestOf(services, station, c)));
}

async function nestOf(services: Services, station: Station, c: Context): Promise<Nest> {
  const { ledger, refusals, alarms, config, printing } = services;
  const { name, armed, slot, mode, printer } = station;
  const held = armed?.uci ?? (slot.state === 'ready' ? undefined : slot.uci);
  const last = mode === 'open' ? await lastUnits(services, name) : [];
  const unit = held === undefined ? last[0] : (await ledger.unit(held))?.unit;
  const product = unit && (await ledger.product(unit.product));
  const found = await Promise.all(Object.values(station.workOrders).map((id) => ledger.workOrder(id)));
  const orders = found.filter((order) => order !== undefined);
  const current = unit === undefined ? orders[0]?.id : (unit.workOrder ?? own(station.workOrders, unit.product));
  const workOrder = current === undefined ? undefined : await ledger.workOrder(current);
  const job = unit && (await jobOf(services, station, unit));
  return {
    station,
    orders,
    open: last.filter((one) => isOpen(one, services.now())),
    isOwn: unit === undefined || (await isUnitOf(ledger, name, unit)),
    refusals: refusals.list(name),
    alarms: alarms.list(name),
    testMode: config.builderLocal === 'accept',
    ...present({
      unit,
      product,
      workOrder,
      reference: await referenceAt(services, name),
      job,
      jobTrouble: job && printing.trouble(job.printer),
      labelProblem:
        unit && held !== undefined
          ? await labelProblem(services, { unit, product, station: station.name }, c)
          : undefined,
      gate: mode === 'gate' ? await gateOf(services, station) : undefined,
      trouble: printer === undefined ? undefined : printing.trouble(printer),
      media: unit && (await otherMedia(services, station, unit, product)),
    }),
  };
}

/** If the unit still needs a label and the printer contains labels of a different size, returns both sizes in mm. */
async function otherMedia(
  { ledger, labels }: Services,
  { printer: name }: Station,
  unit: Unit,
  product: Product | undefined,
): Promise<Nest['media']> {
  if (unit.labels > 0 || isEnded(unit) || product?.claiming === 'pre') return undefined;
  const printer = name === undefined ? undefined : await ledger.printer(name);
  const loaded = printer && loadedOf(printer);
  if (printer === undefined || loaded === undefined) return undefined;
  const { width, height } = await labels.checkPrinted(product);
  if (width === 0 || fitsLabel(printer, { width, height })) return undefined;
  return { loaded, needed: `${width}x${height}` };
}

async function referenceAt({ ledger, hub }: Services, station: string): Promise<Unit | undefined> {
  const [last] = hub.lastAt(station);
  const unit = last === undefined ? undefined : (await ledger.unit(last))?.unit;
  return unit?.extra?.reference === undefined ? undefined : unit;
}

async function lastUnits({ ledger, hub }: Services, name: string): Promise<Unit[]> {
  const found = await Promise.all(hub.lastAt(name).map((uci) => ledger.unit(uci)));
  return found.flatMap((history) => history?.unit ?? []);
}

/** True if a scan at a station in open mode can refer to this unit (decide/scans/verify.ts). */
function isOpen(unit: Unit, now: number): boolean {
  const { issued, verified } = unit.facts;
  if (unit.extra?.reference !== undefined) return false;
  return issued !== undefined && now - issued < OPEN_MS && verified === undefined && !isEnded(unit);
}

async function gateOf({ ledger, gateScans }: Services, { name, shippingList }: Station): Promise<Gate> {
  const list = shippingList === undefined ? undefined : await ledger.shippingList(shippingList);
  return { scans: gateScans.list(name), ...present({ list }) };
}

const ENDED_WELL = new Set<PrintJob['state']>(['sent', 'done', 'cancelled']);

async function jobOf({ ledger }: Services, { name, printer }: Station, { uci }: Unit): Promise<PrintJob | undefined> {
  const jobs = await ledger.printJobs({ before: Number.MAX_SAFE_INTEGER, limit: LAST_JOBS, station: name });
  const open = printer === undefined ? [] : await ledger.openPrintJobs(printer);
  const own = [...open, ...jobs].filter((job) => job.uci === uci).toSorted((a, b) => b.id - a.id);
  const newest = own.filter((job, at) => own.findIndex(({ role }) => role === job.role) === at);
  // Prefers a label that is waiting or has failed to the labels of other roles.
  return newest.find(({ state }) => !ENDED_WELL.has(state)) ?? newest[0];
}

/**
 * For each label, whether it could be drawn. Each label is drawn only once for this check, and not after each event at
 * the station.
 */
const drawn = new Map<string, { stamp: string; problem: ClaimstampError | undefined }>();

/** The maximum number of results that are kept. Even a large factory has fewer stations than this. */
const MAX_DRAWN = 1000;

async function labelProblem(
  { ledger, labels }: Services,
  { unit, product, station }: { unit: Unit; product: Product | undefined; station: string },
  c: Context,
): Promise<string | undefined> {
  if (isEnded(unit)) return undefined;
  const stamp = `${unit.issuedSeq ?? 0} ${station} ${JSON.stringify(product)}`;
  const known = drawn.get(unit.uci);
  const found =
    known?.stamp === stamp ? known : { stamp, problem: await drawingProblem(ledger, labels, unit, station) };
  if (drawn.size >= MAX_DRAWN) drawn.clear();
  drawn.set(unit.uci, found);
  const { problem } = found;
  const language = languageOf(c);
  return problem && plain(speak(language), problem.code, saidIn(problem, language).detail);
}

async function drawingProblem(
  ledger: Services['ledger'],
  labels: Services['labels'],
  unit: Unit,
  station: string,
): Promise<ClaimstampError | undefined> {
  const [label] = await labelsOf(ledger, [unit], { station });
  if (label === undefined) return undefined;
  try {
    await labels.one(label, 'svg', {});
    return undefined;
  } catch (error) {
    if (error instanceof ClaimstampError && error.code !== 'busy') return error;
    if (error instanceof ClaimstampError) return undefined;
    throw error;
  }
}

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBody } from '../../src/model/body.ts';
import { DEFAULT_IDENTITY } from '../../src/model/identity/placeholders.ts';
import { decide, type Command } from '../../src/decide/command.ts';
import { ClaimstampError } from '../../src/platform/error.ts';
import { isLive, type Credential } from '../../src/model/credential.ts';
import type { IssueRequest } from '../../src/decide/issue.ts';
import type { MovePrint } from '../../src/decide/print-jobs.ts';
import type { Random } from '../../src/model/claim-id.ts';
import { partOf, tally } from '../../src/decide/reconcile.ts';
import type { Event } from '../../src/model/event.ts';
import { isDelivered, isEnded, OUTCOMES, statusOf, type Outcome, type Unit } from '../../src/model/unit.ts';
import type { CloseWorkOrder } from '../../src/decide/orders/close-order.ts';
import { closingOf, jobsOf, unitsOf } from '../support/closing.ts';
import { accessOf, anyAccess, type AccessStep } from '../support/access-steps.ts';
import {
  openMapLedger,
  printer,
  product,
  rebuild,
  seededRandom,
  station,
  workOrder,
  type MapLedger,
} from '../support/map-ledger.ts';

/*
 * Whatever happens on the line: agents, operators and the office do anything in any order, on few devices, stations and
 * units, so that they meet. After each command everything that is promised must hold.
 */

const PRODUCTS = ['P0', 'P1'];
const STATIONS = ['nest-0', 'nest-1'];
const ORDERS = ['WO-0', 'WO-1'];
const PRINTERS = ['printer-0', 'printer-1'];
const SOURCES = ['10.0.0.1', '10.0.0.2'];
const PROPERTIES = ['serial', 'mac', 'uid'] as const;
const MINUTE = 60_000;

type Repeat = 'same' | 'refuse' | 'replace';

/** What a step does when its turn comes; `pick` chooses among the units made so far. */
type Step =
  | { do: 'ask'; device: number; shown: string[]; station: string; source: string }
  | { do: 'make'; as: 'issued' | 'reserved'; product: string; count: number; workOrder?: string; serial?: string }
  | { do: 'import'; as: 'issued' | 'reserved'; uci: string; device: number; shown: string[] }
  | { do: 'arm'; station: string; pick: number; by: 'uci' | 'serial'; reason: 'label' | 'rework' }
  | { do: 'press'; kind: 'cancel' | 'next' | 'same-device'; station: string }
  | { do: 'scan'; station: string; pick: number; device: number | undefined }
  | { do: 'end'; kind: 'void' | 'scrap'; pick: number; also: number | undefined }
  | { do: 'close'; id: string; signOff: 'all' | 'none' | 'each' }
  | { do: 'reopen'; id: string }
  | { do: 'release'; id: string }
  | { do: 'report'; pick: number; device: number; shown: string[]; station: string }
  | { do: 'outcome'; pick: number; station: string; outcome: Outcome }
  | { do: 'product'; id: string; repeat: Repeat; serialPattern: string | null; claimIdLength: number }
  | {
      do: 'station';
      name: string;
      mode: 'open' | 'slot';
      next: 'manual' | 'auto';
      order: string | undefined;
      printer: string | undefined;
      autoPrint: boolean;
    }
  | { do: 'printer'; name: string; dpi: number }
  | {
      do: 'print';
      pick: number;
      printer: string | undefined;
      station: string;
      copies: number;
      reason: string | undefined;
    }
  | { do: 'move'; job: number; to: MovePrint['to'] }
  | {
      do: 'order';
      id: string;
      product: string;
      planned: number;
      overIssue: 'warn' | 'refuse';
      lot: string | undefined;
    }
  | AccessStep
  | { do: 'wait'; ms: number };

/** Few devices, most of one product. Every value is its own; some have the S/N that the counter would give. */
const body = (device: number, shown: string[]): { [name: string]: string } => {
  const all: Record<string, string> = {
    serial: device % 2 === 0 ? `26480000${device}` : `ACME-${device}`,
    mac: `00:11:22:33:44:0${device}`,
    uid: `uid-${device}`,
  };
  const told = Object.fromEntries(shown.map((name) => [name, all[name] as string]));
  return { product: productOf(device), ...told };
};
const productOf = (device: number): string => PRODUCTS[device % 2] as string;

const pick = fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 30 }));
const shown = fc.oneof(fc.constant([...PROPERTIES]), fc.subarray([...PROPERTIES]));
const device = fc.constantFrom(0, 0, 0, 1, 2, 4);
const where = fc.constantFrom(...STATIONS);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

const steps = {
  ask: fc.record({
    do: fc.constant('ask' as const),
    device,
    shown,
    station: where,
    source: fc.constantFrom(...SOURCES),
  }),
  make: fc.record<Extract<Step, { do: 'make' }>, 'do' | 'as' | 'product' | 'count'>(
    {
      do: fc.constant('make' as const),
      as: fc.constantFrom('issued' as const, 'reserved' as const),
      product: fc.constantFrom('P0', 'P0', 'P1'),
      count: fc.integer({ min: 1, max: 3 }),
      workOrder: fc.constantFrom(...ORDERS),
      serial: fc.constantFrom('ACME-1', 'ACME-7', '264800002'),
    },
    { requiredKeys: ['do', 'as', 'product', 'count'] },
  ),
  import: fc.record({
    do: fc.constant('import' as const),
    as: fc.constantFrom('issued' as const, 'reserved' as const),
    uci: fc.constantFrom('JT08FFQXWQ', '0101010101', 'JT08FFQXWQ00'),
    device,
    shown,
  }),
  arm: fc.record({
    do: fc.constant('arm' as const),
    station: where,
    pick,
    by: fc.constantFrom('uci' as const, 'serial' as const),
    reason: fc.constantFrom('label' as const, 'rework' as const),
  }),
  press: fc.record({
    do: fc.constant('press' as const),
    kind: fc.constantFrom('cancel' as const, 'next' as const, 'same-device' as const),
    station: where,
  }),
  // Most scans are of one unit's two codes.
  scan: fc
    .record({
      do: fc.constant('scan' as const),
      station: where,
      pick,
      device: optional(pick),
      same: fc.nat({ max: 2 }),
    })
    .map(({ same, ...scan }) => (same > 0 ? { ...scan, device: scan.pick } : scan)),
  end: fc.record({
    do: fc.constant('end' as const),
    kind: fc.constantFrom('void' as const, 'scrap' as const),
    pick,
    also: optional(pick),
  }),
  close: fc.record({
    do: fc.constant('close' as const),
    id: fc.constantFrom(...ORDERS),
    signOff: fc.constantFrom('all' as const, 'none' as const, 'each' as const),
  }),
  reopen: fc.record({ do: fc.constant('reopen' as const), id: fc.constantFrom(...ORDERS) }),
  release: fc.record({ do: fc.constant('release' as const), id: fc.constantFrom(...ORDERS) }),
  report: fc.record({ do: fc.constant('report' as const), pick, device, shown, station: where }),
  outcome: fc.record({
    do: fc.constant('outcome' as const),
    pick,
    station: where,
    outcome: fc.constantFrom(...OUTCOMES),
  }),
  product: fc.record({
    do: fc.constant('product' as const),
    id: fc.constantFrom(...PRODUCTS),
    repeat: fc.constantFrom<Repeat>('same', 'refuse', 'replace', 'replace'),
    serialPattern: fc.constantFrom(null, '{yy}{ww}{seq:5}', 'S.{seq:1}', '{lot}.{seq:2}'),
    claimIdLength: fc.constantFrom(10, 12),
  }),
  station: fc.record({
    do: fc.constant('station' as const),
    name: where,
    mode: fc.constantFrom('open' as const, 'slot' as const),
    next: fc.constantFrom('manual' as const, 'auto' as const),
    order: optional(fc.constantFrom(...ORDERS)),
    printer: optional(fc.constantFrom(...PRINTERS)),
    autoPrint: fc.boolean(),
  }),
  printer: fc.record({
    do: fc.constant('printer' as const),
    name: fc.constantFrom(...PRINTERS),
    dpi: fc.constantFrom(203, 300),
  }),
  print: fc.record({
    do: fc.constant('print' as const),
    pick,
    printer: optional(fc.constantFrom(...PRINTERS)),
    station: where,
    copies: fc.integer({ min: 1, max: 3 }),
    reason: optional(fc.constant('smudged')),
  }),
  // The queue tells how the latest jobs went; most of them leave.
  move: fc.record({
    do: fc.constant('move' as const),
    job: fc.nat({ max: 3 }),
    to: fc.constantFrom<MovePrint['to']>(
      'sending',
      'sending',
      'sending',
      'sent',
      'done',
      'failed',
      'unknown',
      'cancelled',
    ),
  }),
  order: fc.record({
    do: fc.constant('order' as const),
    id: fc.constantFrom(...ORDERS),
    product: fc.constantFrom(...PRODUCTS),
    planned: fc.integer({ min: 1, max: 3 }),
    overIssue: fc.constantFrom('warn' as const, 'refuse' as const),
    lot: optional(fc.constantFrom('L1', 'L2')),
  }),
  access: anyAccess,
  wait: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 10 * MINUTE, 60 * MINUTE) }),
};

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: steps.ask },
  { weight: 2, arbitrary: steps.make },
  { weight: 1, arbitrary: steps.import },
  { weight: 4, arbitrary: steps.arm },
  { weight: 2, arbitrary: steps.press },
  { weight: 5, arbitrary: steps.scan },
  { weight: 1, arbitrary: steps.end },
  { weight: 5, arbitrary: steps.close },
  { weight: 1, arbitrary: steps.release },
  { weight: 1, arbitrary: steps.reopen },
  { weight: 2, arbitrary: steps.report },
  { weight: 2, arbitrary: steps.outcome },
  { weight: 1, arbitrary: steps.product },
  { weight: 2, arbitrary: steps.station },
  { weight: 1, arbitrary: steps.order },
  { weight: 1, arbitrary: steps.printer },
  { weight: 3, arbitrary: steps.print },
  { weight: 6, arbitrary: steps.move },
  { weight: 4, arbitrary: steps.access },
  { weight: 2, arbitrary: steps.wait },
) as fc.Arbitrary<Step>;

const encoder = new TextEncoder();

function ask(device: number, properties: string[], station: string, source: string): IssueRequest {
  const bytes = encoder.encode(JSON.stringify(body(device, properties)));
  return { kind: 'issue', ...readBody(bytes, DEFAULT_IDENTITY), station, source, strict: false };
}

/** The command of a step, or none where there is no unit to do it to. */
function commandOf(step: Step, line: MapLedger, n: number): Command | undefined {
  const units = [...line.tables.units.values()];
  // The latest units matter most: they are the ones at the stations.
  const unit = 'pick' in step ? units.at(-1 - (step.pick % (units.length || 1))) : undefined;
  if ('pick' in step && unit === undefined) return undefined;
  const actor = 'admin';
  switch (step.do) {
    case 'ask':
      return ask(step.device, step.shown, step.station, step.source);
    case 'make': {
      const { do: _do, ...rest } = step;
      const batch = step.as === 'reserved' ? { reservation: 'roll-1' } : {};
      return { kind: 'make', ...rest, ...batch, strict: false, actor };
    }
    case 'import': {
      const attributes = body(step.device, step.shown);
      const { identity, serial } = readBody(encoder.encode(JSON.stringify(attributes)), DEFAULT_IDENTITY);
      const imported = {
        place: 'line 2',
        uci: step.uci,
        product: productOf(step.device),
        identity,
        attributes: JSON.stringify(attributes),
        ...(serial === undefined ? {} : { serial }),
      };
      return { kind: 'import', as: step.as, units: [imported], strict: false, actor };
    }
    case 'arm': {
      const code = step.by === 'uci' ? unit!.uci : (unit!.serial ?? unit!.uci);
      return { kind: 'arm', station: step.station, code, reason: step.reason, actor };
    }
    case 'press':
      return { kind: step.kind, station: step.station, actor };
    case 'scan': {
      const other = step.device === undefined ? undefined : units.at(-1 - (step.device % units.length))?.uci;
      const scan = { kind: 'verify' as const, station: step.station, label: unit!.uci, actor };
      return other === undefined ? scan : { ...scan, device: other };
    }
    case 'end': {
      const also = step.also === undefined ? undefined : units.at(-1 - (step.also % units.length))?.uci;
      const list = also === undefined ? [unit!.uci] : [unit!.uci, also];
      return { kind: step.kind, units: list.map((uci) => ({ uci })), reason: 'test', actor };
    }
    case 'close':
      return closeStep(line, step.id, step.signOff);
    case 'release': {
      const begun = line.seen.workOrder(step.id)?.closing?.seq ?? 0;
      counted.get(line)?.delete(step.id);
      return { kind: 'release-work-order', workOrder: step.id, begun, why: 'interrupted', actor: 'system' };
    }
    case 'report': {
      const bytes = encoder.encode(JSON.stringify(body(step.device, step.shown)));
      const { identity, serial, product } = readBody(bytes, DEFAULT_IDENTITY);
      const said = { products: [product as string], identity, ...(serial === undefined ? {} : { serial }) };
      return { kind: 'note-report', uci: unit!.uci, station: step.station, source: '10.0.0.1', ...said };
    }
    case 'outcome': {
      const { outcome } = step;
      return { kind: 'note-outcome', uci: unit!.uci, station: step.station, source: '10.0.0.1', outcome };
    }
    case 'reopen':
      return { kind: 'reopen-work-order', workOrder: step.id, reason: 'test', actor };
    case 'product': {
      const { do: _do, ...settings } = step;
      return { kind: 'set-product', product: product(settings), actor };
    }
    case 'station': {
      const order = step.order === undefined ? undefined : line.seen.workOrder(step.order);
      const workOrders = order ? { [order.product]: order.id } : {};
      const { name, mode, next, printer, autoPrint } = step;
      const settings = station({ name, mode, next, workOrders, autoPrint, ...(printer ? { printer } : {}) });
      return { kind: 'set-station', station: settings, actor };
    }
    case 'printer':
      return { kind: 'set-printer', printer: printer({ name: step.name, dpi: step.dpi }), actor };
    case 'print': {
      const { printer, reason, station, copies } = step;
      const chosen = { ...(printer ? { printer } : {}), ...(reason ? { reason } : {}) };
      return { kind: 'print', uci: unit!.uci, station, copies, ...chosen, actor };
    }
    case 'move': {
      const job = [...line.tables.jobs.keys()].at(-1 - step.job);
      return job === undefined ? undefined : { kind: 'move-print', job, to: step.to, actor: 'system' };
    }
    case 'order': {
      const { do: _do, lot, ...settings } = step;
      return { kind: 'set-work-order', workOrder: workOrder({ ...settings, ...(lot ? { lot } : {}) }), actor };
    }
    case 'access':
      return accessOf(step, [...line.tables.credentials.values()], line.clock(), n);
    case 'wait':
      line.setClock(line.clock() + step.ms);
      return undefined;
  }
}

/** What a child process has counted, and not yet asked to record. */
const counted = new WeakMap<MapLedger, Map<string, CloseWorkOrder>>();

/** The next part of a closing: the order is blocked, then counted, then closed. Anything may happen between them. */
function closeStep(line: MapLedger, id: string, how: 'all' | 'none' | 'each'): Command | undefined {
  const known = counted.get(line) ?? new Map<string, CloseWorkOrder>();
  counted.set(line, known);
  const waiting = known.get(id);
  known.delete(id);
  if (waiting !== undefined) return waiting;
  if (line.seen.workOrder(id)?.closing === undefined)
    return { kind: 'begin-closing', workOrder: id, process: 'test', actor: 'admin' };
  const each = leftoversOf(line, id).map(({ uci }) => ({ uci, reason: `lost ${uci}` }));
  const signOff = how === 'all' ? { all: 'test' } : how === 'each' ? each : undefined;
  const found = attempt(() => closingOf(line, id, signOff));
  if ('value' in found) known.set(id, found.value);
  return undefined;
}

/** Claim IDs from a pool of 32 of each length, so that draws meet. */
function narrowRandom(seed: number): Random {
  const random = seededRandom(seed);
  return (size) => new Uint8Array(size).fill(random(1)[0] as number);
}

function openStory(repeat: Repeat): MapLedger {
  const line = openMapLedger();
  for (const id of PRODUCTS) line.record({ kind: 'set-product', product: product({ id, repeat }), actor: 'admin' });
  for (const id of ORDERS) {
    line.record({ kind: 'set-work-order', workOrder: workOrder({ id, product: PRODUCTS[0]! }), actor: 'admin' });
  }
  line.record({ kind: 'set-printer', printer: printer({ name: 'printer-0' }), actor: 'admin' });
  for (const name of STATIONS) {
    const settings = station({
      name,
      mode: name === 'nest-0' ? 'open' : 'slot',
      printer: 'printer-0',
      autoPrint: true,
    });
    line.record({ kind: 'set-station', station: settings, actor: 'admin' });
  }
  return line;
}

/** Each takes a few ms; five thousand in a row held, too. */
const RUNS = 500;

/** What each Claim ID has been given to: property → value, over its whole life. */
type Given = Map<string, Map<string, string>>;

function happen(line: MapLedger, command: Command, n: number, given: Given): void {
  const before = new Map(line.tables.units);
  const nest = command.kind === 'issue' ? line.seen.station(command.station) : undefined;
  const written = line.events.length;
  const first = attempt(() => decide(line.seen, command, line.clock(), narrowRandom(n)));
  const second = attempt(() => decide(line.seen, command, line.clock(), narrowRandom(n)));
  expect(second, 'the same arguments decide the same').toEqual(first);
  const outcome = attempt(() => line.record(command, narrowRandom(n)));
  if ('refused' in outcome) {
    expect(line.events, 'a refusal writes nothing').toHaveLength(written);
    return;
  }
  for (const event of line.events.slice(written)) {
    const former = event.uci === undefined ? undefined : before.get(event.uci);
    if (event.type === 'issued' || event.type === 'reserved' || event.type === 'armed') {
      expect(former && isEnded(former), `${event.type}: an ended unit is given to nobody`).toBeFalsy();
    }
    const isSent = event.type === 'print-queued' || (event.type === 'print-moved' && event.data['state'] === 'sending');
    if (isSent) expect(former && isEnded(former), 'an ended unit is neither queued nor sent').toBeFalsy();
  }
  if (command.kind === 'note-report' || command.kind === 'note-outcome') {
    const again = attempt(() => decide(line.seen, command, line.clock(), narrowRandom(n)));
    expect(again, 'said again it is no news').toMatchObject({ value: { events: [] } });
  }
  if (command.kind === 'close-work-order' && line.events.length > written) checkClosed(line, command.workOrder);
  if (command.kind !== 'issue') return;
  const now = line.seen.station(command.station)!;
  if (nest?.slot.state === 'open') expect(now.slot, 'no request takes the nest over').toEqual(nest.slot);
  if (nest?.slot.state === 'closed' && !nest.armed) expect(now.slot, 'a closed slot stays so').toEqual(nest.slot);
  answered(line, command, (outcome.value as { uci: string }).uci, n, given);
}

function answered(line: MapLedger, request: IssueRequest, uci: string, n: number, given: Given): void {
  const unit = line.tables.units.get(uci)!;
  expect(isEnded(unit), 'no ended unit is answered').toBe(false);
  expect(unit.facts.issued).toBeDefined();
  expect(line.seen.station(request.station)?.armed?.uci, 'an arming is used up by its unit').not.toBe(uci);
  const told = given.get(uci) ?? new Map<string, string>();
  const kept = line.seen.identityOf(unit);
  for (const [property, value] of request.identity) {
    expect(told.get(property) ?? value, 'a Claim ID is given to one device only').toBe(value);
    // The unit keeps no further identity from a source to which it was not given, so a foreign one locks nobody out.
    if (kept.get(property) === value) told.set(property, value);
  }
  given.set(uci, told);
  if (request.identity.length === 0) return;
  // The reply is lost: the device asks again at once.
  const policy = line.seen.product(unit.product)!.repeat;
  if (policy !== 'same' && isDelivered(unit)) return;
  const again = decide(line.seen, request, line.clock(), narrowRandom(n));
  expect(again, 'asking again is safe').toMatchObject({ events: [], answer: { uci, repeat: true } });
}

function attempt<T>(act: () => T): { value: T } | { refused: string } {
  try {
    return { value: act() };
  } catch (error) {
    if (error instanceof ClaimstampError) return { refused: `${error.code}: ${error.message}` };
    throw error;
  }
}

function checkLine(line: MapLedger): void {
  const { units, workOrders, stations, identities } = line.tables;
  const living = [...units.values()].filter((unit) => unit.facts.void === undefined);
  const serials = living.filter(({ serial }) => serial !== undefined).map((unit) => unit.serial);
  expect(new Set(serials).size, 'an S/N is unique among the units that are not void').toBe(serials.length);
  for (const order of workOrders.values()) {
    const counted = [...units.values()].filter((unit) => unit.workOrder === order.id);
    expect(order.units, 'a work order counts its units').toBe(counted.filter((unit) => !isEnded(unit)).length);
    for (const unit of counted) expect(unit.product, 'a work order is of one product').toBe(order.product);
  }
  const nests = [...stations.values()];
  for (const { armed, slot } of nests) expect(armed && slot.state === 'open', 'a nest holds one device').toBeFalsy();
  const armed = nests.flatMap((one) => one.armed?.uci ?? []);
  expect(new Set(armed).size, 'a unit is armed at one station').toBe(armed.length);
  for (const uci of armed) expect(isEnded(units.get(uci)!), 'no ended unit is armed').toBe(false);
  for (const uci of identities.values()) {
    expect(units.get(uci)!.facts.void, 'a void unit has no identity').toBeUndefined();
  }
  for (const unit of living) {
    if (unit.facts.verified !== undefined) expect(unit.facts.issued, 'a PASS needs a device').toBeDefined();
    if (unit.facts.reported !== undefined) expect(unit.facts.issued, 'a device holds what it was given').toBeDefined();
    if (statusOf(unit) === 'reserved') expect(unit.facts.issued).toBeUndefined();
  }
}

function leftoversOf({ seen, tables }: MapLedger, id: string): Unit[] {
  const ordered = seen.workOrder(id)?.product;
  const of = ordered === undefined ? undefined : seen.product(ordered);
  return of === undefined ? [] : unitsOf(tables, id).filter((unit) => partOf(unit, of) === 'unaccounted');
}

/** What was counted in a snapshot is what the events before the closing say. */
function checkClosed(line: MapLedger, id: string): void {
  const closing = line.events.at(-1)!;
  if (closing.type !== 'work-order-closed') throw new Error(`event ${closing.seq} closes no work order`);
  const before = rebuild(line.lines.slice(0, -1));
  const order = before.workOrders.get(id)!;
  const of = line.seen.product(order.product)!;
  expect(closing.data.figures, 'the figures are those of the closing').toEqual(
    tally(unitsOf(before, id), jobsOf(before, id), { productOf: () => of, orderOf: () => order }),
  );
}

/** Each issued unit once; and a closed order got no unit since. */
function checkReconciled(line: MapLedger): void {
  const { workOrders, units, jobs } = line.tables;
  for (const order of workOrders.values()) {
    const of = line.seen.product(order.product)!;
    const mine = [...units.values()].filter((unit) => unit.workOrder === order.id);
    const { issued, parts, labels } = tally(mine, jobsOf(line.tables, order.id), {
      productOf: () => of,
      orderOf: () => order,
    });
    expect(labels.copies, 'labels that may exist').toBe(copiesSent(line, mine, false));
    const reprinted = labels.reprints.reduce((sum, { copies }) => sum + copies, 0);
    expect(reprinted, 'a reprint of which nothing left is none').toBe(copiesSent(line, mine, true));
    expect(issued, 'each issued unit').toBe(mine.filter(({ facts }) => facts.issued !== undefined).length);
    expect(parts.void + parts.scrapped + parts.released + parts.unaccounted, 'counts once').toBe(issued);
    expect(parts.void + parts.scrapped, 'and those that ended are known').toBe(mine.filter(isEnded).length);
    expect(jobsOf(line.tables, order.id).every((job) => jobs.get(job.id) === job)).toBe(true);
    const blocked = order.closing?.seq ?? order.closed?.seq;
    if (blocked === undefined) continue;
    const given = line.events
      .slice(blocked)
      .filter(({ type, workOrder }) => type === 'issued' && workOrder === order.id);
    expect(given, 'a blocked order takes no more units').toEqual([]);
    if (!order.closed) continue;
    const closing = line.events[order.closed.seq - 1]!;
    if (closing.type !== 'work-order-closed') throw new Error(`event ${closing.seq} closes no work order`);
    const { figures, signedOff } = closing.data;
    const signed = signedOff.flatMap((group) => group.units);
    expect(new Set(signed).size, 'what is left over is answered for').toBe(figures.parts.unaccounted);
  }
}

/** Copies that left, by the events alone; `again`: only those of jobs with a reason. */
function copiesSent({ events }: MapLedger, units: Unit[], again: boolean): number {
  const ucis = new Set(units.map(({ uci }) => uci));
  const isAgain = (job: number): boolean => {
    const queued = events[job - 1]!;
    return queued.type === 'print-queued' && queued.data.reprint !== undefined;
  };
  return sendings(events)
    .filter(({ uci, data }) => ucis.has(uci) && (!again || isAgain(data.job)))
    .reduce((sum, { data }) => sum + data.copies, 0);
}

function sendings(events: Event[]): Event<'print-moved'>[] {
  return events.filter((event) => event.type === 'print-moved').filter(({ data }) => data.state === 'sending');
}

/** Jobs against the events: what left, left once. */
function checkPrinting({ tables: { jobs, units }, events }: MapLedger): void {
  const open = [...jobs.values()].filter(({ state }) => state === 'queued' || state === 'sending');
  expect(new Set(open.map(({ uci }) => uci)).size, 'at most one open job a unit').toBe(open.length);
  for (const { state, uci } of open) {
    if (state === 'queued') expect(isEnded(units.get(uci)!), 'no label of an ended unit waits').toBe(false);
  }
  const told = events.filter((event) => event.type === 'print-moved' || event.type === 'printed');
  for (const job of jobs.values()) {
    const mine = told.filter(({ data }) => data.job === job.id);
    const states = mine.map((event) => (event.type === 'printed' ? 'done' : event.data.state));
    const sent = states.filter((state) => state === 'sending').length;
    expect(new Set(states).size, 'no job leaves or ends twice').toBe(states.length);
    const left = ['sending', 'sent', 'done', 'unknown'].includes(job.state);
    if (left) expect(sent, `${job.state}: it left`).toBe(1);
    if (job.state === 'cancelled') expect(sent, 'only what has not left is cancelled').toBe(0);
  }
  for (const unit of units.values()) {
    const left = sendings(events).filter(({ uci }) => uci === unit.uci);
    const copies = left.reduce((sum, { data }) => sum + data.copies, 0);
    expect(unit.labels, 'labels are counted as they leave').toBe(copies);
    const isPrinted = [...jobs.values()].some(({ uci, state }) => uci === unit.uci && state === 'done');
    expect(unit.facts.printed !== undefined, "printed is the printer's own word").toBe(isPrinted);
  }
}

/** Nothing that opens a door was made longer, wider or somebody else's by what happened to another. */
function checkAccess({ tables }: MapLedger, before: Map<string, Credential>, command: Command): void {
  const { credentials, people, printers, stations } = tables;
  const all = [...credentials.values()];
  for (const [hash, former] of before) {
    const now = credentials.get(hash);
    if (former.kind === 'token') {
      expect(now?.name, 'a token is never forgotten, or its name could be given again').toBe(former.name);
      expect(now?.revokedAt, 'who was revoked stays so').toBe(former.revokedAt ?? now?.revokedAt);
    }
    const isSetAnew = command.kind === 'set-station-key' && hash === hex(command.hash);
    if (now === undefined || isSetAnew) continue;
    expect(now.expiresAt ?? Infinity, 'no end moves away').toBeLessThanOrEqual(former.expiresAt ?? Infinity);
    const { at, kind, name, kiosk } = former;
    expect({ at, kind, name, kiosk }, 'nothing turns into another').toEqual({
      at: now.at,
      kind: now.kind,
      name: now.name,
      kiosk: now.kiosk,
    });
  }
  const owners = (kind: Credential['kind']) => all.filter((one) => one.kind === kind);
  const lasting = owners('station-key').filter(({ expiresAt }) => expiresAt === undefined);
  expectOnce(lasting, 'a station has one key that lasts');
  expectOnce(owners('token'), 'tokens are told by name');
  expectOnce(owners('link'), 'a new link replaces the former');
  expectOnce(owners('printer-token'), 'a new token of a printer replaces the former');
  for (const { kind, name, kiosk } of all) {
    if (kind === 'station-key' || kiosk) expect(stations.has(name), 'a key and a kiosk have a station').toBe(true);
    if (kind === 'printer-token') expect(printers.has(name), 'a token of a printer has a printer').toBe(true);
    if (kind === 'link' && !kiosk && name !== '')
      expect(people.get(name)?.removedAt, 'a link is for who is here').toBeUndefined();
    if (kind !== 'session' || kiosk) continue;
    const { password, issuer } = people.get(name) ?? {};
    expect(password ?? issuer, 'whose session it is has chosen a password, or signs on at an issuer').toBeDefined();
  }
  for (const { removedAt, password } of people.values()) {
    if (removedAt !== undefined) expect(password, 'nothing is left of who was removed').toBeUndefined();
  }
}

function expectOnce(credentials: Credential[], what: string): void {
  const names = credentials.map(({ name, kiosk }) => `${kiosk} ${name}`);
  expect(new Set(names).size, what).toBe(names.length);
}

/** What a refused command, or one that only looks, must leave: who could come in still can, who could not still cannot. */
function expectSameDoors(line: MapLedger, before: Map<string, Credential>, command: Command): void {
  // The link for who comes first goes once somebody is known.
  const isFirst = ({ kind, name }: Credential): boolean =>
    kind === 'link' && name === '' && command.kind === 'set-person';
  const opens = (all: Map<string, Credential>): string[] =>
    [...all].filter(([, one]) => isLive(one, line.clock()) && !isFirst(one)).map(([hash]) => hash);
  const changes =
    /^(set-station-key|set-printer-token|create-token|revoke-token|set-person|remove-person|invite|use-link|sign-in|sign-on|confirm-sign-on|end-sign-on|refuse-sign-on|sign-out|close-kiosk)$/;
  if (!changes.test(command.kind)) expect(opens(line.tables.credentials)).toEqual(opens(before));
}

const hex = (hash: Uint8Array | undefined): string => Buffer.from(hash ?? []).toString('hex');

const anyPolicy = fc.constantFrom<Repeat>('same', 'refuse', 'replace', 'replace');

/** Tells the story step by step and looks at everything after each. */
function happens(line: MapLedger, story: Step[]): void {
  const given: Given = new Map();
  story.forEach((step, n) => {
    const command = commandOf(step, line, n);
    if (command === undefined) return;
    const credentials = new Map(line.tables.credentials);
    happen(line, command, n, given);
    checkLine(line);
    checkPrinting(line);
    checkReconciled(line);
    checkAccess(line, credentials, command);
    expectSameDoors(line, credentials, command);
  });
  // Credentials and people are no events, and no event holds anything of them that is secret.
  const secret = { credentials: new Map(), people: new Map(), nonces: new Map() };
  const told = { ...line.tables, ...secret, sightings: new Map(), introduced: new Map() };
  expect(rebuild(line.lines), 'the events alone say it all').toEqual(told);
  expect(line.lines.join('\n')).not.toMatch(/password-|hash/);
}

test('whatever happens in whatever order, every promise of the ledger holds after each step', () => {
  fc.assert(
    fc.property(anyPolicy, fc.array(anyStep, { minLength: 5, maxLength: 60, size: 'max' }), (repeat, story) => {
      happens(openStory(repeat), story);
    }),
    { numRuns: RUNS },
  );
});

test('whoever comes and goes in whatever order, nobody stays longer or gets further than they should', () => {
  const step = fc.oneof({ weight: 9, arbitrary: steps.access }, { weight: 1, arbitrary: steps.wait });
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), (story) => {
      happens(openStory('same'), story);
    }),
    { numRuns: RUNS / 2 },
  );
});

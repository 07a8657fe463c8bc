import type { AgentBody } from '../model/body.ts';
import { refusal } from '../platform/error.ts';
import { phrase } from '../platform/refusal-words.ts';
import type { UnitData } from '../model/event-data.ts';
import type { Happening } from '../model/event.ts';
import {
  boundLink,
  judgeLink,
  noteContradiction,
  refuseArmedLink,
  refuseOtherLink,
  refuseOtherNest,
  type Linked,
} from './identity/link.ts';
import { isSameDevice, refuseContradiction, refuseUncertain } from './identity/same-device.ts';
import { refuseArmedElsewhere } from './station-actions.ts';
import { broughtSerial, countInvented, newUnit, overIssue, unknownProduct, type AtSite } from './new-unit.ts';
import { currentOrder } from './orders/order-required.ts';
import { boundBrought, boundNumbers, withNumbers, type Numbers } from './pools/draw.ts';
import { referenceSeen } from './units/purpose.ts';
import { broughtHere, isElsewhere, isGivenTo, sourceChange, type Place } from './sources.ts';
import { cancelWaiting, printingAt } from './print-jobs.ts';
import type { Product } from '../model/product.ts';
import { ofReturn } from '../model/returns/lives.ts';
import type { Decision, Seen } from './seen.ts';
import { agentActor, senderOf, type Station } from '../model/station.ts';
import { mask, type Random } from '../model/claim-id.ts';
import { isDelivered, isEnded, withExtra, type Unit } from '../model/unit.ts';
import { defined } from '../platform/own.ts';

/** The agent of a device at a station asks for the device's Claim ID. */
export interface IssueRequest extends AgentBody, AtSite {
  kind: 'issue';
  station: string;
  /** The agent's address. */
  source: string;
  /** The agent's link address, if it is known. */
  link?: string;
  /** The limits count the request under this name: the station's key, or else the address (`senderOf`). */
  sender?: string;
  /** The product to use if neither the body nor the station names one. */
  defaultProduct?: string;
  /** If true, unknown products are refused. If false, unknown products are recorded as new ones. */
  strict: boolean;
  /** True if the hourly limit is reached. Then only requests that need no new Claim ID are answered. */
  capped?: true;
  /** Set if this source has reached its hourly limit. Then only requests that need no new Claim ID are answered. */
  sourceCapped?: { max: number; source: string };
  /** The number of products that this source may add each day. If `advise` is set, further products are still added. */
  productCap?: { most: number; advise?: true };
}

export interface Issued {
  uci: string;
  serial?: string;
  product: string;
  station: string;
  /** True if the device already had this unit. */
  repeat: boolean;
  /** True if the Claim ID was made for this answer. `made` is absent if the unit is repeated, reserved or imported. */
  made?: true;
  /** The number of units above the plan. Set only if the work order allows this with a warning. */
  over?: number;
  /** How many ms the clock is behind the last events. Set only if the S/N has the date of these events. */
  behindMs?: number;
  /**
   * The last day on which the clock was right (ms since 1970). Set only if the S/N's date is many days after this day.
   */
  after?: number;
  /** True if this source added more products today than the limit allows, and the limit only warns. */
  manyProducts?: true;
  /** The numbers from pools that the agent gets with the Claim ID. */
  numbers?: Numbers;
  /** Set if the device is a reference device, which only checks the line. */
  reference?: true;
  /** The other station, if two sources alternately send this identity. */
  inTurnWith?: string;
  /** The link address, if the body contradicts it. */
  otherLink?: string;
}

/**
 * THE STORY. The first case that applies decides: a. the device is known, b. the station is armed, c. the slot holds a
 * unit, d. the device is new. A refusal is thrown, and nothing is written.
 *
 * The decision is made inside the transaction that records its events, so a repeated request is always recognised.
 */
export function decide(seen: Seen, request: IssueRequest, now: number, random: Random): Decision<Issued> {
  const station = stationOf(seen, request);
  if (station.mode === 'gate') throw refusal('gate-station', 'device', { station: station.name });
  const place = { seen, request, station, now, random, ...productFor(seen, request, station, now) };
  const named = knownUnit(place);
  const linked = judgeLink(seen, place, named);
  const decision = withNumbers(seen, place.product, settle({ ...place, linked }, named ?? linked.found));
  if (linked.contradicted === undefined) return decision;
  const { answer, events } = decision;
  const noted = noteContradiction(request, linked, answer.uci, seen.unit(answer.uci));
  return { ...decision, events: [...events, ...noted], answer: { ...answer, otherLink: linked.contradicted } };
}

function settle(ask: Ask, known: Unit | undefined): Decision<Issued> {
  const { seen, request, station, linked } = ask;
  if (known) refuseArmedElsewhere(seen, station, known);
  refuseOtherNest(request, station, linked);
  if (known) refuseOtherSource(ask, known);
  if (known && policyFor(ask, known) !== 'replace') return answerKnown(ask, known);
  ask.replaced = known;
  if (station.armed) return giveArmed(ask, station.armed);
  if (station.mode === 'slot') {
    const held = heldBySlot(ask);
    if (held) return again(ask, held);
  }
  return issueNew(ask);
}

interface Ask {
  seen: Seen;
  request: IssueRequest;
  station: Station;
  product: Product;
  /** The event that records a product that the ledger has not seen before. */
  firstSeen: Happening[];
  /** The number of products that this source added today. `invented` is set only if the product is new. */
  invented?: ReturnType<typeof countInvented>;
  now: number;
  random: Random;
  linked: Linked;
  /** The device's former unit, which this answer voids (repeat policy `replace`). */
  replaced?: Unit | undefined;
}

function stationOf(seen: Seen, request: IssueRequest): Station {
  const station = seen.station(request.station);
  if (!station) throw refusal('not-found', 'station', { station: request.station });
  return station;
}

function productFor(
  seen: Seen,
  request: IssueRequest,
  station: Station,
  now: number,
): Pick<Ask, 'product' | 'firstSeen' | 'invented'> {
  const id = request.product ?? station.product ?? request.defaultProduct;
  if (id === undefined) throw refusal('product-missing', 'body');
  const known = seen.product(id);
  if (known) return { product: known, firstSeen: [] };
  const cap = request.strict ? undefined : request.productCap;
  // The limit on products is checked first, because the next check reads all products and so takes longer.
  const invented = cap && countInvented(seen, { id, source: senderIn(request), cap }, now);
  const product = unknownProduct(seen, id, request);
  const firstSeen: Happening[] = [{ type: 'product-set', actor: agentActor(request.source), data: product }];
  return { product, firstSeen, ...(invented ? { invented } : {}) };
}

/* a. Known identity */

function knownUnit({ seen, request, product }: Pick<Ask, 'seen' | 'request' | 'product'>): Unit | undefined {
  let found: Unit | undefined;
  for (const one of request.identity) {
    const [unit, second] = seen.unitsByIdentity(product.id, one);
    if (unit === undefined) continue;
    // Earlier versions treated different spellings of a MAC as different values, so the device may have got two units.
    if (second !== undefined) {
      const units = { unit: mask(unit.uci), other: mask(second.uci) };
      throw refusal('identity-conflict', 'twoSpellings', { ...units, property: one[0] });
    }
    if (found !== undefined && found.uci !== unit.uci) {
      throw refusal('identity-conflict', 'twoUnits', {
        unit: mask(found.uci),
        other: mask(unit.uci),
        names: request.identity.map(([property]) => `"${property}"`).join(', '),
      });
    }
    found = unit;
  }
  if (found) refuseContradiction(seen, request, found, 'identity-conflict');
  return found;
}

/**
 * Until a unit is verified or registered, a repeated request means that the reply was lost, so the device gets the same
 * unit. Afterwards, the product's repeat policy applies, unless the operator armed the station with this unit or
 * pressed "Same device", or the device is a reference device, which asks daily.
 */
function policyFor({ product, station }: Ask, known: Unit): Product['repeat'] {
  if (known.extra?.reference !== undefined) return 'same';
  const here = station.armed?.uci === known.uci || (station.slot.state === 'open' && station.slot.uci === known.uci);
  return isDelivered(known) && !isEnded(known) && !here ? product.repeat : 'same';
}

function answerKnown(ask: Ask, known: Unit): Decision<Issued> {
  // The operator armed the station with this unit. The answer disarms the station and opens the slot.
  if (ask.station.armed?.uci === known.uci) return giveArmed(ask, ask.station.armed);
  if (isEnded(known)) {
    throw refusal('unit-ended', 'voidFirst', { unit: mask(known.uci) });
  }
  if (policyFor(ask, known) === 'refuse') {
    throw refusal('repeat-refused', 'rework', { unit: mask(known.uci) });
  }
  if (known.facts.issued !== undefined) return withChange(ask, known, again(ask, known));
  // The unit was imported or reserved, so no device has got this unit before.
  if (ask.station.mode === 'slot') refuseHeldNest(ask, known);
  return give(ask, known, 'identity');
}

/**
 * In two cases, refuses a request whose source is not the source of the unit's device. First, with the product setting
 * `sameSource`, a device may change its source only after an operator has armed the station. Second, with the repeat
 * policy `replace`, any device could otherwise void a unit by sending the unit's identity. Reference devices move
 * between stations and are never sold, so they are not refused.
 */
function refuseOtherSource(ask: Ask, known: Unit): void {
  const { seen, request, station, product } = ask;
  if (station.armed?.uci === known.uci || known.extra?.reference !== undefined) return;
  const [place, unit] = [placeOf(request), mask(known.uci)];
  if (product.sameSource && isElsewhere(seen, known, place)) throw refusal('other-source', 'arm', { unit });
  if (policyFor(ask, known) === 'replace' && !isGivenTo(seen, known, place))
    throw refusal('other-source', 'replace', { unit });
}

/** If the device asks from a different source than before, counts this change. */
function withChange({ seen, request, now }: Ask, known: Unit, decision: Decision<Issued>): Decision<Issued> {
  if (known.extra?.reference !== undefined) return decision;
  const { events, kept, inTurnWith } = sourceChange(seen, known, placeOf(request), now);
  if (kept.length === 0) return decision;
  const answer = inTurnWith === undefined ? decision.answer : { ...decision.answer, inTurnWith };
  return { ...decision, answer, events: [...decision.events, ...events], kept };
}

function placeOf(request: IssueRequest): Place {
  return { station: request.station, source: request.source, sender: senderIn(request) };
}

/** In slot mode, a device gets an existing unit only if the nest is empty. */
function refuseHeldNest(ask: Ask, unit: Unit): void {
  const { armed } = ask.station;
  if (armed) {
    throw refusal('armed-mismatch', 'otherUnit', { armed: mask(armed.uci), unit: mask(unit.uci) });
  }
  heldBySlot(ask);
}

/* b. Armed */

function giveArmed(ask: Ask, armed: { uci: string; reason: string }): Decision<Issued> {
  const unit = defined(ask.seen.unit(armed.uci));
  if (isEnded(unit)) {
    throw refusal('unit-ended', 'armed', { unit: mask(unit.uci) });
  }
  if (unit.product !== ask.product.id) {
    throw refusal('armed-mismatch', 'otherProduct', { armed: unit.product, product: ask.product.id });
  }
  refuseContradiction(ask.seen, ask.request, unit, 'armed-mismatch');
  refuseArmedLink(ask.seen, ask.linked, unit);
  return give(ask, unit, armed.reason);
}

/* c. Slot */

/**
 * If this request comes from the device in the nest, returns the unit in the nest. Returns undefined if the nest is
 * ready for a new unit. Throws if the slot is closed, if its unit has ended, or if another device holds the slot.
 */
function heldBySlot({ seen, request, station, product, linked, replaced }: Ask): Unit | undefined {
  const { slot } = station;
  if (slot.state === 'ready') return undefined;
  if (slot.state === 'closed') throw refusal('slot-closed', 'verified');
  const unit = defined(seen.unit(slot.uci));
  if (isEnded(unit)) {
    throw refusal('unit-ended', 'pressNext', {
      unit: mask(unit.uci),
      state: phrase(unit.facts.void ? 'void' : 'scrapped'),
    });
  }
  const same = request.source === slot.source && unit.product === product.id && replaced === undefined;
  if (!same || !isSameDevice(seen, request, unit)) {
    throw refusal('slot-held', 'verify', { unit: mask(slot.uci) });
  }
  refuseOtherLink(seen, request, linked, unit);
  return unit;
}

/* d. A new device */

function issueNew(ask: Ask): Decision<Issued> {
  const { seen, request, station, product, firstSeen, invented, linked, replaced } = ask;
  refuseUncertain(seen, request, product, linked.link);
  const workOrder = currentOrder(seen, station, product);
  const over = overIssue(workOrder, replaced?.workOrder === workOrder?.id ? 0 : 1);
  const { clock, ...unit } = newUnit({ ...ask, site: request.site }, product, workOrder, request.serial);
  // The hourly limit is checked last, so that a device is first told about a problem that waiting does not solve.
  if (request.capped) throw refusal('hourly-cap', 'wait');
  if (request.sourceCapped) throw refusal('hourly-cap', 'source', request.sourceCapped);
  const event: Happening<'issued'> = {
    type: 'issued',
    uci: unit.uci,
    actor: agentActor(request.source),
    station: station.name,
    data: {
      ...(request.product === undefined ? { product: product.id } : {}),
      ...(unit.serial === undefined ? {} : { serial: unit.serial }),
      ...boundNumbers(seen, product, request.identity),
      ...boundLink(linked),
    },
  };
  if (workOrder) event.workOrder = workOrder.id;
  if (request.attributes !== undefined) event.attributes = request.attributes;
  const answer: Issued = { ...unit, product: product.id, station: station.name, repeat: false, made: true };
  if (over > 0) answer.over = over;
  const printing = printingAt(seen, station, { uci: unit.uci, labels: 0, product: product.id }, replaced);
  if (invented?.isOver) answer.manyProducts = true;
  const kept = [invented?.kept, clock].filter((row) => row !== undefined);
  return { events: [...firstSeen, ...retired(ask), event, ...printing], answer, kept };
}

function senderIn({ sender, source }: IssueRequest): string {
  return sender ?? senderOf(source, undefined);
}

/**
 * Voids the unit that the answer replaces. The events that void the old unit come first, because they free the identity
 * and the S/N for the new one.
 */
function retired({ seen, station, replaced }: Ask): Happening[] {
  if (!replaced) return [];
  return [
    { type: 'void', uci: replaced.uci, actor: 'system', station: station.name, data: { reason: 'replaced' } },
    ...cancelWaiting(seen, replaced, 'the unit was replaced'),
  ];
}

/* The functions below are used by the rules above, and also when people make units. */

/**
 * Answers with the unit that the device already has. Adds an S/N and identity properties only if the request comes
 * from the source that got the unit. Otherwise, any device that sends the unit's identity could add its own identity
 * values, and the right device would be refused.
 */
function again(ask: Ask, unit: Unit): Decision<Issued> {
  const { seen, request, station, product, linked } = ask;
  const own = seen.identityOf(unit);
  const link = boundLink(linked, own);
  const added = request.identity.filter(([property]) => !own.has(property));
  const brought = unit.serial === undefined ? request.serial : undefined;
  const answer = answerFor(unit, station, true);
  const isNews = added.length > 0 || brought !== undefined || link.link !== undefined;
  const checked = referenceSeen(unit, station.name, agentActor(request.source), ask.now);
  // A reference device asks again to check the line, so its repeated requests are not counted.
  const repeated = unit.extra?.reference === undefined ? { repeatOf: unit } : {};
  if (!isNews || !isGivenTo(seen, unit, placeOf(request))) return { events: checked, answer, ...repeated };
  const serial = brought === undefined ? {} : { serial: broughtSerial(seen, product, brought) };
  const event: Happening = {
    type: 'identified',
    uci: unit.uci,
    actor: agentActor(request.source),
    station: station.name,
    data: { ...serial, ...boundBrought(seen, product, added), ...link },
    ...(request.attributes === undefined ? {} : { attributes: request.attributes }),
  };
  return { events: [event, ...checked], answer: { ...answer, ...serial }, ...repeated };
}

/**
 * Answers a device with an existing unit. Either the station was armed with this unit, or the unit already has the
 * device's identity.
 */
function give(ask: Ask, unit: Unit, reason: string): Decision<Issued> {
  const { seen, request, station, product, linked, replaced } = ask;
  // Rework never changes a unit's work order. If a unit has no work order, rework does not give it one.
  const workOrder = unit.facts.issued === undefined ? currentOrder(seen, station, product) : undefined;
  const over = overIssue(workOrder, replaced?.workOrder === workOrder?.id ? 0 : 1);
  const own = seen.identityOf(unit);
  const data: UnitData = {};
  if (request.product === undefined) data.product = product.id;
  const brought = unit.serial === undefined ? request.serial : undefined;
  const serial = brought === undefined ? undefined : broughtSerial(seen, product, brought, replaced);
  if (serial !== undefined) data.serial = serial;
  const news = boundNumbers(seen, product, request.identity, { facts: unit.facts, own });
  Object.assign(data, news, boundLink(linked, own), { armed: reason, ...ofReturn(unit) });
  const event: Happening<'issued'> = {
    type: 'issued',
    uci: unit.uci,
    actor: agentActor(request.source),
    station: station.name,
    data,
  };
  if (workOrder) event.workOrder = workOrder.id;
  if (request.attributes !== undefined) event.attributes = request.attributes;
  const answer = { ...answerFor(unit, station, false), ...(serial === undefined ? {} : { serial }) };
  const checked = referenceSeen(unit, station.name, event.actor, ask.now);
  const arrived = reason === 'rework' ? withExtra(unit, { tests: undefined }) : unit;
  const events = [...retired(ask), event, ...checked, ...printingAt(seen, station, arrived, replaced)];
  return { events, answer: over > 0 ? { ...answer, over } : answer, kept: broughtHere(seen, unit, placeOf(request)) };
}

function answerFor({ uci, product, serial, extra }: Unit, station: Station, repeat: boolean): Issued {
  const rare = extra?.reference === undefined ? {} : { reference: true as const };
  return { uci, product, station: station.name, repeat, ...(serial === undefined ? {} : { serial }), ...rare };
}

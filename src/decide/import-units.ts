import type { AgentBody } from '../model/body.ts';
import { ClaimstampError, refusal, wordsOf, type ErrorCode } from '../platform/error.ts';
import { phrase, type Words } from '../platform/refusal-words.ts';
import type { EndData, UnitData } from '../model/event-data.ts';
import { isObject, type Happening, type Json } from '../model/event.ts';
import { freeSerial, type AtSite } from './new-unit.ts';
import { refuseClosed } from './orders/close-order.ts';
import { productForDesk } from './make-units.ts';
import type { Product } from '../model/product.ts';
import type { Decision, Seen } from './seen.ts';
import { isCanonical, mask } from '../model/claim-id.ts';
import { own, defined } from '../platform/own.ts';

/**
 * The maximum number of units in an import. One import is one transaction. Agents have to wait for a transaction of
 * this size, which takes about a second.
 */
export const MAX_IMPORT = 20_000;

/**
 * A Claim ID that another system made. The device section of an imported unit is read like the body of an agent's
 * request.
 */
export interface ImportedUnit extends AgentBody {
  /** The unit's place in the file, for messages, such as `units.csv line 7`. */
  place: string;
  uci: string;
  product: string;
  /** How the unit was made, if it differs from the other units of the import. */
  as?: 'issued' | 'reserved';
  workOrder?: string;
  /** The roll that the unit comes from. */
  reservation?: string;
  /** The names of the properties that identified the unit in the ledger it comes from. */
  identifiedBy?: string[];
  /** The ends of the unit, the oldest first. */
  ends?: ({ type: 'void' | 'scrapped' } & EndData)[];
}

export interface Import extends AtSite {
  kind: 'import';
  as: 'issued' | 'reserved';
  units: ImportedUnit[];
  strict: boolean;
  /** If true, the import is only checked: it changes nothing. */
  check?: true | undefined;
  actor: string;
}

export interface Imported {
  imported: number;
}

/**
 * The number of problems that one refusal lists. People correct a file in a few rounds, and a long list is not read.
 */
const MAX_PROBLEMS = 20;

/** Imports all units of a file. If one line of the file has a problem, imports nothing and lists the problems. */
export function importUnits(seen: Seen, command: Import): Decision<Imported> {
  const events: Happening[] = [];
  // Void units come first, because the S/N of a void unit may belong to a later unit of the same device.
  const live: Happening[] = [];
  const products = new Map<string, Product>();
  const taken = new Map<string, string>();
  const problems = gatherProblems();
  for (const unit of command.units) {
    if (problems.isFull()) break;
    problems.at(unit.place, () => {
      refuseMalformed(unit);
      if (!products.has(unit.product)) {
        const { product, events: added } = productForDesk(seen, unit.product, command);
        products.set(unit.product, product);
        events.push(...added);
      }
      refuseTaken(seen, unit, defined(products.get(unit.product)), taken);
      refuseOrder(seen, unit);
      (isVoid(unit) ? events : live).push(...importedEvents(command, unit));
    });
  }
  problems.refuse();
  if (command.check) return { events: [], answer: { imported: 0 } };
  return { events: [...events, ...live], answer: { imported: command.units.length } };
}

/** Gathers the refusals of the lines of an import, so that one refusal lists them all. */
export function gatherProblems(): {
  at: (place: string, act: () => void) => void;
  isFull: () => boolean;
  hasAny: () => boolean;
  /** Adds the problems that another refusal lists. If the error lists no problems, throws the error again. */
  addAll: (error: unknown) => void;
  refuse: () => void;
} {
  const problems: { code: ErrorCode; words: Words }[] = [];
  return {
    at(place, act) {
      try {
        act();
      } catch (error) {
        if (!(error instanceof ClaimstampError)) throw error;
        problems.push({ code: error.code, words: phrase('place', { place, why: wordsOf(error) }) });
      }
    },
    isFull: () => problems.length >= MAX_PROBLEMS,
    hasAny: () => problems.length > 0,
    addAll(error) {
      const listed = error instanceof ClaimstampError ? error.words?.values?.['problems'] : undefined;
      if (!(error instanceof ClaimstampError) || !Array.isArray(listed)) throw error;
      problems.push(...listed.map((words) => ({ code: error.code, words })));
    },
    refuse() {
      const [first] = problems;
      if (first === undefined) return;
      throw new ClaimstampError(first.code, phrase('imported', { problems: problems.map(({ words }) => words) }));
    },
  };
}

/**
 * Refuses a unit whose device section contradicts its other values, because the ledger would then contradict itself.
 */
function refuseMalformed({ uci, product, identity, attributes }: ImportedUnit): void {
  if (!isCanonical(uci)) throw refusal('invalid', 'claimId');
  if (attributes === undefined && identity.length === 0) return;
  const device = deviceSection(attributes ?? '{}');
  if (device['product'] !== product && attributes !== undefined) {
    throw refusal('invalid', 'attributesProduct', { product });
  }
  const other = identity.find(([property, value]) => {
    const held = own(device, property);
    return typeof held === 'number' ? String(held) !== value : held !== value;
  })?.[0];
  if (other !== undefined) throw refusal('invalid', 'attributesDiffer', { name: other });
}

function deviceSection(attributes: string): { [key: string]: Json } {
  let device: unknown;
  try {
    device = /[\r\n]/.test(attributes) ? undefined : JSON.parse(attributes);
  } catch {
    device = undefined;
  }
  if (isObject(device)) return device;
  throw refusal('invalid', 'attributesJson');
}

function refuseTaken(seen: Seen, unit: ImportedUnit, product: Product, taken: Map<string, string>): void {
  const once = (key: string, what: Words): void => {
    const first = taken.get(key);
    if (first !== undefined) throw refusal('duplicate', 'twice', { what, place: first });
    taken.set(key, unit.place);
  };
  once(`uci ${unit.uci}`, phrase('claimId', { unit: mask(unit.uci) }));
  if (seen.unit(unit.uci)) throw refusal('duplicate', 'claimId', { unit: mask(unit.uci) });
  if (unit.serial !== undefined) {
    if (!isVoid(unit)) once(`serial ${unit.product} ${unit.serial}`, phrase('serial', { serial: unit.serial }));
    freeSerial(seen, product, unit.serial);
  }
  for (const one of unit.identity) {
    const [property, value, key = value] = one;
    once(`identity ${unit.product} ${property} ${key}`, phrase('property', { property }));
    const [owner] = seen.unitsByIdentity(unit.product, one);
    if (owner) throw refusal('duplicate', 'identity', { property, unit: mask(owner.uci) });
  }
}

function isVoid({ ends = [] }: ImportedUnit): boolean {
  return ends.some(({ type }) => type === 'void');
}

function refuseOrder(seen: Seen, { workOrder: id, product }: ImportedUnit): void {
  if (id === undefined) return;
  const workOrder = seen.workOrder(id);
  if (workOrder === undefined) throw refusal('not-found', 'importOrder', { workOrder: id, product });
  if (workOrder.product !== product)
    throw refusal('wrong-product', 'workOrder', { workOrder: id, product: workOrder.product, other: product });
  refuseClosed(workOrder);
}

function importedEvents(command: Import, unit: ImportedUnit): Happening[] {
  const { uci, reservation, workOrder, ends = [] } = unit;
  const { actor } = command;
  const as = unit.as ?? command.as;
  const roll: UnitData = { imported: true, ...(reservation === undefined ? {} : { reservation }) };
  const data: UnitData = as === 'reserved' ? roll : { imported: true };
  if (unit.attributes === undefined) data.product = unit.product;
  if (unit.serial !== undefined) data.serial = unit.serial;
  if (unit.identity.length > 0) data.identity = unit.identity.map(([property]) => property);
  const event: Happening<'issued' | 'reserved'> = { type: as, uci, actor, data };
  if (unit.attributes !== undefined) event.attributes = unit.attributes;
  if (as === 'issued' && workOrder !== undefined) event.workOrder = workOrder;
  const events: Happening[] = [event];
  // A unit of a roll was reserved before a device got it.
  if (as === 'issued' && reservation !== undefined)
    events.unshift({ type: 'reserved', uci, actor, data: { ...roll, product: unit.product } });
  for (const { type, ...end } of ends) events.push({ type, uci, actor, data: end });
  return events;
}

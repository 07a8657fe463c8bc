import { propertyOf } from '../../model/body.ts';
import { isCanonical, mask } from '../../model/claim-id.ts';
import { isObject, type Happening, type Json } from '../../model/event.ts';
import type { ImportedUnit } from '../../model/imports/imported-unit.ts';
import type { Product } from '../../model/product.ts';
import { ClaimstampError, refusal, wordsOf, type ErrorCode } from '../../platform/error.ts';
import { defined } from '../../platform/own.ts';
import { phrase, type Words } from '../../platform/refusal-words.ts';
import { productForDesk } from '../make-units.ts';
import { freeSerial, type AtSite } from '../new-unit.ts';
import { refuseClosed } from '../orders/close-order.ts';
import type { Seen } from '../seen.ts';
import { areCompared } from '../serials/in-use.ts';

/*
 * The checks of the units in an import. The checks are the same for an import that is recorded at once and for one that
 * is recorded in parts.
 */

/** A problem of a unit. The sentence begins with the place of the unit. */
export interface Problem {
  code: ErrorCode;
  words: Words;
}

/**
 * The maximum number of problems that a refusal lists. Nobody reads a long list, and people correct a file in several
 * rounds anyway.
 */
export const MAX_PROBLEMS = 20;

export interface Problems {
  at: (place: string, act: () => void) => void;
  add: (problems: Problem[]) => void;
  /** Adds the problems that a refusal lists. If the error is not a refusal with problems, rethrows the error. */
  addAll: (error: unknown) => void;
  isFull: () => boolean;
  hasAny: () => boolean;
  all: () => Problem[];
  refuse: () => void;
}

/** Collects the problems of an import's lines, so that one refusal can list them all. */
export function gatherProblems(most = MAX_PROBLEMS): Problems {
  const problems: Problem[] = [];
  return {
    at(place, act) {
      try {
        act();
      } catch (error) {
        if (!(error instanceof ClaimstampError)) throw error;
        problems.push({ code: error.code, words: phrase('place', { place, why: wordsOf(error) }) });
      }
    },
    add: (more) => void problems.push(...more),
    addAll(error) {
      const listed = error instanceof ClaimstampError ? error.words?.values?.['problems'] : undefined;
      if (!(error instanceof ClaimstampError) || !Array.isArray(listed)) throw error;
      problems.push(...listed.map((words) => ({ code: error.code, words })));
    },
    isFull: () => problems.length >= most,
    hasAny: () => problems.length > 0,
    all: () => problems,
    refuse() {
      const [first] = problems;
      if (first === undefined) return;
      throw new ClaimstampError(first.code, phrase('imported', { problems: problems.map(({ words }) => words) }));
    },
  };
}

export interface UnitsToCheck extends AtSite {
  units: ImportedUnit[];
  strict: boolean;
  actor: string;
  /**
   * The keys that units of this part share with earlier units of the same import. Each key is paired with the first
   * unit that has it.
   */
  taken?: [key: string, first: First][];
}

/** The first unit of an import that has a given key. */
export type First = Pick<ImportedUnit, 'place' | 'product'>;

export interface CheckedUnits {
  problems: Problems;
  /** The units without problems. */
  good: ImportedUnit[];
  /** The events that record products that the ledger does not know yet. */
  added: Happening[];
}

/** Checks units until `most` problems are found. */
export function checkUnits(seen: Seen, command: UnitsToCheck, most?: number): CheckedUnits {
  const products = new Map<string, Product>();
  const taken = new Map(command.taken);
  const checked: CheckedUnits = { problems: gatherProblems(most), good: [], added: [] };
  for (const unit of command.units) {
    if (checked.problems.isFull()) break;
    checked.problems.at(unit.place, () => {
      refuseMalformed(unit);
      if (!products.has(unit.product)) {
        const { product, events } = productForDesk(withProducts(seen, products), unit.product, command);
        products.set(unit.product, product);
        checked.added.push(...events);
      }
      refuseTaken(seen, unit, products, taken);
      refuseOrder(seen, unit);
      checked.good.push(unit);
    });
  }
  return checked;
}

/** Extends the look-ups to include the import's products, so that each new product gets its own code. */
export function withProducts(seen: Seen, more: ReadonlyMap<string, Product>): Seen {
  const added = (): Product[] => [...more.values()].filter(({ id }) => seen.product(id) === undefined);
  return { ...seen, products: () => [...seen.products(), ...added()] };
}

/**
 * Refuses a unit whose device section contradicts the unit's other values. The ledger would otherwise contradict
 * itself.
 */
function refuseMalformed({ uci, product, identity, attributes }: ImportedUnit): void {
  if (!isCanonical(uci)) throw refusal('invalid', 'claimId');
  if (attributes === undefined && identity.length === 0) return;
  const device = deviceSection(attributes ?? '{}');
  if (device['product'] !== product && attributes !== undefined) {
    throw refusal('invalid', 'attributesProduct', { product });
  }
  const other = identity.find(([property, value]) => {
    const held = propertyOf(device, property);
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

type Identity = ImportedUnit['identity'][number];

const uciKey = ({ uci }: ImportedUnit): string => `uci ${uci}`;
const serialKey = ({ product, serial }: ImportedUnit): string => `serial ${product} ${serial?.toLowerCase()}`;
const anySerialKey = ({ serial }: ImportedUnit): string => `serial-of-any ${serial?.toLowerCase()}`;
const identityKey = ({ product }: ImportedUnit, [property, value, key = value]: Identity): string =>
  `identity ${product} ${property} ${key}`;

/** Returns the values that no other unit of the same import may have. */
export function keysOf(unit: ImportedUnit): string[] {
  return [
    uciKey(unit),
    ...(unit.serial === undefined || isVoid(unit) ? [] : [serialKey(unit), anySerialKey(unit)]),
    ...unit.identity.map((one) => identityKey(unit, one)),
  ];
}

type Products = ReadonlyMap<string, Product>;

function refuseTaken(seen: Seen, unit: ImportedUnit, products: Products, taken: Map<string, First>): void {
  const product = defined(products.get(unit.product));
  const once = (key: string, what: Words): void => {
    const first = taken.get(key);
    if (first !== undefined) throw refusal('duplicate', 'twice', { what, place: first.place });
    taken.set(key, unit);
  };
  once(uciKey(unit), phrase('claimId', { unit: mask(unit.uci) }));
  if (seen.unit(unit.uci)) throw refusal('duplicate', 'claimId', { unit: mask(unit.uci) });
  if (unit.serial !== undefined) {
    if (!isVoid(unit)) {
      const what = phrase('serial', { serial: unit.serial });
      const first = taken.get(anySerialKey(unit))?.product ?? unit.product;
      const other = seen.product(first) ?? products.get(first);
      if (first === unit.product || other === undefined || areCompared(product, other)) once(anySerialKey(unit), what);
      once(serialKey(unit), what);
    }
    freeSerial(seen, product, unit.serial);
  }
  for (const one of unit.identity) {
    const [property] = one;
    once(identityKey(unit, one), phrase('property', { property }));
    const [owner] = seen.unitsByIdentity(unit.product, one);
    if (owner) throw refusal('duplicate', 'identity', { property, unit: mask(owner.uci) });
  }
}

/**
 * Void units are recorded before the import's other units. A device's void unit and its later unit may have the same
 * S/N.
 */
export function isVoid({ ends = [] }: ImportedUnit): boolean {
  return ends.some(({ type }) => type === 'void');
}

export function refuseOrder(seen: Seen, { workOrder: id, product }: Pick<ImportedUnit, 'workOrder' | 'product'>): void {
  if (id === undefined) return;
  const workOrder = seen.workOrder(id);
  if (workOrder === undefined) throw refusal('not-found', 'importOrder', { workOrder: id, product });
  if (workOrder.product !== product)
    throw refusal('wrong-product', 'workOrder', { workOrder: id, product: workOrder.product, other: product });
  refuseClosed(workOrder);
}

import type { AgentBody } from '../model/body.ts';
import { ClaimstampError, refusal, wordsOf } from '../platform/error.ts';
import { phrase, type Words } from '../platform/refusal-words.ts';
import type { UnitData } from '../model/event-data.ts';
import { isObject, type Happening, type Json } from '../model/event.ts';
import { freeSerial } from './new-unit.ts';
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
}

export interface Import {
  kind: 'import';
  as: 'issued' | 'reserved';
  units: ImportedUnit[];
  strict: boolean;
  actor: string;
}

export interface Imported {
  imported: number;
}

/**
 * Imports all units of a file. If one line of the file has a problem, imports nothing. The refusal of an import names
 * the first line with a problem.
 */
export function importUnits(seen: Seen, command: Import): Decision<Imported> {
  const events: Happening[] = [];
  const products = new Map<string, Product>();
  const taken = new Map<string, string>();
  for (const unit of command.units) {
    at(unit.place, () => refuseMalformed(unit));
    if (!products.has(unit.product)) {
      const { product, events: added } = at(unit.place, () =>
        productForDesk(seen, unit.product, command.strict, command.actor),
      );
      products.set(unit.product, product);
      events.push(...added);
    }
    at(unit.place, () => refuseTaken(seen, unit, defined(products.get(unit.product)), taken));
    events.push(importedEvent(command, unit));
  }
  return { events, answer: { imported: command.units.length } };
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
    once(`serial ${unit.product} ${unit.serial}`, phrase('serial', { serial: unit.serial }));
    freeSerial(seen, product, unit.serial);
  }
  for (const [property, value] of unit.identity) {
    once(`identity ${unit.product} ${property} ${value}`, phrase('property', { property }));
    const owner = seen.unitByIdentity(unit.product, property, value);
    if (owner) throw refusal('duplicate', 'identity', { property, unit: mask(owner.uci) });
  }
}

function importedEvent(command: Import, unit: ImportedUnit): Happening {
  const data: UnitData = { imported: true };
  if (unit.attributes === undefined) data.product = unit.product;
  if (unit.serial !== undefined) data.serial = unit.serial;
  if (unit.identity.length > 0) data.identity = unit.identity.map(([property]) => property);
  const event: Happening<'issued' | 'reserved'> = { type: command.as, uci: unit.uci, actor: command.actor, data };
  if (unit.attributes !== undefined) event.attributes = unit.attributes;
  return event;
}

function at<T>(place: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof ClaimstampError)
      throw new ClaimstampError(error.code, phrase('imported', { place, why: wordsOf(error) }));
    throw error;
  }
}

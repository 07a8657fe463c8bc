import type { ExceptionKind, WaitingKind } from './kinds.ts';
import type { Product } from '../product.ts';
import type { Unit } from '../unit.ts';

/*
 * An exception is a unit that needs a person's attention. Either a device reports the Claim ID of another device, or
 * the unit has no label, or no one has scanned its label. A person closes an exception with a note. If the same thing
 * happens again, the exception is reopened.
 */

/**
 * Returns the open exceptions of a unit. A unit without a station was made for a firmware file. Such a unit has no
 * exception until a label for it is printed. Returned units and reference devices have no exceptions: a returned unit
 * is on the list of its RMA, and a reference device only checks the line.
 */
export function exceptionsOf(unit: Unit, product: Pick<Product, 'claiming'>): ExceptionKind[] {
  const waits = waitingKind(unit, product);
  return [
    ...(unit.alarm === undefined ? [] : ['wrong-id' as const]),
    ...(waits === undefined || unit.extra?.closedException !== undefined ? [] : [waits]),
  ];
}

function waitingKind(unit: Unit, { claiming }: Pick<Product, 'claiming'>): WaitingKind | undefined {
  const { issued, verified, reported, registered, void: voided, scrapped } = unit.facts;
  const isProven = [verified, reported, registered, voided, scrapped].some((fact) => fact !== undefined);
  if (issued === undefined || isProven) return undefined;
  if (unit.extra?.reference !== undefined || unit.extra?.return !== undefined) return undefined;
  if (unit.labels > 0) return 'not-scanned';
  return unit.station === undefined || claiming === 'pre' ? undefined : 'no-label';
}

/**
 * Events that make a unit wait for another label or scan. If an exception was closed before such an event, the
 * exception no longer counts as closed.
 */
const REOPENS = new Set(['issued', 'armed', 'print-queued', 'print-moved', 'printed', 'returned']);

export function isReopenedBy(type: string): boolean {
  return REOPENS.has(type);
}

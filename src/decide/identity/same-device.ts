import { isSameValue, type AgentBody, type Identity } from '../../model/body.ts';
import { mask } from '../../model/claim-id.ts';
import type { Unit } from '../../model/unit.ts';
import { refusal } from '../../platform/error.ts';
import type { Seen } from '../seen.ts';

/* Functions that compare the body of a request with a unit. */

/**
 * True if the unit has every identity value and the S/N of the body. If the unit lacks one of these values, the request
 * comes from a different device.
 */
export function isSameDevice(seen: Seen, body: AgentBody, unit: Unit): boolean {
  if (body.serial !== undefined && body.serial !== unit.serial) return false;
  const own = seen.identityOf(unit);
  return body.identity.every((one) => isSameValue(own.get(one[0]), one));
}

/** Returns a property that has a different value in the body than in the unit. */
export function contradicted(seen: Seen, body: AgentBody, unit: Unit): string | undefined {
  const own = seen.identityOf(unit);
  const wrong = body.identity.find((one) => own.has(one[0]) && !isSameValue(own.get(one[0]), one));
  if (wrong !== undefined) return wrong[0];
  const { serial } = body;
  return serial !== undefined && unit.serial !== undefined && serial !== unit.serial ? 'serial' : undefined;
}

/**
 * Refuses a body that contradicts the unit. If the body contradicts the unit, the service must not guess which device
 * sent it.
 */
export function refuseContradiction(
  seen: Seen,
  body: AgentBody,
  unit: Unit,
  code: 'identity-conflict' | 'armed-mismatch',
): void {
  const property = contradicted(seen, body, unit);
  if (property === undefined) return;
  const values = { property, unit: mask(unit.uci) };
  throw code === 'identity-conflict' ? refusal(code, 'otherUnit', values) : refusal(code, 'otherIdentity', values);
}

/** Returns the names of these identity properties, for the data of an event that contains the body. */
export function boundNames(identity: Identity[]): { identity?: string[] } {
  return identity.length === 0 ? {} : { identity: identity.map(([property]) => property) };
}

import { isSameValue, type AgentBody, type Identity } from '../../model/body.ts';
import { mask } from '../../model/claim-id.ts';
import { LINK } from '../../model/link/link.ts';
import type { Product } from '../../model/product.ts';
import { isEnded, type Unit } from '../../model/unit.ts';
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

/**
 * Refuses a device that identifies itself only by a placeholder (such as `unknown`), if an earlier version of the
 * service made a unit with this placeholder as its identity. If it is the device of this unit, it must not get a second
 * Claim ID. If it is another device, it must not get the Claim ID of this unit. Only an operator can know which device
 * it is. The device is certainly another one if its link address is not the unit's, or if the unit has ended.
 */
export function refuseUncertain(seen: Seen, request: AgentBody, product: Product, link: Identity | undefined): void {
  if (request.identity.length > 0) return;
  for (const one of request.unfilled ?? []) {
    const unit = seen.unitsByIdentity(product.id, one).find((owner) => {
      const held = seen.identityOf(owner).get(LINK);
      return !isEnded(owner) && (held === undefined || link === undefined || held === link[1]);
    });
    if (unit !== undefined)
      throw refusal('identity-conflict', 'placeholder', { property: one[0], unit: mask(unit.uci) });
  }
}

/** Returns only the names of these identity properties, because the event also contains the body with their values. */
export function boundNames(identity: Identity[]): { identity?: string[] } {
  return identity.length === 0 ? {} : { identity: identity.map(([property]) => property) };
}

import { TWO_SOURCES } from '../../model/advance.ts';
import { openReturn } from '../../model/returns/lives.ts';
import { notPassed, untested } from '../../model/shipping/test-result.ts';
import type { ShippingList } from '../../model/shipping/shipping-list.ts';
import { keysOf } from '../../platform/own.ts';
import { STOPS, type Stop, type StopCode } from '../../model/shipping/stop.ts';
import type { Unit } from '../../model/unit.ts';
import { notForSale, type NotForSale } from '../../model/work-order.ts';
import { releaseOf } from '../reconcile.ts';
import type { Seen } from '../seen.ts';

type Looked = Pick<Seen, 'product' | 'workOrder'>;

/**
 * For each reason, a function that tells whether it applies. If the function returns a text, the reason applies, and
 * the text says what is wrong.
 */
const RULES: { [code in StopCode]?: (seen: Looked, unit: Unit) => boolean | string } = {
  void: (_seen, { facts }) => facts.void !== undefined,
  scrapped: (_seen, { facts }) => facts.scrapped !== undefined,
  'no-device': (_seen, { facts }) => facts.issued === undefined,
  // The alarm `two-sources` does not stop a unit, because anyone who knows S/Ns can cause this alarm (promise 10).
  alarm: (_seen, { alarm }) => alarm !== undefined && alarm !== TWO_SOURCES,
  'return-open': (_seen, unit) => openReturn(unit)?.rma ?? false,
  'test-failed': (_seen, { extra }) => notPassed(extra?.tests).join(', '),
  'not-tested': ({ product }, unit) =>
    untested(product(unit.product)?.tests, unit.extra?.tests)
      .filter((procedure) => unit.extra?.tests?.[procedure] === undefined)
      .join(', '),
  'not-verified': (seen, unit) =>
    unit.facts.issued !== undefined && releaseRule(seen, unit) !== 'registered' && unit.facts.verified === undefined,
  'not-registered': (seen, unit) =>
    unit.facts.issued !== undefined && releaseRule(seen, unit) !== 'verified' && unit.facts.registered === undefined,
  engineering: isFor('engineering'),
  'sample-not-released': isFor('sample'),
  reference: isFor('reference'),
};

function isFor(purpose: NotForSale): (seen: Looked, unit: Unit) => boolean {
  return (seen, unit) =>
    notForSale(unit, unit.workOrder === undefined ? undefined : seen.workOrder(unit.workOrder)).includes(purpose);
}

/** Like `RULES`, for the reasons that concern the shipping list. */
const LIST_RULES: { [code in StopCode]?: (unit: Unit, list: ShippingList | undefined) => boolean | string } = {
  'wrong-order': ({ workOrder }, list) =>
    list?.workOrder !== undefined && list.workOrder !== workOrder && (workOrder ?? '–'),
  'wrong-product': ({ product }, list) => list?.product !== undefined && list.product !== product && product,
  'no-list': (_unit, list) => list === undefined,
  'list-closed': (_unit, list) => list?.closed !== undefined,
  'list-full': (_unit, list) => list !== undefined && list.closed === undefined && list.units >= list.target,
};

/**
 * Returns all reasons why the unit must not leave the factory or be put on this list, most serious first. A unit that
 * is already on a list is not checked against this list.
 */
export function stopReasons(seen: Looked, unit: Unit, list: ShippingList | undefined): Stop[] {
  return keysOf(STOPS).flatMap((code): Stop[] => {
    const found =
      RULES[code]?.(seen, unit) ?? (unit.extra?.shipped === undefined && LIST_RULES[code]?.(unit, list)) ?? false;
    if (found === false || found === '') return [];
    return [found === true ? { code } : { code, detail: found }];
  });
}

function releaseRule(seen: Looked, unit: Unit): 'verified' | 'registered' | 'both' {
  const product = seen.product(unit.product);
  return product === undefined ? 'verified' : releaseOf(product);
}

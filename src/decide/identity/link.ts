import type { AgentBody, Identity } from '../../model/body.ts';
import { mask } from '../../model/claim-id.ts';
import type { Happening } from '../../model/event.ts';
import { linkIdentity } from '../../model/link/link-identity.ts';
import { LINK, linkAddress, OTHER_LINK } from '../../model/link/link.ts';
import type { Product } from '../../model/product.ts';
import { agentActor, type Station } from '../../model/station.ts';
import type { Unit } from '../../model/unit.ts';
import { refusal } from '../../platform/error.ts';
import type { Seen } from '../seen.ts';
import { contradicted } from './same-device.ts';

/*
 * How a link address identifies a device (decision 18). The identity in the body is always looked up first. If the body
 * identifies the device, the device is never refused because of its link address.
 */

/** The parts of a request that matter for the link address. */
export interface LinkRequest extends AgentBody {
  station: string;
  source: string;
  /** Absent if the service does not know the link address. */
  link?: string;
}

/** The result of checking the link address of a request. */
export interface Linked {
  /** True if the station or the product uses link addresses. */
  isUsed: boolean;
  /** The link address, if it identifies the device. */
  link?: Identity;
  /** The unit with this link address, if the body identifies no unit. */
  found?: Unit;
  /** The link address, if the body contradicts it. */
  contradicted?: string;
}

/** `named` is the unit that the body identifies. */
export function judgeLink(
  seen: Seen,
  { station, product, request }: { station: Station; product: Product; request: LinkRequest },
  named: Unit | undefined,
): Linked {
  const isUsed = station.linkAddress === true || product.linkAddress === true;
  if (!isUsed || request.link === undefined || isOfFixture(station, request.link)) return { isUsed };
  const link = linkIdentity(request.link);
  const [owner] = seen.unitsByIdentity(product.id, link);
  if (isContradicted(seen, request, { link, owner, named })) return { isUsed, contradicted: request.link };
  return named === undefined && owner !== undefined ? { isUsed, link, found: owner } : { isUsed, link };
}

function isOfFixture({ fixtureAdapters = [] }: Station, link: string): boolean {
  return fixtureAdapters.some((mac) => linkAddress(mac) === link);
}

function isContradicted(
  seen: Seen,
  request: LinkRequest,
  { link: [, link, key], owner, named }: { link: Identity; owner: Unit | undefined; named: Unit | undefined },
): boolean {
  // An EUI-64 has 16 digits, so it cannot be compared with a MAC.
  if (request.identity.some(([property, , own]) => property === 'mac' && own?.length === key?.length && own !== key))
    return true;
  if (named === undefined) return owner !== undefined && contradicted(seen, request, owner) !== undefined;
  const held = seen.identityOf(named).get(LINK);
  return (held !== undefined && held !== link) || (owner !== undefined && owner.uci !== named.uci);
}

/** Returns the event data that gives the link address to a unit that has none. */
export function boundLink({ link }: Linked, own?: ReadonlyMap<string, string>): { link?: string } {
  return link === undefined || own?.has(LINK) ? {} : { link: link[1] };
}

/**
 * Refuses a device that asks from the source address of the open slot but cannot be recognised as the slot's device. If
 * only one of the two link addresses (of the request and of the unit) is known, the service must not guess.
 */
export function refuseOtherLink(seen: Seen, request: LinkRequest, { isUsed, link }: Linked, unit: Unit): void {
  if (!isUsed || seen.identityOf(unit).get(LINK) === link?.[1]) return;
  const values = { unit: mask(unit.uci), address: request.source };
  throw refusal('other-device', link === undefined ? 'unknown' : 'pressNext', values);
}

/** Refuses a known device if the slot holds another open unit, because the screen shows the other unit. */
export function refuseOtherNest(request: LinkRequest, { slot, armed }: Station, { found }: Linked): void {
  if (found === undefined || armed !== undefined || slot.state !== 'open' || slot.uci === found.uci) return;
  throw refusal('other-device', 'pressNext', { unit: mask(slot.uci), address: request.source });
}

/**
 * The operator armed the station with a unit. Refuses a device whose link address differs from the link address of this
 * unit.
 */
export function refuseArmedLink(seen: Seen, { link }: Linked, unit: Unit): void {
  const held = seen.identityOf(unit).get(LINK);
  if (link === undefined || held === undefined || held === link[1]) return;
  throw refusal('armed-mismatch', 'otherIdentity', { property: LINK, unit: mask(unit.uci) });
}

/**
 * Returns the event that records a contradiction. The event belongs to the unit that the device gets. Nothing is
 * recorded if the unit already has an alarm, or if its device has already registered with this Claim ID. So a device
 * that keeps asking does not make the ledger grow.
 */
export function noteContradiction(
  { station, source }: LinkRequest,
  { contradicted: link }: Linked,
  uci: string,
  unit: Unit | undefined,
): Happening[] {
  if (link === undefined || unit?.alarm !== undefined || unit?.facts.reported !== undefined) return [];
  const data = { link, alarm: OTHER_LINK };
  return [{ type: 'link-contradicted', uci, actor: agentActor(source), station, data }];
}

import { isLive, kioskActor, type Credential } from '../model/credential.ts';
import type { Person } from '../model/person.ts';
import { refusal } from '../platform/error.ts';
import type { Decision, Seen } from './seen.ts';
import { mask, parse } from '../model/claim-id.ts';

/*
 * Who stands at a screen that nobody signs in at. A badge names a person until another one is scanned, or until nobody
 * has pressed or scanned anything for a while. It opens nothing: whoever holds it may do what the screen may.
 */

/** The person of the badge works at this kiosk from now on. */
export interface UseBadge {
  kind: 'use-badge';
  /** Of the kiosk's session. */
  hash: Uint8Array;
  badge: string;
}

export function useBadge(seen: Seen, { hash, badge }: UseBadge, now: number): Decision<{ operator: string }> {
  const session = seen.credential(hash);
  if (session?.kind !== 'session' || session.kiosk !== true || !isLive(session, now))
    throw refusal('badge-needs-kiosk', 'signedIn');
  const person = seen.people().find((one) => one.badge === badge && one.removedAt === undefined);
  if (person === undefined) throw refusal('badge-unknown', 'set');
  const credential: Credential = { ...session, usedAt: now, operator: person.name, operatorAt: now };
  return { events: [], answer: { operator: person.name }, kept: [{ table: 'credential', credential }] };
}

/** The operator of a kiosk's session, for as long as it names one. */
export function operatorOf({ operator, operatorAt }: Credential, now: number, idleMs: number): string | undefined {
  return operatorAt !== undefined && now - operatorAt < idleMs ? operator : undefined;
}

/** For the ledger: the screen, and whose badge was scanned at it last. */
export function badgeActor(station: string, operator: string | undefined): string {
  return operator === undefined ? kioskActor(station) : `${kioskActor(station)}/${operator}`;
}

/** Throws where the badge is another person's, or a label could be taken for it. */
export function refuseBadge(seen: Seen, name: string, badge: string): void {
  const holder = seen.people().find((one: Person) => one.badge === badge && one.removedAt === undefined);
  if (holder !== undefined && holder.name !== name) throw refusal('badge-taken', 'person', { person: holder.name });
  const uci = parse(badge);
  const unit = (uci === undefined ? undefined : seen.unit(uci)) ?? unitBySerial(seen, badge);
  if (unit !== undefined) throw refusal('badge-taken', 'label', { unit: mask(unit.uci) });
}

function unitBySerial(seen: Seen, serial: string) {
  return seen.products().flatMap(({ id }) => seen.unitBySerial(id, serial) ?? [])[0];
}

import { isLive, kioskActor, type Credential } from '../model/credential.ts';
import type { Person } from '../model/person.ts';
import { ClaimstampError } from '../platform/error.ts';
import type { Decision, Seen } from './seen.ts';
import { mask, parse } from '../model/claim-id.ts';

/*
 * Who stands at a screen that nobody signs in at. A badge names a person until another one is scanned, or until nobody
 * has pressed or scanned anything for a while. It opens nothing: whoever holds it may do what the screen may.
 */

/** What a badge's barcode says. */
export const BADGE = /^[\x21-\x7e]{4,64}$/;

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
    throw new ClaimstampError('forbidden', 'badges are for the screen of a station: here somebody has signed in');
  const person = seen.people().find((one) => one.badge === badge && one.removedAt === undefined);
  if (person === undefined)
    throw new ClaimstampError('not-found', 'nobody has this badge: claimstamp person set NAME --badge CODE');
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
  if (!BADGE.test(badge))
    throw new ClaimstampError('invalid', '"badge" must be 4 to 64 letters, digits or signs without spaces');
  const holder = seen.people().find((one: Person) => one.badge === badge && one.removedAt === undefined);
  if (holder !== undefined && holder.name !== name)
    throw new ClaimstampError(
      'duplicate',
      `this is the badge of ${holder.name}: give each person a badge of their own`,
    );
  const uci = parse(badge);
  const unit = (uci === undefined ? undefined : seen.unit(uci)) ?? unitBySerial(seen, badge);
  if (unit !== undefined)
    throw new ClaimstampError('duplicate', `this is on the label of unit ${mask(unit.uci)}: give the badge a prefix`);
}

function unitBySerial(seen: Seen, serial: string) {
  return seen.products().flatMap(({ id }) => seen.unitBySerial(id, serial) ?? [])[0];
}

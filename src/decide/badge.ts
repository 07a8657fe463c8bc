import { isLive, kioskActor, type Credential } from '../model/credential.ts';
import type { Happening } from '../model/event.ts';
import { badgeKey, wearerOf } from '../model/person.ts';
import { refusal } from '../platform/error.ts';
import type { Decision, Seen } from './seen.ts';
import { mask, parse } from '../model/claim-id.ts';

/*
 * The rules that decide who is the operator at a kiosk. Operators do not sign in at a kiosk. Instead, a person scans a
 * badge to become the operator. The person remains the operator until another badge is scanned or the screen has been
 * idle for a while. All operators at a kiosk have the same rights, which are those of the kiosk. The only exception is
 * a lead's badge, which also allows changing over the kiosk's stations (http/auth.ts).
 */

/** The owner of the badge becomes the operator of this kiosk. */
export interface UseBadge {
  kind: 'use-badge';
  /** The SHA-256 of the kiosk's session cookie. */
  hash: Uint8Array;
  badge: string;
  /** The address of the kiosk. */
  source?: string;
  /** If the kiosk was inactive for longer than this, a scan of the same badge counts as a new use. */
  idleMs?: number;
}

export function useBadge(
  seen: Seen,
  { hash, badge, source, idleMs = 0 }: UseBadge,
  now: number,
): Decision<{ operator: string }> {
  const session = seen.credential(hash);
  if (session?.kind !== 'session' || session.kiosk !== true || !isLive(session, now))
    throw refusal('badge-needs-kiosk', 'signedIn');
  const person = wearerOf(seen.people(), badge, now);
  if (person === undefined) throw refusal('badge-unknown', 'set');
  const credential: Credential = { ...session, usedAt: now, operator: person.name, operatorAt: now };
  // A repeated scan of the current operator's badge adds no event.
  const goesOn = operatorOf(session, now, idleMs) === person.name;
  const used: Happening<'badge-used'> = {
    type: 'badge-used',
    actor: badgeActor(session.name, person.name),
    station: session.name,
    data: source === undefined ? {} : { source },
  };
  return {
    events: goesOn ? [] : [used],
    answer: { operator: person.name },
    kept: [{ table: 'credential', credential }],
  };
}

/** Returns the current operator of a kiosk's session. Returns undefined if the kiosk has no operator. */
export function operatorOf({ operator, operatorAt }: Credential, now: number, idleMs: number): string | undefined {
  return operatorAt !== undefined && now - operatorAt < idleMs ? operator : undefined;
}

/** Returns the actor for events at the kiosk: the kiosk, followed by the owner of the badge that was scanned last. */
export function badgeActor(station: string, operator: string | undefined): string {
  return operator === undefined ? kioskActor(station) : `${kioskActor(station)}/${operator}`;
}

/**
 * Returns the operator named in an event's actor (`badgeActor`). If the actor names no operator, returns the actor
 * unchanged.
 */
export function operatorIn(actor: string): string {
  return actor.slice(actor.indexOf('/') + 1);
}

/** Throws if the badge belongs to another person, or if a label has the same code as the badge. */
export function refuseBadge(seen: Seen, name: string, badge: string): void {
  const holder = seen
    .people()
    .find(
      (one) =>
        one.name !== name &&
        one.badge !== undefined &&
        one.removedAt === undefined &&
        badgeKey(one.badge) === badgeKey(badge),
    );
  if (holder !== undefined) throw refusal('badge-taken', 'person', { person: holder.name });
  const uci = parse(badge);
  const unit =
    (uci === undefined ? undefined : seen.unit(uci)) ??
    seen.unitsBySerial(badge).find(({ serial }) => serial === badge);
  if (unit !== undefined) throw refusal('badge-taken', 'label', { unit: mask(unit.uci) });
}

import { nameOf } from '../http/auth.ts';
import type { Services } from '../http/services.ts';
import { holderOf } from '../model/person.ts';
import { textsIn } from '../model/scan/clean.ts';
import { STATION } from '../../words/console/station.ts';
import type { PageContext } from './pages.tsx';
import { Verdict } from './station-verdict.tsx';

/**
 * Says that a code is a badge, on the screen of a person who signed in with a password. There, badges do not work. The
 * answer is only for people who may see the badges of all people.
 */
export async function badgeElsewhere({ ledger }: Services, { who, say }: PageContext, code: string) {
  if (who.kiosk !== undefined || !who.may.has('access:operators')) return undefined;
  const people = await ledger.people();
  const holder = textsIn(code).flatMap((text) => holderOf(people, text) ?? [])[0];
  if (holder === undefined) return undefined;
  const why = say(STATION, 'isBadgeWhy', { name: holder.name, who: nameOf(who) });
  return <Verdict result="again" word={say(STATION, 'isBadge')} why={why} />;
}

import type { Services } from '../http/services.ts';
import { wearerOf } from '../model/person.ts';
import { textsIn } from '../model/scan/clean.ts';
import { STATION } from '../../words/console/station.ts';
import type { PageContext } from './pages.tsx';
import { actorSaid } from './actors.tsx';

/**
 * Says that a code is a badge, on the screen of a person who signed in with a password. Badges do not work on such a
 * screen. The answer is only for people who may see the badges of all people. The screen shows the answer instead of
 * the headline, because the scan concerns no unit.
 */
export async function badgeElsewhere({ ledger, now }: Services, page: PageContext, code: string) {
  const { who, say } = page;
  if (who.kiosk !== undefined || !who.may.has('access:operators')) return undefined;
  const people = await ledger.people();
  const holder = textsIn(code).flatMap((text) => wearerOf(people, text, now()) ?? [])[0];
  if (holder === undefined) return undefined;
  return (
    <section data-result="note">
      <h2>{say(STATION, 'isBadge', { name: holder.name })}</h2>
      <p>
        {say(STATION, 'isBadgeWhy', { who: actorSaid(page, who.actor) })}{' '}
        {who.may.has('access:write') ? (
          <a href={`/station-settings?name=${page.param('name')}#screen`}>{say(STATION, 'screenSettings')}</a>
        ) : null}
      </p>
    </section>
  );
}

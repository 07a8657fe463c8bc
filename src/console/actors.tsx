import { ACTORS } from '../../words/console/actors.ts';
import { isKey } from '../platform/own.ts';
import type { Say } from '../http/words.ts';

/** Returns the words for an actor. The ledger's names for actors are in model/event.ts. A person is shown by name. */
export function actorSaid({ say }: { say: Say }, actor: string): string {
  const [, kind = '', name = ''] = /^(\w+):(.*)$/.exec(actor) ?? [];
  const [station = '', operator] = name.split('/');
  if (kind === 'kiosk' && operator !== undefined) return say(ACTORS, 'operator', { name: operator, station });
  if (kind === 'person') return name;
  if (kind !== '') return isKey(ACTORS.en, kind) ? say(ACTORS, kind, { name }) : actor;
  return isKey(ACTORS.en, actor) ? say(ACTORS, actor) : actor;
}

/** If the list contains the actor `local`, explains that this is not a signed-in person. */
export function ActorNote({ page: { say }, actors }: { page: { say: Say }; actors: readonly string[] }) {
  return actors.includes('local') ? <p class="soft">{say(ACTORS, 'localHint')}</p> : null;
}

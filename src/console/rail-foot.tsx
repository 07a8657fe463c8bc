import { FRAME } from '../../words/console/frame.ts';
import { HEALTH } from '../../words/console/health.ts';
import { version } from '../platform/package-root.ts';
import type { State } from '../http/health.ts';
import type { Say } from '../http/words.ts';
import { Shape } from './icons.tsx';

/** The words for each state of the service: the same in the navigation and on the page "Health". */
export const STATE_WORDS = { stop: 'attention', warn: 'warned', good: 'good' } as const;

/** The end of the navigation: the state of the service, the help, and the version. */
export function RailFoot({ say, state, isShown }: { say: Say; state: State; isShown: boolean }) {
  return (
    <p class="rail-foot">
      {isShown ? <Shape name={state} /> : null}
      <span>
        {isShown ? (
          <>
            <a href="/health">{say(HEALTH, STATE_WORDS[state])}</a>
            <br />
          </>
        ) : null}
        <a href="/help">{say(FRAME, 'help')}</a>
        <br />
        Claimstamp {version}
      </span>
    </p>
  );
}

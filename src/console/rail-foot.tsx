import { FRAME } from '../../words/console/frame.ts';
import { HEALTH } from '../../words/console/health.ts';
import { version } from '../platform/package-root.ts';
import type { Say } from '../http/words.ts';
import { Shape } from './icons.tsx';

/** The end of the navigation: the state of the service, the help, and the version. */
export function RailFoot({ say, attention, isShown }: { say: Say; attention: boolean; isShown: boolean }) {
  return (
    <p class="rail-foot">
      {isShown ? <Shape name={attention ? 'warn' : 'good'} /> : null}
      <span>
        {isShown ? (
          <>
            <a href="/health">{say(HEALTH, attention ? 'attention' : 'good')}</a>
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

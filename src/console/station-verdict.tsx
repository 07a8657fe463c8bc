import { Shape } from './station-icons.tsx';

/**
 * `both`: the operator must scan a second code. `badge`: the operator must scan a badge. `already`: the unit is already
 * on a shipping list, which is neither good nor bad. `again`: the scan does not count and must be repeated.
 */
type Result = 'already' | 'pass' | 'fail' | 'refused' | 'done' | 'both' | 'badge' | 'again';

/**
 * The width, in letters, of the widest word that fits on the screen in the largest size. A Chinese character is as wide
 * as two letters.
 */
const MAX_LARGE = 4;

function widthOf(word: string): number {
  return Array.from(word).reduce((width, letter) => width + (/\p{Script=Han}/u.test(letter) ? 2 : 1), 0);
}

const SHAPES = { pass: 'good', fail: 'stop', same: 'info' } as const;

/**
 * A result's shape and word say the same as its colour. assets/station.js shows `done` for two seconds beside the
 * headline. All other results fill the screen. `held` is the station whose unit needs a scan of another label.
 */
export function Verdict({ result, word, why, held }: { result: Result; word: string; why?: string; held?: string }) {
  if (result === 'done' || result === 'both' || result === 'badge')
    return (
      <p class="verdict-done" data-result={result} data-held={held}>
        <strong>{word}</strong>
        {why === undefined ? null : <span> {why}</span>}
      </p>
    );
  const isPass = result === 'pass';
  const look = result === 'already' ? 'same' : isPass ? 'pass' : 'fail';
  return (
    <section class={`verdict is-${look}`} data-result={result} tabindex={0}>
      {look !== 'fail' ? null : <div class="edge"></div>}
      <div class="verdict-body">
        <Shape name={SHAPES[look]} />
        <div>
          <strong class={`verdict-word${widthOf(word) > MAX_LARGE ? ' is-long' : ''}`}>{word}</strong>
          {why === undefined ? null : <p class="why">{why}</p>}
        </div>
      </div>
    </section>
  );
}

/** On a screen with several nests, a PASS replaces only the headline, so that the other nests stay in view. */
export function Passed({ word, why }: { word: string; why: string }) {
  return (
    <section class="say say-pass" data-result="pass" data-brief="">
      <Shape name="good" />
      <div>
        <h2>{word}</h2>
        <p>{why}</p>
      </div>
    </section>
  );
}

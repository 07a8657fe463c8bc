import { LANGUAGES, type Language } from '../../../words/sentence.ts';
import { keysOf } from '../../platform/own.ts';
import type { Row } from './search.ts';
import { CARD } from '../../../words/console/card.ts';
import { STATION } from '../../../words/console/station.ts';
import { speak, type Say } from '../../http/words.ts';
import { Icon, Shape } from '../station-icons.tsx';

const STEPS = [
  ['power', 'power', undefined],
  ['print', 'print', 'F4'],
  ['scan', 'apply', undefined],
  ['next', 'out', 'F8'],
] as const;
const STATES = [
  ['wait', 'warn', 'wait', 'waitLine'],
  ['stop', 'stop', 'stop', 'stopLine'],
  ['stop', 'stop', 'lost', 'lostLine'],
  ['stop', 'stop', 'hold', 'holdLine'],
] as const;
const KEYS = [
  ['F8', 'next'],
  ['F4', 'print'],
  ['F9', 'same'],
  ['F7', 'rework'],
  ['F6', 'armLabel'],
  ['F3', 'testLabel'],
  ['F2', 'exceptions'],
  ['Esc', 'cancel'],
] as const;

/** The card in each language, for the search. */
export function cardRows(): Row[] {
  return keysOf(LANGUAGES).flatMap((language) => {
    const say = speak(language);
    const row = (heading: string, ...texts: string[]): Row => ({
      address: `card/${language}`,
      heading,
      title: say(CARD, 'title'),
      text: texts.join('. '),
      weight: 1,
    });
    return [
      row(say(CARD, 'title'), ...STEPS.map(([, words]) => say(CARD, words))),
      row(say(STATION, 'pass'), say(CARD, 'passLine'), say(CARD, 'noPass')),
      row(say(STATION, 'fail'), say(CARD, 'failLine')),
      ...STATES.map(([, , head, line]) => row(say(CARD, head), say(CARD, line))),
      row(say(CARD, 'oneLabel'), say(CARD, 'noRestart')),
    ];
  });
}

/**
 * The card that hangs beside a station: the steps, the states with the shapes, colours and words of the station's
 * screen, and the keys. It fits on one A4 page in each language.
 */
export function Card({ language }: { language: Language }) {
  const say = speak(language);
  return (
    <article class="wall-card">
      <h1>{say(CARD, 'title')}</h1>
      <ol class="steps">
        {STEPS.map(([icon, words, key], n) => (
          <li>
            <Icon name={icon} />
            <b>{n + 1}</b>
            <span>{say(CARD, words)}</span>
            {key === undefined ? null : <kbd>{key}</kbd>}
          </li>
        ))}
      </ol>
      <div class="verdicts">
        <Verdict tone="pass" shape="good" word={say(STATION, 'pass')} line={say(CARD, 'passLine')} />
        <Verdict tone="fail" shape="stop" word={say(STATION, 'fail')} line={say(CARD, 'failLine')} />
      </div>
      {STATES.map(([tone, shape, head, line]) => (
        <section class={`state is-${tone}`}>
          <Shape name={shape} />
          <div>
            <h2>{say(CARD, head)}</h2>
            <p>{say(CARD, line)}</p>
          </div>
        </section>
      ))}
      <div class="last">
        <Keys say={say} />
        <ul>
          {(['noPass', 'noRestart', 'oneLabel', 'claimId'] as const).map((words) => (
            <li>{say(CARD, words)}</li>
          ))}
        </ul>
      </div>
      <p class="names">
        <span>{say(CARD, 'lead')}:</span>
        <span>{say(CARD, 'it')}:</span>
      </p>
    </article>
  );
}

function Verdict({
  tone,
  shape,
  word,
  line,
}: {
  tone: 'pass' | 'fail';
  shape: 'good' | 'stop';
  word: string;
  line: string;
}) {
  return (
    <section class={`state is-${tone}`}>
      <Shape name={shape} />
      <div>
        <strong>{word}</strong>
        <p>{line}</p>
      </div>
    </section>
  );
}

function Keys({ say }: { say: Say }) {
  return (
    <dl>
      {KEYS.map(([key, words]) => (
        <div>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{say(STATION, words)}</dd>
        </div>
      ))}
    </dl>
  );
}

import type { Answer } from '../http/client.ts';
import type { Say } from '../http/words.ts';
import { GATE } from '../../words/console/gate.ts';
import { STATION } from '../../words/console/station.ts';
import { Shape } from './station-icons.tsx';
import type { Gate } from './station-nests.ts';
import type { PageContext } from './pages.tsx';
import { Verdict } from './station-verdict.tsx';

type Answered = Extract<Answer<'POST /v1/stations/{name}/verify'>, { result: 'SHIP' | 'STOP' | 'ALREADY' }>;

/** Scans a label at a gate. One scan is enough, and the next scan replaces its result. */
export async function gateScan(page: PageContext, name: string, code: string) {
  const answer = await page.call('POST /v1/stations/{name}/verify', { params: { name }, body: { label: code } });
  // If the station is no longer a gate, the answer has a different structure. Then the screen is redrawn, and the
  // operator repeats the scan.
  if (answer.result === 'PASS' || answer.result === 'FAIL')
    return <Verdict result="again" word={page.say(STATION, 'again')} />;
  return <GateVerdict page={page} answer={answer} />;
}

function GateVerdict({ page, answer }: { page: PageContext; answer: Answered }) {
  const { say, language } = page;
  const join = (parts: (string | undefined)[]): string =>
    parts.filter((part) => part !== undefined).join(language === 'zh' ? '。' : '. ');
  const serial = answer.serial === undefined ? undefined : `${say(STATION, 'serial')} ${answer.serial}`;
  if (answer.result === 'SHIP')
    return <Verdict result="pass" word={say(GATE, 'ship')} why={join([serial, countOf(say, answer.list)])} />;
  if (answer.result === 'ALREADY') {
    const { id = '–' } = answer.list ?? {};
    const why = join([say(GATE, 'already', { list: id }), serial]);
    return <Verdict result="already" word={say(GATE, 'alreadyWord')} why={why} />;
  }
  const whys = answer.reasons.map(({ code, detail }) =>
    detail === undefined ? say(GATE, code) : `${say(GATE, code)} (${detail})`,
  );
  const why = whys.length > 0 ? whys : [say(GATE, answer.reasonCode)];
  const read = answer.read === undefined || answer.read === '' ? undefined : say(GATE, 'read', { read: answer.read });
  return <Verdict result="fail" word={say(GATE, 'stop')} why={join([...why, serial, read])} />;
}

function countOf(say: Say, { id, count, target }: { id: string; count: number; target: number }): string {
  return say(GATE, 'counted', { list: id, count, target });
}

/** Shows the last scans, and the count towards the target in digits that are readable from two metres away. */
export function GateView({ page, gate: { list, scans } }: { page: PageContext; gate: Gate }) {
  const { say, language } = page;
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  return (
    <section class="gate">
      {list === undefined ? null : (
        <div class="gate-count">
          <p class="soft">
            {say(GATE, 'list')} <span class="code">{list.id}</span>
          </p>
          <p class="gate-number">{say(GATE, 'count', { count: list.units, target: list.target })}</p>
          <svg class="meter" width="100%" height="16" aria-hidden="true">
            <rect class="meter-track" width="100%" height="16" />
            <rect class="m-good" width={`${Math.min(100, (list.units / list.target) * 100).toFixed(1)}%`} height="16" />
          </svg>
        </div>
      )}
      <div class="gate-scans">
        <h3>{say(GATE, 'lastScans')}</h3>
        {scans.length === 0 ? <p class="soft">{say(GATE, 'noScans')}</p> : null}
        <ol>
          {scans.map(({ at, result, serial, reasonCode }) => (
            <li class={result === 'STOP' ? 'bad' : ''}>
              <Shape name={result === 'STOP' ? 'stop' : result === 'SHIP' ? 'good' : 'info'} />
              <span class="code">{serial ?? say(GATE, 'noUnit')}</span>
              <span class="clip">
                {result === 'STOP' && reasonCode !== undefined
                  ? say(GATE, reasonCode)
                  : say(GATE, result === 'SHIP' ? 'ship' : 'onList')}
              </span>
              <time datetime={new Date(at).toISOString()}>{time.format(at)}</time>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

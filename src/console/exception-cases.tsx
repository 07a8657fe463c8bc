import type { Answer } from '../http/client.ts';
import { mask } from '../model/claim-id.ts';
import type { ExceptionKind } from '../model/exceptions/kinds.ts';
import { EXCEPTIONS_PAGE } from '../../words/console/exceptions.ts';
import { ageOf } from './exception-age.ts';
import { Icon } from './icons.tsx';
import { clock } from './now-shift.tsx';
import { Act, path } from './parts.tsx';
import type { PageContext } from './pages.tsx';

/** One unit with an exception. */
export interface Case {
  unit: Answer<'GET /v1/units'>['units'][number];
  kind: ExceptionKind;
  /** A sentence that says what is wrong. */
  what: string;
  /** The time when the problem began, in ms since 1970. */
  since: number;
}

/** Shows the cases, grouped by station and work order. The group with the newest case comes first. */
export function CaseGroups({ page, cases, now }: { page: PageContext; cases: Case[]; now: number }) {
  const { say } = page;
  const groups = new Map<string, Case[]>();
  for (const one of cases) {
    const { station, workOrder } = one.unit;
    const names = [station ?? say(EXCEPTIONS_PAGE, 'noStation'), workOrder ?? say(EXCEPTIONS_PAGE, 'noOrder')];
    const name = names.join(' · ');
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return (
    <>
      {[...groups].map(([name, members]) => (
        <>
          <h3 class="case-group">
            {name} <span class="soft">{members.length}</span>
          </h3>
          {members.map((one) => (
            <OneCase page={page} one={one} now={now} />
          ))}
        </>
      ))}
    </>
  );
}

function OneCase({ page, one: { unit, kind, what, since }, now }: { page: PageContext; one: Case; now: number }) {
  const { say, who, language } = page;
  const { uci, serial } = unit;
  const mayClose = who.may.has('units:void');
  const id = `${kind}-${uci}`;
  return (
    <details class="case" name="case">
      <summary>
        <span>
          <span class="code">{serial ?? mask(uci)}</span>
          <small>{what}</small>
        </span>
        <span class="soft">{clock(page, since, now)}</span>
        <span class="age">{ageOf(language, now - since)}</span>
        <span class="go">
          <span>{say(EXCEPTIONS_PAGE, mayClose ? 'close' : 'look')}</span>
          <Icon name="down" />
        </span>
      </summary>
      <div class="case-body">
        {mayClose ? (
          <Act page={page} action={path('units', uci, 'exceptions', 'close')} into={`closed-${id}`}>
            <input type="hidden" name="kind" value={kind} />
            <div class="field">
              <label class="named" for={`note-${id}`}>
                {say(EXCEPTIONS_PAGE, 'note')}
              </label>
              <p class="help" id={`help-${id}`}>
                {say(EXCEPTIONS_PAGE, 'noteHint')}
              </p>
              <textarea
                id={`note-${id}`}
                name="note"
                rows={2}
                maxlength={500}
                required
                aria-describedby={`help-${id}`}
              ></textarea>
            </div>
            <div class="row">
              <button class="btn btn-primary">{say(EXCEPTIONS_PAGE, 'closeWithNote')}</button>
              <a class="btn btn-quiet" href={path('units', uci)}>
                {say(EXCEPTIONS_PAGE, 'lookAtUnit')}
              </a>
            </div>
          </Act>
        ) : (
          <p>
            {say(EXCEPTIONS_PAGE, 'mayNotClose')} <a href={path('units', uci)}>{say(EXCEPTIONS_PAGE, 'lookAtUnit')}</a>
          </p>
        )}
        <div id={`closed-${id}`}></div>
      </div>
    </details>
  );
}

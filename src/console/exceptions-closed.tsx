import type { Answer } from '../http/client.ts';
import { EXCEPTIONS_PAGE } from '../../words/console/exceptions.ts';
import { actorSaid } from './actors.tsx';
import { Shape } from './icons.tsx';
import { path, Time } from './parts.tsx';
import type { PageContext } from './pages.tsx';

interface Props {
  page: PageContext;
  list: Answer<'GET /v1/exceptions/closed'>;
}

/** The exceptions that were closed in this shift, with the notes that people wrote. */
export function ClosedCases({ page, list: { closed, more } }: Props) {
  const { say } = page;
  return (
    <section class="card quiet" id="closed">
      <div class="card-head">
        <h2>{say(EXCEPTIONS_PAGE, 'closedTitle')}</h2>
        <p>{closed.length === 0 ? say(EXCEPTIONS_PAGE, 'closedNone') : `${closed.length}${more ? '+' : ''}`}</p>
      </div>
      <ul class="list is-tight">
        {closed.map(({ at, by, unit, serial, kind, note }) => (
          <li>
            <Shape name="good" />
            <div>
              <a href={path('units', unit)}>{serial ?? unit.replace(/\..*/, '')}</a>
              <small>
                {say(EXCEPTIONS_PAGE, `kind.${kind}`)}: {note}
              </small>
              <small>
                {actorSaid(page, by)} · <Time page={page} at={at} />
              </small>
            </div>
          </li>
        ))}
      </ul>
      {more ? (
        <p class="card-body">
          <a href="/audit?kind=changed">{say(EXCEPTIONS_PAGE, 'closedMore')}</a>
        </p>
      ) : null}
    </section>
  );
}

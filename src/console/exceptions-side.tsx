import type { Services } from '../http/services.ts';
import type { Answer } from '../http/client.ts';
import { EXCEPTIONS_PAGE } from '../../words/console/exceptions.ts';
import { ageOf } from './exception-age.ts';
import { Shape } from './icons.tsx';
import type { PageContext } from './pages.tsx';

/** The maximum number of products in the list, and also the maximum number of rolls. */
const LISTED = 10;

interface SideProps {
  page: PageContext;
  services: Services;
  counts: Answer<'GET /v1/exceptions'>;
}

/**
 * Units that are counted but need no action, because they are waiting for their devices: files made for firmware, and
 * labels on rolls.
 */
export async function NotExceptions({ page, services, counts: { files, rolls, more } }: SideProps) {
  const { say } = page;
  const names = new Map((await services.ledger.products()).map(({ id, name }) => [id, name]));
  const rows = [
    ...files.slice(0, LISTED).map(({ name, count, oldestAt }) => ({
      words: say(EXCEPTIONS_PAGE, 'files', { count }),
      hint: say(EXCEPTIONS_PAGE, 'filesHint', { name: names.get(name) ?? name }),
      at: oldestAt,
      link: { exception: 'file', product: name, newest: 'true' },
    })),
    ...rolls.slice(0, LISTED).map(({ name, count, oldestAt }) => ({
      words: say(EXCEPTIONS_PAGE, 'labels', { count, name }),
      hint: say(EXCEPTIONS_PAGE, 'labelsHint'),
      at: oldestAt,
      link: { reservation: name, status: 'reserved' },
    })),
  ];
  const left = files.length + rolls.length - rows.length;
  return (
    <section class="card quiet">
      <div class="card-head">
        <h2>{say(EXCEPTIONS_PAGE, 'quiet')}</h2>
        <p>{say(EXCEPTIONS_PAGE, rows.length === 0 ? 'quietNone' : 'quietHint')}</p>
      </div>
      <ul class="list is-tight">
        {rows.map(({ words, hint, at, link }) => (
          <li>
            <Shape name="idle" />
            <div>
              <a href={`/units?${new URLSearchParams(link).toString()}`}>{words}</a>
              <small>{hint}</small>
            </div>
            <span class="at">{ageOf(page.language, services.now() - Date.parse(at))}</span>
          </li>
        ))}
      </ul>
      {left > 0 ? <p class="card-body">{say(EXCEPTIONS_PAGE, 'quietMore', { count: left })}</p> : null}
      {more ? <p class="card-body">{say(EXCEPTIONS_PAGE, 'atLeast')}</p> : null}
    </section>
  );
}

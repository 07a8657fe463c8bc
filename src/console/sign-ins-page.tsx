import { ACCESS_EVENTS } from '../model/event-data.ts';
import type { Answer } from '../http/client.ts';
import { COMMON } from '../../words/console/common.ts';
import { SIGN_INS } from '../../words/console/sign-ins.ts';
import { actorSaid } from './actors.tsx';
import { Act, asked, Choice, Field, path, refresh, Table, Time } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

type Session = Answer<'GET /v1/sessions'>['sessions'][number];
type Event = Answer<'GET /v1/access-events'>['events'][number];

/** The sign-ins page, which shows the open sessions and the access events. */
export function signInsPage(pages: Pages): void {
  pages.page('/sign-ins', 'access:read', async (page) => {
    const { sessions } = await page.call('GET /v1/sessions');
    const query = asked(page, ['before', 'type', 'actor']);
    const { events, next } = await page.call('GET /v1/access-events', { query });
    return {
      title: page.say(SIGN_INS, 'signIns'),
      body: (
        <>
          <h1>{page.say(SIGN_INS, 'signIns')}</h1>
          <Sessions page={page} sessions={sessions} />
          <div id="ended"></div>
          <Events page={page} events={events} query={query} />
          {next === null ? null : (
            <p>
              <a href={`/sign-ins?${new URLSearchParams({ ...query, before: String(next) }).toString()}`}>
                {page.say(SIGN_INS, 'older')}
              </a>
            </p>
          )}
        </>
      ),
    };
  });
  pages.act('/sign-ins/:id/end', 'access:write', async (page) => {
    await page.call('DELETE /v1/sessions/{id}', { params: { id: page.param('id') } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

function Sessions({ page, sessions }: { page: PageContext; sessions: Session[] }) {
  const { say, who } = page;
  const mayEnd = who.may.has('access:write');
  const heads = ['who', 'since', 'lastUsed', 'source'] as const;
  return (
    <>
      <h2>{say(SIGN_INS, 'sessions')}</h2>
      <Table
        caption={say(SIGN_INS, 'sessions')}
        heads={[...heads.map((head) => say(SIGN_INS, head)), ...(mayEnd ? [say(SIGN_INS, 'end')] : [])]}
      >
        {sessions.map((session) => (
          <tr>
            <th scope="row">
              {session.kiosk ? say(SIGN_INS, 'kiosk', { station: session.name }) : session.name}
              {session.operator === undefined ? '' : ` (${session.operator})`}
              {session.current ? ` (${say(SIGN_INS, 'thisOne')})` : ''}
            </th>
            <td>
              <Time page={page} at={session.since} />
            </td>
            <td>
              <Time page={page} at={session.lastUsedAt} />
            </td>
            <td>{session.source ?? '–'}</td>
            {mayEnd ? (
              <td>
                <Act page={page} action={path('sign-ins', session.id, 'end')} into="ended">
                  <button class="danger">{say(SIGN_INS, 'endSession')}</button>
                </Act>
              </td>
            ) : null}
          </tr>
        ))}
      </Table>
    </>
  );
}

function Events({ page, events, query }: { page: PageContext; events: Event[]; query: Record<string, string> }) {
  const { say, who } = page;
  const types = ACCESS_EVENTS.map((type): [string, string] => [type, say(SIGN_INS, `type.${type}`)]);
  return (
    <>
      <h2>{say(SIGN_INS, 'events')}</h2>
      <p>{say(SIGN_INS, 'eventsHint')}</p>
      <form class="search">
        <Choice
          label={say(SIGN_INS, 'event')}
          name="type"
          value={query['type']}
          of={[['', say(COMMON, 'any')], ...types]}
        />
        <Field label={say(SIGN_INS, 'actor')} name="actor" value={query['actor']} hint="person:lin" />
        <button>{say(SIGN_INS, 'show')}</button>
      </form>
      {who.may.has('ledger:export') ? (
        <p>
          <a href="/v1/ledger.csv?of=events&type=access" download="sign-ins.csv">
            {say(SIGN_INS, 'csv')}
          </a>{' '}
          ·{' '}
          <a href="/v1/ledger.jsonl?of=events&type=access" download="sign-ins.jsonl">
            {say(SIGN_INS, 'jsonl')}
          </a>
        </p>
      ) : null}
      <Table
        caption={say(SIGN_INS, 'events')}
        heads={(['time', 'event', 'actor', 'details'] as const).map((head) => say(SIGN_INS, head))}
      >
        {events.map(({ at, type, actor, station, data }) => (
          <tr>
            <td>
              <Time page={page} at={at} />
            </td>
            <td>{types.find(([known]) => known === type)?.[1] ?? type}</td>
            <td>{actorSaid(page, actor)}</td>
            <td>{detailsOf({ ...(station === undefined ? {} : { station }), ...data })}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/**
 * Returns an event's properties exactly as they are in the ledger, so that a person can compare the page with the
 * export.
 */
function detailsOf(data: Record<string, unknown>): string {
  return Object.entries(data)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join(' · ');
}

import { DRILL_WORDS } from '../../words/console/drills.ts';
import { DRILLS } from '../model/event-data.ts';
import { actorSaid } from './actors.tsx';
import type { PageContext } from './pages.tsx';
import { Table, Time } from './parts.tsx';

/** Shows the most recent drill of each kind. For QA, this list is evidence that people know what to do. */
export async function DrillList({ page }: { page: PageContext }) {
  const { say, call, who } = page;
  const { last } = await call('GET /v1/drills', { query: { limit: 1 } });
  const heads = (['drill', 'last', 'outcome', 'duration', 'people', 'note', 'recordedBy'] as const).map((head) =>
    say(DRILL_WORDS, head),
  );
  return (
    <>
      <h2 id="drills">{say(DRILL_WORDS, 'drills')}</h2>
      <p>{say(DRILL_WORDS, 'hint')}</p>
      <Table caption={say(DRILL_WORDS, 'drills')} heads={heads}>
        {DRILLS.map((kind) => {
          const held = last[kind];
          return (
            <tr>
              <th scope="row">{say(DRILL_WORDS, kind)}</th>
              <td>{held === undefined ? say(DRILL_WORDS, 'never') : <Time page={page} at={held.at} />}</td>
              <td>{held === undefined ? '' : say(DRILL_WORDS, held.outcome)}</td>
              <td>{held?.seconds}</td>
              <td>{held?.people}</td>
              <td>{held?.note}</td>
              <td>{held === undefined ? '' : actorSaid(page, held.actor)}</td>
            </tr>
          );
        })}
      </Table>
      {who.may.has('ledger:export') ? (
        <p>
          <a href="/v1/ledger.csv?of=events&type=drill-held" download="drills.csv">
            {say(DRILL_WORDS, 'all')}
          </a>
        </p>
      ) : null}
    </>
  );
}

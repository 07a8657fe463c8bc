import { COMMON } from '../../words/console/common.ts';
import { LABELS } from '../../words/console/labels.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { STATION } from '../../words/console/station.ts';
import { Shape } from './icons.tsx';
import { RevisionCard } from './label-revision-card.tsx';
import { CHANGED, person, stateOf, statusOf } from './label-state.ts';
import { asked, path, Table, Time } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';
import { isFromScript } from './sent-form.ts';

/** The number of revisions on the page of a template. */
const ROWS = 20;

/**
 * The revisions of a label template, and what people do with one: ask for its approval, approve it, revoke the
 * approval, print a test, and stop the labels of a product. The editor of labels contains the same parts of pages.
 */
export function revisionPages(pages: Pages): void {
  pages.page('/labels/:name/revision', 'catalog:read', async (page) => {
    const name = page.param('name');
    const revision = Number(asked(page, ['revision']).revision ?? '1');
    return {
      crumbs: [
        ['/labels', page.say(SET_UP, 'labels')],
        [path('labels', name), name],
      ],
      title: `${name}: ${page.say(LABELS, 'revision')} ${revision}`,
      body: await RevisionCard({ page, name, revision }),
      styles: ['label-editor.css'],
    };
  });
  pages.part('/labels/:name/revisions', 'catalog:read', async (page) =>
    RevisionList({ page, name: page.param('name') }),
  );
  decisionActs(pages);
  pages.act('/labels/:name/stop', 'catalog:write', async (page, fields) => {
    const body = { stopLabels: fields.get('stop') === 'yes' ? true : null };
    await page.call('PATCH /v1/products/{id}', { params: { id: fields.get('product') ?? '' }, body });
    return done(page);
  });
  pages.act('/labels/:name/test', 'labels:print', async (page, fields) => {
    const name = page.param('name');
    const query = { revision: Number(fields.get('revision')) };
    const { source } = await page.call('GET /v1/label-templates/{name}/source', { params: { name }, query });
    const body = { name, source, printer: fields.get('printer') ?? '' };
    const { state, reason } = await page.call('POST /v1/label-draft/print', { body });
    const isGood = state === 'done' || state === 'sent';
    return (
      <p class={isGood ? 'good' : 'bad'}>{[page.say(STATION, `test.${state}`), reason].filter(Boolean).join(': ')}</p>
    );
  });
}

function decisionActs(pages: Pages): void {
  const noteIn = (fields: ReadonlyMap<string, string>): { note?: string } => {
    const note = fields.get('note')?.trim() ?? '';
    return note === '' ? {} : { note };
  };
  pages.act('/labels/:name/ask', 'catalog:write', async (page, fields) => {
    const body = { revision: Number(fields.get('revision')), ...noteIn(fields) };
    await page.call('POST /v1/label-templates/{name}/ask-approval', { params: { name: page.param('name') }, body });
    return done(page);
  });
  pages.act('/labels/:name/approve', 'labels:approve', async (page, fields) => {
    const body = { revision: Number(fields.get('revision')), ...noteIn(fields) };
    await page.call('POST /v1/label-templates/{name}/approve', { params: { name: page.param('name') }, body });
    return done(page);
  });
  pages.act('/labels/:name/revoke', 'labels:approve', async (page, fields) => {
    const body = { revision: Number(fields.get('revision')), reason: fields.get('reason') ?? '' };
    await page.call('POST /v1/label-templates/{name}/revoke', { params: { name: page.param('name') }, body });
    return done(page);
  });
}

/**
 * Answers a form about a revision. In the editor, this reloads only the parts about revisions, so that unsaved text is
 * kept.
 */
function done(page: PageContext) {
  if (isFromScript(page.c)) page.c.header('hx-trigger', CHANGED);
  else page.c.header('hx-redirect', path('labels', page.param('name')));
  return <p>{page.say(COMMON, 'done')}</p>;
}

/** Tells the editor that there is a new revision. */
export function tellChanged(page: PageContext): void {
  page.c.header('hx-trigger', CHANGED);
}

/** The revisions beside the label in the editor. */
export async function RevisionList({ page, name }: { page: PageContext; name: string }) {
  const { say } = page;
  const state = await stateOf(page, name);
  return (
    <div hx-get={path('labels', name, 'revisions')} hx-trigger={`${CHANGED} from:body`} hx-swap="outerHTML">
      <h3>
        {say(LABELS, 'revisions')} <a href={path('labels', name)}>{say(LABELS, 'allRevisions')}</a>
      </h3>
      <ul class="checks">
        {state.revisions.map((one) => {
          const { shape, words } = statusOf(one, state);
          const address = `${path('labels', name, 'revision')}?revision=${one.revision}`;
          return (
            <li>
              <Shape name={shape} />
              <a
                href={address}
                hx-get={address}
                hx-target="#revision"
                hx-select="#revision-card"
                hx-swap="innerHTML show:top"
              >
                {one.revision}, {say(LABELS, words)}
              </a>
              <small>
                {person(one.by)}, <Time page={page} at={one.at} />
                {one.note === undefined ? '' : `: ${one.note}`}
              </small>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The revisions on the page of a template. */
export async function Revisions({
  page,
  name,
  before,
}: {
  page: PageContext;
  name: string;
  before: number | undefined;
}) {
  const { say } = page;
  const [{ revisions, next }, state] = await Promise.all([
    page.call('GET /v1/label-templates/{name}/revisions', {
      params: { name },
      query: { limit: ROWS, before: before ?? Number.MAX_SAFE_INTEGER },
    }),
    stateOf(page, name),
  ]);
  if (revisions.length === 0) return null;
  const heads = (['revision', 'at', 'by', 'note', 'state'] as const).map((head) => say(LABELS, head));
  return (
    <>
      <h2>{say(LABELS, 'revisions')}</h2>
      <Table caption={say(LABELS, 'revisions')} heads={heads}>
        {revisions.map((one) => {
          const { shape, words } = statusOf(one, state);
          return (
            <tr>
              <td>
                <a class="row" href={`${path('labels', name, 'revision')}?revision=${one.revision}`}>
                  {one.revision}
                </a>
              </td>
              <td>
                <Time page={page} at={one.at} />
              </td>
              <td>{person(one.by)}</td>
              <td class="sentence">{one.note ?? ''}</td>
              <td>
                <span class="status">
                  <Shape name={shape} />
                  {say(LABELS, words)}
                </span>
                {one.approved === undefined ? null : ` ${say(LABELS, 'approvedBy', { by: person(one.approved.by) })}`}
              </td>
            </tr>
          );
        })}
      </Table>
      {next === null ? null : (
        <p>
          <a href={`${path('labels', name)}?before=${next}`}>{say(LABELS, 'older')}</a>
        </p>
      )}
    </>
  );
}

/** The revisions of all templates that wait for their approval. */
export async function WaitingApprovals({ page }: { page: PageContext }) {
  const { waiting } = await page.call('GET /v1/label-templates');
  if (waiting.length === 0) return null;
  const { say } = page;
  return (
    <section>
      <h2>{say(LABELS, 'waiting')}</h2>
      <ul class="checks">
        {waiting.map(({ name, revision, by, at, note }) => (
          <li>
            <Shape name="half" />
            <span>
              <a href={`${path('labels', name, 'revision')}?revision=${revision}`}>
                {name}: {say(LABELS, 'revision')} {revision}
              </a>{' '}
              {say(LABELS, 'askedBy', { by: person(by) })}, <Time page={page} at={at} />
              {note === undefined ? null : `: ${note}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

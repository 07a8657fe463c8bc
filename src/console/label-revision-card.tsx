import { LABEL_EDITOR } from '../../words/console/label-editor.ts';
import { LABELS } from '../../words/console/labels.ts';
import { Shape } from './icons.tsx';
import { Changes, CodeTable, Previews, type RevisionProps } from './label-pictures.tsx';
import { CHANGED, person, stateOf, statusOf, type Product, type Revision, type State } from './label-state.ts';
import { Act, asked, Choice, Field, path, Table, Time } from './parts.tsx';
import type { PageContext } from './pages.tsx';
import { isFromScript } from './sent-form.ts';

/** One revision: who saved it, how it prints, what changed, and what a person may do with it. */
export async function RevisionCard({ page, name, revision }: RevisionProps) {
  const { say, c } = page;
  const [found, state] = await Promise.all([
    page.call('GET /v1/label-templates/{name}/revisions', {
      params: { name },
      query: { before: revision + 1, limit: 1 },
    }),
    stateOf(page, name),
  ]);
  const [one] = found.revisions;
  if (one?.revision !== revision) {
    // Throws the refusal that says which revision is missing.
    await page.call('GET /v1/label-templates/{name}/source', { params: { name }, query: { revision } });
  }
  if (one === undefined) return null;
  const { shape, words } = statusOf(one, state);
  const address = `${path('labels', name, 'revision')}?revision=${revision}`;
  const before = comparedWith(revision, state, asked(page, ['with']).with);
  const head = (
    <>
      {say(LABELS, 'revision')} {revision}{' '}
      <span class="status pill">
        <Shape name={shape} />
        {say(LABELS, words)}
      </span>
    </>
  );
  return (
    <div
      id="revision-card"
      hx-get={address}
      hx-trigger={`${CHANGED} from:body`}
      hx-target="this"
      hx-select="#revision-card"
      hx-swap="outerHTML"
      hx-disinherit="*"
    >
      {isFromScript(c) ? <h2 tabindex={-1}>{head}</h2> : <h1>{head}</h1>}
      <Signatures page={page} one={one} />
      <Previews page={page} name={name} revision={revision} />
      <h2>{say(LABELS, 'codes')}</h2>
      <CodeTable page={page} name={name} revision={revision} />
      {before === undefined ? null : (
        <>
          <h2>{say(LABELS, 'changesSince', { revision: before })}</h2>
          <Changes page={page} name={name} from={before} to={revision} />
        </>
      )}
      <Decisions page={page} name={name} one={one} state={state} />
      <Stops page={page} name={name} state={state} />
      <TakeText page={page} name={name} revision={revision} />
    </div>
  );
}

/** Shows who saved the revision, who asked for its approval, and who approved it. */
function Signatures({ page, one }: { page: PageContext; one: Revision }) {
  const { say } = page;
  const signed = [
    ['savedBy', one],
    ['askedBy', one.asked],
    ['approvedBy', one.approved],
  ] as const;
  return (
    <>
      {signed.map(([words, by]) =>
        by === undefined ? null : (
          <p>
            {say(LABELS, words, { by: person(by.by) })}, <Time page={page} at={by.at} />
            {by.note === undefined ? null : `: ${by.note}`}
          </p>
        ),
      )}
      <p class="soft">
        {say(LABELS, 'hash')} <code>{one.hash}</code>
      </p>
    </>
  );
}

/**
 * Returns the number of the revision to compare with: by default the approved revision, which this revision would
 * replace.
 */
function comparedWith(revision: number, { approved }: State, chosen: string | undefined): number | undefined {
  const before = chosen === undefined ? (approved ?? revision - 1) : Number(chosen);
  const other = before === revision ? revision - 1 : before;
  return other < 1 ? undefined : other;
}

interface DecisionProps {
  page: PageContext;
  name: string;
  one: Revision;
  state: State;
}

async function Decisions({ page, name, one, state }: DecisionProps) {
  const { say, who } = page;
  const { revision } = one;
  const number = <input type="hidden" name="revision" value={String(revision)} />;
  const printers = who.may.has('labels:print') ? (await page.call('GET /v1/printers')).printers : [];
  const mayAsk = who.may.has('catalog:write') && one.asked === undefined;
  return (
    <div class="decisions">
      {printers.length === 0 ? null : (
        <Act page={page} action={path('labels', name, 'test')} into="tested">
          {number}
          <Choice
            label={say(LABEL_EDITOR, 'printer')}
            hint={say(LABELS, 'testHint')}
            name="printer"
            of={printers.map((printer) => [printer.name, printer.name] as const)}
          />
          <button>{say(LABEL_EDITOR, 'testPrint')}</button>
          <div id="tested" role="status"></div>
        </Act>
      )}
      {one.approved === undefined && mayAsk && revision > (state.approved ?? 0) ? (
        <Act page={page} action={path('labels', name, 'ask')} into="asked">
          {number}
          <Field label={say(LABELS, 'note')} name="note" hint={say(LABELS, 'askHint')} max={200} />
          <button>{say(LABELS, 'askApproval')}</button>
          <div id="asked" role="status"></div>
        </Act>
      ) : null}
      {!who.may.has('labels:approve') ? null : one.approved === undefined ? (
        <Act page={page} action={path('labels', name, 'approve')} into="approved">
          {number}
          <Field label={say(LABELS, 'approvedNote')} name="note" hint={say(LABELS, 'approveHint')} max={200} />
          <button class="btn btn-primary">{say(LABELS, 'approveNow', { revision })}</button>
          <div id="approved" role="status"></div>
        </Act>
      ) : (
        <Revoke page={page} name={name} revision={revision} />
      )}
    </div>
  );
}

async function Revoke({ page, name, revision }: RevisionProps) {
  const { say } = page;
  const { approved } = await page.call('GET /v1/label-templates/{name}/approvals', { params: { name } });
  const prints = approved.map((one) => one.revision).find((one) => one !== revision);
  return (
    <Act page={page} action={path('labels', name, 'revoke')} into="revoked">
      <input type="hidden" name="revision" value={String(revision)} />
      <p>{prints === undefined ? say(LABELS, 'revokeLast') : say(LABELS, 'revokeHint', { prints })}</p>
      <Field label={say(LABELS, 'revokeReason')} name="reason" required max={200} />
      <button class="danger">{say(LABELS, 'revokeNow')}</button>
      <div id="revoked" role="status"></div>
    </Act>
  );
}

/**
 * For each product with this label, shows the revision that the product prints, and a button that stops the printing of
 * the product's labels.
 */
function Stops({ page, name, state: { products, approved, newest } }: Omit<DecisionProps, 'one'>) {
  const { say, who } = page;
  if (products.length === 0) return <p class="soft">{say(LABELS, 'noProducts')}</p>;
  const wordsOf = ({ approval, stopLabels }: Product): string => {
    if (stopLabels === true) return say(LABELS, 'stopped');
    if (approval !== true) return say(LABELS, 'printsRevision', { revision: newest });
    return approved === undefined ? say(LABELS, 'noneApproved') : say(LABELS, 'printsRevision', { revision: approved });
  };
  const mayWrite = who.may.has('catalog:write') && newest > 0;
  return (
    <Table caption={say(LABELS, 'usedOn')} heads={[say(LABELS, 'usedOn'), say(LABELS, 'state'), '']}>
      {products.map((product, at) => (
        <tr>
          <th scope="row">{product.name ?? product.id}</th>
          <td>{wordsOf(product)}</td>
          <td>
            {!mayWrite ? null : (
              <Act page={page} action={path('labels', name, 'stop')} into={`stop-${at}`}>
                <input type="hidden" name="product" value={product.id} />
                <input type="hidden" name="stop" value={product.stopLabels === true ? 'no' : 'yes'} />
                <button>{say(LABELS, product.stopLabels === true ? 'resumeLabels' : 'stopLabels')}</button>
                <div id={`stop-${at}`} role="status"></div>
              </Act>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The button that puts the text of the revision into the editor. The script of the editor shows this button. */
async function TakeText({ page, name, revision }: RevisionProps) {
  if (!page.who.may.has('catalog:write')) return null;
  const { source } = await page.call('GET /v1/label-templates/{name}/source', {
    params: { name },
    query: { revision },
  });
  return (
    <p data-take={source} hidden>
      <button type="button" class="btn">
        {page.say(LABELS, 'takeText', { revision })}
      </button>
    </p>
  );
}

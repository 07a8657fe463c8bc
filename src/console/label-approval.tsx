import type { Child } from 'hono/jsx';
import type { Answer } from '../http/client.ts';
import { DEFAULT_TEMPLATE } from '../model/labels/saved-template.ts';
import { isCode } from '../platform/error.ts';
import { COMMON } from '../../words/console/common.ts';
import { LABELS } from '../../words/console/labels.ts';
import { Act, asked, Field, path, Table, Time } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

type Revision = Answer<'GET /v1/label-templates/{name}/revisions'>['revisions'][number];
type Codes = Answer<'GET /v1/label-templates/{name}/codes'>['codes'];
type Previews = (props: { page: PageContext; name: string; revision: number }) => Promise<Child>;

/** The pages on which a second person approves a revision of a label template, or revokes an approval. */
export function approvalPages(pages: Pages, previews: Previews): void {
  for (const what of ['approve', 'revoke'] as const)
    pages.page(`/labels/:name/${what}`, 'labels:approve', async (page) => {
      const name = page.param('name');
      const revision = Number(asked(page, ['revision']).revision ?? '1');
      const Page = what === 'approve' ? Approve : Revoke;
      return {
        title: page.say(LABELS, `${what}Title`, { name, revision }),
        body: await Page({ page, name, revision, previews }),
      };
    });
  pages.act('/labels/:name/approve', 'labels:approve', async (page, fields) => {
    const name = page.param('name');
    const note = fields.get('note')?.trim() ?? '';
    const body = { revision: Number(fields.get('revision')), ...(note === '' ? {} : { note }) };
    await page.call('POST /v1/label-templates/{name}/approve', { params: { name }, body });
    return done(page, name);
  });
  pages.act('/labels/:name/revoke', 'labels:approve', async (page, fields) => {
    const name = page.param('name');
    const body = { revision: Number(fields.get('revision')), reason: fields.get('reason') ?? '' };
    await page.call('POST /v1/label-templates/{name}/revoke', { params: { name }, body });
    return done(page, name);
  });
}

function done(page: PageContext, name: string) {
  page.c.header('hx-redirect', path('labels', name));
  return <p>{page.say(COMMON, 'done')}</p>;
}

interface RevisionProps {
  page: PageContext;
  name: string;
  revision: number;
}

async function Approve({ page, name, revision, previews }: RevisionProps & { previews: Previews }) {
  const { say } = page;
  const prints = await approvedOf(page, name);
  const compared = `${path('labels', name, 'compare')}?from=${prints}&to=${revision}`;
  return (
    <>
      <Title page={page} name={name} title={say(LABELS, 'approveTitle', { name, revision })} />
      <p>{say(LABELS, 'approveHint')}</p>
      {prints === undefined || prints === revision ? null : (
        <p>
          <a href={compared}>{say(LABELS, 'compareApproved', { revision: prints })}</a>
        </p>
      )}
      {await previews({ page, name, revision })}
      <h2>{say(LABELS, 'codes')}</h2>
      <CodeTable page={page} codes={await codesOf(page, name, revision)} />
      <Act page={page} action={path('labels', name, 'approve')} into="approved">
        <input type="hidden" name="revision" value={String(revision)} />
        <Field label={say(LABELS, 'approvedNote')} name="note" max={200} />
        <button>{say(LABELS, 'approveNow', { revision })}</button>
        <div id="approved"></div>
      </Act>
    </>
  );
}

function Title({ page: { say }, name, title }: { page: PageContext; name: string; title: string }) {
  return (
    <div class="page-head">
      <h1>{title}</h1>
      <a class="btn" href={path('labels', name)}>
        {say(LABELS, 'revisions')}
      </a>
    </div>
  );
}

/** If the label cannot be drawn, the page shows this in place of the pictures. */
function codesOf(page: PageContext, name: string, revision: number): Promise<Codes> {
  return page
    .call('GET /v1/label-templates/{name}/codes', { params: { name }, query: { revision } })
    .then(({ codes }) => codes)
    .catch((error: unknown) => {
      const codes = ['label-too-large', 'label-unprintable', 'template-wrong'] as const;
      if (!codes.some((code) => isCode(error, code))) throw error;
      return [];
    });
}

function CodeTable({ page: { say }, codes }: { page: PageContext; codes: Codes }) {
  if (codes.length === 0) return <p class="soft">{say(LABELS, 'noCodes')}</p>;
  const heads = (['code', 'content', 'read'] as const).map((head) => say(LABELS, head));
  return (
    <Table caption={say(LABELS, 'codes')} heads={heads}>
      {codes.map(({ symbology, content, isRead }) => (
        <tr>
          <td>{symbology}</td>
          <td class="sentence">{content}</td>
          <td class={isRead ? 'good' : 'bad'}>{say(LABELS, isRead ? 'read.yes' : 'read.no')}</td>
        </tr>
      ))}
    </Table>
  );
}

async function Revoke({ page, name, revision }: RevisionProps) {
  const { say } = page;
  const prints = await approvedOf(page, name, revision);
  return (
    <>
      <Title page={page} name={name} title={say(LABELS, 'revokeTitle', { name, revision })} />
      <p>{prints === undefined ? say(LABELS, 'revokeLast') : say(LABELS, 'revokeHint', { prints })}</p>
      <Act page={page} action={path('labels', name, 'revoke')} into="revoked">
        <input type="hidden" name="revision" value={String(revision)} />
        <Field label={say(LABELS, 'revokeReason')} name="reason" required max={200} />
        <button class="btn-danger">{say(LABELS, 'revokeNow')}</button>
        <div id="revoked"></div>
      </Act>
    </>
  );
}

/** Returns the approved revision with the highest number. `without` is left out. */
async function approvedOf(page: PageContext, name: string, without?: number): Promise<number | undefined> {
  const { approved } = await page.call('GET /v1/label-templates/{name}/approvals', { params: { name } });
  return approved.map(({ revision }) => revision).find((one) => one !== without);
}

/** Says which products print only approved revisions, and which revision that is. */
export async function Prints({ page, name, revisions }: { page: PageContext; name: string; revisions: Revision[] }) {
  if (revisions.length === 0) return null;
  const { products } = await page.call('GET /v1/products');
  const using = products.filter(({ approval, label }) => approval === true && (label ?? DEFAULT_TEMPLATE) === name);
  if (using.length === 0) return null;
  const revision = (await approvedOf(page, name)) ?? '–';
  const names = using.map(({ id, name: shown }) => shown ?? id).join(', ');
  return <p>{page.say(LABELS, 'prints', { products: names, revision })}</p>;
}

export function ApprovalCell({ page, name, revision, approved }: RevisionProps & { approved: Revision['approved'] }) {
  const { say, who } = page;
  const mayApprove = who.may.has('labels:approve');
  const what = approved === undefined ? 'approve' : 'revoke';
  return (
    <>
      {approved === undefined ? null : (
        <>
          {say(LABELS, 'approvedBy', { by: approved.by.replace(/^person:/, '') })},{' '}
          <Time page={page} at={approved.at} />{' '}
        </>
      )}
      {mayApprove ? <a href={`${path('labels', name, what)}?revision=${revision}`}>{say(LABELS, what)}</a> : null}
    </>
  );
}

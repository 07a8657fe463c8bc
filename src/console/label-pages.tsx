import { z } from 'zod';
import type { Answer } from '../http/client.ts';
import { MAX_UPLOAD_BYTES } from '../model/labels/saved-logo.ts';
import { MAX_SOURCE_BYTES } from '../model/labels/saved-template.ts';
import { isCode, refusal } from '../platform/error.ts';
import { COMMON } from '../../words/console/common.ts';
import { LABEL_EDITOR } from '../../words/console/label-editor.ts';
import { LABELS } from '../../words/console/labels.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { ApprovalCell, approvalPages, Prints } from './label-approval.tsx';
import { Act, asked, Field, NameField, path, Table, Time } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';
import { Icon } from './icons.tsx';

type Source = Answer<'GET /v1/label-templates/{name}/source'>;
type Revision = Answer<'GET /v1/label-templates/{name}/revisions'>['revisions'][number];

/** A template with its pictures in base64. */
const MAX_IMPORT_BYTES = 2 * MAX_SOURCE_BYTES + 2 * MAX_UPLOAD_BYTES;

/** The number of revisions on a page. */
const ROWS = 20;

interface Body {
  source: string;
  revision: number;
  note?: string;
  needs?: { file: string; sha256?: string | undefined }[];
  pictures?: { file: string; content: string }[];
}

/**
 * The pages for one label template. They show the template's previews and revisions, and have forms to change,
 * duplicate and import the template. The editor is in label-editor.tsx.
 */
export function labelPages(pages: Pages): void {
  pages.page('/labels/:name', 'catalog:read', async (page) => {
    const name = page.param('name');
    return { title: name, body: await TemplatePage({ page, name }) };
  });
  pages.page('/labels/:name/compare', 'catalog:read', async (page) => {
    const name = page.param('name');
    return { title: name, body: await Comparison({ page, name }) };
  });
  approvalPages(pages, Previews);
  const save = async (page: PageContext, name: string, body: Body) => {
    await page.call('PUT /v1/label-templates/{name}', { params: { name }, body });
    page.c.header('hx-redirect', path('labels', name));
    return <p>{page.say(COMMON, 'done')}</p>;
  };
  pages.act('/labels/:name/duplicate', 'catalog:write', async (page, fields) => {
    const { source } = await sourceOf(page, page.param('name'), fields.get('revision'));
    return save(page, fields.get('name')?.trim() ?? '', { source, revision: 0 });
  });
  pages.act('/labels/:name/remove', 'catalog:write', async (page) => {
    await page.call('DELETE /v1/label-templates/{name}', { params: { name: page.param('name') } });
    page.c.header('hx-redirect', '/labels');
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.upload(
    '/labels-import',
    'catalog:write',
    async (page, fields, files) => {
      const { name, ...template } = exported((await files.get('file')?.text()) ?? '');
      return save(page, fields.get('name')?.trim() || name, { ...template, revision: 0 });
    },
    MAX_IMPORT_BYTES,
  );
}

const Exported = z.object({
  name: z.string(),
  source: z.string(),
  needs: z.array(z.object({ file: z.string(), sha256: z.string().optional() })),
  pictures: z.array(z.object({ file: z.string(), content: z.string() })).default([]),
});

function exported(file: string): z.infer<typeof Exported> {
  const read = Exported.safeParse(valueOf(file));
  if (!read.success) throw refusal('template-wrong', 'noExport');
  return read.data;
}

function valueOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function sourceOf(page: PageContext, name: string, revision: string | undefined): Promise<Source> {
  const query = revision === undefined || revision === '0' ? {} : { revision: Number(revision) };
  return page.call('GET /v1/label-templates/{name}/source', { params: { name }, query });
}

async function TemplatePage({ page, name }: { page: PageContext; name: string }) {
  const { say, who } = page;
  const { revision, before } = asked(page, ['revision', 'before']);
  const shown = await sourceOf(page, name, revision);
  const { revisions, next } = await page.call('GET /v1/label-templates/{name}/revisions', {
    params: { name },
    query: { limit: ROWS, before: Number(before ?? Number.MAX_SAFE_INTEGER) },
  });
  const check = await page.call('GET /v1/label-templates/{name}', { params: { name } });
  const isNewest = revision === undefined;
  const mayWrite = who.may.has('catalog:write');
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{name}</h1>
          <p class="under">
            <Origin page={page} shown={shown} revisions={revisions} />
          </p>
        </div>
        <div class="row">
          <a
            class="btn"
            href={apiAddress(name, 'source', shown.revision, { pictures: 'true' })}
            download={`${name}.label.json`}
          >
            <Icon name="download" />
            {say(LABELS, 'export')}
          </a>
          {mayWrite && isNewest && shown.origin === 'ledger' ? (
            <a class="btn btn-primary" href={path('labels', name, 'edit')}>
              <Icon name="edit" />
              {say(LABEL_EDITOR, 'edit')}
            </a>
          ) : null}
        </div>
      </div>
      <Prints page={page} name={name} revisions={revisions} />
      <Previews page={page} name={name} revision={shown.revision} />
      {isNewest ? <Check page={page} check={check} /> : null}
      {mayWrite ? <Duplicate page={page} shown={shown} /> : null}
      {mayWrite && isNewest && shown.origin === 'ledger' ? <Remove page={page} name={name} /> : null}
      {revisions.length === 0 ? null : <Revisions page={page} name={name} revisions={revisions} next={next} />}
    </>
  );
}

function Origin({ page: { say }, shown, revisions }: { page: PageContext; shown: Source; revisions: Revision[] }) {
  if (shown.origin === 'file') return <>{say(LABELS, 'file')}</>;
  const by = revisions.find((one) => one.revision === shown.revision)?.by ?? '';
  return <>{say(LABELS, 'saved', { revision: shown.revision, by: person(by) })}</>;
}

function person(actor: string): string {
  return actor.replace(/^person:/, '');
}

function apiAddress(name: string, what: string, revision: number, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...(revision === 0 ? {} : { revision: String(revision) }), ...more });
  return `/v1/label-templates/${encodeURIComponent(name)}/${what}?${query.toString()}`;
}

const VALUES = ['shortest', 'typical', 'longest'] as const;

async function Previews({ page, name, revision }: { page: PageContext; name: string; revision: number }) {
  const pictures = [];
  for (const values of VALUES)
    pictures.push({ values, source: await pictureOf(page, name, revision, values).catch(unlessUndrawable) });
  return (
    <div class="gallery">
      {pictures.map(({ values, source }) => (
        <section>
          <h2>{page.say(LABELS, values)}</h2>
          {source === undefined ? (
            <p class="bad">{page.say(SET_UP, 'doesNotFit')}</p>
          ) : (
            <img class="label" src={source} alt={page.say(LABELS, values)} />
          )}
        </section>
      ))}
    </div>
  );
}

/** Ignores the error if a label cannot be drawn, because the template's check already shows the reason. */
function unlessUndrawable(error: unknown): undefined {
  const codes = ['label-too-large', 'label-unprintable', 'template-wrong'] as const;
  if (!codes.some((code) => isCode(error, code))) throw error;
}

/** Returns the picture as a data URL, because markup from templates must not become part of the page. */
async function pictureOf(
  { file }: PageContext,
  name: string,
  revision: number,
  values: (typeof VALUES)[number],
): Promise<string> {
  const query = { values, ...(revision === 0 ? {} : { revision }) };
  const answer = await file('GET /v1/label-templates/{name}/preview.svg', { params: { name }, query });
  return `data:image/svg+xml;base64,${Buffer.from(await answer.arrayBuffer()).toString('base64')}`;
}

function Check({ page: { say }, check }: { page: PageContext; check: Answer<'GET /v1/label-templates/{name}'> }) {
  return (
    <>
      <h2>{say(LABELS, 'check')}</h2>
      <p>{say(LABELS, check.secret ? 'secret' : 'open')}</p>
      {check.problems.length === 0 ? <p class="good">✓ {say(SET_UP, 'noProblems')}</p> : null}
      <ul class="bad" lang="en">
        {check.problems.map((problem) => (
          <li>{problem}</li>
        ))}
      </ul>
      <ul lang="en">
        {check.warnings.map((warning) => (
          <li>⚠ {warning}</li>
        ))}
      </ul>
    </>
  );
}

function Duplicate({ page, shown }: { page: PageContext; shown: Source }) {
  const { say } = page;
  return (
    <Act page={page} action={path('labels', shown.name, 'duplicate')} into="duplicated">
      <input type="hidden" name="revision" value={String(shown.revision)} />
      <NameField page={page} label={say(LABELS, 'newName')} name="name" example="meter-62x40" />
      <button>{say(LABELS, 'duplicate')}</button>
      <div id="duplicated"></div>
    </Act>
  );
}

/** Shows why the template cannot be removed, or the form that removes it. */
async function Remove({ page, name }: { page: PageContext; name: string }) {
  const { say } = page;
  const { products } = await page.call('GET /v1/products');
  const users = products.filter(({ label }) => label === name).map((one) => one.name ?? one.id);
  return (
    <section>
      <h2>{say(LABELS, 'remove')}</h2>
      {users.length > 0 ? (
        <p class="soft">{say(SET_UP, 'usedByThese', { names: users.join(', ') })}</p>
      ) : (
        <Act
          page={page}
          action={path('labels', name, 'remove')}
          into="removed"
          ask={say(LABELS, 'askRemove', { name })}
        >
          <p class="soft">{say(LABELS, 'removeHint')}</p>
          <button class="danger">{say(LABELS, 'remove')}</button>
          <div id="removed"></div>
        </Act>
      )}
    </section>
  );
}

interface RevisionsProps {
  page: PageContext;
  name: string;
  revisions: Revision[];
  next: number | null;
}

function Revisions({ page, name, revisions, next }: RevisionsProps) {
  const { say } = page;
  const heads = (['revision', 'at', 'by', 'note', 'approved', 'changes'] as const).map((head) => say(LABELS, head));
  return (
    <>
      <h2>{say(LABELS, 'revisions')}</h2>
      <Table caption={say(LABELS, 'revisions')} heads={heads}>
        {revisions.map(({ revision, at, by, note, approved }) => (
          <tr>
            <td>
              <a href={`${path('labels', name)}?revision=${revision}`}>{revision}</a>
            </td>
            <td>
              <Time page={page} at={at} />
            </td>
            <td>{person(by)}</td>
            <td class="sentence">{note ?? ''}</td>
            <td>
              <ApprovalCell page={page} name={name} revision={revision} approved={approved} />
            </td>
            <td>
              {revision === 1 ? null : (
                <a href={`${path('labels', name, 'compare')}?from=${revision - 1}&to=${revision}`}>
                  {say(LABELS, 'compare', { revision: revision - 1 })}
                </a>
              )}
            </td>
          </tr>
        ))}
      </Table>
      {next === null ? null : (
        <p>
          <a href={`${path('labels', name)}?before=${next}`}>{say(LABELS, 'older')}</a>
        </p>
      )}
    </>
  );
}

/** Shows two revisions side by side, and the properties in which they differ. */
async function Comparison({ page, name }: { page: PageContext; name: string }) {
  const { say } = page;
  const { from = '1', to = '1' } = asked(page, ['from', 'to']);
  const query = { from: Number(from), to: Number(to) };
  const { changes } = await page.call('GET /v1/label-templates/{name}/changes', { params: { name }, query });
  const sides = [];
  for (const revision of [query.from, query.to])
    sides.push({ revision, source: await pictureOf(page, name, revision, 'typical').catch(unlessUndrawable) });
  const titleOf = (revision: number): string => `${say(LABELS, 'revision')} ${revision}`;
  return (
    <>
      <h1>
        <a href={path('labels', name)}>{name}</a>
      </h1>
      <div class="gallery">
        {sides.map(({ revision, source }) => (
          <section>
            <h2>{titleOf(revision)}</h2>
            {source === undefined ? (
              <p class="bad">{say(SET_UP, 'doesNotFit')}</p>
            ) : (
              <img class="label" src={source} alt={titleOf(revision)} />
            )}
          </section>
        ))}
      </div>
      <h2>{say(LABELS, 'changes')}</h2>
      {changes.length === 0 ? <p class="soft">{say(LABELS, 'none')}</p> : null}
      <Table
        caption={say(LABELS, 'changes')}
        heads={[say(LABELS, 'box'), say(LABELS, 'property'), titleOf(query.from), titleOf(query.to)]}
      >
        {changes.map(({ box, property, before = '–', after = '–' }) => (
          <tr>
            <td>{box ?? say(LABELS, 'medium')}</td>
            <td>{property}</td>
            <td class="sentence">{before}</td>
            <td class="sentence">{after}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

export function ImportForm({ page }: { page: PageContext }) {
  const { say } = page;
  return (
    <Act page={page} action="/labels-import" into="imported" upload>
      <h2>{say(LABELS, 'import')}</h2>
      <Field label={say(LABELS, 'importFile')} name="file" type="file" hint={say(LABELS, 'importHint')} required />
      <Field label={say(LABELS, 'importName')} name="name" max={64} />
      <button>{say(LABELS, 'import')}</button>
      <div id="imported"></div>
    </Act>
  );
}

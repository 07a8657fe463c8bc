import { z } from 'zod';
import type { Answer } from '../http/client.ts';
import { MAX_UPLOAD_BYTES } from '../model/labels/saved-logo.ts';
import { MAX_SOURCE_BYTES } from '../model/labels/saved-template.ts';
import { refusal } from '../platform/error.ts';
import { COMMON } from '../../words/console/common.ts';
import { LABEL_EDITOR } from '../../words/console/label-editor.ts';
import { LABELS } from '../../words/console/labels.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { Previews } from './label-pictures.tsx';
import { Revisions, revisionPages } from './label-revisions.tsx';
import { productsWith } from './label-state.ts';
import { Act, asked, Field, NameField, path } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';
import { Icon } from './icons.tsx';

type Source = Answer<'GET /v1/label-templates/{name}/source'>;

/** Large enough for a template with its pictures in base64. */
const MAX_IMPORT_BYTES = 2 * MAX_SOURCE_BYTES + 2 * MAX_UPLOAD_BYTES;

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
  revisionPages(pages);
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
  const check = await page.call('GET /v1/label-templates/{name}', { params: { name } });
  const isNewest = revision === undefined;
  const mayWrite = who.may.has('catalog:write');
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{name}</h1>
          <p class="under">
            {shown.origin === 'file' ? say(LABELS, 'file') : `${say(LABELS, 'revision')} ${shown.revision}`}
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
      <Previews page={page} name={name} revision={shown.revision} />
      {isNewest ? <Check page={page} check={check} /> : null}
      {mayWrite ? <Duplicate page={page} shown={shown} /> : null}
      {mayWrite && isNewest && shown.origin === 'ledger' ? <Remove page={page} name={name} /> : null}
      <Revisions page={page} name={name} before={before === undefined ? undefined : Number(before)} />
    </>
  );
}

export function apiAddress(name: string, what: string, revision: number, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...(revision === 0 ? {} : { revision: String(revision) }), ...more });
  return `/v1/label-templates/${encodeURIComponent(name)}/${what}?${query.toString()}`;
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
  const users = (await productsWith(page, name)).map((one) => one.name ?? one.id);
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

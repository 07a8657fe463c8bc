import type { Answer } from '../http/client.ts';
import { LABEL_FIELDS } from '../contract/labels.ts';
import { MAX_SOURCE_BYTES } from '../model/labels/saved-template.ts';
import { LABEL_EDITOR } from '../../words/console/label-editor.ts';
import { LABELS } from '../../words/console/labels.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { STATION } from '../../words/console/station.ts';
import { keysOf } from '../platform/own.ts';
import { Icon, Shape, type DeskIcon } from './icons.tsx';
import { apiAddress } from './label-pages.tsx';
import { RevisionList, tellChanged } from './label-revisions.tsx';
import { productsWith, type Product } from './label-state.ts';
import { Act, asked, Field, path } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

type Source = Answer<'GET /v1/label-templates/{name}/source'>;

/** In a form, each byte of a template may be encoded as three bytes. */
const MAX_FORM_BYTES = 3 * MAX_SOURCE_BYTES + 8 * 1024;

/** The source of a new label. Its size, in mm, is that of the default template. */
const NEW_LABEL = `{
    media: { width: 62, height: 40, dpi: 203 },
    boxes: [],
}
`;

/**
 * The editor for label templates. The script assets/label-editor.js shows the label with its boxes, and changes the
 * text in the form. Without scripts, the form is a text editor.
 */
export function labelEditor(pages: Pages): void {
  pages.page('/labels-new', 'catalog:write', async (page) => {
    const { from } = asked(page, ['from']);
    const copied =
      from === undefined
        ? undefined
        : await page.call('GET /v1/label-templates/{name}/source', { params: { name: from }, query: {} });
    return {
      crumbs: [['/labels', page.say(SET_UP, 'labels')]],
      title: page.say(LABEL_EDITOR, 'newLabel'),
      body: await Editor({ page, shown: { name: '', revision: 0, source: copied?.source ?? NEW_LABEL } }),
      ...FILES,
    };
  });
  pages.page('/labels/:name/edit', 'catalog:write', async (page) => {
    const name = page.param('name');
    const shown = await page.call('GET /v1/label-templates/{name}/source', { params: { name }, query: {} });
    return {
      crumbs: [
        ['/labels', page.say(SET_UP, 'labels')],
        [path('labels', name), name],
      ],
      title: page.say(LABEL_EDITOR, 'edit'),
      body: await Editor({ page, shown }),
      ...FILES,
    };
  });
  pages.act(
    '/labels/:name',
    'catalog:write',
    async (page, fields) => {
      const name = page.param('name');
      const revision = await save(page, name, fields);
      const isAsked = fields.get('ask') === 'yes';
      if (isAsked)
        await page.call('POST /v1/label-templates/{name}/ask-approval', { params: { name }, body: { revision } });
      tellChanged(page);
      // Without scripts, the browser then opens the page of the template.
      if (page.c.req.header('hx-request') === undefined) page.c.header('hx-redirect', path('labels', name));
      return <Saved page={page} revision={revision} isAsked={isAsked} />;
    },
    MAX_FORM_BYTES,
  );
  pages.act(
    '/labels-new',
    'catalog:write',
    async (page, fields) => {
      const name = fields.get('name')?.trim() ?? '';
      const revision = await save(page, name, fields);
      page.c.header('hx-redirect', path('labels', name, 'edit'));
      return <Saved page={page} revision={revision} />;
    },
    MAX_FORM_BYTES,
  );
}

const FILES = { scripts: ['label-editor.js'], styles: ['label-editor.css'] };

async function save(page: PageContext, name: string, fields: ReadonlyMap<string, string>): Promise<number> {
  const note = fields.get('note')?.trim() ?? '';
  const source = unixLines(fields.get('source') ?? '');
  const body = { source, revision: Number(fields.get('revision')), ...(note === '' ? {} : { note }) };
  return (await page.call('PUT /v1/label-templates/{name}', { params: { name }, body })).revision;
}

/**
 * Browsers send line ends as CR LF. The template's hash must not depend on the browser, so line ends are changed to LF.
 */
function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** Says that a revision was saved. The page's next save is based on this revision. */
function Saved({
  page: { say },
  revision,
  isAsked = false,
}: {
  page: PageContext;
  revision: number;
  isAsked?: boolean;
}) {
  return (
    <>
      <p class="good" data-revision={revision}>
        ✓ {say(LABEL_EDITOR, 'savedAs', { revision })}
        {isAsked ? `. ${say(LABEL_EDITOR, 'isAsked')}` : ''}
      </p>
      <input type="hidden" id="base-revision" name="revision" value={String(revision)} hx-swap-oob="true" />
    </>
  );
}

type Edited = Pick<Source, 'name' | 'revision' | 'source'>;

async function Editor({ page, shown }: { page: PageContext; shown: Edited }) {
  const { say } = page;
  const [{ products }, { logos }] = await Promise.all([
    page.call('GET /v1/products'),
    page.call('GET /v1/label-logos'),
  ]);
  const isNew = shown.revision === 0;
  const users = isNew ? [] : await productsWith(page, shown.name);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>
            <span id="bench-head">{isNew ? say(LABEL_EDITOR, 'newLabel') : shown.name}</span>{' '}
            <span class="status pill">
              <Shape name="half" />
              <span id="bench-state">
                {isNew ? say(LABEL_EDITOR, 'notSaved') : say(LABEL_EDITOR, 'revision', { revision: shown.revision })}
              </span>
            </span>
          </h1>
          <p class="under">{isNew ? say(LABEL_EDITOR, 'newHint') : <UsedOn page={page} users={users} />}</p>
        </div>
        {isNew ? null : <HeadActs page={page} name={shown.name} />}
      </div>
      <Bench page={page} name={shown.name} products={products} logos={logos.map(({ name }) => name)} />
      <TextForm page={page} shown={shown} isApproved={users.some(({ approval }) => approval === true)} />
      <div id="revision"></div>
    </>
  );
}

function UsedOn({ page: { say }, users }: { page: PageContext; users: Product[] }) {
  if (users.length > 0)
    return <>{say(LABEL_EDITOR, 'usedOn', { products: users.map(({ id, name }) => name ?? id).join(', ') })}</>;
  return (
    <>
      {say(LABELS, 'noProducts')} <a href="/products">{say(LABEL_EDITOR, 'chooseProduct')}</a>
    </>
  );
}

function HeadActs({ page: { say }, name }: { page: PageContext; name: string }) {
  return (
    <div class="row">
      <a class="btn" href={`/labels-new?from=${encodeURIComponent(name)}`}>
        {say(LABELS, 'duplicate')}
      </a>
      <a class="btn" href={apiAddress(name, 'source', 0, { pictures: 'true' })} download={`${name}.label.json`}>
        <Icon name="download" />
        {say(LABELS, 'export')}
      </a>
    </div>
  );
}

/**
 * The kinds of boxes that have a button. To get another kind of code, a person changes the properties of a code box.
 */
const ADDABLE = { text: 'text', qr: 'code', code128: 'bars', image: 'image', line: 'rule', box: 'frame' } as const;

interface BenchProps {
  page: PageContext;
  name: string;
  products: Answer<'GET /v1/products'>['products'];
  logos: string[];
}

/** The graphical editor, which the script fills and shows. */
function Bench({ page, name, products, logos }: BenchProps) {
  const { say, language, csrf } = page;
  const words = Object.fromEntries([
    ...keysOf(LABEL_EDITOR[language]).map((key) => [key, LABEL_EDITOR[language][key]] as const),
    ...(['test.done', 'test.sent', 'test.failed', 'test.unknown', 'test.notReached'] as const).map(
      (key) => [key, STATION[language][key]] as const,
    ),
  ]);
  const known = products.map((product) => ({ id: product.id, name: product.name ?? product.id }));
  const data = { words, products: known, logos, fields: LABEL_FIELDS.filter((field) => field !== 'logo') };
  return (
    <div class="card bench" id="bench" data-bench={JSON.stringify(data)} data-name={name} data-csrf={csrf} hidden>
      <section class="pane" aria-label={say(LABEL_EDITOR, 'boxes')}>
        <div class="bench-bar">
          <h2>{say(LABEL_EDITOR, 'boxes')}</h2>
          <span class="soft small num" id="box-count"></span>
          <button type="button" class="btn btn-quiet" id="several" aria-pressed="false">
            {say(LABEL_EDITOR, 'chooseSeveral')}
          </button>
        </div>
        <ul class="boxes" id="boxes"></ul>
        <p class="keys" id="bench-keys">
          {say(LABEL_EDITOR, 'keys')}
        </p>
        <div class="kinds">
          <h3>{say(LABEL_EDITOR, 'add')}</h3>
          <ul>
            {keysOf(ADDABLE).map((kind) => (
              <li>
                <button type="button" data-add={kind}>
                  <Icon name={ADDABLE[kind]} />
                  {say(LABEL_EDITOR, kind)}
                </button>
              </li>
            ))}
          </ul>
        </div>
      </section>
      <section class="pane" aria-label={say(LABEL_EDITOR, 'label')}>
        <Bar say={say} />
        <svg class="stage" id="stage" role="img"></svg>
        <p class="sr" id="bench-said" aria-live="polite"></p>
        <div class="bench-check">
          <h3>
            {say(LABEL_EDITOR, 'check')} <small id="check-dpi"></small>
          </h3>
          <ul class="checks is-two" id="bench-checks" aria-live="polite"></ul>
          <p class="soft small" id="bench-note" role="status"></p>
        </div>
        {name === '' ? null : (
          <div class="bench-revisions">
            <RevisionList page={page} name={name} />
          </div>
        )}
      </section>
      <section class="pane" id="properties"></section>
    </div>
  );
}

/** The toolbar: undo, redo, the grid, and the choice of the values that the label shows. */
function Bar({ say }: Pick<PageContext, 'say'>) {
  const step = (id: 'undo' | 'redo', icon: DeskIcon) => (
    <button type="button" class="btn btn-quiet" id={id}>
      <Icon name={icon} />
      <span class="word">{say(LABEL_EDITOR, id)}</span>
    </button>
  );
  return (
    <div class="bench-bar">
      {step('undo', 'undo')}
      {step('redo', 'redo')}
      <label class="pick small">
        <span class="soft">{say(LABEL_EDITOR, 'grid')}</span>
        <select id="grid">
          {['0.1', '0.5', '1', '5'].map((mm) => (
            <option value={mm} selected={mm === '0.5'}>
              {mm} mm
            </option>
          ))}
        </select>
      </label>
      <div class="pick">
        <span class="sr" id="sample-words">
          {say(LABEL_EDITOR, 'sample')}
        </span>
        <div class="seg" role="radiogroup" aria-labelledby="sample-words">
          {(['shortest', 'typical', 'longest'] as const).map((values) => (
            <label>
              <input type="radio" name="sample-values" value={values} checked={values === 'typical'} />
              {say(LABEL_EDITOR, values)}
            </label>
          ))}
        </div>
      </div>
    </div>
  );
}

/** The template as text. A change in the graphical editor changes this text, and vice versa. */
function TextForm({ page, shown, isApproved }: { page: PageContext; shown: Edited; isApproved: boolean }) {
  const { say } = page;
  const isNew = shown.revision === 0;
  // A refused form keeps its text and the number of the revision that the text is based on. If the form contained the
  // number of the newest revision instead, saving would undo the changes of that revision, and no one would notice.
  const sent = page.sent?.fields;
  const typed = sent?.get('source');
  const revision = (typed === undefined ? undefined : sent?.get('revision')) ?? String(shown.revision);
  return (
    <Act page={page} action={isNew ? '/labels-new' : path('labels', shown.name)} into="saved">
      <input type="hidden" id="base-revision" name="revision" value={revision} />
      <div class="save-line">
        {isNew ? (
          <Field label={say(LABEL_EDITOR, 'name')} name="name" hint={say(LABEL_EDITOR, 'nameHint')} required max={64} />
        ) : (
          <Field label={say(LABELS, 'noteHint')} name="note" max={200} />
        )}
        <button class={isApproved ? 'btn' : 'btn btn-primary'}>{say(LABEL_EDITOR, isNew ? 'saveNew' : 'save')}</button>
        {isApproved ? (
          <button class="btn btn-primary" name="ask" value="yes">
            {say(LABEL_EDITOR, 'saveAsk')}
          </button>
        ) : null}
        <TestPrint page={page} />
      </div>
      <div id="saved" role="status"></div>
      <div id="changed"></div>
      <details class="card as-text" id="as-text" open>
        <summary>{say(LABEL_EDITOR, 'asText')}</summary>
        <p class="help" id="source-help">
          {say(LABEL_EDITOR, 'asTextHint')}
        </p>
        <textarea
          id="source"
          name="source"
          rows={16}
          required
          spellcheck={false}
          maxlength={MAX_SOURCE_BYTES}
          aria-label={say(LABEL_EDITOR, 'asText')}
          aria-describedby="source-help"
        >
          {`\n${typed ?? shown.source}`}
        </textarea>
      </details>
    </Act>
  );
}

/** Hidden until the script shows it, because only the script can print the text that is in the editor. */
async function TestPrint({ page }: { page: PageContext }) {
  const { say, who } = page;
  if (!who.may.has('labels:print')) return null;
  const { printers } = await page.call('GET /v1/printers');
  if (printers.length === 0)
    return (
      <p>
        <a href="/printer-settings">{say(LABEL_EDITOR, 'noPrinter')}</a>
      </p>
    );
  return (
    <div class="test-print" id="test-print" hidden>
      <label for="test-printer">{say(LABEL_EDITOR, 'printer')}</label>
      <select id="test-printer">
        {printers.map(({ name }) => (
          <option>{name}</option>
        ))}
      </select>
      <button type="button" class="btn" id="print-test">
        <Icon name="printing" />
        {say(LABEL_EDITOR, 'testPrint')}
      </button>
      <p id="test-said" role="status"></p>
    </div>
  );
}

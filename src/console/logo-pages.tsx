import type { Answer } from '../http/client.ts';
import { MAX_UPLOAD_BYTES } from '../model/labels/saved-logo.ts';
import { COMMON } from '../../words/console/common.ts';
import { LOGOS } from '../../words/console/logos.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { Act, Field, path, refresh, Table } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

type Logo = Answer<'GET /v1/label-logos'>['logos'][number];

/** The page of the pictures for labels: what uses each picture, a form to upload one, and a button to remove one. */
export function logoPages(pages: Pages): void {
  pages.page('/label-logos', 'catalog:read', async (page) => ({
    crumbs: [['/labels', page.say(SET_UP, 'labels')]],
    title: page.say(LOGOS, 'logos'),
    body: <List page={page} logos={(await page.call('GET /v1/label-logos')).logos} />,
  }));
  pages.upload(
    '/label-logos',
    'catalog:write',
    async (page, fields, files) => {
      const file = files.get('picture');
      const name = fields.get('name')?.trim() || nameOf(file?.name ?? '');
      const picture = Buffer.from((await file?.arrayBuffer()) ?? new ArrayBuffer(0)).toString('base64');
      await page.call('PUT /v1/label-logos/{name}', { params: { name }, body: { picture } });
      refresh(page);
      return <p>{page.say(COMMON, 'done')}</p>;
    },
    MAX_UPLOAD_BYTES + 8 * 1024,
  );
  pages.act('/label-logos/:name/remove', 'catalog:write', async (page) => {
    await page.call('DELETE /v1/label-logos/{name}', { params: { name: page.param('name') } });
    refresh(page);
    return <p>{page.say(COMMON, 'done')}</p>;
  });
}

/**
 * Returns the name for an uploaded file. The service keeps every picture as a PNG. Characters that a name cannot have
 * become hyphens.
 */
function nameOf(file: string): string {
  const plain = file
    .replace(/\.[^.]*$/, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  return `${plain.slice(0, 60) || 'logo'}.png`;
}

function List({ page, logos }: { page: PageContext; logos: Logo[] }) {
  const { say, who } = page;
  const mayWrite = who.may.has('catalog:write');
  const heads = (['picture', 'name', 'pixels', 'usedBy'] as const).map((head) => say(LOGOS, head));
  return (
    <>
      <h1>{say(LOGOS, 'logos')}</h1>
      <p>{say(LOGOS, 'hint')}</p>
      <Table caption={say(LOGOS, 'logos')} heads={mayWrite ? [...heads, say(LOGOS, 'remove')] : heads}>
        {logos.map((logo) => (
          <tr>
            <td>
              {logo.origin === 'file' ? null : (
                <img class="logo" src={`/v1/label-logos/${encodeURIComponent(logo.name)}`} alt={logo.name} />
              )}
            </td>
            <td>{logo.name}</td>
            <td>{logo.width === undefined ? say(LOGOS, 'file') : `${logo.width} × ${logo.height}`}</td>
            <td class="sentence">{[...logo.products, ...logo.templates].join(', ') || '–'}</td>
            {mayWrite ? (
              <td>
                <Remove page={page} logo={logo} />
              </td>
            ) : null}
          </tr>
        ))}
      </Table>
      {mayWrite ? <Upload page={page} /> : null}
    </>
  );
}

/** The button that removes a picture. Only uploaded pictures that nothing uses have this button. */
function Remove({ page, logo: { name, origin, products, templates } }: { page: PageContext; logo: Logo }) {
  const { say } = page;
  if (origin === 'file' || products.length + templates.length > 0) return null;
  const into = `removed-${name.replace(/[^A-Za-z0-9]+/g, '-')}`;
  return (
    <Act page={page} action={path('label-logos', name, 'remove')} into={into} ask={say(LOGOS, 'askRemove', { name })}>
      <button class="danger" aria-label={`${say(LOGOS, 'remove')}: ${name}`}>
        {say(LOGOS, 'remove')}
      </button>
      <div id={into}></div>
    </Act>
  );
}

function Upload({ page }: { page: PageContext }) {
  const { say } = page;
  return (
    <Act page={page} action="/label-logos" into="uploaded" upload>
      <h2>{say(LOGOS, 'upload')}</h2>
      <Field label={say(LOGOS, 'choose')} name="picture" type="file" hint={say(LOGOS, 'chooseHint')} required />
      <Field label={say(LOGOS, 'name')} name="name" hint={say(LOGOS, 'nameHint')} max={100} />
      <button>{say(LOGOS, 'upload')}</button>
      <div id="uploaded"></div>
    </Act>
  );
}

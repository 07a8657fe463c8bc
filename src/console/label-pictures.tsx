import type { Answer } from '../http/client.ts';
import { isCode } from '../platform/error.ts';
import { LABELS } from '../../words/console/labels.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { Table } from './parts.tsx';
import type { PageContext } from './pages.tsx';

/* The parts of pages that show a revision of a label template: its pictures, its codes and its changes. */

const VALUES = ['shortest', 'typical', 'longest'] as const;

export interface RevisionProps {
  page: PageContext;
  name: string;
  /** The number of the revision, or 0 for a template file in labels/. */
  revision: number;
}

export async function Previews({ page, name, revision }: RevisionProps) {
  const pictures = [];
  for (const values of VALUES)
    pictures.push({ title: page.say(LABELS, values), source: await pictureOf(page, name, revision, values) });
  return <Pictures page={page} pictures={pictures} />;
}

function Pictures({
  page,
  pictures,
}: {
  page: PageContext;
  pictures: { title: string; source: string | undefined }[];
}) {
  return (
    <div class="gallery">
      {pictures.map(({ title, source }) => (
        <section>
          <h3>{title}</h3>
          {source === undefined ? (
            <p class="bad">{page.say(SET_UP, 'doesNotFit')}</p>
          ) : (
            <img class="label" src={source} alt={title} />
          )}
        </section>
      ))}
    </div>
  );
}

/**
 * Returns a picture of the label as a data URL, because markup from templates must not become part of the page. Returns
 * undefined if the label cannot be drawn.
 */
async function pictureOf(
  { file }: PageContext,
  name: string,
  revision: number,
  values: (typeof VALUES)[number],
): Promise<string | undefined> {
  const query = { values, ...(revision === 0 ? {} : { revision }) };
  try {
    const answer = await file('GET /v1/label-templates/{name}/preview.svg', { params: { name }, query });
    return `data:image/svg+xml;base64,${Buffer.from(await answer.arrayBuffer()).toString('base64')}`;
  } catch (error) {
    return unlessUndrawable(error);
  }
}

/** Ignores the error if a label cannot be drawn, because the template's check already shows the reason. */
function unlessUndrawable(error: unknown): undefined {
  const codes = ['label-too-large', 'label-unprintable', 'template-wrong'] as const;
  if (!codes.some((code) => isCode(error, code))) throw error;
}

type Codes = Answer<'GET /v1/label-templates/{name}/codes'>['codes'];

/** The codes that an independent reader finds in the dots of the typical label. */
export async function CodeTable({ page, name, revision }: RevisionProps) {
  const { say } = page;
  const codes: Codes = await page
    .call('GET /v1/label-templates/{name}/codes', { params: { name }, query: { revision } })
    .then((answer) => answer.codes)
    .catch((error: unknown) => unlessUndrawable(error) ?? []);
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

/** Two revisions side by side, and the properties in which they differ. */
export async function Changes({ page, name, from, to }: { page: PageContext; name: string; from: number; to: number }) {
  const { say } = page;
  const { changes } = await page.call('GET /v1/label-templates/{name}/changes', {
    params: { name },
    query: { from, to },
  });
  if (changes.length === 0) return <p class="soft">{say(LABELS, 'none')}</p>;
  const titleOf = (revision: number): string => `${say(LABELS, 'revision')} ${revision}`;
  const pictures = [];
  for (const revision of [from, to])
    pictures.push({ title: titleOf(revision), source: await pictureOf(page, name, revision, 'typical') });
  return (
    <>
      <Pictures page={page} pictures={pictures} />
      <Table
        caption={say(LABELS, 'changes')}
        heads={[say(LABELS, 'box'), say(LABELS, 'property'), titleOf(from), titleOf(to)]}
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

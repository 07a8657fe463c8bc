import { usesTemplate } from '../model/labels/label-set.ts';
import { setImmediate as turn } from 'node:timers/promises';
import { DEFAULT_TEMPLATE, type TemplateCheck } from '../contract/labels.ts';
import { ProductSettings, type Product } from '../model/product.ts';
import { keysOf } from '../platform/own.ts';
import { LABEL_EDITOR } from '../../words/console/label-editor.ts';
import { LOGOS } from '../../words/console/logos.ts';
import { SET_UP } from '../../words/console/set-up.ts';
import { ImportForm } from './label-pages.tsx';
import { WaitingApprovals } from './label-revisions.tsx';
import { path } from './parts.tsx';
import type { Pages, PageContext } from './pages.tsx';

/** The page with the label of each product, and with all label templates. */
export function labelGallery(pages: Pages): void {
  const head = async ({ say }: PageContext) => ({ title: say(SET_UP, 'labels') });
  pages.page(
    '/labels',
    'catalog:read',
    async (page) => {
      const { templates } = await page.call('GET /v1/label-templates');
      const { products } = await page.call('GET /v1/products');
      const checks: TemplateCheck[] = [];
      for (const name of templates) {
        checks.push(await page.call('GET /v1/label-templates/{name}', { params: { name } }));
        // Lets the service answer waiting agents after each template check.
        await turn();
      }
      return { ...(await head(page)), body: <Gallery page={page} checks={checks} products={products} /> };
    },
    { head },
  );
}

async function Gallery({
  page,
  checks,
  products,
}: {
  page: PageContext;
  checks: TemplateCheck[];
  products: Product[];
}) {
  const { say } = page;
  const pictures: (string | undefined)[] = [];
  for (const { name } of checks) {
    pictures.push(await pictureOf(page, name));
    await turn();
  }
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{say(SET_UP, 'labels')}</h1>
          <p class="under">{say(SET_UP, 'galleryHint')}</p>
        </div>
        {page.who.may.has('catalog:write') ? (
          <div class="row">
            <a class="btn" href="/label-logos">
              {say(LOGOS, 'logos')}
            </a>
            <a class="btn btn-primary" href="/labels-new">
              {say(LABEL_EDITOR, 'newLabel')}
            </a>
          </div>
        ) : null}
      </div>
      <WaitingApprovals page={page} />
      <OwnLabels page={page} products={products} />
      <h2>{say(SET_UP, 'allTemplates')}</h2>
      <div class="gallery">
        {checks.map((check, index) => (
          <TemplateCard page={page} check={check} picture={pictures[index]} products={products} />
        ))}
      </div>
      {page.who.may.has('catalog:write') ? <ImportForm page={page} /> : null}
    </>
  );
}

/** The maximum number of products whose labels the page draws. The page of each product has its own preview. */
const MOST_DRAWN = 12;

/** The label of each product, and the template that prints it. */
async function OwnLabels({ page, products }: { page: PageContext; products: Product[] }) {
  const { say } = page;
  if (products.length === 0) return null;
  const shown: { product: Product; picture: string | undefined }[] = [];
  for (const product of products.slice(0, MOST_DRAWN)) {
    const settings = keysOf(ProductSettings.shape).flatMap((name) =>
      product[name] === undefined ? [] : [[name, product[name]]],
    );
    const body = { ...Object.fromEntries(settings), id: product.id };
    shown.push({ product, picture: await previewOf(page, body).catch(() => undefined) });
    await turn();
  }
  return (
    <>
      <h2>{say(SET_UP, 'productLabels')}</h2>
      <div class="gallery">
        {shown.map(({ product: { id, name, label = DEFAULT_TEMPLATE }, picture }) => (
          <section>
            <h3>
              <a href={`/product-settings?id=${encodeURIComponent(id)}`}>{name ?? id}</a>
            </h3>
            {picture === undefined ? null : <img class="label" src={picture} alt={name ?? id} />}
            <p class="soft">
              {say(SET_UP, 'printedWith')} <a href={path('labels', label)}>{label}</a>
            </p>
          </section>
        ))}
      </div>
    </>
  );
}

interface CardProps {
  page: PageContext;
  check: TemplateCheck;
  picture: string | undefined;
  products: Product[];
}

function TemplateCard({ page: { say }, check, picture, products }: CardProps) {
  return (
    <section>
      <h2>
        <a href={path('labels', check.name)}>{check.name}</a>
      </h2>
      {picture === undefined ? null : <img class="label" src={picture} alt={check.name} />}
      {check.width === 0 ? null : (
        <p>{say(SET_UP, 'media', { width: check.width, height: check.height, dpi: check.dpi })}</p>
      )}
      <ul>
        {check.codes.map(({ box, dots, moduleMm = 0, quietModules = 0 }) => (
          <li>
            {box}:{' '}
            {dots === undefined
              ? say(SET_UP, 'doesNotFit')
              : say(SET_UP, 'module', { dots, mm: moduleMm.toFixed(3), quiet: quietModules.toFixed(1) })}
          </li>
        ))}
      </ul>
      {check.problems.length === 0 ? (
        <p class="good">✓ {say(SET_UP, 'noProblems')}</p>
      ) : (
        <ul class="bad" lang="en">
          {check.problems.map((problem) => (
            <li>{problem}</li>
          ))}
        </ul>
      )}
      {check.warnings.length === 0 ? null : (
        <ul class="soft" lang="en">
          {check.warnings.map((warning) => (
            <li>{warning}</li>
          ))}
        </ul>
      )}
      <p class="soft">
        {say(SET_UP, 'usedBy')}: {usersOf(check, products) || '–'}
      </p>
    </section>
  );
}

function usersOf({ name: template, usual }: TemplateCheck, products: Product[]): string {
  return products
    .filter((product) => usesTemplate(product, template) || (usual && product.label === undefined))
    .map(({ id, name }) => name ?? id)
    .join(', ');
}

/**
 * Returns a picture of the label, or undefined if the template cannot be drawn: the page then shows the template's
 * problems instead.
 */
async function pictureOf(page: PageContext, label: string): Promise<string | undefined> {
  const product = { id: 'SAMPLE', name: 'Thermostat', company: 'Company', label };
  return previewOf(page, product).catch(() => undefined);
}

/** Returns the picture as a data URL, because markup from settings must not become part of the page. */
export async function previewOf(
  { file }: PageContext,
  body: { id: string; [setting: string]: unknown },
): Promise<string> {
  const svg = await (await file('POST /v1/label-preview', { body })).arrayBuffer();
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}

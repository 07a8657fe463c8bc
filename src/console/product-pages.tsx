import { useContext, type Child } from 'hono/jsx';
import { ProductSettings, type Product } from '../model/product.ts';
import { mergePatch } from '../model/settings.ts';
import { COMMON } from '../../words/console/common.ts';
import { Act, asked, Duplicate, Field, InFile, path, refuseStale, stampOf, Table } from './parts.tsx';
import { SET_UP } from '../../words/console/set-up.ts';
import { previewOf } from './label-gallery.tsx';
import { changeIn, SettingFields } from './setting-fields.tsx';
import { LabelSetFields, labelSetIn, OutsideWarnings } from './label-set-fields.tsx';
import { PRODUCT_WORDS } from './setting-words.ts';
import { FORM } from './sent-form.ts';
import type { Pages, PageContext } from './pages.tsx';
import { isKey } from '../platform/own.ts';

const SETTINGS = ProductSettings.shape;

/** The pages for products, each with a preview of its label. */
export function productPages(pages: Pages): void {
  const { config } = pages.services;
  pages.page(
    '/products',
    'catalog:read',
    async (page) => ({
      title: page.say(SET_UP, 'products'),
      body: <List page={page} products={await productsOf(page)} />,
    }),
    { auditor: true },
  );
  pages.page('/product-settings', 'catalog:read', async (page) => {
    const { id, from } = asked(page, ['id', 'from']);
    const products = await productsOf(page);
    const product = products.find((one) => one.id === id);
    const copied = products.find((one) => one.id === from);
    const { templates } = await page.call('GET /v1/label-templates');
    const inFile = config.catalog.products.some((one) => one.id === id);
    return {
      title: product?.name ?? id ?? page.say(SET_UP, 'newProduct'),
      crumbs: [['/products', page.say(SET_UP, 'products')]],
      body: (
        <Settings page={page} id={id} {...{ product, copied, templates, inFile }} hasSite={config.site !== undefined} />
      ),
    };
  });
  pages.act('/product-settings', 'catalog:write', async (page, fields) => {
    const id = fields.get('id')?.trim() ?? '';
    refuseStale(
      fields,
      (await productsOf(page)).find((one) => one.id === id),
    );
    const body = { ...changeIn(fields, SETTINGS), labels: labelSetIn(fields) };
    const { warnings } = await page.call('PATCH /v1/products/{id}', { params: { id }, body });
    // The page of the product shows the warnings.
    page.c.header('hx-redirect', warnings === undefined ? '/products' : productPage(id));
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.act('/products/:id/remove', 'catalog:write', async (page) => {
    await page.call('DELETE /v1/products/{id}', { params: { id: page.param('id') } });
    page.c.header('hx-redirect', '/products');
    return <p>{page.say(COMMON, 'done')}</p>;
  });
  pages.act('/product-settings/preview', 'catalog:read', async (page, fields) => {
    const id = fields.get('id')?.trim() || 'SAMPLE';
    const source = await previewOf(page, {
      ...mergePatch({}, { ...changeIn(fields, SETTINGS), labels: labelSetIn(fields) }),
      id,
    });
    return <img class="label" src={source} alt={page.say(SET_UP, 'preview')} />;
  });
}

function productPage(id: string): string {
  return `/product-settings?id=${encodeURIComponent(id)}`;
}

async function productsOf(page: PageContext): Promise<Product[]> {
  return (await page.call('GET /v1/products')).products;
}

function List({ page, products }: { page: PageContext; products: Product[] }) {
  const { say, who, language } = page;
  return (
    <>
      <h1>{say(SET_UP, 'products')}</h1>
      <Table
        caption={say(SET_UP, 'products')}
        heads={[
          PRODUCT_WORDS[language].name,
          say(SET_UP, 'productId'),
          ...(['claimIdLength', 'serialPattern', 'label'] as const).map((head) => PRODUCT_WORDS[language][head]),
        ]}
      >
        {products.map(({ id, name, claimIdLength, serialPattern, label }) => (
          <tr>
            <th scope="row">
              {who.auditor === undefined ? (
                <a class="row" href={productPage(id)}>
                  {name ?? id}
                </a>
              ) : (
                (name ?? id)
              )}
            </th>
            <td>
              <code>{id}</code>
            </td>
            <td>{claimIdLength}</td>
            <td>
              <code>{serialPattern ?? '–'}</code>
            </td>
            <td>{label ?? say(SET_UP, 'usual')}</td>
          </tr>
        ))}
      </Table>
      {products.length === 0 ? <p>{say(SET_UP, 'noProducts')}</p> : null}
      <p>
        {who.may.has('catalog:write') ? (
          <a class="btn btn-primary" href="/product-settings">
            {say(SET_UP, 'newProduct')}
          </a>
        ) : null}{' '}
        {who.auditor === undefined ? <a href="/labels">{say(SET_UP, 'labels')}</a> : null}
      </p>
    </>
  );
}

interface SettingsProps {
  page: PageContext;
  id: string | undefined;
  product: Product | undefined;
  /** The product that is copied to make a new one. */
  copied: Product | undefined;
  templates: string[];
  inFile: boolean;
  /** True if the site has a code. Without it, no S/N pattern can have {site}. */
  hasSite: boolean;
}

function Settings({ page, id, product, copied, templates, inFile, hasSite }: SettingsProps) {
  const { say, who } = page;
  const mayChange = !inFile && who.may.has('catalog:write');
  return (
    <>
      <div class="page-head">
        <h1>{product?.name ?? id ?? say(SET_UP, 'newProduct')}</h1>
        {product !== undefined && who.may.has('catalog:write') ? (
          <Duplicate page={page} address={`/product-settings?from=${encodeURIComponent(product.id)}`} />
        ) : null}
      </div>
      {inFile ? <InFile page={page} /> : null}
      {product === undefined ? null : <OutsideWarnings page={page} of={product} />}
      <div class="sides">
        <Act page={page} action="/product-settings" into="saved">
          <input type="hidden" name="stamp" value={stampOf(product)} />
          <Fields page={page} id={id} {...{ product, copied, templates, hasSite }} />
          {mayChange ? <button class="btn btn-primary">{say(COMMON, 'save')}</button> : null}
          <div id="saved"></div>
        </Act>
        <section class="preview">
          <h2>{say(SET_UP, 'preview')}</h2>
          <div
            id="preview"
            role="status"
            hx-post="/product-settings/preview"
            hx-include="closest .sides"
            hx-trigger="load, input from:closest .sides delay:300ms"
          ></div>
          <p class="soft">{say(SET_UP, 'previewHint')}</p>
        </section>
      </div>
      {product !== undefined && mayChange ? <Remove page={page} product={product} /> : null}
    </>
  );
}

/** Shows why the product cannot be removed, or the form that removes it. */
async function Remove({ page, product }: { page: PageContext; product: Product }) {
  const { say, call } = page;
  const { id, name, used } = product;
  const [{ stations }, { workOrders }] = await Promise.all([call('GET /v1/stations'), call('GET /v1/work-orders')]);
  const users = [
    ...stations.filter((one) => one.product === id || isKey(one.workOrders, id)).map((one) => one.name),
    ...workOrders.filter((one) => one.product === id).map((one) => one.id),
  ];
  return (
    <section>
      <h2>{say(SET_UP, 'removeProduct')}</h2>
      {used ? (
        <p class="soft">{say(SET_UP, 'hasUnits')}</p>
      ) : users.length > 0 ? (
        <p class="soft">{say(SET_UP, 'usedByThese', { names: users.join(', ') })}</p>
      ) : (
        <Act
          page={page}
          action={path('products', id, 'remove')}
          into="removed"
          ask={say(SET_UP, 'askRemoveProduct', { id: name ?? id })}
        >
          <button class="danger">{say(SET_UP, 'removeProduct')}</button>
          <div id="removed"></div>
        </Act>
      )}
    </section>
  );
}

/** A copy leaves out settings that only one product can have: the code, the S/N pattern and the GTIN. */
function copyOf({ say }: PageContext, copied: Product | undefined): object | undefined {
  if (copied === undefined) return undefined;
  const { name, code: _code, serialPattern: _pattern, gtin: _gtin, ...settings } = copied;
  return { ...settings, name: say(SET_UP, 'copyOf', { name: name ?? copied.id }) };
}

/** The settings that each product needs. On the page of a new product, all other settings are folded. */
const { name, company, code, serialPattern, ...OTHERS } = SETTINGS;

function Fields({ page, id, product, copied, templates, hasSite }: Omit<SettingsProps, 'inFile'>) {
  const { say } = page;
  const template = templates.map((one): [string, string] => [one, one]);
  const shown = {
    page,
    words: hasSite ? PRODUCT_WORDS : wordsWithoutSite(page),
    of: product ?? copyOf(page, copied),
    named: { template },
  };
  return (
    <>
      {product === undefined ? (
        <Field
          label={say(SET_UP, 'productId')}
          name="id"
          value={id}
          hint={say(SET_UP, 'productIdHint')}
          required
          max={64}
        />
      ) : (
        <input type="hidden" name="id" value={id} />
      )}
      <SettingFields
        {...shown}
        shape={{ name, company, code, serialPattern }}
        groups={[
          [say(SET_UP, 'group.what'), ['name', 'company']],
          [say(SET_UP, 'group.serial'), ['code', 'serialPattern']],
        ]}
      />
      {hasSite || product !== undefined ? null : (
        <p class="soft">
          {say(SET_UP, 'noSite')} <a href="/set-up">{say(SET_UP, 'toSetUp')}</a>
        </p>
      )}
      <Folded page={page} isOpen={product !== undefined || copied !== undefined}>
        <SettingFields
          {...shown}
          shape={OTHERS}
          groups={[
            [say(SET_UP, 'group.claim'), ['claimIdLength', 'claiming', 'account', 'cloud']],
            [say(SET_UP, 'group.label'), ['label', 'logo', 'qr', 'gtin']],
            [say(SET_UP, 'group.line')],
          ]}
        />
        <LabelSetFields page={page} of={product ?? copied} templates={templates} />
      </Folded>
    </>
  );
}

/** Folded fields, which a person may leave as they are. If one of them has a problem, all of them are shown. */
function Folded({ page, isOpen, children }: { page: PageContext; isOpen: boolean; children: Child }) {
  const { sent } = useContext(FORM);
  const isWrong = sent?.problems.some(({ place = '' }) => isKey(OTHERS, place) || place.startsWith('labels')) ?? false;
  return (
    <details class="group" open={isOpen || isWrong}>
      <summary>{page.say(SET_UP, 'more')}</summary>
      {children}
    </details>
  );
}

/** Returns the words for a service without a site: its default S/N pattern has no {site}. */
function wordsWithoutSite({ language }: PageContext): typeof PRODUCT_WORDS {
  const words: { [word: string]: string } & (typeof PRODUCT_WORDS)[typeof language] = PRODUCT_WORDS[language];
  const help = words['serialPattern.help'] ?? SETTINGS.serialPattern.description ?? '';
  return { ...PRODUCT_WORDS, [language]: { ...words, 'serialPattern.help': help.replace('{site}', '') } };
}

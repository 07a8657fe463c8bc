import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

const template = (size: number) =>
  `{ media: { width: ${size + 2}, height: ${size + 2} }, boxes: [{ name: 'QR', type: 'qr', x: 1, y: 1, w: ${size}, h: ${size} }] }`;

/** A black square of 1 × 1 pixel. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';

const PRODUCT = { id: 'VALVE', name: 'Valve', code: 'VA', serialPattern: '{code}{yy}{ww}U{seq:5}', label: 'mine' };
const CATALOG = {
  products: [PRODUCT],
  templates: [{ name: 'mine', source: template(20) }],
  stations: [{ name: 'line-1', mode: 'slot', sources: ['10.0.8.11'], product: 'VALVE' }],
};

async function pictureOf({ app }: Desk): Promise<ArrayBuffer> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  return (await app.request('/v1/label-logos/acme.png', { headers })).arrayBuffer();
}

interface Applied {
  warnings?: string[];
  changes: { part: string; name: string; settings?: string[] }[];
}

describe('a catalogue of another site', () => {
  let desk: Desk;
  beforeEach(async () => void (desk = await openDesk()));
  const apply = (body: object) => desk.ask<Applied & Problem>('POST', '/v1/catalog', body);
  const product = async (id: string) =>
    (await desk.ask<{ products: { id: string }[] }>('GET', '/v1/products')).body.products.find((one) => one.id === id);

  it('is taken over at once, and a second time nothing changes', async () => {
    const before = await desk.size();
    const first = await apply(CATALOG);
    expect([first.status, first.body.changes]).toEqual([
      200,
      [
        { part: 'template', name: 'mine' },
        { part: 'product', name: 'VALVE' },
        { part: 'station', name: 'line-1' },
      ],
    ]);
    expect(await desk.size()).toBe(before + 3);
    expect(await product('VALVE')).toMatchObject(PRODUCT);
    expect((await apply(CATALOG)).body.changes).toEqual([]);
    expect(await desk.size()).toBe(before + 3);
    audit(desk.data);
  });

  it('may have 300 products, and two of them may exchange their S/N patterns', async () => {
    const named = (n: number, code: string) => ({
      id: `P-${n}`,
      name: `Product ${n}`,
      code,
      serialPattern: '{code}U{seq:5}',
    });
    const products = Array.from({ length: 300 }, (_, n) => named(n, `C${n}`));
    expect((await apply({ products })).body.changes).toHaveLength(300);
    const [first, second] = [named(0, 'C1'), named(1, 'C0')];
    const swapped = await apply({ products: [first, second, ...products.slice(2)] });
    expect([swapped.status, swapped.body.changes]).toEqual([
      200,
      [
        { part: 'product', name: 'P-0', settings: ['code'] },
        { part: 'product', name: 'P-1', settings: ['code'] },
      ],
    ]);
    const size = await desk.size();
    const shared = await apply({ products: [{ ...named(5, 'c6'), name: 'x' }, named(7, 'NEW')] });
    expect([shared.status, shared.body.type]).toEqual([409, expect.stringMatching(/serials-shared$/)]);
    expect(await desk.size()).toBe(size);
    expect((await apply({ products: [...products, named(300, 'X')] })).status).toBe(400);
  });

  it('is only looked at with `check`', async () => {
    const before = await desk.size();
    const { body } = await apply({ ...CATALOG, check: true });
    expect(body.changes).toHaveLength(3);
    expect(await desk.size()).toBe(before);
    expect(await product('VALVE')).toBeUndefined();
  });

  it('says which settings of a known entry change, and leaves entries of this site alone', async () => {
    await desk.ask('PUT', '/v1/products/OWN', { name: 'Own' });
    await apply(CATALOG);
    const { body } = await apply({
      products: [{ ...PRODUCT, name: 'Valve 2', company: 'Acme' }],
      templates: [{ name: 'mine', source: template(22) }],
      stations: [{ name: 'line-1', mode: 'open', sources: ['10.0.8.11'], product: 'VALVE' }],
    });
    expect(body.changes).toEqual([
      { part: 'template', name: 'mine', settings: ['source'] },
      { part: 'product', name: 'VALVE', settings: ['company', 'name'] },
      { part: 'station', name: 'line-1', settings: ['mode'] },
    ]);
    expect(await product('OWN')).toMatchObject({ name: 'Own' });
  });

  it('leaves the pools of each site alone, because two sites must not draw the same number', async () => {
    const [pools, poolAnswers] = [['mac=A4C138000000-A4C1380000FF'], ['mac']];
    const set = await desk.ask('PUT', '/v1/products/OWN', { name: 'Own', pools, poolAnswers });
    expect(set.body).toMatchObject({ pools });
    const theirs = ['mac=A4C138100000-A4C1381000FF'];
    const products = [
      { id: 'OWN', name: 'Theirs', pools: theirs, poolAnswers },
      { id: 'NEW', name: 'New', pools: theirs, poolAnswers },
    ];
    const { status } = await desk.ask('POST', '/v1/catalog', { products });
    expect(status).toBe(200);
    const { body } = await desk.ask<{ products: { id: string }[] }>('GET', '/v1/products');
    const settings = (id: string): object | undefined => body.products.find((one) => one.id === id);
    expect(settings('OWN')).toMatchObject({ name: 'Theirs', pools, poolAnswers });
    expect(settings('NEW')).not.toHaveProperty('pools');
    const again = await desk.ask('POST', '/v1/catalog', { products: [{ id: 'OWN', name: 'Theirs' }] });
    expect(again.body).toEqual({ changes: [] });
  });

  it('keeps what is loaded at a station', async () => {
    await apply(CATALOG);
    await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'VALVE', planned: 10 });
    await desk.ask('PATCH', '/v1/stations/line-1', { workOrders: { VALVE: 'WO-1' } });
    await apply({ stations: [{ ...CATALOG.stations[0], next: 'auto' }] });
    expect((await desk.ask('GET', '/v1/stations/line-1')).body).toMatchObject({
      next: 'auto',
      workOrders: { VALVE: 'WO-1' },
    });
  });

  it('may exchange the addresses of two stations', async () => {
    const stations = (a: string, b: string) => ({
      stations: [
        { name: 'a', sources: [a] },
        { name: 'b', sources: [b] },
      ],
    });
    await apply(stations('10.0.8.1', '10.0.8.2'));
    expect((await apply(stations('10.0.8.2', '10.0.8.1'))).body.changes.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('brings the pictures that its templates and products name', async () => {
    const other = await openDesk();
    const uploaded = await other.ask('PUT', '/v1/label-logos/acme.png', { picture: PICTURE });
    expect(uploaded.status).toBe(200);
    const file = Buffer.from(await pictureOf(other));
    const pictures = [{ name: 'acme.png', png: file.toString('base64') }];
    const products = [{ ...PRODUCT, logo: 'acme.png' }];
    const boxes = `{ type: 'qr', x: 1, y: 1, w: 20, h: 20 }, { type: 'image', x: 25, y: 1, w: 4, h: 4, file: 'acme.png' }`;
    const templates = [{ name: 'mine', source: `{ media: { width: 30, height: 22 }, boxes: [${boxes}] }` }];
    expect((await apply({ products, templates })).status).toBe(422);
    const before = await desk.size();
    expect((await apply({ products, templates, pictures, check: true })).body.changes).toHaveLength(3);
    expect(await desk.size()).toBe(before);
    const { status, body } = await apply({ products, templates, pictures });
    expect([status, body.changes?.[0]]).toEqual([200, { part: 'picture', name: 'acme.png' }]);
    const here = Buffer.from(await pictureOf(desk));
    expect(here.equals(file)).toBe(true);
    expect((await apply({ products, templates, pictures })).body.changes).toEqual([]);
  });

  it.each([
    ['text', Buffer.from('no picture').toString('base64'), 'claimstamp.png'],
    ['a name of a file in labels/logos', PICTURE, 'claimstamp.svg'],
  ])('refuses a picture: %s', async (_, png, name) => {
    const before = await desk.size();
    const { status } = await apply({ ...CATALOG, pictures: [{ name, png }] });
    expect(status).toBeGreaterThanOrEqual(409);
    expect(await desk.size()).toBe(before);
  });

  it('is warned of labels that show a secret outside of the box, and so is the configuration file', async () => {
    const own = { name: 'own', source: template(20) };
    const labels = { crate: { template: 'own', secret: true } };
    const { body } = await apply({ products: [{ ...PRODUCT, label: 'own', labels }], templates: [own], check: true });
    const warning = expect.stringContaining('the label "crate" is on the device or inside its box');
    expect(body.warnings).toEqual([warning]);
    const file = join(tempFolder(), 'claimstamp.json5');
    const crate = { crate: { template: 'device-50x25', secret: true, release: false } };
    writeFileSync(file, JSON.stringify({ catalog: { products: [{ id: 'P', labels: crate }] } }));
    expect((await openDesk({ CLAIMSTAMP_CONFIG: file })).log()).toContain('the label \\"crate\\" is on the device');
  });

  it('does not change what the configuration file defines', async () => {
    const file = join(tempFolder(), 'claimstamp.json5');
    writeFileSync(file, `{ catalog: { stations: [{ name: 'fixed', mode: 'slot' }] } }`);
    const fixed = await openDesk({ CLAIMSTAMP_CONFIG: file });
    const same = await fixed.ask<Applied>('POST', '/v1/catalog', { stations: [{ name: 'fixed', mode: 'slot' }] });
    expect([same.status, same.body.changes]).toEqual([200, []]);
    const other = await fixed.ask<Problem>('POST', '/v1/catalog', { stations: [{ name: 'fixed', mode: 'open' }] });
    expect([other.status, other.body.type]).toEqual([409, 'urn:claimstamp:problem:read-only']);
  });
});

describe('a catalogue', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
    await desk.ask('PUT', '/v1/products/OLD', { name: 'Old', code: 'OL', serialPattern: PRODUCT.serialPattern });
  });

  it.each([
    ['an S/N pattern of another product', { products: [{ ...PRODUCT, id: 'TWO', code: 'OL' }] }, 'serials-shared'],
    ['a printer that is missing', { stations: [{ name: 'line-9', printer: 'zebra-9' }] }, 'not-found'],
    ['a template that is missing', { products: [{ ...PRODUCT, label: 'nothing' }] }, 'template-wrong'],
    ['a logo that is missing', { products: [{ ...PRODUCT, logo: 'nothing.png' }] }, 'template-wrong'],
    ['a template that cannot be read', { templates: [{ name: 'mine', source: '{' }] }, 'template-wrong'],
    [
      'a template whose font is missing',
      { templates: [{ name: 'mine', source: template(20), needs: [{ file: 'fonts/No.ttf', sha256: 'a' }] }] },
      'template-wrong',
    ],
    ['a template that is a file', { templates: [{ name: 'device-62x40', source: template(20) }] }, 'template-file'],
    [
      'a template twice',
      {
        templates: [
          { name: 'mine', source: template(20) },
          { name: 'mine', source: template(21) },
        ],
      },
      'invalid',
    ],
    ['a product twice', { products: [PRODUCT, PRODUCT] }, 'invalid'],
    ['a setting of a later version', { products: [{ ...PRODUCT, tomorrow: 1 }] }, 'invalid'],
    [
      'an S/N pattern with {site} and no site',
      { products: [{ ...PRODUCT, serialPattern: '{site}U{seq:9}' }] },
      'site-missing',
    ],
  ])('with %s is refused as a whole', async (_what, wrong, code) => {
    const before = await desk.size();
    const good = { name: 'good', source: template(24) };
    const { status, body } = await desk.ask<Problem>('POST', '/v1/catalog', {
      ...wrong,
      templates: [good, ...('templates' in wrong ? wrong.templates : [])],
    });
    expect([status >= 400, body.type]).toEqual([true, `urn:claimstamp:problem:${code}`]);
    expect(await desk.size()).toBe(before);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, run, startService, tempFolder, type Output, type Service } from '../support/service.ts';

const TEMPLATE = `{ media: { width: 22, height: 22 }, boxes: [{ name: 'QR', type: 'qr', x: 1, y: 1, w: 20, h: 20 }] }`;

/** A black square of 1 × 1 pixel. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';

describe('the catalogue from the command line', () => {
  let one: Service;
  let two: Service;
  let files: string;
  beforeAll(async () => {
    files = tempFolder();
    [one, two] = await Promise.all([startService(tempFolder()), startService(tempFolder())]);
    await api(one, 'PUT', '/v1/label-logos/acme.png', { picture: PICTURE });
    await api(one, 'PUT', '/v1/label-templates/mine', { source: TEMPLATE, revision: 0 });
    await api(one, 'PUT', '/v1/products/VALVE', { name: 'Valve', label: 'mine', serialPattern: 'VA{yy}{ww}U{seq:5}' });
    await api(one, 'PUT', '/v1/stations/line-1', { mode: 'slot', product: 'VALVE', sources: ['10.0.8.11'] });
    await api(one, 'POST', '/v1/stations/line-1/key', {});
  });
  afterAll(() => Promise.all([one.end('SIGTERM'), two.end('SIGTERM')]));
  const catalog = ({ data }: Service, ...args: string[]): Promise<Output> =>
    run('claimstamp', ['catalog', ...args], data);
  const written = (name: string, text: string): string => {
    writeFileSync(join(files, name), text);
    return join(files, name);
  };

  it('goes from one site to another, without secrets, and then nothing differs', async () => {
    const file = join(files, 'catalog.json');
    expect((await catalog(one, 'export', '--out', file)).code).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      format: 'claimstamp-catalog-1',
      products: [{ id: 'VALVE', name: 'Valve' }],
      templates: [{ name: 'mine', source: TEMPLATE }],
      reasons: { scrap: expect.arrayContaining(['test-failed']) },
    });
    expect(text).not.toMatch(/key|slot":|armed|workOrders/);

    const differs = await catalog(two, 'diff', file);
    expect([differs.code, differs.stdout]).toEqual([
      1,
      '+ product VALVE: only in the file\n+ template mine: only in the file\n+ picture acme.png: only in the file\n+ station line-1: only in the file\n',
    ]);
    const checked = await catalog(two, 'apply', file, '--check');
    expect([checked.code, checked.stdout]).toEqual([
      1,
      'add picture acme.png\nadd template mine\nadd product VALVE\nadd station line-1\n',
    ]);
    expect((await catalog(two, 'diff', file)).code).toBe(1);
    const applied = await catalog(two, 'apply', file);
    expect([applied.code, applied.stdout]).toEqual([0, checked.stdout]);
    const again = await catalog(two, 'apply', file);
    expect([again.code, again.stdout]).toEqual([0, 'nothing to change\n']);
    const same = await catalog(two, 'diff', file);
    expect([same.code, same.stdout]).toEqual([0, 'no differences\n']);
    const piped = (await catalog(two, 'export')).stdout;
    expect(JSON.parse(piped)).toEqual(JSON.parse(text));
  });

  it('shows each setting that differs, and what only the service has', async () => {
    const exported = JSON.parse((await catalog(one, 'export')).stdout) as {
      products: object[];
      reasons: { void: string[] };
    };
    const [valve] = exported.products;
    const changed = { ...exported, products: [{ ...valve, name: 'Valve 2' }], stations: [] };
    changed.reasons = { ...changed.reasons, void: ['other'] };
    const { code, stdout } = await catalog(one, 'diff', written('changed.json', JSON.stringify(changed)));
    expect(code).toBe(1);
    expect(stdout).toContain('~ product VALVE\n    name: service "Valve", file "Valve 2"\n');
    expect(stdout).toContain('- station line-1: only in the service\n');
    expect(stdout).toMatch(/~ reasons void and scrap\n {4}void: service \["label-damaged",.*, file \["other"\]/);
  });

  it('compares and changes only the parts that the file has', async () => {
    const { stdout } = await catalog(one, 'export', '--only', 'products');
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(['format', 'products']);
    expect((await catalog(one, 'diff', written('products.json', stdout))).stdout).toBe('no differences\n');
  });

  it.each([
    ['no JSON', 'products', 'is not JSON'],
    ['another file', '{"products":[]}', 'is not a file from `claimstamp catalog export`'],
    ['a later format', '{"format":"claimstamp-catalog-2"}', 'is not a file from `claimstamp catalog export`'],
    [
      'an entry twice',
      '{"format":"claimstamp-catalog-1","stations":[{"name":"a"},{"name":"a"}]}',
      'has a twice: remove one',
    ],
    ['an unknown setting', '{"format":"claimstamp-catalog-1","stations":[{"name":"a","colour":"red"}]}', 'colour'],
  ])('refuses %s, and names the file', async (_what, text, sentence) => {
    const { code, stderr } = await catalog(two, 'apply', written('wrong.json', text));
    expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)]);
    expect(stderr).toContain('wrong.json');
  });

  it('may have more products than one transaction can change', async () => {
    const serialPattern = '{code}U{seq:5}';
    const products = Array.from({ length: 301 }, (_, n) => ({
      id: `P-${n}`,
      name: 'Many',
      code: `C${n}`,
      serialPattern,
    }));
    const file = written('large.json', JSON.stringify({ format: 'claimstamp-catalog-1', products }));
    const differs = await catalog(one, 'diff', file);
    expect([differs.code, differs.stdout]).toEqual([1, expect.stringContaining('+ product P-300: only in the file')]);
    const refused = await catalog(one, 'apply', file);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('apply it with --in-parts')]);
    expect((await catalog(one, 'diff', file)).stdout).toBe(differs.stdout);
    const checked = await catalog(one, 'apply', file, '--check', '--in-parts');
    expect([checked.code, checked.stdout]).toEqual([1, expect.stringContaining('add product P-300\n')]);
    const applied = await catalog(one, 'apply', file, '--in-parts');
    expect([applied.code, applied.stdout.match(/^add product/gm)?.length]).toEqual([0, 301]);
    expect((await catalog(one, 'apply', file)).stdout).toBe('nothing to change\n');

    // What this site exports now, another site can apply.
    const exported = join(files, 'large-exported.json');
    await catalog(one, 'export', '--only', 'products', '--out', exported);
    await catalog(two, 'apply', exported, '--in-parts');
    expect((await catalog(two, 'diff', exported)).stdout).toBe('no differences\n');
  });

  it('does not write over a file', async () => {
    const file = written('there.json', '');
    const { code, stderr } = await catalog(one, 'export', '--out', file);
    expect([code, stderr]).toEqual([1, expect.stringContaining('exists: name a new file')]);
  });

  it('takes label sets along, with the printers of each role', async () => {
    const labels = {
      device: { copies: 2 },
      box: { template: 'crate', copies: 3, required: false, release: true },
      card: { template: 'insert', secret: true },
    };
    const marked = `{ type: 'datamatrix', x: 1, y: 1, w: 20, h: 20, text: '{serial} {role}' }`;
    const sources = {
      crate: `{ role: 'box', media: { width: 22, height: 22 }, boxes: [${marked}] }`,
      insert: TEMPLATE.replace('{', "{ role: 'card',").replace('22, height', '26, height'),
    };
    for (const [name, source] of Object.entries(sources))
      await api(one, 'PUT', `/v1/label-templates/${name}`, { source, revision: 0 });
    for (const service of [one, two])
      for (const name of ['small', 'large'])
        await api(service, 'PUT', `/v1/printers/${name}`, { kind: 'raw9100', host: '127.0.0.1', port: 9 });
    const set = { name: 'Pump', label: 'mine', serialPattern: 'PU{yy}{ww}U{seq:5}', labels };
    await api(one, 'PUT', '/v1/products/PUMP', set);
    await api(one, 'PUT', '/v1/stations/pumps', { mode: 'slot', printer: 'small', printers: { box: 'large' } });
    const file = join(files, 'set.json');
    await catalog(one, 'export', '--out', file);
    expect((await catalog(two, 'apply', file)).stdout).toBe(
      'add template crate\nadd template insert\nadd product PUMP\nadd station pumps\n',
    );
    expect((await catalog(two, 'diff', file)).stdout).toBe('no differences\n');
    expect((await api<{ printers?: object }>(two, 'GET', '/v1/stations/pumps')).body.printers).toEqual({
      box: 'large',
    });
    const labelsAt = async (service: Service) =>
      (await api<{ products: { id: string; labels?: object }[] }>(service, 'GET', '/v1/products')).body.products.find(
        ({ id }) => id === 'PUMP',
      )?.labels;
    expect(await labelsAt(two)).toEqual(labels);

    // A role that the file lacks goes, and each of its settings is taken over.
    const { card: _card, ...fewer } = labels;
    await api(one, 'PUT', '/v1/products/PUMP', { ...set, labels: { ...fewer, box: { ...fewer.box, copies: 1 } } });
    await api(one, 'PUT', '/v1/stations/pumps', { mode: 'slot', printer: 'small', printers: { box: 'small' } });
    const changed = join(files, 'fewer.json');
    await catalog(one, 'export', '--out', changed);
    expect((await catalog(two, 'diff', changed)).stdout).toContain('labels: service {');
    expect((await catalog(two, 'apply', changed)).stdout).toBe(
      'change product PUMP: labels\nchange station pumps: printers\n',
    );
    expect(await labelsAt(two)).toEqual(await labelsAt(one));
    expect((await catalog(two, 'diff', changed)).stdout).toBe('no differences\n');
  });
});

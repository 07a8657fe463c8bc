import { beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

/* Label templates that people save: revisions in the ledger. */

const PRODUCT = 'DEMO';
const template = (size: number, name = 'QR') =>
  `{ media: { width: ${size + 2}, height: ${size + 2} }, boxes: [{ name: '${name}', type: 'qr', x: 1, y: 1, w: ${size}, h: ${size} }] }`;

interface Saved {
  revision: number;
  hash: string;
  check: { problems: string[]; width: number };
}
interface Source {
  origin: string;
  revision: number;
  source: string;
  needs: object[];
}

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk({}, tempFolder());
});

const save = (source: string, revision: number, name = 'mine', more: object = {}) =>
  desk.ask<Saved & Problem>('PUT', `/v1/label-templates/${name}`, { source, revision, ...more });
const get = async <T>(path: string): Promise<T> => (await desk.ask<T>('GET', `/v1/label-templates${path}`)).body;
const file = (path: string, init: RequestInit = {}) =>
  desk.app.request(path, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` }, ...init });
const saved = async (source: string, revision: number): Promise<void> =>
  expect((await save(source, revision)).status).toBe(200);

it('is saved, listed, checked and used by products', async () => {
  const { status, body } = await save(template(18), 0);
  expect([status, body.revision, body.check.width, body.check.problems]).toEqual([200, 1, 20, []]);
  expect(await get('')).toMatchObject({
    templates: expect.arrayContaining(['mine', 'device-62x40']),
    saved: [{ name: 'mine', revision: 1, hash: body.hash, by: expect.any(String), at: expect.any(String) }],
  });
  expect(await get('/mine')).toMatchObject({ name: 'mine', width: 20, prints: ['qr'], secret: true });
  await desk.agent({ product: PRODUCT, mac: 'A4:C1:38:AA:03:01' });
  expect((await desk.ask('PATCH', `/v1/products/${PRODUCT}`, { label: 'mine' })).status).toBe(200);
  const { units } = (await desk.ask<{ units: { uci: string }[] }>('GET', '/v1/units')).body;
  const label = await file(`/v1/units/${units[0]?.uci}/label.svg`);
  expect(await label.text()).toContain('width="20mm"');
  await saved(template(28), 1);
  const next = await file(`/v1/units/${units[0]?.uci}/label.svg`);
  expect(await next.text()).toContain('width="30mm"');
  const order = JSON.stringify({ units: units.map(({ uci }) => uci), format: 'zpl' });
  const many = await file('/v1/labels', { method: 'POST', body: order });
  // 30 mm at 203 dpi.
  expect(await many.text()).toContain('^PW240^LL240');
});

describe('revisions', () => {
  it('are listed newest first with what changed between two of them', async () => {
    await saved(template(18), 0);
    await saved(template(20), 1);
    expect((await save(template(20, 'Code'), 2, 'mine', { note: 'renamed' })).status).toBe(200);
    const { revisions } = await get<{ revisions: { revision: number; note?: string }[] }>('/mine/revisions');
    expect(revisions.map(({ revision, note }) => [revision, note])).toEqual([
      [3, 'renamed'],
      [2, undefined],
      [1, undefined],
    ]);
    const page = await get<{ revisions: unknown[]; next: number }>('/mine/revisions?limit=2');
    expect([page.revisions.length, page.next]).toEqual([2, 2]);
    expect(await get('/mine/changes?from=1&to=2')).toEqual({
      changes: [
        { property: 'width', before: '20', after: '22' },
        { property: 'height', before: '20', after: '22' },
        { box: 'QR', property: 'w', before: '18', after: '20' },
        { box: 'QR', property: 'h', before: '18', after: '20' },
      ],
    });
    const { changes } = await get<{ changes: { box?: string; before?: string; after?: string }[] }>(
      '/mine/changes?from=2&to=3',
    );
    expect(changes[0]).toEqual({ box: 'QR', property: 'type', before: 'qr' });
    expect(changes.at(-1)).toEqual({ box: 'Code', property: 'h', after: '20' });
    expect(await get<Source>('/mine/source?revision=1')).toMatchObject({
      origin: 'ledger',
      revision: 1,
      source: template(18),
    });
  });

  it('are not overwritten by the second of two people', async () => {
    await saved(template(18), 0);
    const [one, other] = await Promise.all([save(template(19), 1), save(template(20), 1)]);
    expect(new Set([one.status, other.status])).toEqual(new Set([200, 409]));
    const refused = one.status === 409 ? one : other;
    expect(refused.body.type).toBe('urn:claimstamp:problem:template-changed');
    expect(refused.body.detail).toContain('at revision 2, but your change is based on revision 1');
  });

  it('are drawn with the shortest, typical and longest values', async () => {
    await saved(template(18), 0);
    await saved(template(28), 1);
    const preview = async (query: string): Promise<string> =>
      (await file(`/v1/label-templates/mine/preview.svg${query}`)).text();
    for (const values of ['shortest', 'typical', 'longest'])
      expect(await preview(`?values=${values}`)).toContain('width="30mm"');
    expect(await preview('?revision=1')).toContain('width="20mm"');
    expect((await file('/v1/label-templates/mine/preview.svg?revision=9')).status).toBe(404);
  });
});

it('is removed while no product uses it', async () => {
  await saved(template(18), 0);
  const remove = (name = 'mine') => desk.ask<Problem>('DELETE', `/v1/label-templates/${name}`);
  await desk.ask('PUT', `/v1/products/${PRODUCT}`, { label: 'mine' });
  const refused = await remove();
  expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining(PRODUCT)]);
  await desk.ask('PUT', `/v1/products/${PRODUCT}`, {});
  expect((await remove()).status).toBe(200);
  expect((await get<{ templates: string[] }>('')).templates).not.toContain('mine');
  expect((await desk.ask('PUT', `/v1/products/${PRODUCT}`, { label: 'mine' })).status).toBe(422);
  expect((await get<{ revisions: object[] }>('/mine/revisions')).revisions).toHaveLength(1);
  expect((await remove()).status).toBe(404);
  expect((await remove('tiny-20x20')).status).toBe(409);
});

it('the audit says who saved a revision, without its source', async () => {
  await saved(template(18), 0);
  const { entries } = (await desk.ask<{ entries: { type: string; details: object }[] }>('GET', '/v1/audit')).body;
  expect(entries.find(({ type }) => type === 'template-saved')?.details).toEqual({
    name: 'mine',
    revision: 1,
    hash: expect.any(String),
  });
});

it('a file in labels/ is shown, and saved only under another name', async () => {
  const { origin, revision, source } = await get<Source>('/device-62x40/source');
  expect([origin, revision]).toEqual(['file', 0]);
  const refused = await save(source, 0, 'device-62x40');
  expect([refused.status, refused.body.type]).toEqual([409, 'urn:claimstamp:problem:template-file']);
  expect((await save(source, 0, 'my-device')).body.revision).toBe(1);
  expect((await get<{ revisions: unknown[] }>('/device-62x40/revisions')).revisions).toEqual([]);
});

it('a template that cannot be read, or that fails on the labels of a product, is not saved', async () => {
  expect((await save('{ media: ', 0)).body.type).toBe('urn:claimstamp:problem:template-wrong');
  const wrong = template(18).replace('w: 18', 'w: 1');
  const draft = await save(wrong, 0);
  expect([draft.status, draft.body.check.problems.length]).toEqual([200, 1]);
  await saved(template(18), 1);
  await desk.agent({ product: PRODUCT, mac: 'A4:C1:38:AA:03:01' });
  expect((await desk.ask('PATCH', `/v1/products/${PRODUCT}`, { label: 'mine' })).status).toBe(200);
  const refused = await save(wrong, 2);
  expect([refused.status, refused.body.type]).toEqual([422, 'urn:claimstamp:problem:template-wrong']);
  expect(refused.body.detail).toContain('template mine: box "QR": "w"');
});

it('an export names the files that it needs, and is taken only where they are the same', async () => {
  const image = `{ media: { width: 20, height: 20 }, boxes: [{ type: 'image', x: 1, y: 1, w: 18, h: 18, file: 'claimstamp.svg' }] }`;
  await saved(image, 0);
  const { needs, source } = await get<Source>('/mine/source');
  expect(needs).toEqual([{ file: 'logos/claimstamp.svg', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  expect((await save(source, 0, 'copy', { needs })).status).toBe(200);
  const other = [{ file: 'logos/claimstamp.svg', sha256: '0'.repeat(64) }];
  const refused = await save(source, 0, 'copy-2', { needs: other });
  expect([refused.status, refused.body.detail]).toEqual([422, expect.stringContaining('logos/claimstamp.svg')]);
});

it.each(['/v1/label-templates/nothing/source', '/v1/label-templates/nothing/revisions'])(
  '%s is not found',
  async (path) => {
    expect((await desk.ask('GET', path)).status).toBe(404);
  },
);

import { beforeEach, describe, expect, it } from 'vitest';
import { invited, type Browser } from '../support/form-client.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

/* Approval of label templates, through the API and the console. */

const source = (size: number): string =>
  `{ media: { width: ${size + 2}, height: 20 }, boxes: [{ name: 'QR', type: 'qr', x: 1, y: 1, w: 18, h: 18 }] }`;

let desk: Desk;
let ines: Browser;
let quinn: Browser;
const save = (revision: number): Promise<unknown> =>
  ines.send('/labels/mine', { source: source(18 + revision), revision: String(revision - 1) }, HTMX);
const HTMX = { 'hx-request': 'true' };
const approve = (browser: Browser, revision: number) =>
  browser.send('/labels/mine/approve', { revision: String(revision), note: 'checked' }, HTMX);
const widthOf = async (path: string): Promise<number> => {
  const answer = await desk.app.request(path, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  return Number(/width="([\d.]+)mm"/.exec(await answer.text())?.[1]);
};
const setProduct = (more: object) => desk.ask<Problem>('PUT', '/v1/products/DEMO', { label: 'mine', ...more });

beforeEach(async () => {
  desk = await openDesk({}, tempFolder());
  ines = await invited(desk, 'ines', 'admin');
  quinn = await invited(desk, 'quinn', 'qa');
  await desk.ask('PUT', '/v1/label-templates/mine', { source: source(19), revision: 0 });
});

it('a product prints the approved revision while the next one is edited', async () => {
  expect((await setProduct({ approval: true })).body.type).toMatch(/approval-needed/);
  expect((await approve(quinn, 1)).status).toBe(200);
  expect((await setProduct({ approval: true })).status).toBe(200);
  const { id } = (await desk.agent({ product: 'DEMO' })).body;
  await save(2);
  expect(await widthOf(`/v1/units/${id}/label.svg`)).toBe(21);
  expect(await widthOf('/v1/label-templates/mine/preview.svg')).toBe(22);
  expect((await approve(ines, 2)).text).toContain('a second person must approve');
  expect((await approve(quinn, 2)).status).toBe(200);
  expect(await widthOf(`/v1/units/${id}/label.svg`)).toBe(22);
  const revoked = await quinn.send('/labels/mine/revoke', { revision: '2', reason: 'wrong logo' }, HTMX);
  expect(revoked.status).toBe(200);
  expect(await widthOf(`/v1/units/${id}/label.svg`)).toBe(21);
  const last = await quinn.send('/labels/mine/revoke', { revision: '1', reason: 'wrong logo' }, HTMX);
  expect([last.status, last.text]).toEqual([409, expect.stringContaining('is the only approved revision')]);
  const other = await desk.app.request(`/v1/units/${id}/label.svg?template=device-62x40`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  expect(other.status).toBe(409);
});

describe('the page of an approval', () => {
  it('shows three pictures and what a reader found in the codes', async () => {
    const page = await quinn.get('/labels/mine/approve?revision=1');
    expect(page.text.match(/data:image\/svg\+xml/g)).toHaveLength(3);
    expect(page.text).toContain('✓ as it should be');
    expect(page.text).toContain('Approve revision 1');
  });

  it('is for those who may approve', async () => {
    const lee = await invited(desk, 'lee', 'lead');
    expect((await lee.get('/labels/mine/approve?revision=1')).status).toBe(403);
    expect((await lee.get('/labels/mine')).text).not.toContain('Approve …');
    expect((await quinn.get('/labels/mine')).text).toContain('Approve …');
  });

  it('says which products print which revision', async () => {
    await approve(quinn, 1);
    await setProduct({ approval: true, name: 'Thermostat' });
    expect((await quinn.get('/labels/mine')).text).toContain('Thermostat. They print revision 1.');
    expect((await quinn.get('/labels/mine')).text).toContain('approved by quinn');
  });
});

it('the admin token names nobody, so it cannot approve', async () => {
  const { status, body } = await desk.ask<Problem>('POST', '/v1/label-templates/mine/approve', { revision: 1 });
  expect([status, body.detail]).toEqual([409, expect.stringContaining('names a person')]);
});

it('a revision with problems is saved for a product with approval, and cannot be approved', async () => {
  await approve(quinn, 1);
  await setProduct({ approval: true });
  const wrong = `{ media: { width: 20, height: 20 }, boxes: [{ type: 'code128', x: 1, y: 1, w: 18, h: 18, text: '{serial}' }] }`;
  const saved = await desk.ask<{ revision: number }>('PUT', '/v1/label-templates/mine', { source: wrong, revision: 1 });
  expect(saved).toMatchObject({ status: 200, body: { revision: 2 } });
  expect((await approve(quinn, 2)).status).toBe(422);
});

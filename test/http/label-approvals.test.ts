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

describe('the page of a revision', () => {
  const revisionPage = (browser: Browser, revision: number) =>
    browser.get(`/labels/mine/revision?revision=${revision}`);

  it('shows three pictures, what a reader found in the codes, and what changed since the approved one', async () => {
    await approve(quinn, 1);
    await save(2);
    const page = await revisionPage(quinn, 2);
    expect(page.text.match(/data:image\/svg\+xml/g)).toHaveLength(5);
    expect(page.text).toContain('✓ as it should be');
    expect(page.text).toContain('What changed since revision 1');
    expect(page.text).toContain('Approve revision 2');
    expect((await revisionPage(quinn, 1)).text).toContain('Revoke');
    expect((await revisionPage(quinn, 7)).status).toBe(404);
  });

  it('has the forms that the person may send', async () => {
    const lee = await invited(desk, 'lee', 'lead');
    expect((await revisionPage(lee, 1)).text).not.toMatch(/Approve revision|Ask for approval|Stop labels/);
    expect((await revisionPage(quinn, 1)).text).not.toContain('Ask for approval');
    await setProduct({});
    expect((await revisionPage(ines, 1)).text).toMatch(/Ask for approval[^]*Stop labels/);
  });

  it('says which products print which revision, and stops their labels', async () => {
    await approve(quinn, 1);
    await setProduct({ approval: true, name: 'Thermostat' });
    await save(2);
    expect((await revisionPage(quinn, 2)).text).toMatch(/Thermostat[^]*prints revision 1/);
    expect((await quinn.get('/labels/mine')).text).toContain('approved by quinn');
    const stopped = await ines.send('/labels/mine/stop', { product: 'DEMO', stop: 'yes' }, HTMX);
    expect([stopped.status, stopped.headers.get('hx-trigger')]).toEqual([200, 'revisions-changed']);
    expect((await revisionPage(quinn, 2)).text).toContain('labels stopped');
    const { id } = (await desk.agent({ product: 'DEMO' })).body;
    expect((await desk.ask('POST', `/v1/units/${id}/print`, { printer: 'P' })).status).not.toBe(200);
    await ines.send('/labels/mine/stop', { product: 'DEMO', stop: 'no' }, HTMX);
    expect((await revisionPage(quinn, 2)).text).not.toContain('labels stopped');
  });
});

describe('a person asks for an approval', () => {
  const ask = (revision: number) => ines.send('/labels/mine/ask', { revision: String(revision), note: 'QR' }, HTMX);

  it('and people who may approve see it until the revision or a later one is approved', async () => {
    await save(2);
    expect((await ask(2)).status).toBe(200);
    expect((await ask(2)).status).toBe(200);
    expect((await quinn.get('/labels')).text).toMatch(/mine: Revision 2[^]*ines asked for approval/);
    expect((await quinn.get('/labels/mine')).text).toContain('waits for approval');
    await save(3);
    await approve(quinn, 3);
    expect((await quinn.get('/labels')).text).not.toContain('asked for approval');
    expect((await quinn.get('/labels/mine')).text).not.toContain('waits for approval');
  });

  it('of a revision without problems', async () => {
    await ines.send('/labels/mine', { source: source(19).replace('w: 18', 'w: 5'), revision: '1' }, HTMX);
    const refused = await ask(2);
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('template mine')]);
    expect((await ask(7)).status).toBe(404);
  });

  it('while saving', async () => {
    const saved = await ines.send('/labels/mine', { source: source(20), revision: '1', ask: 'yes' }, HTMX);
    expect(saved.text).toContain('It waits for approval');
    expect((await quinn.get('/labels')).text).toContain('mine: Revision 2');
  });
});

it('the admin token names nobody, so it cannot approve', async () => {
  const { status, body } = await desk.ask<Problem>('POST', '/v1/label-templates/mine/approve', { revision: 1 });
  expect([status, body.detail]).toEqual([409, expect.stringContaining('must name a person')]);
});

it('a revision with problems is saved for a product with approval, and cannot be approved', async () => {
  await approve(quinn, 1);
  await setProduct({ approval: true });
  const wrong = `{ media: { width: 20, height: 20 }, boxes: [{ type: 'code128', x: 1, y: 1, w: 18, h: 18, text: '{serial}' }] }`;
  const saved = await desk.ask<{ revision: number }>('PUT', '/v1/label-templates/mine', { source: wrong, revision: 1 });
  expect(saved).toMatchObject({ status: 200, body: { revision: 2 } });
  expect((await approve(quinn, 2)).status).toBe(422);
});

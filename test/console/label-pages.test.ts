import { beforeEach, describe, expect, it } from 'vitest';
import { invited, type Browser } from '../support/form-client.ts';
import { openDesk, tempFolder, type Desk } from '../support/service.ts';

/* The pages for label templates, as a browser without scripts sees them. */

const template = (size: number) =>
  `{\n  media: { width: ${size + 2}, height: ${size + 2} },\n  boxes: [{ name: 'QR', type: 'qr', x: 1, y: 1, w: ${size}, h: ${size} }],\n}\n`;

let desk: Desk;
let admin: Browser;
beforeEach(async () => {
  desk = await openDesk({}, tempFolder());
  admin = await invited(desk, 'ines', 'admin');
});

/** Sends a form as htmx does. */
const send = (path: string, fields: Record<string, string>) => admin.send(path, fields, { 'hx-request': 'true' });
const revisionsOf = async (name: string): Promise<number[]> =>
  (
    await desk.ask<{ revisions: { revision: number }[] }>('GET', `/v1/label-templates/${name}/revisions`)
  ).body.revisions.map(({ revision }) => revision);
const sourceOf = async (name: string): Promise<string> =>
  (await desk.ask<{ source: string }>('GET', `/v1/label-templates/${name}/source`)).body.source;

it('a file is duplicated, changed and compared, without a file', async () => {
  const file = await admin.get('/labels/tiny-20x20');
  expect(file.text).toContain('It cannot be changed here');
  expect(file.text).not.toContain('<textarea name="source"');
  const copied = await send('/labels/tiny-20x20/duplicate', { name: 'tiny', revision: '0' });
  expect([copied.status, copied.headers.get('hx-redirect')]).toEqual([200, '/labels/tiny']);
  expect(await sourceOf('tiny')).toBe(await sourceOf('tiny-20x20'));
  const page = await admin.get('/labels/tiny');
  expect(page.text).toMatch(/Revision 1[^]*ines/);
  expect(page.text.match(/data:image\/svg\+xml/g)).toHaveLength(3);
  expect(page.text).not.toContain('<textarea name="source"');
  expect((await admin.get('/labels/tiny/edit')).text).toContain('name="source"');
  const fields = { source: template(18).replaceAll('\n', '\r\n'), revision: '1', note: 'larger' };
  expect((await send('/labels/tiny', fields)).status).toBe(200);
  expect(await sourceOf('tiny')).toBe(template(18));
  const compared = await admin.get('/labels/tiny/revision?revision=2');
  expect(compared.text).toContain('Revision 2');
  expect(compared.text).toContain('What changed');
  expect(await revisionsOf('tiny')).toEqual([2, 1]);
});

describe('a form', () => {
  it('of an earlier revision does not overwrite the next one', async () => {
    await desk.ask('PUT', '/v1/label-templates/mine', { source: template(18), revision: 0 });
    await admin.get('/labels/mine/edit');
    await desk.ask('PUT', '/v1/label-templates/mine', { source: template(20), revision: 1 });
    const refused = await send('/labels/mine', { source: template(19), revision: '1' });
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('load the newest revision')]);
    expect(await revisionsOf('mine')).toEqual([2, 1]);
    // Without scripts, the page is shown again: with the text, and with the revision that it began with.
    const again = await admin.send(
      '/labels/mine',
      { source: template(19), revision: '1', 'shown-in': 'act-labels-mine-saved' },
      { referer: 'http://localhost/labels/mine/edit' },
    );
    expect(again.status).toBe(409);
    expect(again.text).toContain('w: 19');
    expect(again.text).toContain('name="revision" value="1"');
  });

  it('takes an exported template', async () => {
    await desk.ask('PUT', '/v1/label-templates/mine', { source: template(18), revision: 0 });
    const { body } = await desk.ask('GET', '/v1/label-templates/mine/source');
    await admin.get('/labels');
    const file = (text: string): File => new File([text], 'mine.label.json');
    const done = await admin.upload('/labels-import', { name: 'other', file: file(JSON.stringify(body)) });
    expect([done.status, done.headers.get('hx-redirect')]).toEqual([200, '/labels/other']);
    expect(await sourceOf('other')).toBe(template(18));
    expect((await admin.upload('/labels-import', { name: 'x', file: file('{}') })).status).toBe(422);
  });
});

it('a label is made from nothing, and removed', async () => {
  expect((await admin.get('/labels-new')).text).toContain('media: { width: 62');
  const made = await send('/labels-new', { name: 'first', source: template(18), revision: '0' });
  expect([made.status, made.headers.get('hx-redirect')]).toEqual([200, '/labels/first/edit']);
  const saved = await send('/labels/first', { source: template(19), revision: '1' });
  expect(saved.text).toContain('Saved as revision 2');
  expect(saved.text).toContain('value="2"');
  const removed = await send('/labels/first/remove', {});
  expect([removed.status, removed.headers.get('hx-redirect')]).toEqual([200, '/labels']);
  expect((await admin.get('/labels/first/edit')).status).toBe(404);
});

it('a person who may not change templates sees them without forms', async () => {
  await desk.ask('PUT', '/v1/label-templates/mine', { source: template(18), revision: 0 });
  const lead = await invited(desk, 'rosa', 'lead');
  const page = await lead.get('/labels/mine');
  expect(page.status).toBe(200);
  expect(page.text).not.toContain('<textarea');
  expect((await lead.get('/labels')).text).not.toContain('labels-import');
});

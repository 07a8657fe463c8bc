import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

/* A label template while it is changed, and the pictures for labels. */

interface Draft {
  svg?: string;
  secret: boolean;
  codes: { box: number; dots?: number }[];
  problems: { box?: number; property?: string; why: string }[];
  warnings: object[];
  sample: Record<string, string>;
}

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk({}, tempFolder());
});

const draft = async (source: string, more: object = {}): Promise<Draft> => {
  const { status, body } = await desk.ask<Draft>('POST', '/v1/label-draft', { source, ...more });
  expect(status).toBe(200);
  return body;
};
const label = (boxes: string): string => `{ media: { width: 50, height: 25 }, boxes: [${boxes}] }`;
const QR = `{ type: 'qr', x: 1, y: 1, w: 20, h: 20 }`;

describe('a draft', () => {
  it('is drawn and checked without being saved', async () => {
    const { svg, problems, codes, secret } = await draft(label(QR));
    expect(svg).toContain('width="50mm"');
    expect([problems, codes[0], secret]).toEqual([[], expect.objectContaining({ box: 0, symbology: 'qr' }), true]);
    expect((await desk.ask<{ saved: object[] }>('GET', '/v1/label-templates')).body.saved).toEqual([]);
  });

  it('with a fault in a box is drawn without this box, and says which box and property it is', async () => {
    const tooSmall = `{ type: 'code128', x: 1, y: 22, w: 10, h: 2 }`;
    const { svg, problems } = await draft(label(`${QR}, ${tooSmall}`));
    expect(svg).toContain('<path');
    expect(problems.map(({ box, property }) => [box, property])).toEqual([[1, 'w']]);
    const outside = await draft(label(`{ type: 'qr', x: 40, y: 1, w: 20, h: 20 }`));
    expect(outside.problems[0]).toMatchObject({ box: 0, why: expect.stringContaining('60 × 21 mm') });
    const wrong = await draft(label(`{ type: 'qr', x: 'left', y: 1, w: 20, h: 20 }`));
    expect([wrong.svg, wrong.problems[0]]).toEqual([undefined, expect.objectContaining({ box: 0, property: 'x' })]);
  });

  it('that cannot be read says why', async () => {
    const { svg, problems } = await draft('{ media: ');
    expect([svg, problems.length, problems[0]?.box]).toEqual([undefined, 1, undefined]);
  });

  it('shows the values of a sample unit', async () => {
    await desk.ask('PUT', '/v1/products/DEMO', { name: 'Thermostat', company: 'Acme' });
    const { sample } = await draft(label(QR), { product: 'DEMO' });
    expect(sample).toMatchObject({ name: 'Thermostat', company: 'Acme' });
    expect((await draft(label(QR), { values: 'longest' })).sample['uci']).toMatch(/^W+$/);
  });

  it.each(['typical', 'longest', 'shortest'])(
    'is checked with the longest QR content, also with %s values',
    async (values) => {
      await desk.ask('PUT', '/v1/products/DEMO', { name: 'Thermostat', qr: 'https://claim.example.com/devices/{uci}' });
      const small = `{ type: 'qr', x: 1, y: 1, w: 8, h: 8 }`;
      const { problems } = await draft(label(small), { product: 'DEMO', values });
      expect(problems[0]).toMatchObject({ box: 0, why: expect.stringContaining('modules') });
    },
  );

  it('of a saved template counts the QR content of the products that use it', async () => {
    const small = label(`{ type: 'qr', x: 1, y: 1, w: 8, h: 8 }`);
    const save = (source: string, revision: number) =>
      desk.ask<Problem>('PUT', '/v1/label-templates/mine', { source, revision });
    expect((await save(small, 0)).status).toBe(200);
    const qr = 'https://claim.example.com/devices/{uci}';
    const set = await desk.ask<{ warnings?: string[] }>('PUT', '/v1/products/DEMO', { name: 'A', label: 'mine', qr });
    expect(set.body.warnings).toEqual([expect.stringContaining('modules')]);
    expect((await save(`${small} `, 1)).body.detail).toContain('modules');
    expect((await save(label(QR), 1)).status).toBe(200);
    const again = await desk.ask<{ warnings?: string[] }>('PATCH', '/v1/products/DEMO', { name: 'B' });
    expect(again.body.warnings).toBeUndefined();
  });

  it('answers in the language of the person', async () => {
    const answer = await desk.app.request('/v1/label-draft', {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'accept-language': 'es' },
      body: JSON.stringify({ source: label(`{ type: 'qr', x: 40, y: 1, w: 20, h: 20 }`) }),
    });
    expect(((await answer.json()) as Draft).problems[0]?.why).toContain('llega hasta');
  });
});

describe('a picture for labels', () => {
  const file = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/logos', name));
  const upload = (name: string, bytes: Buffer) =>
    desk.ask<Problem & { width: number; revision: number }>('PUT', `/v1/label-logos/${name}`, {
      picture: bytes.toString('base64'),
    });
  const logos = async () =>
    (await desk.ask<{ logos: { name: string; origin: string; templates: string[] }[] }>('GET', '/v1/label-logos')).body
      .logos;
  const withLogo = label(`{ type: 'image', x: 1, y: 1, w: 8, h: 8, file: 'acme.png' }`);

  it.each(['red.png', 'progressive.jpg', 'text-arial.svg', 'rgba16.png'])(
    '%s is drawn again as a grey PNG',
    async (name) => {
      expect((await upload('acme.png', file(name))).status).toBe(200);
      const answer = await desk.app.request('/v1/label-logos/acme.png', {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      const png = Buffer.from(await answer.arrayBuffer());
      expect([png.subarray(1, 4).toString(), png[25]]).toEqual(['PNG', 0]);
      expect(answer.headers.get('content-type')).toBe('image/png');
      // The picture that was drawn again is not changed by another upload of itself.
      expect((await upload('acme.png', png)).body.revision).toBe(1);
    },
  );

  it.each(['truncated.png', 'claims-60000x60000.png', 'external-picture-http.svg', 'text-named.png'])(
    '%s is refused',
    async (name) => {
      const { status, body } = await upload('acme.png', file(name));
      expect([status, body.type]).toEqual([422, 'urn:claimstamp:problem:template-wrong']);
      expect((await logos()).map((one) => one.name)).toEqual(['claimstamp.svg']);
    },
  );

  it('is on labels of its template and its product, and removed only when nothing uses it', async () => {
    await upload('acme.png', file('red.png'));
    expect((await draft(withLogo)).problems).toEqual([]);
    await desk.ask('PUT', '/v1/label-templates/mine', { source: withLogo, revision: 0 });
    await desk.ask('PUT', '/v1/products/DEMO', { label: 'mine', logo: 'acme.png' });
    expect((await logos()).find(({ name }) => name === 'acme.png')).toMatchObject({
      origin: 'ledger',
      templates: ['mine'],
      products: ['DEMO'],
    });
    const remove = () => desk.ask<Problem>('DELETE', '/v1/label-logos/acme.png');
    expect((await remove()).body.detail).toContain('DEMO, mine');
    await desk.ask('PUT', '/v1/products/DEMO', {});
    await desk.ask('DELETE', '/v1/label-templates/mine');
    expect((await remove()).status).toBe(200);
    expect((await remove()).status).toBe(404);
    expect((await draft(withLogo)).problems[0]).toMatchObject({ box: 0, property: 'file' });
  });

  it('does not replace a file', async () => {
    expect((await upload('claimstamp.svg', file('red.png'))).status).toBe(409);
    expect((await desk.ask('DELETE', '/v1/label-logos/claimstamp.svg')).status).toBe(409);
  });

  it('is inside the export of its template, and the import brings it', async () => {
    await upload('acme.png', file('red.png'));
    await desk.ask('PUT', '/v1/label-templates/mine', { source: withLogo, revision: 0 });
    const { body } = await desk.ask<{ source: string; needs: object[]; pictures: object[] }>(
      'GET',
      '/v1/label-templates/mine/source?pictures=true',
    );
    const other = await openDesk({}, tempFolder());
    const brought = { source: body.source, needs: body.needs, pictures: body.pictures, revision: 0 };
    const without = await other.ask<Problem>('PUT', '/v1/label-templates/mine', { ...brought, pictures: [] });
    expect([without.status, without.body.detail]).toEqual([422, expect.stringContaining('logos/acme.png')]);
    const done = await other.ask<{ check: { problems: string[] } }>('PUT', '/v1/label-templates/mine', brought);
    expect([done.status, done.body.check.problems]).toEqual([200, []]);
    await other.close();
  });
});

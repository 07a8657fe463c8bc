import { describe, expect, it } from 'vitest';
import type { LabelData } from '../../src/contract/labels.ts';
import { renderOne } from '../../src/label/render.ts';
import { newProduct } from '../../src/model/product.ts';
import { TYPICAL } from '../support/label-files.ts';
import { checkSource } from '../../src/jobs/drawing/checks.ts';
import { secretWarnings } from '../../src/label/secret.ts';
import { loadTemplate, parseTemplate, templateNames } from '../../src/label/template.ts';
import { changesOf } from '../../src/model/labels/changes.ts';

/* Secrets where people who only see a box can photograph them. */

const source = (role: string, boxes: string): string =>
  `{ role: '${role}', media: { width: 100, height: 50 }, boxes: [${boxes}] }`;
const warned = (role: string, boxes: string): string[] => secretWarnings(parseTemplate('mine', source(role, boxes)));

const QR = `{ name: 'QR', type: 'qr', x: 1, y: 1, w: 25, h: 25 }`;
const TEXT = `{ name: 'ID', type: 'text', x: 30, y: 1, w: 50, h: 5, size: 8, text: 'Claim ID {uci:5}' }`;
const SERIAL = `{ name: 'S/N', type: 'text', x: 30, y: 10, w: 50, h: 5, size: 8, text: '{serial}' }`;
const BARS = `{ name: 'bars', type: 'code128', x: 1, y: 30, w: 90, h: 10 }`;
const MATTER = `{ name: 'matter', type: 'qr', x: 1, y: 1, w: 25, h: 25, content: 'matter', text: '{attributes.matter}' }`;

describe('a label for the outside of a box', () => {
  it.each([
    ['the QR code', QR, '"QR"'],
    ['the text of the Claim ID', TEXT, '"ID"'],
    ['the passcode of a Matter device', MATTER, '"matter"'],
  ])('is warned of %s', (_, boxes, box) => {
    const warnings = warned('box', boxes);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`${box}: this label is for the outside of a box`);
  });

  it("is warned of the S/N's bars beside the Claim ID, and of both boxes", () => {
    const warnings = warned('box', `${QR}, ${TEXT}, ${BARS}`);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('box "QR", "ID"');
    expect(warnings[1]).toContain('box "bars": the bars of the S/N are beside the Claim ID');
  });

  it('may show the S/N and its bars', () => {
    expect(warned('box', `${SERIAL}, ${BARS}`)).toEqual([]);
  });
});

it.each(['device', 'card'])('a label for a %s may show the Claim ID and the bars', (role) => {
  expect(warned(role, `${QR}, ${BARS}`)).toEqual([]);
});

it('no shipped template is warned', () => {
  for (const name of templateNames()) expect(secretWarnings(loadTemplate(name)), name).toEqual([]);
});

it("the editor's check warns too, and a change of the role is shown", async () => {
  const { warnings, problems } = await checkSource({ name: 'mine', source: source('box', QR) }, { logos: [] });
  expect([warnings.length, problems]).toEqual([1, []]);
  const before = { media: {}, boxes: [] };
  expect(changesOf(before, { ...before, role: 'box' })).toEqual([{ property: 'role', after: 'box' }]);
});

it('a role that is no word is refused, and a role of its own is not', () => {
  expect(() => warned('Outer box', QR)).toThrow(/role/);
  expect(warned('crate', QR)).toEqual([
    expect.stringContaining('box "QR": nothing says that the label "crate" is on the device or inside its box'),
  ]);
  expect(warned('crate', SERIAL)).toEqual([]);
});

describe('a label of a role that is not secret', () => {
  const draw = (box: string, data: Partial<LabelData>) =>
    renderOne(
      {
        data: { ...TYPICAL, ...data },
        product: newProduct('P', []),
        role: 'box',
        isPublic: true,
      },
      'svg',
      { template: 'box', sample: true },
      [{ name: 'box', source: source('box', box) }],
    );
  const shown = (text: string): string =>
    `{ type: 'text', x: 1, y: 1, w: 90, h: 5, size: 8, floor: 4, text: '${text}' }`;
  const matterPayload = 'MT:Y.K9042C00KA0648G00';

  it.each([
    ['a property that is the Claim ID', shown('{attributes.id}'), { attributes: { id: 'jt08f fqxwq' } }],
    ['a name that ends with it', shown('{name}'), { name: 'Thermostat JT08FFQXWQ' }],
    ['bars of it', `{ type: 'code128', x: 1, y: 1, w: 90, h: 10 }`, { serial: 'JT08FFQXWQ' }],
    ['a property that is a Matter payload', shown('{attributes.m}'), { attributes: { m: matterPayload } }],
    [
      'the pairing code of a Matter payload',
      shown('{attributes.code}'),
      { attributes: { m: matterPayload, code: '3497-011-2332' } },
    ],
  ])('is refused with %s', async (_, box, data) => {
    await expect(draw(box, data)).rejects.toThrow(/label "?box"?.*secret/);
  });

  it('may show other values', async () => {
    await expect(draw(shown('{serial} {attributes.id}'), { attributes: { id: 'JT08FFQXWR' } })).resolves.toBeDefined();
  });
});

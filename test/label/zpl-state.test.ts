import { expect, test } from 'vitest';
import { layOut } from '../../src/label/layout.ts';
import { loadTemplate } from '../../src/label/template.ts';
import { toZpl } from '../../src/label/zpl.ts';
import { parseTemplate } from '../../src/label/template.ts';
import { TYPICAL } from '../support/label-files.ts';

const [head = '', label = ''] = (await toZpl(layOut(loadTemplate('device-62x40'), TYPICAL, 203))).split('\n');

test.each([
  ['a format that broke off', '~JX', head],
  ['a label kept as background', '^XA^MCY^XZ', head],
  ['numbers in mm, or converted', '^MUD,200,200', label],
  ['half resolution', '^JMA', label],
  ['another character set', '^CI28', label],
  ['a turned label', '^PON', label],
  ['a mirrored label', '^PMN', label],
  ['inverted fields', '^LRN', label],
  ['another origin', '^LH0,0', label],
  ['a shift to the left', '^LS0', label],
  ['a shift down', '^LT0', label],
  ['turned fields', '^FWN', label],
  ['a check of bar codes', '^CVN', label],
  ['a label printed again after an error', '^JZN', label],
  ['the width of another label', '^PW496', label],
  ['the length of another label', '^LL320', label],
])('each label ends what another program left: %s', (_, command, part) => {
  expect(part).toContain(command);
});

test('the unit of numbers comes before every number, and all resets before the first field', async () => {
  const zpl = await toZpl(layOut(loadTemplate('device-62x40'), TYPICAL, 203));
  const format = zpl.slice(zpl.lastIndexOf('^XA'));
  expect(format.startsWith('^XA^MUD')).toBe(true);
  expect(format.indexOf('^FO')).toBeGreaterThan(format.indexOf('^LL'));
});

test('no label changes darkness, speed, tracking or what is saved', async () => {
  expect(await toZpl(layOut(loadTemplate('device-62x40'), TYPICAL, 203))).not.toMatch(
    /\^PR|~SD|\^MD|\^MN|\^MT|\^MM|~TA|~JS|\^JU|~JC/,
  );
});

test('fields name their justification and orientation, and bars all values of ^BY', async () => {
  const zpl = await toZpl(layOut(loadTemplate('device-62x40'), TYPICAL, 203));
  expect(zpl.match(/\^FO\d+,\d+(?!,0)\^/g)).toBeNull();
  expect(zpl).toMatch(/\^BY\d+,3,\d+\^FO\d+,\d+,0\^BCN,/);
});

test('a QR code larger than old firmware takes is sent as dots', async () => {
  const box = { type: 'qr', x: 1, y: 1, w: 70, h: 70, text: '{uci}' };
  const template = parseTemplate('big', JSON.stringify({ media: { width: 72, height: 72 }, boxes: [box] }));
  const zpl = await toZpl(layOut(template, TYPICAL, 203));
  expect(zpl).not.toContain('^BQ');
  expect(zpl).toContain('^GFA');
});
